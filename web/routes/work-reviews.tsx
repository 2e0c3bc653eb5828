import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { onlyBody, useOwnBodies } from '../catalog/own-bodies.ts'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { type Decision, exportAddress, type Review, type ReviewFilter, reviewsQuery } from '../review/api.ts'
import { DecisionDialog } from '../review/decision-dialog.tsx'
import { KeyHelp, Queue } from '../review/queue.tsx'
import { useSession } from '../security/session.ts'
import { Icon } from '../ui/icons.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { Empty, ErrorPanel, Skeleton } from '../ui/status.tsx'
import '../review/review.css'

const route = getRouteApi('/work/reviews')
const views = [
  'waiting',
  'open',
  'dept_review',
  'centre_review',
  'returned',
  'approved',
  'refused',
  'withdrawn',
] as const
const dues = ['any', 'soon', 'overdue'] as const
const kinds = ['publication', 'retirement'] as const

type Place = ReturnType<typeof usePlace>

/** What the address says, and how to change it. */
function usePlace() {
  const search = route.useSearch()
  const navigate = useNavigate()
  const go = (change: Partial<typeof search>) =>
    navigate({ to: '/work/reviews', search: { ...search, ...change }, replace: true, resetScroll: false })
  const filter: ReviewFilter = {
    state: search.state ?? 'waiting',
    due: search.due,
    kind: search.kind,
    body: search.body,
    mine: search.mine === 'yes' || undefined,
  }
  return { search, filter, go }
}

function Choice(props: {
  label: string
  value: string
  options: readonly (readonly [string, string])[]
  onChange: (value: string) => void
}) {
  return (
    <select
      className="field"
      value={props.value}
      aria-label={props.label}
      onChange={(event) => props.onChange(event.target.value)}
    >
      {props.options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  )
}

function Filters({ search, go }: Place) {
  const { t } = useTranslation()
  const content = useContent()
  const bodies = useOwnBodies()
  return (
    <>
      <Choice
        label={t('review.show')}
        value={search.state ?? 'waiting'}
        options={views.map((one) => [one, t(`review.view.${one}`)])}
        onChange={(state) => go({ state })}
      />
      <Choice
        label={t('review.deadline')}
        value={search.due ?? 'any'}
        options={dues.map((one) => [one, t(`review.due.${one}`)])}
        onChange={(due) => go({ due: due === 'any' ? undefined : due })}
      />
      <Choice
        label={t('review.kindLabel')}
        value={search.kind ?? ''}
        options={[['', t('review.anyKind')], ...kinds.map((one) => [one, t(`review.kind.${one}`)] as const)]}
        onChange={(kind) => go({ kind: kind || undefined })}
      />
      {!onlyBody(bodies) && (
        <Choice
          label={t('content.body')}
          value={search.body ?? ''}
          options={[
            ['', t('review.anyBody')],
            ...bodies.map((one) => [one.code, content(one.name, one.translations, 'name').text] as const),
          ]}
          onChange={(body) => go({ body: body || undefined })}
        />
      )}
      <label className="check">
        <input
          type="checkbox"
          checked={search.mine === 'yes'}
          onChange={(event) => go({ mine: event.target.checked ? 'yes' : undefined })}
        />
        {t('review.mine')}
      </label>
    </>
  )
}

const bulkDecisions: readonly Decision[] = ['agree', 'return', 'refuse']

function Bulk({ chosen, onDecide }: { chosen: Review[]; onDecide: (decision: Decision) => void }) {
  const { t } = useTranslation()
  const format = useFormats()
  if (chosen.length === 0) return null
  return (
    <section
      className="toolbar bulk-bar"
      aria-label={t('review.selected', { n: format.number(chosen.length) })}
    >
      <strong>{t('review.selected', { n: format.number(chosen.length) })}</strong>
      {bulkDecisions.map((decision) => (
        <button
          key={decision}
          type="button"
          className={`button small ${decision === 'agree' ? 'primary' : ''}`}
          onClick={() => onDecide(decision)}
        >
          {t(`review.decision.${decision}`)}
        </button>
      ))}
    </section>
  )
}

/** What was submitted, by role: decided about one by one or many at once. */
export function ReviewsPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const place = usePlace()
  const [selected, setSelected] = useState<string[]>([])
  const [step, setStep] = useState<{ decision: Decision; reviews: Review[] } | null>(null)
  usePageTitle(t('work.reviews'))
  const list = useInfiniteQuery(reviewsQuery(place.filter))
  const reviews = list.data?.pages.flatMap((page) => page.items) ?? []
  const chosen = reviews.filter((one) => selected.includes(one.uid) && one.may.decide)
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('work.reviews')}</h1>
          <p>{t('review.lead')}</p>
        </div>
        <a className="button small" href={exportAddress(place.filter)} download>
          <Icon name="download" />
          {t('review.export')}
        </a>
      </header>
      <div className="toolbar">
        <Filters {...place} />
      </div>
      {may('review:decide') && <KeyHelp />}
      <Bulk chosen={chosen} onDecide={(decision) => setStep({ decision, reviews: chosen })} />
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      {list.isPending && <Skeleton rows={3} />}
      {list.data && reviews.length === 0 && (
        <Empty title={t('review.none')}>
          <p>{t('review.noneText')}</p>
        </Empty>
      )}
      {reviews.length > 0 && (
        <Queue
          reviews={reviews}
          selected={selected}
          onSelect={setSelected}
          onDecide={(decision, review) => setStep({ decision, reviews: [review] })}
        />
      )}
      <MoreRows list={list} shown={reviews.length} />
      {step && (
        <DecisionDialog
          step={step.decision}
          reviews={step.reviews}
          onClose={() => setStep(null)}
          onDone={() => {
            setStep(null)
            setSelected([])
          }}
        />
      )}
    </>
  )
}
