import Type, { type Static, type TSchema } from 'typebox'
import { Fault } from './dataset-request.schema.ts'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const BulkQuery = Type.Object(
  {
    source: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        pattern: '^[A-Za-z0-9][A-Za-z0-9 ._:/-]*$',
        description: 'Name of the place the records come from; with sourceId it identifies an entry.',
      }),
    ),
    publish: Type.Optional(
      Type.Boolean({ default: false, description: 'Publish at once; otherwise drafts are made.' }),
    ),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
)
export type BulkQuery = Static<typeof BulkQuery>

/** What became of one line. */
export const BulkOutcome = Type.Object({
  line: Type.Integer(),
  sourceId: Nullable(Type.String()),
  outcome: Type.Enum(['added', 'changed', 'unchanged', 'rejected']),
  uid: Type.Optional(Type.String()),
  faults: Type.Optional(Type.Array(Fault)),
})
export type BulkOutcome = Static<typeof BulkOutcome>

const Count = Type.Integer()

/** The last line of the report. Without it the work was broken off. */
export const BulkSummary = Type.Object({
  summary: Type.Object({ lines: Count, added: Count, changed: Count, unchanged: Count, rejected: Count }),
  /** Present when the work ended early; everything reported before it is kept. */
  error: Type.Optional(
    Type.Object({ code: Type.String(), detail: Type.String(), requestId: Type.Optional(Type.String()) }),
  ),
})
export type BulkSummary = Static<typeof BulkSummary>
