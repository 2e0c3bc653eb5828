import { ConcordError } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { decide } from './decision.ts'
import type { BulkDecisionRequest, BulkOutcomes, BulkSubmitRequest } from './review.schema.ts'
import type { ReviewContext } from './step.ts'
import type { SubmissionRow } from './submission.queries.ts'
import { submit } from './submission.ts'

type Outcome = BulkOutcomes['outcomes'][number]

/** Does the same to each, in a transaction of its own: one that cannot be done does not hinder the others. */
async function each(uids: string[], work: (index: number) => Promise<SubmissionRow>): Promise<BulkOutcomes> {
  const outcomes: Outcome[] = []
  for (const [index, uid] of uids.entries())
    try {
      const s = await work(index)
      outcomes.push({ uid, done: true, review: s.uid, state: s.state })
    } catch (error) {
      if (!(error instanceof ConcordError)) throw error
      const { code, message, faults } = error
      outcomes.push({ uid, done: false, review: null, state: null, code, detail: message, faults })
    }
  const done = outcomes.filter((o) => o.done).length
  return { done, failed: outcomes.length - done, outcomes }
}

/** Decides about many submissions alike, each as it was seen. */
export const decideMany = (db: Db, ctx: ReviewContext, request: BulkDecisionRequest): Promise<BulkOutcomes> =>
  each(
    request.reviews.map((r) => r.uid),
    (i) => decide(db, ctx, request.reviews[i]!.uid, request, request.reviews[i]!.revision),
  )

/** Submits the newest versions of many entries with one assessment. */
export const submitMany = (db: Db, ctx: ReviewContext, request: BulkSubmitRequest): Promise<BulkOutcomes> =>
  each(request.datasets, (i) =>
    submit(db, ctx, request.datasets[i]!, { text: request.text, assessment: request.assessment }),
  )
