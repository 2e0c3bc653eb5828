import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { Notice } from '../ui/status.tsx'
import type { DatasetReview } from './api.ts'
import { DecisionDialog } from './decision-dialog.tsx'
import { DueTag } from './tags.tsx'

/** What a reviewer said, in place, where the author mends it. */
function Said({ review, step }: { review: DatasetReview; step: 'return' | 'refuse' }) {
  const { t } = useTranslation()
  const format = useFormats()
  const opinion = review.opinions.findLast((one) => one.step === step)
  if (!opinion) return null
  return (
    <>
      <p>
        {t(step === 'return' ? 'review.returnedBy' : 'review.refusedBy', {
          who: opinion.by,
          when: format.dateTime(opinion.at),
        })}
      </p>
      <blockquote className="opinion-text">{opinion.text}</blockquote>
    </>
  )
}

/** Where the review of an entry stands, for the page on which it is written. */
export function ReviewNotice({ review }: { review: DatasetReview }) {
  const { t } = useTranslation()
  const format = useFormats()
  const [withdrawing, setWithdrawing] = useState(false)
  const decided = review.state === 'approved' || review.state === 'withdrawn'
  if (decided) return null
  const returned = review.state === 'returned'
  return (
    <Notice kind="warm">
      {returned && <Said review={review} step="return" />}
      {review.state === 'refused' && <Said review={review} step="refuse" />}
      {!returned && review.state !== 'refused' && (
        <p>
          {t('review.underReview', {
            when: format.dateTime(review.submittedAt),
            who: review.submittedBy,
            stage: t(`review.state.${review.state}`),
          })}
        </p>
      )}
      <p className="actions">
        <DueTag review={review} />
        <Link to="/work/reviews/$uid" params={{ uid: review.uid }} className="small">
          {t('review.seeReview')}
        </Link>
        {review.may.withdraw && (
          <button type="button" className="button small" onClick={() => setWithdrawing(true)}>
            {t('review.decision.withdraw')}
          </button>
        )}
      </p>
      {withdrawing && (
        <DecisionDialog
          step="withdraw"
          reviews={[review]}
          onClose={() => setWithdrawing(false)}
          onDone={() => setWithdrawing(false)}
        />
      )}
    </Notice>
  )
}
