import { useTranslation } from 'react-i18next'
import { useFaultText } from '../ui/fault-text.ts'
import { Notice } from '../ui/status.tsx'
import type { BulkOutcomes } from './api.ts'

/** Entries named at once; the rest have the same faults more often than not. */
const named = 20

/** Of many that were to be submitted, those that are not ready, each with what is missing. */
export function NotSubmitted(props: {
  outcomes: BulkOutcomes['outcomes']
  titleOf: (uid: string) => string
}) {
  const { t, i18n } = useTranslation()
  const faultText = useFaultText()
  const failed = props.outcomes.filter((one) => !one.done)
  const reasons = (one: (typeof failed)[number]) =>
    one.faults && one.faults.length > 0
      ? [...new Set(one.faults.map(faultText))]
      : [i18n.exists(`errors.${one.code}.title`) ? t(`errors.${one.code}.title`) : (one.detail ?? '')]
  return (
    <Notice kind="danger">
      <p>{t('review.failed', { count: failed.length })}</p>
      <ul className="fault-lines">
        {failed.slice(0, named).map((one) => (
          <li key={one.uid}>
            <strong>{props.titleOf(one.uid)}</strong>: {reasons(one).slice(0, 3).join(' ')}
          </li>
        ))}
      </ul>
    </Notice>
  )
}
