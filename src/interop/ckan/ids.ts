import { createHash } from 'node:crypto'

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
export const isUuid = (text: unknown): text is string => typeof text === 'string' && uuidPattern.test(text)

const digest = (text: string) => createHash('sha256').update(text).digest('hex')

/** An id that every node gives to the same thing of the same name, such as a keyword. */
export function namedId(kind: string, name: string): string {
  const h = digest(`${kind}:${name}`)
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-5${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`
}

/**
 * The id of a part of an entry: the beginning of the entry's address, then twelve digits of the part's own. So the
 * entry of a part is found by a range of addresses, without a table of all parts.
 */
export const partId = (uid: string, key: string): string => `${uid.slice(0, 24)}${digest(key).slice(0, 12)}`

/** The addresses of entries that can have the part. */
export const ownersOf = (id: string): { from: string; to: string } => ({
  from: `${id.slice(0, 24).toLowerCase()}000000000000`,
  to: `${id.slice(0, 24).toLowerCase()}ffffffffffff`,
})

/** The id of a version of an entry, in the same way, and back. */
export const versionId = (uid: string, version: number): string =>
  `${uid.slice(0, 24)}${version.toString(16).padStart(12, '0')}`
export const versionOf = (id: string): number => Number.parseInt(id.slice(24), 16)
