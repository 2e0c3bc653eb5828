import { Compile } from 'typebox/compile'
import { Settings } from 'typebox/system'
import type { Fault } from '../platform/errors.ts'
import type { Profile } from '../platform/profile.ts'
import { DatasetContent, limits } from './dataset.schema.ts'
import { checkRules, type Self } from './dataset-rules.ts'
import { tidyDataset } from './dataset-tidy.ts'

/** What validation found: the tidied content, or null and every fault. */
export interface Validation {
  content: DatasetContent | null
  faults: Fault[]
  /** The tidied record, whether or not it has faults. */
  value: unknown
}

/** Faults told of one record; more than that is one mistake made many times. */
export const maxFaults = 200
/** Findings of the schema looked at: several belong to one fault, and a list of 1,000,000 wrong words must not fill the memory. */
const maxFindings = 1_000
/** Characters of a value quoted in a message. */
const maxQuote = 40

const schema = Compile(DatasetContent)

/**
 * Tidies a record (tidyDataset) and checks it against the schema and the rules of the catalogue and the profile.
 * Names every fault at once (at most `maxFaults`); `path` is a JSON pointer into the record. Never throws,
 * whatever the input.
 * @param self the entry the content is for, where it has an address already.
 */
export function validateDataset(content: unknown, profile: Profile, self: Self = {}): Validation {
  const tidy = tidyDataset(content)
  const faults = tidy.faults
  const fits = schema.Check(tidy.value)
  if (!fits) faults.push(...schemaFaults(tidy.value))
  if (typeof tidy.value === 'object' && tidy.value !== null && !Array.isArray(tidy.value))
    checkRules(tidy.value as Record<string, unknown>, profile, self, faults)
  if (fits && faults.length === 0)
    return { content: canonical(tidy.value as DatasetContent, profile), faults, value: tidy.value }
  return { content: null, faults: boundedFaults(faults), value: tidy.value }
}

/** The one form of equal contents: what the rows of the entry give back is the same, member for member. */
function canonical(c: DatasetContent, profile: Profile): DatasetContent {
  c.language ??= profile.language
  if (c.modified) c.modified = new Date(c.modified).toISOString()
  for (const item of c.items ?? []) {
    if (!item.isKey) delete item.isKey
    if (!item.personal) delete item.personal
  }
  for (const other of c.related ?? []) if (other.uid) other.uid = other.uid.toLowerCase()
  return c
}

/** Each fault once, and at most `maxFaults` of them with a word on the rest. */
export function boundedFaults(faults: Fault[]): Fault[] {
  const seen = new Set<string>()
  const once = faults.filter((f) => {
    const key = `${f.path} ${f.rule}`
    return seen.has(key) ? false : seen.add(key)
  })
  if (once.length <= maxFaults) return once
  return [
    ...once.slice(0, maxFaults - 1),
    {
      path: '',
      rule: 'more_faults',
      message: `The record has at least ${once.length - maxFaults + 1} faults more.`,
      remedy: 'Correct these first, then check again.',
    },
  ]
}

type Finding = ReturnType<typeof schema.Errors>[number]

function schemaFaults(value: unknown): Fault[] {
  const before = Settings.Get().maxErrors
  // The library stops at 8 by default; synchronous, so nobody else sees the change.
  Settings.Set({ maxErrors: maxFindings })
  let findings: Finding[]
  try {
    findings = schema.Errors(cut(value))
  } finally {
    Settings.Set({ maxErrors: before })
  }
  const nullable = new Set<string>()
  for (const f of findings) if (f.keyword === 'anyOf') nullable.add(f.instancePath)
  return findings.flatMap((f) => toFaults(f, nullable, value))
}

/** Finding faults is slow; of a list that is too long anyway its beginning is enough. */
function cut(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [
      k,
      Array.isArray(v) && v.length > limits.items ? v.slice(0, limits.items + 1) : v,
    ]),
  )
}

