import { readFileSync } from 'node:fs'
import Type, { type Static } from 'typebox'
import { Errors } from 'typebox/value'
import { Calendar, clockFaults, DeadlineRow } from './profile-clock.ts'
import { Coverage, coverageFaults, RegionTile } from './profile-coverage.ts'
import { Evidence } from './profile-evidence.ts'
import { Synonyms, synonymFaults } from './profile-synonyms.ts'

/** A text in several languages; the key is a BCP 47 tag. */
const Labels = Type.Record(
  Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]+)*$' }),
  Type.String({ minLength: 1 }),
)

const CodeListEntry = Type.Object(
  {
    /** What is stored and sent; neutral words, the same in every profile where the meaning is. */
    code: Type.String({ minLength: 1, maxLength: 64 }),
    /** The jurisdiction's own code for it, e.g. `1`. */
    nationalCode: Type.Optional(Type.String()),
    parent: Type.Optional(Type.String()),
    label: Labels,
    note: Type.Optional(Labels),
    /** Addresses of the same or the nearest wider concept in authority tables of others. */
    match: Type.Optional(
      Type.Array(Type.String({ pattern: '^https?://[^\\s<>"{}|\\\\^`]+$', maxLength: 500 }), {
        minItems: 1,
        maxItems: 5,
        uniqueItems: true,
      }),
    ),
  },
  { additionalProperties: false },
)

const CodeList = Type.Object(
  {
    label: Labels,
    evidence: Evidence,
    source: Type.Optional(Type.String()),
    entries: Type.Array(CodeListEntry, { minItems: 1, maxItems: 5000 }),
  },
  { additionalProperties: false },
)

const ExtensionField = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,40}$' }),
    label: Labels,
    type: Type.Enum(['string', 'number', 'boolean', 'date', 'code']),
    codeList: Type.Optional(Type.String()),
    maxLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    required: Type.Optional(Type.Boolean()),
    evidence: Evidence,
  },
  { additionalProperties: false },
)

const ProfileSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$' }),
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$' }),
    name: Labels,
    /** Default language of this jurisdiction's catalogue. */
    language: Type.String(),
    codeLists: Type.Record(Type.String(), CodeList),
    extensionFields: Type.Array(ExtensionField, { maxItems: 200 }),
    identifiers: Type.Object({
      creditCode: Type.Optional(
        Type.Object({ scheme: Type.String(), pattern: Type.String(), evidence: Evidence }),
      ),
      divisionCode: Type.Object({ scheme: Type.String(), pattern: Type.String(), evidence: Evidence }),
      resourceCode: Type.Object({
        scheme: Type.String(),
        pattern: Type.String(),
        separator: Type.String(),
        evidence: Evidence,
      }),
    }),
    synonyms: Synonyms,
    reuse: Type.Object(
      {
        /** An entry with an undecided duplicate of another body's item may not be handed in. */
        required: Type.Boolean(),
      },
      { additionalProperties: false },
    ),
    calendar: Calendar,
    deadlines: Type.Array(DeadlineRow, { maxItems: 500 }),
    coverage: Coverage,
    regionTiles: Type.Array(RegionTile, { maxItems: 200 }),
    review: Type.Object(
      {
        /** Who looks at an entry before it is published, in this order. */
        stages: Type.Array(Type.Enum(['department', 'office']), {
          minItems: 1,
          maxItems: 2,
          uniqueItems: true,
        }),
        /** True where the grade of an entry holds for its items that have none. */
        entryGradeCounts: Type.Boolean(),
        evidence: Evidence,
        source: Type.Optional(Type.String({ minLength: 1 })),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)

/** A jurisdiction profile: versioned data that makes the neutral core fit a country. */
export type Profile = Static<typeof ProfileSchema>
export type CodeListEntry = Static<typeof CodeListEntry>

/** Code lists every profile must have, because the core and its pages read them. */
const requiredLists = [
  'tier',
  'sharingType',
  'openType',
  'sharingCondition',
  'updateCycle',
  'formatCategory',
  'dataType',
  'grade',
  'shareMethod',
  'classification',
  'theme',
  'database',
]

/**
 * Loads `profiles/ID.json`.
 * @throws Error naming every fault: a profile that breaks a core rule does not load.
 */
export function loadProfile(id: string, folder: URL = new URL('../../profiles/', import.meta.url)): Profile {
  let data: unknown
  try {
    data = JSON.parse(readFileSync(new URL(`${id}.json`, folder), 'utf8'))
  } catch (error) {
    throw new Error(
      `Profile ${id} cannot be read: ${(error as Error).message}. Set CONCORD_PROFILE to a profile that exists.`,
    )
  }
  const faults = [...Errors(ProfileSchema, data)].map((e) => `${e.instancePath || '/'} ${e.message}`)
  if (faults.length === 0) faults.push(...sectionFaults(data as Profile))
  const lists = (data as Profile).codeLists ?? {}
  for (const name of requiredLists) if (!lists[name]) faults.push(`/codeLists/${name} is missing`)
  for (const [name, list] of Object.entries(lists)) {
    const codes = new Set(list.entries?.map((e) => e.code))
    if (codes.size !== list.entries?.length) faults.push(`/codeLists/${name} has a code twice`)
    for (const e of list.entries ?? [])
      if (e.parent && !codes.has(e.parent))
        faults.push(`/codeLists/${name}: ${e.code} has an unknown parent ${e.parent}`)
  }
  if (faults.length > 0)
    throw new Error(
      `Profile ${id} is not valid:\n${faults
        .slice(0, 50)
        .map((f) => `  ${f}`)
        .join('\n')}`,
    )
  return data as Profile
}

/** What the forms of the sections cannot say, because it joins them with the code lists. */
function sectionFaults(profile: Profile): string[] {
  const codes = (name: string) => new Set(codeList(profile, name).keys())
  return [
    ...clockFaults(profile, { tier: codes('tier'), sharingType: codes('sharingType') }),
    ...coverageFaults(profile),
    ...synonymFaults(profile.synonyms),
  ]
}

/** The entries of a list by code. */
export function codeList(profile: Profile, name: string): Map<string, CodeListEntry> {
  return new Map((profile.codeLists[name]?.entries ?? []).map((e) => [e.code, e]))
}
