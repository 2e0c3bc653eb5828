import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { useFaultText } from '../ui/fault-text.ts'
import { Icon } from '../ui/icons.tsx'
import type { ReviewDetail } from './api.ts'
import { DueTag, ReviewStateTag } from './tags.tsx'

/** What must be there before anything is published, each with what is missing. */
export function Gates({ review }: { review: ReviewDetail }) {
  const { t } = useTranslation()
  const faultText = useFaultText()
  if (review.gates.length === 0) return null
  return (
    <section aria-labelledby="gates">
      <h2 id="gates">{t('review.gates')}</h2>
      <ul className="gates">
        {review.gates.map((gate) => (
          <li key={gate.gate} className={gate.passed ? 'passed' : 'missing'}>
            <Icon name={gate.passed ? 'check' : 'warning'} />
            <span>
              {t(`review.gate.${gate.gate}`)}
              <span className="visually-hidden">: {t(gate.passed ? 'review.passed' : 'review.missing')}</span>
              {gate.faults.map((fault) => (
                <span className="cell-note" key={fault.path + fault.rule}>
                  <code>{fault.path}</code> {faultText(fault)}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What was assessed, by whom and when. */
export function AssessmentFacts({ review }: { review: ReviewDetail }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { assessment } = review
  if (!assessment) return null
  const { secrecy, personal } = assessment
  return (
    <section aria-labelledby="assessment">
      <h2 id="assessment">{t('review.assessment')}</h2>
      <dl className="review-facts">
        <dt>{t('review.secrecy')}</dt>
        <dd>
          {t(`review.secrecyResult.${secrecy.result}`)}
          {secrecy.note && <span className="cell-note">{secrecy.note}</span>}
        </dd>
        <dt>{t('review.personal')}</dt>
        <dd>
          {t(`review.personalResult.${personal.result}`)}
          {personal.note && <span className="cell-note">{personal.note}</span>}
        </dd>
      </dl>
      <p className="muted small">
        {t('review.assessedBy', { who: assessment.by, when: format.dateTime(assessment.at) })}
      </p>
    </section>
  )
}

/** The clocks: how long, on what basis, whether they run, stand still or have run out. */
export function Clocks({ review }: { review: ReviewDetail }) {
  const { t } = useTranslation()
  const format = useFormats()
  if (review.clocks.length === 0) return null
  const stateOf = (clock: ReviewDetail['clocks'][number]) =>
    clock.endedAt
      ? t('review.clockOf.ended', { when: format.dateTime(clock.endedAt) })
      : clock.pausedAt
        ? t('review.clockOf.paused', { when: format.dateTime(clock.pausedAt) })
        : clock.breachedAt || review.due === 'overdue'
          ? t('review.clockOf.breached', { when: format.dateTime(clock.dueAt) })
          : t('review.clockOf.running')
  return (
    <section aria-labelledby="clock">
      <h2 id="clock">{t('review.clock')}</h2>
      <DueTag review={review} />
      <ul className="clocks">
        {review.clocks.map((clock) => (
          <li key={clock.stage + clock.startedAt}>
            <strong>{t(`review.stage.${clock.stage}`)}</strong> ·{' '}
            {t(`review.limit.${clock.unit}`, { count: clock.days })} · {stateOf(clock)}
            <span className="cell-note">
              {t('review.dueAt', { when: format.dateTime(clock.dueAt) })}
              {clock.pauses.length > 0 && ` · ${t('review.pauses', { count: clock.pauses.length })}`} ·{' '}
              {t('review.basis', { basis: clock.basis, policy: clock.policyVersion })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Everything that was said, oldest first, by whom. */
export function Opinions({ review }: { review: ReviewDetail }) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <section aria-labelledby="opinions">
      <h2 id="opinions">{t('review.opinions')}</h2>
      <ol className="version-list opinions">
        {review.opinions.map((opinion) => (
          <li key={opinion.at + opinion.step}>
            <p>
              <strong>{t(`review.step.${opinion.step}`)}</strong>
              <ReviewStateTag state={opinion.to} />
            </p>
            <p className="muted small">
              {opinion.by} · {t(`review.stage.${opinion.stage}`)} · {format.dateTime(opinion.at)} ·{' '}
              {t('review.version', { n: opinion.version })}
            </p>
            {opinion.text && <p className="opinion-text">{opinion.text}</p>}
          </li>
        ))}
      </ol>
    </section>
  )
}
