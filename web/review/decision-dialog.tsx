import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { Drawer } from '../ui/drawer.tsx'
import { ErrorPanel, Notice } from '../ui/status.tsx'
import { toast } from '../ui/toasts.tsx'
import {
  type BulkOutcomes,
  type Decision,
  decideMany,
  decideOne,
  forgetReviews,
  type Review,
  withdrawOne,
} from './api.ts'

export type Step = Decision | 'withdraw'

const maxOpinion = 5_000

function take(step: Step, reviews: Review[], opinion: string | null): Promise<BulkOutcomes | unknown> {
  const [only] = reviews
  if (step === 'withdraw') return withdrawOne(only!, opinion)
  return reviews.length === 1 ? decideOne(only!, step, opinion) : decideMany(reviews, step, opinion)
}

const failuresOf = (answer: unknown) =>
  ((answer as BulkOutcomes | undefined)?.outcomes ?? []).filter((one) => !one.done)

/** Those of many that were not done, by their titles and with why; the others are. */
function Failures({ reviews, failures }: { reviews: Review[]; failures: BulkOutcomes['outcomes'] }) {
  const { t, i18n } = useTranslation()
  const reason = (one: BulkOutcomes['outcomes'][number]) =>
    i18n.language !== 'en' && i18n.exists(`errors.${one.code}.title`)
      ? t(`errors.${one.code}.title`)
      : one.detail
  return (
    <Notice kind="danger">
      <p>{t('review.failed', { count: failures.length })}</p>
      <ul className="fault-lines">
        {failures.map((one) => (
          <li key={one.uid}>
            <strong>{reviews.find((review) => review.uid === one.uid)?.title}</strong>: {reason(one)}
          </li>
        ))}
      </ul>
    </Notice>
  )
}

/** Nothing is decided without this: what is about to be done to what, with an opinion where one is needed. */
export function DecisionDialog(props: {
  step: Step
  reviews: Review[]
  onClose: () => void
  /** Called once everything is done. */
  onDone: () => void
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const { step, reviews } = props
  const [opinion, setOpinion] = useState('')
  // Whoever came by a key goes on writing; the dialog itself would put the focus on its closing.
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => field.current?.focus(), [])
  const needed = step === 'return' || step === 'refuse'
  const run = useMutation({
    mutationFn: () => take(step, reviews, opinion.trim() || null),
    onSuccess: async (answer) => {
      const failures = failuresOf(answer)
      await forgetReviews()
      const done = reviews.length - failures.length
      if (done > 0) toast(t(`review.done.${step}`, { n: format.number(done) }))
      if (failures.length === 0) props.onDone()
    },
  })
  const failures = failuresOf(run.data)
  const last = step === 'agree' && reviews.some((r) => r.stage === r.stages.at(-1))
  const title =
    reviews.length === 1
      ? t(`review.decideOne.${step}`, { title: reviews[0]?.title })
      : t(`review.decideMany.${step}`, { n: format.number(reviews.length) })
  return (
    <Drawer open kind="dialog" title={title} onClose={props.onClose}>
      <form
        className="drawer-form"
        onSubmit={(event) => {
          event.preventDefault()
          run.mutate()
        }}
      >
        {last && <p>{t('review.agreeLast')}</p>}
        <div className="form-field">
          <label htmlFor="opinion">{t(needed ? 'review.opinionNeeded' : 'review.opinion')}</label>
          <textarea
            ref={field}
            id="opinion"
            className="field"
            value={opinion}
            maxLength={maxOpinion}
            required={needed}
            aria-describedby="opinion-hint"
            onChange={(event) => setOpinion(event.target.value)}
          />
          <span className="hint" id="opinion-hint">
            {t('review.opinionHint')}
          </span>
        </div>
        {run.isError && <ErrorPanel error={run.error} />}
        {failures.length > 0 && <Failures reviews={reviews} failures={failures} />}
        <div className="actions">
          <button
            type="submit"
            className="button primary"
            disabled={run.isPending || failures.length > 0 || (needed && !opinion.trim())}
          >
            {t(`review.decision.${step}`)}
          </button>
          <button type="button" className="button quiet" onClick={props.onClose}>
            {t('close')}
          </button>
        </div>
      </form>
    </Drawer>
  )
}
