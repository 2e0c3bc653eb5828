import type { OverdueList } from '../../src/catalog/update-due.schema.ts'
import type {
  AssessmentInput,
  BulkOutcomes,
  DatasetReviews,
  Review,
  ReviewDetail,
  ReviewList,
} from '../../src/review/review.schema.ts'
import { type Answer, apiBase, call, callFull, toQueryString } from '../platform/client.ts'
import { queryClient } from '../platform/query.ts'

export type { AssessmentInput, BulkOutcomes, Review, ReviewDetail }
/** One review of an entry with what was said. */
export type DatasetReview = DatasetReviews['reviews'][number]
export type Decision = 'agree' | 'return' | 'refuse'
type Signalled = { signal: AbortSignal }

export interface ReviewFilter {
  state?: string
  due?: string
  kind?: string
  body?: string
  mine?: boolean
}

export const reviewsQuery = (filter: ReviewFilter, limit = 50) => ({
  queryKey: ['reviews', filter, limit],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | undefined }) =>
    call<ReviewList>('/reviews', { query: { ...filter, limit, cursor: pageParam }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: ReviewList) => page.next ?? undefined,
  staleTime: 0,
})

export const exportAddress = (filter: ReviewFilter) => `${apiBase}/reviews.csv${toQueryString({ ...filter })}`

export const reviewQuery = (uid: string) => ({
  queryKey: ['review', uid],
  queryFn: ({ signal }: Signalled) => call<ReviewDetail>(`/reviews/${encodeURIComponent(uid)}`, { signal }),
  staleTime: 0,
})

/** The last reviews of an entry, newest first. */
export const datasetReviewsQuery = (uid: string) => ({
  queryKey: ['dataset', uid, 'reviews'],
  queryFn: ({ signal }: Signalled) =>
    call<DatasetReviews>(`/datasets/${encodeURIComponent(uid)}/reviews`, { query: { limit: 100 }, signal }),
  staleTime: 0,
})

export const overdueQuery = (limit: number) => ({
  queryKey: ['overdue', limit],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | undefined }) =>
    call<OverdueList>('/datasets/overdue', { query: { limit, cursor: pageParam }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: OverdueList) => page.next ?? undefined,
})

export interface Submission {
  kind?: 'publication' | 'retirement'
  text?: string
  assessment?: AssessmentInput
}

export const submitDataset = (
  uid: string,
  body: Submission,
  etag: string | null,
): Promise<Answer<ReviewDetail>> =>
  callFull(`/datasets/${uid}/submit`, { method: 'POST', body, ifMatch: etag ?? undefined, once: true })

export const decideOne = (
  review: Pick<Review, 'uid' | 'revision'>,
  decision: Decision,
  opinion: string | null,
) =>
  call<ReviewDetail>(`/reviews/${review.uid}/decision`, {
    method: 'POST',
    body: { decision, opinion },
    ifMatch: `"r${review.revision}"`,
    once: true,
  })

export const withdrawOne = (review: Pick<Review, 'uid' | 'revision'>, opinion: string | null) =>
  call<ReviewDetail>(`/reviews/${review.uid}/withdraw`, {
    method: 'POST',
    body: { opinion },
    ifMatch: `"r${review.revision}"`,
    once: true,
  })

/** As many as the server takes at once. */
const most = 200

/** Sends many in parts; `told` hears how far it is. */
async function inParts<T>(
  all: T[],
  send: (part: T[]) => Promise<BulkOutcomes>,
  told?: (sum: BulkOutcomes) => void,
): Promise<BulkOutcomes> {
  const sum: BulkOutcomes = { done: 0, failed: 0, outcomes: [] }
  for (let at = 0; at < all.length; at += most) {
    const { done, failed, outcomes } = await send(all.slice(at, at + most))
    sum.done += done
    sum.failed += failed
    sum.outcomes.push(...outcomes)
    told?.(sum)
  }
  return sum
}

export const decideMany = (reviews: Review[], decision: Decision, opinion: string | null) =>
  inParts(reviews, (part) =>
    call<BulkOutcomes>('/reviews/bulk-decision', {
      method: 'POST',
      body: { decision, opinion, reviews: part.map(({ uid, revision }) => ({ uid, revision })) },
      once: true,
    }),
  )

export const submitMany = (
  datasets: string[],
  body: { text?: string; assessment: AssessmentInput },
  told?: (sum: BulkOutcomes) => void,
) =>
  inParts(
    datasets,
    (part) =>
      call<BulkOutcomes>('/reviews/bulk-submit', {
        method: 'POST',
        body: { ...body, datasets: part },
        once: true,
      }),
    told,
  )

/** After a step everything that shows the state of a review or of its entry is asked for anew. */
export async function forgetReviews(): Promise<void> {
  await Promise.all(
    ['reviews', 'review', 'dataset', 'datasets'].map((key) =>
      queryClient.invalidateQueries({ queryKey: [key] }),
    ),
  )
}