/** One finding of the schema in words; what only repeats another finding gives nothing. */
function toFaults(f: Finding, nullable: Set<string>, root: unknown): Fault[] {
  const params = f.params as Record<string, unknown>
  // "text or null" reports both sides and the union; the side that is not null says it best.
  if (f.keyword === 'anyOf' || f.keyword === 'additionalProperties') return []
  if (f.keyword === 'type' && params.type === 'null' && nullable.has(f.instancePath)) return []
  if (f.keyword === 'required')
    return (params.requiredProperties as string[]).map((name) => ({
      path: `${f.instancePath}/${name}`,
      rule: 'required',
      message: `${name} is missing.`,
      remedy: 'Add it.',
    }))
  const name = f.instancePath.slice(f.instancePath.lastIndexOf('/') + 1) || 'The record'
  const describe = wording[f.keyword]
  if (!describe) return [{ path: f.instancePath, rule: f.keyword, message: `${name} ${f.message}.` }]
  const [rule, message, remedy] = describe(name, params, quote(valueAt(root, f.instancePath)))
  return [{ path: f.instancePath, rule, message, remedy }]
}

const wording: Record<
  string,
  (name: string, params: Record<string, unknown>, value: string) => [string, string, string]
> = {
  boolean: (name) => [
    'unknown_member',
    `${name} is not a member of the form.`,
    'Remove it, or give it as a field of extension if the profile has one.',
  ],
  type: (name, p, value) => [
    'type',
    `${name} is ${value}, not of type ${p.type}.`,
    `Give a value of type ${p.type}.`,
  ],
  enum: (name, p, value) => [
    'enum',
    `${name} is ${value}, which is not one of the values it may have.`,
    `Use one of ${(p.allowedValues as string[]).join(', ')}.`,
  ],
  minLength: (name) => ['minLength', `${name} is empty.`, 'Fill it or leave it out.'],
  maxLength: (name, p) => [
    'maxLength',
    `${name} is longer than ${p.limit} characters.`,
    `Shorten it to ${p.limit} characters.`,
  ],
  maxItems: (name, p) => [
    'maxItems',
    `${name} has more than ${p.limit} entries.`,
    `Keep the ${p.limit} that matter most, or split the data set.`,
  ],
  maxProperties: (name, p) => [
    'maxProperties',
    `${name} has more than ${p.limit} members.`,
    `Keep at most ${p.limit}.`,
  ],
  minimum: (name, p, value) => [
    'minimum',
    `${name} is ${value}, less than ${p.limit}.`,
    `Give ${p.limit} or more.`,
  ],
  maximum: (name, p, value) => [
    'maximum',
    `${name} is ${value}, more than ${p.limit}.`,
    `Give ${p.limit} or less.`,
  ],
  pattern: (name, p, value) => [
    'pattern',
    `${name} is ${value}, which does not have the form asked for.`,
    name.endsWith('rl') || name.endsWith('Page')
      ? 'Give a whole address that begins with https://, http:// or ftp:// and has no spaces.'
      : `The form is ${p.pattern}.`,
  ],
  format: (name, p, value) => [
    'format',
    `${name} is ${value}, which is not a valid ${p.format}.`,
    remedies[p.format as string] ?? `Give a ${p.format}.`,
  ],
}

const remedies: Record<string, string> = {
  date: 'Write year-month-day, e.g. 2024-03-31.',
  'date-time': 'Write date, time and offset, e.g. 2024-03-31T08:00:00+08:00.',
  uuid: 'Give the address of an entry, 36 characters with four hyphens.',
}

const quote = (value: unknown): string => {
  const text = typeof value === 'string' ? value.slice(0, maxQuote + 1) : undefined
  if (text !== undefined) return `"${text.length > maxQuote ? `${text.slice(0, maxQuote)}…` : text}"`
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function valueAt(root: unknown, path: string): unknown {
  let at = root
  for (const step of path.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Record<string, unknown>)[step.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return at
}
