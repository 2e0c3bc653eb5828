import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { addSchemas, basedOn, ref } from '../catalog/index.ts'
import { ConcordError } from '../platform/errors.ts'
import { type App, problems } from '../platform/http.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { Cursor } from '../security/index.ts'
import { decideMany, submitMany } from './bulk.ts'
import { decide, withdraw } from './decision.ts'
import { exportReviews, listReviews } from './queue.ts'
import {
  Assessment,
  AssessmentInput,
  BulkDecisionRequest,
  BulkOutcomes,
  BulkSubmitRequest,
  DatasetReviews,
  DecisionRequest,
  Review,
  ReviewDetail,
  ReviewList,
  ReviewQuery,
  SubmitRequest,
  WithdrawRequest,
} from './review.schema.ts'
import { getReview, listDatasetReviews } from './review-read.ts'
import type { ReviewContext, SubmissionRow } from './step.ts'
import { submit } from './submission.ts'

const tags = ['reviews']
const Params = Type.Object({ uid: Type.String({ format: 'uuid' }) })

export interface ReviewOptions {
  db: Db
  profile: Profile
  /** The clock that rules look at. */
  now?: () => Date
  alsoRequired?: ReviewContext['alsoRequired']
}

type Routes = (app: App, db: Db, contextOf: (request: FastifyRequest) => ReviewContext) => void

/** Submissions of entries: made, looked at, decided about. */
export function reviewRoutes(
  app: App,
  { db, profile, now = () => new Date(), alsoRequired }: ReviewOptions,
): void {
  addSchemas(app, [
    AssessmentInput,
    Assessment,
    Review,
    ReviewDetail,
    ReviewList,
    BulkOutcomes,
    DatasetReviews,
  ])
  const contextOf = (request: FastifyRequest): ReviewContext => ({
    actor: request.actor,
    requestId: request.id,
    profile,
    now: now(),
    alsoRequired,
  })
  for (const routes of [readRoutes, submitRoutes, decisionRoutes, bulkRoutes]) routes(app, db, contextOf)
}

const etagOf = (s: { revision: number }) => `"r${s.revision}"`

/** The revision in an If-Match. @throws invalid_request */
function revisionOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const revision = /^\s*(?:W\/)?"r(\d{1,9})"\s*$/.exec(header)?.[1]
  if (revision === undefined)
    throw new ConcordError('invalid_request', 'If-Match does not hold an ETag of a review, such as "r2".')
  return Number(revision)
}

function revisionRequired(header: string | undefined): number {
  const revision = revisionOf(header)
  if (revision === undefined)
    throw new ConcordError('etag_required', 'Send If-Match with the ETag of the review you looked at.')
  return revision
}

/** Does a step and keeps its answer under the Idempotency-Key in one transaction. */
async function stepOnce(
  db: Db,
  ctx: ReviewContext,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (tx: Db) => Promise<SubmissionRow>,
): Promise<ReviewDetail> {
  const { headers, body } = await inTransaction(db, async (tx) => {
    const body = await getReview(tx, ctx, (await work(tx)).uid)
    const answer = { status: 200, headers: { etag: etagOf(body) }, body }
    await request.keepAnswer(tx, answer)
    return answer
  })
  reply.headers(headers)
  return body
}

