import Type, { type Static } from 'typebox'
import { BodyRef } from './dataset.schema.ts'

const Count = Type.Integer({ minimum: 0 })
/** Number of published entries by code. */
const Shares = Type.Record(Type.String(), Count)

/** Counts of the whole catalogue; published entries unless said otherwise. */
export const Figures = Type.Object(
  {
    entries: Count,
    items: Count,
    /** Bodies with at least one published entry. */
    bodies: Count,
    /** Entries first published since midnight of the node's time zone. */
    publishedToday: Count,
    drafts: Count,
    sharing: Shares,
    open: Shares,
    grade: Shares,
    /** When they were counted. */
    at: Type.String({ format: 'date-time' }),
  },
  { $id: 'Figures' },
)
export type Figures = Static<typeof Figures>

export const ThemeFigure = Type.Object({ code: Type.String(), entries: Count, items: Count })
export type ThemeFigure = Static<typeof ThemeFigure>

export const Themes = Type.Object(
  { themes: Type.Array(ThemeFigure), databases: Type.Array(ThemeFigure) },
  { $id: 'Themes' },
)

export const BodyFigures = Type.Object(
  {
    body: BodyRef,
    entries: Count,
    items: Count,
    sharing: Shares,
    open: Shares,
    themes: Type.Array(ThemeFigure),
  },
  { $id: 'BodyFigures' },
)
export type BodyFigures = Static<typeof BodyFigures>

export const BodiesFigures = Type.Object(
  { bodies: Type.Array(Type.Object({ body: BodyRef, entries: Count, items: Count })) },
  { $id: 'BodiesFigures' },
)
