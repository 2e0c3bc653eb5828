import Type, { type Static, type TSchema } from 'typebox'
import { limits, VersionInfo } from './dataset.schema.ts'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Versions on one page: more than the years of an entry that changes every month have. */
export const maxVersionsListed = 500
/** Differences told of two versions; two contents that differ more have little in common. */
export const maxDifferences = 5_000

export const Reason = Type.String({ maxLength: limits.longText, description: 'Why; kept with the version.' })

export const Versions = Type.Object(
  {
    versions: Type.Array(VersionInfo, { maxItems: maxVersionsListed }),
    /** `cursor` of the next page; null on the last. */
    next: Nullable(Type.String()),
  },
  { $id: 'Versions' },
)
export type Versions = Static<typeof Versions>

export const VersionsQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: maxVersionsListed, default: 100 })),
    cursor: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 100, description: '`next` of the page before.' }),
    ),
  },
  { additionalProperties: false },
)
export type VersionsQuery = Static<typeof VersionsQuery>

export const VersionDiff = Type.Object(
  {
    from: Type.Integer(),
    to: Type.Integer(),
    differences: Type.Array(
      Type.Object({
        path: Type.String({
          description:
            'JSON pointer; members of lists are named by code, name or address, e.g. /items/003/name',
        }),
        kind: Type.Enum(['added', 'removed', 'changed']),
        before: Type.Unknown(),
        after: Type.Unknown(),
      }),
      { maxItems: maxDifferences },
    ),
    /** True where there are more than `maxDifferences`. */
    cut: Type.Boolean(),
  },
  { $id: 'VersionDiff' },
)
export type VersionDiff = Static<typeof VersionDiff>

export const RestoreRequest = Type.Object(
  { version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }), reason: Type.Optional(Nullable(Reason)) },
  { additionalProperties: false },
)