const readRoutes: Routes = (app, db, contextOf) => {
  app.get(
    '/api/v1/reviews',
    {
      config: { action: 'review:read' },
      schema: {
        tags,
        operationId: 'listReviews',
        summary:
          'Submissions of the own organisation: what waits, by what is due first; what was decided, newest first',
        querystring: ReviewQuery,
        response: { 200: ref(ReviewList), ...problems },
      },
    },
    (request) => listReviews(db, contextOf(request), request.query),
  )
  app.get(
    '/api/v1/reviews.csv',
    {
      config: { action: 'review:read' },
      schema: {
        tags,
        operationId: 'exportReviews',
        summary: 'The same as CSV, up to 20,000 lines',
        querystring: ReviewQuery,
        response: { 200: { content: { 'text/csv': { schema: Type.String() } } }, ...problems },
      },
    },
    (request, reply) => {
      reply.type('text/csv; charset=utf-8')
      reply.header('content-disposition', 'attachment; filename="reviews.csv"')
      return reply.send(Readable.from(exportReviews(db, contextOf(request), request.query)))
    },
  )
  app.get(
    '/api/v1/reviews/:uid',
    {
      config: { action: 'review:read' },
      schema: {
        tags,
        operationId: 'getReview',
        summary: 'One submission: opinions, clocks, gates, and what it would change of what people see',
        params: Params,
        response: { 200: ref(ReviewDetail), ...problems },
      },
    },
    async (request, reply) => {
      const review = await getReview(db, contextOf(request), request.params.uid)
      reply.header('etag', etagOf(review))
      return review
    },
  )
  app.get(
    '/api/v1/datasets/:uid/reviews',
    {
      config: { action: 'review:read' },
      schema: {
        tags,
        operationId: 'listDatasetReviews',
        summary: 'The reviews of an entry, newest first, with everything that was said',
        params: Params,
        querystring: Type.Object(
          {
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
            cursor: Type.Optional(Cursor),
          },
          { additionalProperties: false },
        ),
        response: { 200: ref(DatasetReviews), ...problems },
      },
    },
    (request) => listDatasetReviews(db, contextOf(request), request.params.uid, request.query),
  )
}

const submitRoutes: Routes = (app, db, contextOf) => {
  app.post(
    '/api/v1/datasets/:uid/submit',
    {
      config: { action: 'review:submit' },
      schema: {
        tags,
        operationId: 'submitDataset',
        summary:
          'Submit the newest version for publication, or a published entry for retirement; completes what was returned. If-Match takes the ETag of the entry',
        params: Params,
        body: SubmitRequest,
        response: { 200: ref(ReviewDetail), ...problems },
      },
    },
    (request, reply) => {
      const ctx = contextOf(request)
      const version = basedOn(request.headers['if-match'])
      return stepOnce(db, ctx, request, reply, (tx) =>
        submit(tx, ctx, request.params.uid, request.body, version),
      )
    },
  )
  app.post(
    '/api/v1/reviews/:uid/withdraw',
    {
      config: { action: 'review:withdraw' },
      schema: {
        tags,
        operationId: 'withdrawReview',
        summary: 'Take a submission back; its draft may be written on again',
        params: Params,
        body: WithdrawRequest,
        response: { 200: ref(ReviewDetail), ...problems },
      },
    },
    (request, reply) => {
      const ctx = contextOf(request)
      const revision = revisionOf(request.headers['if-match'])
      const { uid } = request.params
      return stepOnce(db, ctx, request, reply, (tx) =>
        withdraw(tx, ctx, uid, request.body?.opinion, revision),
      )
    },
  )
}

const decisionRoutes: Routes = (app, db, contextOf) => {
  app.post(
    '/api/v1/reviews/:uid/decision',
    {
      config: { action: 'review:decide' },
      schema: {
        tags,
        operationId: 'decideReview',
        summary:
          'Agree, return for completion, or refuse at the present stage; the last agreement publishes. If-Match takes the ETag of the review',
        params: Params,
        body: DecisionRequest,
        response: { 200: ref(ReviewDetail), ...problems },
      },
    },
    (request, reply) => {
      const ctx = contextOf(request)
      const revision = revisionRequired(request.headers['if-match'])
      return stepOnce(db, ctx, request, reply, (tx) =>
        decide(tx, ctx, request.params.uid, request.body, revision),
      )
    },
  )
}

const bulkRoutes: Routes = (app, db, contextOf) => {
  app.post(
    '/api/v1/reviews/bulk-decision',
    {
      config: { action: 'review:decide' },
      schema: {
        tags,
        operationId: 'decideReviews',
        summary: 'Decide alike about up to 200 submissions; each has an outcome of its own',
        body: BulkDecisionRequest,
        response: { 200: ref(BulkOutcomes), ...problems },
      },
    },
    (request) => decideMany(db, contextOf(request), request.body),
  )
  app.post(
    '/api/v1/reviews/bulk-submit',
    {
      config: { action: 'review:submit' },
      schema: {
        tags,
        operationId: 'submitDatasets',
        summary: 'Submit up to 200 entries with one assessment; each has an outcome of its own',
        body: BulkSubmitRequest,
        response: { 200: ref(BulkOutcomes), ...problems },
      },
    },
    (request) => submitMany(db, contextOf(request), request.body),
  )
}
