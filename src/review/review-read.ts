import type { DatasetContent } from '../catalog/dataset.schema.ts'
import { checkDataset, contentOfVersion, diffContents, maxDifferences } from '../catalog/index.ts'
import { notFound } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { decodeNumberCursor, freshOrganisationTree, isAllowed, page, subtree } from '../security/index.ts'
import { selectClocks } from './clock.queries.ts'
import { type Gate, gatesOf } from './gates.ts'
import { barOf, isOpen } from './machine.ts'
import { toReviews } from './queue.ts'
import type { DatasetReviews, Opinion, ReviewDetail } from './review.schema.ts'
import { policyObject, type ReviewContext } from './step.ts'
import {
  type OpinionRow,
  type SubmissionRow,
  selectOfDataset,
  selectOpinions,
  selectSubmission,
} from './submission.queries.ts'

const toOpinion = ({ submissionId: _, personId: __, ...opinion }: OpinionRow): Opinion => opinion

/** One submission with opinions, clocks, gates and what it would change. @throws not_found */
export async function getReview(db: Db, ctx: ReviewContext, uid: string): Promise<ReviewDetail> {
  await freshOrganisationTree(db)
  const s = await selectSubmission(db, { uid })
  if (!s || !isAllowed(ctx.actor, 'review:read', policyObject(s))) throw notFound(`The review ${uid}`)
  const opinions = await selectOpinions(db, [s.id])
  const { personId } = ctx.actor
  const bar = personId === null ? null : barOf(personId, { ...s, opinions })
  const [review] = await toReviews(db, ctx, [{ ...s, bar }])
  const content = await contentOfVersion(db, s.dataset, s.version)
  return {
    ...review!,
    assessment: s.assessment,
    opinions: opinions.map(toOpinion),
    clocks: (await selectClocks(db, s.id)).map(
      ({ id: _, submissionId: __, remindAt: ___, ...clock }) => clock,
    ),
    gates: content && s.kind === 'publication' ? await gates(db, ctx, s, content) : [],
    differences: content && s.kind === 'publication' ? await differences(db, s, content) : [],
  }
}

/** Gates as they stand now; what is decided was checked then. */
async function gates(db: Db, ctx: ReviewContext, s: SubmissionRow, content: DatasetContent): Promise<Gate[]> {
  const faults = isOpen(s.state) ? (await checkDataset(db, ctx, content, s.dataset)).faults : []
  return gatesOf(content, s.assessment, faults, ctx.profile)
}

async function differences(db: Db, s: SubmissionRow, content: DatasetContent) {
  const before = s.baseVersion === null ? undefined : await contentOfVersion(db, s.dataset, s.baseVersion)
  return diffContents(before ?? ({} as DatasetContent), content).slice(0, maxDifferences)
}

/** The reviews of an entry, newest first, with everything that was said. */
export async function listDatasetReviews(
  db: Db,
  ctx: ReviewContext,
  dataset: string,
  { limit = 20, cursor }: { limit?: number; cursor?: string },
): Promise<DatasetReviews> {
  await freshOrganisationTree(db)
  const own = new Set(ctx.actor.organisationId === null ? [] : subtree(ctx.actor.organisationId))
  const before = decodeNumberCursor(cursor)
  const rows = await selectOfDataset(db, dataset, { before, limit: limit + 1 }, ctx.actor.personId)
  const { items, next } = page(rows, limit, (r) => r.id)
  const seen = items.filter((r) => own.has(r.organisationId))
  const opinions = await selectOpinions(
    db,
    seen.map((r) => r.id),
  )
  const reviews = await toReviews(db, ctx, seen)
  return {
    reviews: reviews.map((review, i) => ({
      ...review,
      assessment: seen[i]!.assessment,
      opinions: opinions.filter((o) => o.submissionId === seen[i]!.id).map(toOpinion),
    })),
    next,
  }
}
