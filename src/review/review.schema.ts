import Type, { type Static, type TSchema } from 'typebox'
import { BodyRef } from '../catalog/dataset.schema.ts'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Instant = Type.String({ format: 'date-time' })
const Uid = Type.String({ format: 'uuid' })

/** Characters of an opinion and of a note: two pages. */
const maxText = 5_000
/** Submissions decided, and entries submitted, in one request: as many as a person looks through at a time. */
export const maxBulk = 200

export const kinds = ['publication', 'retirement'] as const
export type Kind = (typeof kinds)[number]
const Stage = Type.Enum(['department', 'office'])
const State = Type.Enum(['dept_review', 'centre_review', 'returned', 'refused', 'withdrawn', 'approved'])
const Text = Type.String({ maxLength: maxText })

export const secrecyResults = ['not_secret', 'secret'] as const
/** `acceptable`: there is personal information, and the note says what protects the persons. */
export const personalResults = ['none', 'acceptable', 'not_acceptable'] as const

/** What whoever submits has assessed. */
export const AssessmentInput = Type.Object(
  {
    secrecy: Type.Object(
      { result: Type.Enum([...secrecyResults]), note: Type.Optional(Nullable(Text)) },
      { additionalProperties: false },
    ),
    personal: Type.Object(
      { result: Type.Enum([...personalResults]), note: Type.Optional(Nullable(Text)) },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false, $id: 'AssessmentInput' },
)
export type AssessmentInput = Static<typeof AssessmentInput>

/** The same on record: with who and when. */
export const Assessment = Type.Object(
  {
    secrecy: Type.Object({ result: Type.Enum([...secrecyResults]), note: Nullable(Text) }),
    personal: Type.Object({ result: Type.Enum([...personalResults]), note: Nullable(Text) }),
    by: Type.String(),
    at: Instant,
  },
  { $id: 'Assessment' },
)
export type Assessment = Static<typeof Assessment>

export const SubmitRequest = Type.Object(
  {
    kind: Type.Optional(Type.Enum([...kinds], { default: 'publication' })),
    text: Type.Optional(Nullable(Text)),
    assessment: Type.Optional(Nullable(AssessmentInput)),
  },
  { additionalProperties: false },
)
export type SubmitRequest = Static<typeof SubmitRequest>

export const BulkSubmitRequest = Type.Object(
  {
    datasets: Type.Array(Uid, { minItems: 1, maxItems: maxBulk }),
    text: Type.Optional(Nullable(Text)),
    assessment: AssessmentInput,
  },
  { additionalProperties: false },
)
export type BulkSubmitRequest = Static<typeof BulkSubmitRequest>

const DecisionName = Type.Enum(['agree', 'return', 'refuse'])
export const DecisionRequest = Type.Object(
  { decision: DecisionName, opinion: Type.Optional(Nullable(Text)) },
  { additionalProperties: false },
)
export type DecisionRequest = Static<typeof DecisionRequest>

export const WithdrawRequest = Type.Union([
  Type.Object({ opinion: Type.Optional(Nullable(Text)) }, { additionalProperties: false }),
  Type.Null(),
])

export const BulkDecisionRequest = Type.Object(
  {
    decision: DecisionName,
    opinion: Type.Optional(Nullable(Text)),
    reviews: Type.Array(
      Type.Object({ uid: Uid, revision: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
      { minItems: 1, maxItems: maxBulk, description: 'Each with the revision that was seen.' },
    ),
  },
  { additionalProperties: false },
)
export type BulkDecisionRequest = Static<typeof BulkDecisionRequest>

const ReviewFault = Type.Object({
  path: Type.String(),
  rule: Type.String(),
  message: Type.String(),
  remedy: Type.Optional(Type.String()),
})

/** What became of each one of a bulk request, in its order. */
export const BulkOutcomes = Type.Object(
  {
    done: Type.Integer(),
    failed: Type.Integer(),
    outcomes: Type.Array(
      Type.Object({
        /** The entry submitted, or the submission decided about. */
        uid: Uid,
        done: Type.Boolean(),
        /** The submission, where there is one. */
        review: Nullable(Uid),
        state: Nullable(State),
        code: Type.Optional(Type.String({ description: 'One of the error codes, where it was not done.' })),
        detail: Type.Optional(Type.String()),
        faults: Type.Optional(Type.Array(ReviewFault)),
      }),
    ),
  },
  { $id: 'ReviewOutcomes' },
)
export type BulkOutcomes = Static<typeof BulkOutcomes>

const reviewMembers = {
  uid: Uid,
  /** Counts its steps; the ETag is made of it. */
  revision: Type.Integer(),
  kind: Type.Enum([...kinds]),
  state: State,
  /** The stage that decides, or decided last. */
  stage: Stage,
  stages: Type.Array(Stage),
  dataset: Uid,
  version: Type.Integer(),
  /** The published version it would replace; null for an entry that was never published. */
  baseVersion: Nullable(Type.Integer()),
  title: Type.String(),
  language: Type.String(),
  body: BodyRef,
  submittedBy: Type.String(),
  submittedAt: Instant,
  /** Of the clock that runs now; null when none does. */
  dueAt: Nullable(Instant),
  due: Nullable(Type.Enum(['in_time', 'soon', 'overdue'])),
  changedAt: Instant,
  may: Type.Object({ decide: Type.Boolean(), withdraw: Type.Boolean(), complete: Type.Boolean() }),
  /** Why four eyes keep the caller from deciding, where their role would let them. */
  barred: Nullable(Type.Enum(['author', 'submitter', 'other_stage'])),
}

export const Review = Type.Object(reviewMembers, { $id: 'Review' })
export type Review = Static<typeof Review>

export const Opinion = Type.Object({
  at: Instant,
  by: Type.String(),
  stage: Stage,
  step: Type.Enum(['submit', 'complete', 'agree', 'return', 'refuse', 'withdraw']),
  from: Nullable(State),
  to: State,
  version: Type.Integer(),
  text: Nullable(Type.String()),
  assessment: Nullable(Assessment),
})
export type Opinion = Static<typeof Opinion>

const Clock = Type.Object({
  /** A stage, or the completion of what was returned. */
  stage: Type.Enum(['department', 'office', 'completion']),
  startedAt: Instant,
  days: Type.Integer(),
  unit: Type.Enum(['working_day', 'day']),
  basis: Type.String(),
  evidence: Type.String(),
  policyVersion: Type.String(),
  dueAt: Instant,
  pausedAt: Nullable(Instant),
  pauses: Type.Array(Type.Object({ from: Instant, to: Instant })),
  remindedAt: Nullable(Instant),
  breachedAt: Nullable(Instant),
  endedAt: Nullable(Instant),
})

/** One submission with everything a reviewer needs. */
export const ReviewDetail = Type.Object(
  {
    ...reviewMembers,
    assessment: Nullable(Assessment),
    opinions: Type.Array(Opinion),
    clocks: Type.Array(Clock),
    gates: Type.Array(
      Type.Object({
        gate: Type.Enum(['content', 'basis', 'grade', 'secrecy', 'personal']),
        passed: Type.Boolean(),
        faults: Type.Array(ReviewFault),
      }),
    ),
    /** What publishing it would change of what people see. */
    differences: Type.Array(
      Type.Object({
        path: Type.String(),
        kind: Type.Enum(['added', 'removed', 'changed']),
        before: Type.Unknown(),
        after: Type.Unknown(),
      }),
    ),
  },
  { $id: 'ReviewDetail' },
)
export type ReviewDetail = Static<typeof ReviewDetail>

export const ReviewQuery = Type.Object(
  {
    state: Type.Optional(
      Type.Enum(
        [
          'waiting',
          'open',
          'ended',
          'dept_review',
          'centre_review',
          'returned',
          'refused',
          'withdrawn',
          'approved',
        ],
        { default: 'waiting', description: '`waiting`: what the caller can do something about now.' },
      ),
    ),
    stage: Type.Optional(Stage),
    kind: Type.Optional(Type.Enum([...kinds])),
    body: Type.Optional(Type.String({ maxLength: 64, description: 'Code of a body: its own entries only.' })),
    due: Type.Optional(Type.Enum(['soon', 'overdue'])),
    mine: Type.Optional(Type.Boolean({ description: 'What the caller submitted.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    cursor: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 100, description: '`next` of the page before.' }),
    ),
  },
  { additionalProperties: false },
)
export type ReviewQuery = Static<typeof ReviewQuery>

export const ReviewList = Type.Object(
  { items: Type.Array(Review), next: Nullable(Type.String()) },
  { $id: 'ReviewList' },
)
export type ReviewList = Static<typeof ReviewList>

/** The reviews of an entry, newest first, with the opinions that decided them. */
export const DatasetReviews = Type.Object(
  {
    reviews: Type.Array(
      Type.Object({ ...reviewMembers, assessment: Nullable(Assessment), opinions: Type.Array(Opinion) }),
    ),
    next: Nullable(Type.String()),
  },
  { $id: 'DatasetReviews' },
)
export type DatasetReviews = Static<typeof DatasetReviews>
