import Type, { type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { ConcordError } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'

/** A schema registered by `addSchemas`, by reference: the API description names it once. */
export function ref<T extends TSchema>(schema: T) {
  const { $id } = schema as { $id?: string }
  if ($id === undefined) throw new Error('Only a schema with an $id can be referred to.')
  return Type.Unsafe<Static<T>>(Type.Ref($id))
}

/** Registers schemas under their `$id`; schemas with an `$id` inside become references. */
export function addSchemas(app: App, schemas: readonly TSchema[]): void {
  for (const schema of schemas) {
    const { $id } = schema as { $id?: string }
    if ($id !== undefined && !app.getSchema($id)) app.addSchema(withReferences(schema, true) as object)
  }
}

function withReferences(value: unknown, isRoot: boolean): unknown {
  if (Array.isArray(value)) return value.map((v) => withReferences(v, false))
  if (typeof value !== 'object' || value === null) return value
  const { $id } = value as { $id?: unknown }
  if (!isRoot && typeof $id === 'string') return { $ref: $id }
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withReferences(v, false)]))
}

/**
 * Options of a route whose body holds the content of an entry: the framework would stop at the schema, but rules
 * name every fault at once, those of the schema included. `envelope` is what is checked before.
 */
export const contentRoute = (envelope: TSchema) => ({
  validatorCompiler: ({ schema, httpPart }: { schema: unknown; httpPart?: string }) => {
    const part = Compile(httpPart === 'body' ? envelope : (schema as TSchema))
    return (value: unknown) => {
      if (part.Check(value)) return { value }
      return {
        error: new ConcordError('invalid_request', 'The request does not fit the form of this route.', {
          faults: part.Errors(value).map((e) => ({
            path: `${httpPart ?? 'body'}${e.instancePath}`,
            rule: e.keyword,
            message: e.message,
          })),
        }),
      }
    }
  },
})

/** Entries are written out as they are: their content was checked when it came in. */
export const plainAnswer = { serializerCompiler: () => (value: unknown) => JSON.stringify(value) }

/** The entity tag of an entry is its newest version. */
export const etagOf = (version: number) => `"v${version}"`

/** The version in an If-Match; undefined when there is none. @throws invalid_request */
export function basedOn(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const version = /^\s*(?:W\/)?"v(\d{1,9})"\s*$/.exec(header)?.[1]
  if (version === undefined)
    throw new ConcordError('invalid_request', 'If-Match does not hold an ETag of an entry, such as "v3".')
  return Number(version)
}

/** The version in an If-Match that must be there. @throws etag_required, invalid_request */
export function basedOnRequired(header: string | undefined): number {
  const version = basedOn(header)
  if (version === undefined)
    throw new ConcordError('etag_required', 'Send If-Match with the ETag of the version you changed.')
  return version
}
