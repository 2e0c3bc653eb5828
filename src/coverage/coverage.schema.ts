import Type, { type Static, type TSchema } from 'typebox'
import { checkIds, dimensions } from './check.ts'
import { ratioIds } from './ratio.ts'

const Count = Type.Integer({ minimum: 0 })
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Time = Type.String({ format: 'date-time' })
const Day = Type.String({ format: 'date' })
/** A text in the languages of the pages. */
const Texts = Type.Record(Type.String(), Type.String())
const Share = Nullable(
  Type.Number({ minimum: 0, maximum: 1, description: 'Null: not measured, the denominator is zero.' }),
)

export const Ratio = Type.Object({
  id: Type.Enum([...ratioIds]),
  numerator: Count,
  denominator: Count,
  ratio: Share,
})

/** Points of all published entries of a place, of those that could be had in what was measured. */
const Quality = Type.Object({ points: Count, possible: Count, share: Share })

const counted = {
  day: Day,
  /** When it was counted. */
  at: Time,
  rules: Type.String({ description: 'Version of the rules by which it was counted.' }),
  origin: Type.Enum(['measured', 'demo'], { description: '`demo`: told by the demo scenario, not counted.' }),
  published: Count,
  ratios: Type.Array(Ratio),
  quality: Quality,
}

const Place = Type.Object({
  scope: Type.Enum(['nation', 'tier', 'region', 'body']),
  /** A tier, a division code or the code of a body; empty for the nation. */
  key: Type.String(),
  name: Type.String(),
  translations: Type.Record(Type.String(), Type.Unknown()),
  /** The territory around it. */
  parent: Nullable(Type.String()),
})

export const CoverageTarget = Type.Object(
  {
    resources: Type.Integer({ minimum: 1 }),
    basis: Type.String(),
    declaredBy: Type.String(),
    declaredAt: Time,
  },
  { $id: 'CoverageTarget' },
)
export type CoverageTarget = Static<typeof CoverageTarget>

/** A place as it was counted last. `current` is null before the first count, or where the place has nothing. */
export const Coverage = Type.Object(
  {
    place: Place,
    current: Nullable(
      Type.Object({
        ...counted,
        /** Bodies that have published entries or a declared number. */
        bodies: Count,
        ratings: Type.Array(Type.Object({ code: Type.String(), label: Texts, entries: Count })),
        dimensions: Type.Array(
          Type.Object({ id: Type.Enum([...dimensions]), points: Count, possible: Count }),
        ),
        checks: Type.Array(
          Type.Object({ id: Type.Enum(checkIds), name: Texts, passed: Count, measured: Count }),
        ),
      }),
    ),
    /** Of a body: how many data resources it has to catalogue. */
    target: Nullable(Type.Unsafe<CoverageTarget>(Type.Ref('CoverageTarget'))),
  },
  { $id: 'Coverage' },
)
export type Coverage = Static<typeof Coverage>

export const CoverageTrend = Type.Object(
  { place: Place, points: Type.Array(Type.Object(counted)) },
  { $id: 'CoverageTrend' },
)
export type CoverageTrend = Static<typeof CoverageTrend>

export const CoverageRanking = Type.Object(
  {
    day: Nullable(Day),
    total: Count,
    rows: Type.Array(
      Type.Object({
        ...counted,
        key: Type.String(),
        name: Type.String(),
        translations: Type.Record(Type.String(), Type.Unknown()),
        tier: Type.String(),
        divisionCode: Nullable(Type.String()),
      }),
    ),
  },
  { $id: 'CoverageRanking' },
)
export type CoverageRanking = Static<typeof CoverageRanking>

/** PostgreSQL's text has no NUL, and no name has one. */
const text = (maxLength: number, minLength = 0) =>
  Type.String({ minLength, maxLength, pattern: '^[^\\u0000]*$' })
const Key = text(64, 1)
/** A day in the centuries of catalogues: the form of a date alone allows years that no calendar of the database has. */
const AskedDay = Type.String({ format: 'date', pattern: '^(19|20|21)' })
/** Which place; none of them: the nation. */
const placeQuery = { tier: Type.Optional(Key), region: Type.Optional(Key), body: Type.Optional(Key) }
export const PlaceQuery = Type.Object(placeQuery, { additionalProperties: false })
export type PlaceQuery = Static<typeof PlaceQuery>

const range = { from: Type.Optional(AskedDay), to: Type.Optional(AskedDay) }
export const TrendQuery = Type.Object({ ...placeQuery, ...range }, { additionalProperties: false })
export type TrendQuery = Static<typeof TrendQuery>

/** Rows of a page of the ranking. */
export const rankingLimit = 500
const ranking = {
  by: Type.Optional(Type.Enum(['body', 'region', 'tier'])),
  region: Type.Optional(Key),
  tier: Type.Optional(Key),
  q: Type.Optional(text(100)),
  sort: Type.Optional(Type.Enum([...ratioIds, 'quality', 'published', 'name'])),
  order: Type.Optional(Type.Enum(['asc', 'desc'])),
}
export const RankingQuery = Type.Object(
  {
    ...ranking,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: rankingLimit })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  },
  { additionalProperties: false },
)
export type RankingQuery = Static<typeof RankingQuery>
export const ExportQuery = Type.Object(ranking, { additionalProperties: false })
export type ExportQuery = Static<typeof ExportQuery>

export const TargetInput = Type.Object(
  {
    resources: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    /** The document or register by which the number is known. */
    basis: text(2_000, 3),
  },
  { additionalProperties: false },
)
export type TargetInput = Static<typeof TargetInput>

/** How everything is counted, in words. */
export const CoverageRules = Type.Object(
  {
    rules: Type.String(),
    evidence: Type.String(),
    ratios: Type.Array(Type.Object({ id: Type.Enum([...ratioIds]), text: Texts })),
    checks: Type.Array(
      Type.Object({
        id: Type.Enum(checkIds),
        dimension: Type.Enum([...dimensions]),
        points: Count,
        field: Type.String(),
        name: Texts,
        todo: Texts,
      }),
    ),
  },
  { $id: 'CoverageRules' },
)

/** The score of one entry with every check. */
export const EntryScore = Type.Object(
  {
    uid: Type.String({ format: 'uuid' }),
    /** Version of the entry that is scored. */
    version: Type.Integer(),
    rules: Type.String(),
    points: Count,
    /** Points that could be had in what was measured: what was not checked yet does not count. */
    possible: Count,
    rating: Type.Object({ code: Type.String(), label: Texts }),
    /** By when the data must change to keep the promise of its update cycle. */
    dueAt: Nullable(Time),
    dimensions: Type.Array(
      Type.Object({
        id: Type.Enum([...dimensions]),
        points: Count,
        possible: Count,
        checks: Type.Array(
          Type.Object({
            id: Type.Enum(checkIds),
            state: Type.Enum(['passed', 'failed', 'not_checked', 'not_applicable']),
            points: Count,
            field: Type.String({
              description: 'JSON pointer into the content; empty: the entry as a whole.',
            }),
            name: Texts,
            todo: Texts,
          }),
        ),
      }),
    ),
  },
  { $id: 'EntryScore' },
)
export type EntryScore = Static<typeof EntryScore>
