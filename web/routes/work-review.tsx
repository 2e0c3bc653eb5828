import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { EntryDecisions } from '../reuse/entry-decisions.tsx'
import { type ReviewDetail, reviewQuery } from '../review/api.ts'
import { DecisionDialog, type Step } from '../review/decision-dialog.tsx'
import { AssessmentFacts, Clocks, Gates, Opinions } from '../review/facts.tsx'
import { KeyHelp } from '../review/queue.tsx'
import { SideBySide } from '../review/side-by-side.tsx'
import { DueTag, ReviewStateTag } from '../review/tags.tsx'
import { useKeys } from '../review/use-keys.ts'
import { ErrorPanel, Notice, Skeleton } from '../ui/status.tsx'
import { Words } from '../ui/words.tsx'
import '../catalog/entry.css'
import '../review/review.css'

const route = getRouteApi('/work/reviews/$uid')
const decisions = ['agree', 'return', 'refuse'] as const

/** What this person can do now; each opens the dialog that does it. */
function Actions({ review, onStep }: { review: ReviewDetail; onStep: (step: Step) => void }) {
  const { t } = useTranslation()
  return (
    <div className="actions">
      {review.may.complete && (
        <Link to="/work/dataset/$uid" params={{ uid: review.dataset }} className="button primary">
          {t('review.openEditor')}
        </Link>
      )}
      {review.may.decide &&
        decisions.map((decision) => (
          <button
            key={decision}
            type="button"
            className={`button ${decision === 'agree' ? 'primary' : ''}`}
            onClick={() => onStep(decision)}
          >
            {t(`review.decision.${decision}`)}
          </button>
        ))}
      {review.may.withdraw && (
        <button type="button" className="button quiet" onClick={() => onStep('withdraw')}>
          {t('review.decision.withdraw')}
        </button>
      )}
    </div>
  )
}

function Head({ review, onStep }: { review: ReviewDetail; onStep: (step: Step) => void }) {
  const { t } = useTranslation()
  const format = useFormats()
  const content = useContent()
  const title = content(review.title, null, 'title', review.language)
  usePageTitle(title.text)
  return (
    <header className="work-head">
      <div>
        <p className="small">
          <Link to="/work/reviews">{t('review.back')}</Link>
        </p>
        <h1 lang={title.lang}>{title.text}</h1>
        <p className="tag-stack">
          <ReviewStateTag state={review.state} />
          <span className="tag">{t(`review.kind.${review.kind}`)}</span>
          <DueTag review={review} />
        </p>
        <p className="muted small">
          <Words {...content(review.body.name, review.body.translations, 'name')} /> ·{' '}
          {t('review.submittedBy', { who: review.submittedBy, when: format.dateTime(review.submittedAt) })}
          {review.baseVersion !== null && (
            <>
              {' '}
              ·{' '}
              <Link to="/dataset/$uid" params={{ uid: review.dataset }}>
                {t('review.openEntry')}
              </Link>
            </>
          )}
        </p>
      </div>
      <Actions review={review} onStep={onStep} />
    </header>
  )
}

function ReviewView({ review }: { review: ReviewDetail }) {
  const { t } = useTranslation()
  const [step, setStep] = useState<Step | null>(null)
  const decide = (next: Step) => review.may.decide && setStep(next)
  useKeys({ a: () => decide('agree'), r: () => decide('return') })
  return (
    <>
      <Head review={review} onStep={setStep} />
      {review.barred && (
        <Notice kind="warm">
          <p>{t(`review.barred.${review.barred}`)}</p>
        </Notice>
      )}
      {review.may.decide && <KeyHelp only={['a', 'r']} />}
      <div className="review-columns">
        <section className="review-changes" aria-labelledby="changes">
          <h2 id="changes">{t('review.changes')}</h2>
          {review.kind === 'retirement' ? <p>{t('review.retireText')}</p> : <SideBySide review={review} />}
        </section>
        <aside className="review-side" aria-label={t('review.gates')}>
          <Gates review={review} />
          {review.kind === 'publication' && (
            <section aria-labelledby="reuse-decisions">
              <h2 id="reuse-decisions">{t('reuse.decisions')}</h2>
              <EntryDecisions uid={review.dataset} version={review.version} />
            </section>
          )}
          <AssessmentFacts review={review} />
          <Clocks review={review} />
          <Opinions review={review} />
        </aside>
      </div>
      {step && (
        <DecisionDialog
          step={step}
          reviews={[review]}
          onClose={() => setStep(null)}
          onDone={() => setStep(null)}
        />
      )}
    </>
  )
}

/** One submission: what it would change, what was checked and said, how long there is, and the decision. */
export function ReviewPage() {
  const { uid } = route.useParams()
  const { data, error, refetch } = useQuery(reviewQuery(uid))
  if (error) return <ErrorPanel error={error} retry={() => refetch()} level={1} />
  if (!data) return <Skeleton rows={4} />
  return <ReviewView key={data.uid} review={data} />
}
