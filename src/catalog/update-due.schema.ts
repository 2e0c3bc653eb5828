import Type, { type Static, type TSchema } from 'typebox'
import { BodyRef } from './dataset.schema.ts'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Overdue entries counted; more are "over 10,000": nobody works through them one by one. */
export const mostCounted = 10_000

export const OverdueQuery = Type.Object(
  {
    body: Type.Optional(Type.String({ maxLength: 64, description: 'Code of a body: its own entries only.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    cursor: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 100, description: '`next` of the page before.' }),
    ),
  },
  { additionalProperties: false },
)
export type OverdueQuery = Static<typeof OverdueQuery>

export const OverdueList = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        uid: Type.String({ format: 'uuid' }),
        title: Type.String(),
        language: Type.String(),
        translations: Type.Record(Type.String(), Type.Unknown()),
        body: BodyRef,
        updateCycle: Type.String(),
        /** When the data last changed, else when the entry was published. */
        lastChanged: Type.String({ format: 'date-time' }),
        updateDue: Type.String({ format: 'date-time' }),
      }),
    ),
    next: Nullable(Type.String()),
    total: Type.Integer({ description: `All that are overdue, counted up to ${mostCounted}.` }),
  },
  { $id: 'OverdueList' },
)
export type OverdueList = Static<typeof OverdueList>
