import Type, { type TSchema } from 'typebox'
import { BodyRef, DatasetContent, Item, limits } from './dataset.schema.ts'
import { Reason } from './version.schema.ts'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** What is sent to make or change an entry. */
export const DatasetWrite = Type.Object(
  { content: DatasetContent, reason: Type.Optional(Nullable(Reason)) },
  { $id: 'DatasetWrite', additionalProperties: false },
)
/** The same before its content was looked at. */
export const AnyDatasetWrite = Type.Object(
  { content: Type.Unknown(), reason: Type.Optional(Nullable(Reason)) },
  { additionalProperties: false },
)

export const DatasetCheck = Type.Object(
  {
    content: DatasetContent,
    uid: Type.Optional(Nullable(Type.String({ format: 'uuid', description: 'The entry it is for.' }))),
  },
  { $id: 'DatasetCheck', additionalProperties: false },
)
export const AnyDatasetCheck = Type.Object(
  { content: Type.Unknown(), uid: DatasetCheck.properties.uid },
  { additionalProperties: false },
)

export const Fault = Type.Object(
  {
    path: Type.String({ description: 'JSON pointer into the content.' }),
    rule: Type.String(),
    message: Type.String(),
    remedy: Type.Optional(Type.String()),
  },
  { $id: 'Fault' },
)

export const DatasetCheckResult = Type.Object(
  {
    valid: Type.Boolean(),
    faults: Type.Array(Fault),
    /** How complete the description is, 0 to 1000; null while there are faults. */
    quality: Nullable(Type.Integer()),
    /** The content as it would be kept. */
    content: Nullable(DatasetContent),
  },
  { $id: 'DatasetCheckResult' },
)

/** A change of state, with why. */
export const StateChange = Type.Union([
  Type.Object({ reason: Type.Optional(Nullable(Reason)) }, { additionalProperties: false }),
  Type.Null(),
])

/** Items on one page. */
export const maxItemPage = 500

export const ItemPage = Type.Object(
  {
    items: Type.Array(
      // One object: an item allows no other members, so that an intersection with it could never fit.
      Type.Object(
        {
          ...Item.properties,
          ordinal: Type.Integer(),
          /** The body that answers for the item: its own, else the entry's. */
          source: Nullable(BodyRef),
        },
        { additionalProperties: false },
      ),
    ),
    total: Type.Integer(),
    /** `after` of the next page; null on the last. */
    next: Nullable(Type.Integer()),
  },
  { $id: 'ItemPage' },
)

export const ItemPageQuery = Type.Object(
  {
    after: Type.Optional(Type.Integer({ minimum: 0, maximum: limits.items, default: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: maxItemPage, default: 100 })),
    version: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
  },
  { additionalProperties: false },
)
