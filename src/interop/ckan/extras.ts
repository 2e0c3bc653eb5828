import type { TSchema } from 'typebox'
import { Check } from 'typebox/value'
import { DatasetContent } from '../../catalog/dataset.schema.ts'

/**
 * What the catalogue says of an entry and CKAN has no field for travels as extras: one for each member of the content,
 * texts as they are and everything else as JSON. The list comes from the schema, so that a new member is never lost.
 */

/** Members that a package has fields of its own for. */
const fields = new Set([
  'body',
  'title',
  'abstract',
  'keyword',
  'theme',
  'landingPage',
  'license',
  'contact',
  'distributions',
  'services',
])

/** Portals use these names too, each in its own way: what does not fit ours is kept as it is, and is no fault. */
const shared = new Set(['language', 'identifier', 'issued', 'modified', 'temporal_start', 'temporal_end'])

interface Extra {
  member: string
  schema: TSchema
  key: string
  /** The value is a text, not JSON. */
  text: boolean
}

interface SchemaPart {
  type?: string
  enum?: unknown[]
  anyOf?: SchemaPart[]
}
const isText = (s: SchemaPart): boolean =>
  s.type === 'string' || s.enum !== undefined || (s.anyOf?.some(isText) ?? false)

/** `spatial` is a geometry elsewhere. */
const otherKeys: Record<string, string> = { spatial: 'spatial_coverage' }
const snake = (member: string) =>
  otherKeys[member] ?? member.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

const extraMembers: readonly Extra[] = Object.entries(DatasetContent.properties)
  .filter(([member]) => !fields.has(member))
  .map(([member, schema]) => ({ member, schema, key: snake(member), text: isText(schema as SchemaPart) }))

const byKey = new Map(extraMembers.map((e) => [e.key, e]))

export interface ExtraPair {
  key: string
  value: string
}

/** The extras of a content, in the order of their keys. */
export const toExtras = (content: Record<string, unknown>, more: ExtraPair[]): ExtraPair[] =>
  [
    ...extraMembers.flatMap(({ member, key, text }) => {
      const value = content[member]
      return value === undefined || value === null
        ? []
        : [{ key, value: text ? String(value) : JSON.stringify(value) }]
    }),
    ...more,
  ].sort((a, b) => (a.key < b.key ? -1 : 1))

/** The members that extras hold; those the catalogue has no place for come back in `others`. */
export function fromExtras(extras: Map<string, string>): {
  members: Record<string, unknown>
  others: ExtraPair[]
  wrong: string[]
} {
  const members: Record<string, unknown> = {}
  const others: ExtraPair[] = []
  const wrong: string[] = []
  for (const [key, value] of extras) {
    const extra = byKey.get(key)
    const read = extra && (extra.text ? value : fromJson(value))
    if (!extra || (shared.has(key) && !Check(extra.schema, read))) others.push({ key, value })
    else if (read === undefined) wrong.push(`${key}: this is not JSON.`)
    else members[extra.member] = read
  }
  return { members, others, wrong }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
