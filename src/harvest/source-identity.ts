import { textOf } from './mapping-values.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
/** An entry's address at a node like this one, or at a CKAN site. */
const entryAddress = /\/dataset\/([0-9a-f]{8}-[0-9a-f-]{27})\/?$/i
/** Identifiers that mean the same everywhere; as in the index dataset_global_identifier. */
const global = /^(https?:\/\/|urn:|doi:)/
/** Characters of an identifier that is kept: the database keeps it in an index. */
const identifierLength = 500

/** The address that the origin of a record gave its entry: a UUID, alone or at the end of the entry's address. */
export function uidOf(identifier: string): string | undefined {
  const text = identifier.replace(/^urn:uuid:/i, '')
  const found = uuid.test(text) ? text : entryAddress.exec(text)?.[1]
  return found !== undefined && uuid.test(found) ? found.toLowerCase() : undefined
}

/** Those of the values that are identifiers everywhere: URIs, DOIs. Titles and numbers never are. */
export function globalIdentifiers(values: unknown[]): string[] {
  const found = values
    .flatMap((v) => textOf(v) ?? [])
    .filter((v) => global.test(v) && v.length <= identifierLength)
  return [...new Set(found)]
}

/** Whether two addresses are of one scheme, host and port: a key that was entered for one is for the other too. */
export const sameOrigin = (a: string, b: string): boolean =>
  URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin
