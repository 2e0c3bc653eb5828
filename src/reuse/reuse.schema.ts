import Type, { type Static } from 'typebox'
import { reasonCodes } from './item-compare.ts'

/** Items of one question: an entry's page in the editor has 50 rows. */
export const maxItemsAsked = 50
/** UTF-16 units of an item's name, as in an entry. */
const maxNameLength = 500

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()])

export const BodySummary = Type.Object(
  {
    code: Type.String(),
    name: Type.String(),
    translations: Type.Record(Type.String(), Type.Unknown()),
    tier: Type.String(),
  },
  { $id: 'ReuseBody' },
)

export const WantedItem = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: maxNameLength }),
    dataType: Type.Optional(Nullable(Type.String({ maxLength: 64 }))),
    dataElement: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
  },
  { additionalProperties: false },
)
export type WantedItem = Static<typeof WantedItem>

export const uuid = Type.String({ pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' })

export const SimilarRequest = Type.Object(
  {
    items: Type.Array(WantedItem, { minItems: 1, maxItems: maxItemsAsked }),
    /** The entry that the items belong to: it does not find itself. */
    dataset: Type.Optional(uuid),
  },
  { additionalProperties: false },
)
export type SimilarRequest = Static<typeof SimilarRequest>

const Reason = Type.Enum([...reasonCodes])

/** Why a body is proposed as the source of an item; the first rule that puts it before the others. */
export const sourceReasons = [
  'named_source',
  'base_database',
  'most_entries',
  'highest_tier',
  'best_described',
  'only_holder',
  'first_registered',
] as const
export type SourceReason = (typeof sourceReasons)[number]

export const ItemHolder = Type.Object({
  uid: Type.String(),
  title: Type.String(),
  titles: Type.Record(Type.String(), Type.Unknown()),
  body: BodySummary,
  /** The item as this entry writes it. */
  item: Type.String(),
  dataType: Nullable(Type.String()),
  dataElement: Nullable(Type.String()),
  database: Nullable(Type.String()),
  quality: Type.Integer({ description: 'How complete the description is, 0 to 1000.' }),
  /** The body that the item names as its source, where that is another. */
  source: Nullable(BodySummary),
  reasons: Type.Array(Reason),
})
export type ItemHolder = Static<typeof ItemHolder>

export const ItemMatch = Type.Object({
  name: Type.String(),
  level: Type.Enum(['same', 'similar']),
  score: Type.Number(),
  reasons: Type.Array(Reason),
  entries: Type.Integer({ description: 'Published entries that hold an item of this name.' }),
  bodies: Type.Integer(),
  bodiesExact: Type.Boolean({ description: 'False where there are at least as many bodies.' }),
  holders: Type.Array(ItemHolder),
})
export type ItemMatch = Static<typeof ItemMatch>

export const ProposedSource = Type.Object({
  body: BodySummary,
  reason: Type.Enum([...sourceReasons]),
  /** Its best entry with the item; none where others only name the body as the source. */
  uid: Nullable(Type.String()),
  title: Nullable(Type.String()),
  item: Nullable(Type.String()),
  /** Time of the report it is taken from; null where it was worked out from the holders just found. */
  asOf: Nullable(Type.String()),
})
export type ProposedSource = Static<typeof ProposedSource>

export const SimilarItem = Type.Object({
  name: Type.String(),
  level: Type.Enum(['same', 'similar', 'none']),
  /** What the name says; decisions are kept by it. */
  key: Type.String(),
  matches: Type.Array(ItemMatch),
  source: Nullable(ProposedSource),
})
export type SimilarItem = Static<typeof SimilarItem>

export const SimilarAnswer = Type.Object(
  { tookMs: Type.Number(), items: Type.Array(SimilarItem) },
  { $id: 'SimilarItems' },
)
export type SimilarAnswer = Static<typeof SimilarAnswer>
