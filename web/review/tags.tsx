import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { Icon } from '../ui/icons.tsx'
import type { Review } from './api.ts'

const stateColours: Record<Review['state'], string> = {
  dept_review: 'accent',
  centre_review: 'accent',
  returned: 'caution',
  refused: 'danger',
  withdrawn: '',
  approved: 'ok',
}

export function ReviewStateTag({ state }: { state: Review['state'] }) {
  const { t } = useTranslation()
  return <span className={`tag ${stateColours[state]}`}>{t(`review.state.${state}`)}</span>
}

/** When it is due; what is late or soon due says so in words, colour only supports. */
export function DueTag({ review }: { review: Pick<Review, 'due' | 'dueAt'> }) {
  const { t } = useTranslation()
  const format = useFormats()
  if (review.due === null) return null
  const when = t('review.dueAt', { when: format.dateTime(review.dueAt) })
  if (review.due === 'in_time') return <span className="muted small num">{when}</span>
  return (
    <span className={`tag ${review.due === 'overdue' ? 'danger' : 'caution'} num`}>
      <Icon name="clock" />
      {t(`review.due.${review.due}`)} · {when}
    </span>
  )
}
