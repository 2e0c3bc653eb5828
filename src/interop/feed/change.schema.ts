import Type, { type Static } from 'typebox'
import { BodyRef, DatasetContent } from '../../catalog/dataset.schema.ts'

/** Changes on one page: 1,000 entries are some 3 MB. */
export const maxChanges = 1_000
export const defaultChanges = 500
/** Seconds that a request may wait for news: shorter than the patience of proxies. */
export const maxWait = 25

export const ChangesQuery = Type.Object(
  {
    after: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'The `next` of the page before; 0 begins with the first change.',
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: maxChanges, default: defaultChanges })),
    wait: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: maxWait,
        description: 'Seconds to wait where there is no change yet.',
      }),
    ),
    entries: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'False leaves the entries out: only what happened to which.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type ChangesQuery = Static<typeof ChangesQuery>

const ChangedEntry = Type.Object({
  uid: Type.String({ format: 'uuid' }),
  version: Type.Integer(),
  body: BodyRef,
  content: DatasetContent,
  createdAt: Type.String({ format: 'date-time' }),
  publishedAt: Type.String({ format: 'date-time' }),
  changedAt: Type.String({ format: 'date-time' }),
})

/** A page of the change feed. */
export const Changes = Type.Object(
  {
    changes: Type.Array(
      Type.Object({
        ordinal: Type.Integer({ description: 'Place in the order of all changes: 1, 2, 3 … without gaps.' }),
        kind: Type.Enum(['create', 'update', 'delete']),
        uid: Type.String({ format: 'uuid' }),
        version: Type.Integer(),
        at: Type.String({ format: 'date-time' }),
        entry: Type.Optional({
          ...ChangedEntry,
          description:
            'The entry as it is now. Absent for a delete, and where a later change of the same entry has it or deletes it.',
        }),
      }),
    ),
    next: Type.Integer({ description: 'Ask with `after` of this for what comes next.' }),
    end: Type.Boolean({ description: 'There is no later change at the moment.' }),
    last: Type.Integer({ description: 'Place of the newest change: how far the follower is behind.' }),
  },
  { $id: 'Changes' },
)
