import Type, { type Static } from 'typebox'
import { BodySummary, sourceReasons } from './reuse.schema.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()])

/** Rows of one page. */
const maxPage = 200
export const defaultPage = 50

const Cursor = Type.String({
  pattern: '^[A-Za-z0-9_-]+$',
  maxLength: 100,
  description: '`next` of the page before.',
})

const filters = {
  body: Type.Optional(Type.String({ maxLength: 64, description: 'Code of a body that holds the item.' })),
  theme: Type.Optional(Type.String({ maxLength: 64 })),
  minBodies: Type.Optional(Type.Integer({ minimum: 2, maximum: 100_000 })),
  q: Type.Optional(Type.String({ maxLength: 200, description: 'Words of the name of an item.' })),
}

export const DuplicatesQuery = Type.Object(
  {
    ...filters,
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: maxPage })),
  },
  { additionalProperties: false },
)
export type DuplicatesQuery = Static<typeof DuplicatesQuery>
export const ExportQuery = Type.Object(filters, { additionalProperties: false })
export type ExportQuery = Static<typeof ExportQuery>

export const BodiesQuery = Type.Object(
  { cursor: Type.Optional(Cursor), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: maxPage })) },
  { additionalProperties: false },
)

/** An item by its number in the report; a text, as all identifiers are. */
export const ItemParams = Type.Object({ item: Type.String({ pattern: '^\\d{1,16}$' }) })

export const Report = Type.Object({
  asOf: Nullable(
    Type.String({ description: 'Changes after this time are not in the report; null before the first.' }),
  ),
  seconds: Nullable(Type.Number({ description: 'How long it took.' })),
  items: Nullable(Type.Integer({ description: 'Different items of published entries.' })),
  duplicates: Nullable(Type.Integer({ description: 'Items that several bodies hold.' })),
  runningSince: Nullable(Type.String()),
  problem: Nullable(Type.String({ description: 'Why the last try failed.' })),
})

export const Duplicate = Type.Object({
  item: Type.String(),
  name: Type.String(),
  dataElement: Nullable(Type.String()),
  bodies: Type.Integer(),
  entries: Type.Integer(),
  types: Type.Array(Type.String()),
  themes: Type.Array(Type.String()),
  source: Type.Object({
    body: BodySummary,
    reason: Type.Enum([...sourceReasons]),
    uid: Nullable(Type.String()),
    title: Nullable(Type.String()),
    titles: Type.Record(Type.String(), Type.Unknown()),
  }),
})
export type Duplicate = Static<typeof Duplicate>

export const Duplicates = Type.Object(
  { report: Report, items: Type.Array(Duplicate), next: Nullable(Type.String()) },
  { $id: 'Duplicates' },
)
export type Duplicates = Static<typeof Duplicates>

export const DuplicateBodies = Type.Object(
  {
    duplicate: Duplicate,
    asOf: Nullable(Type.String()),
    bodies: Type.Array(
      Type.Object({
        body: BodySummary,
        entries: Type.Integer(),
        /** Items of other bodies that name this one as their source. */
        named: Type.Integer(),
        inBase: Type.Boolean(),
        /** Its best entry. */
        uid: Nullable(Type.String()),
        title: Nullable(Type.String()),
        titles: Type.Record(Type.String(), Type.Unknown()),
      }),
    ),
    next: Nullable(Type.String()),
  },
  { $id: 'DuplicateBodies' },
)
export type DuplicateBodies = Static<typeof DuplicateBodies>
