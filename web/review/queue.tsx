import { Link } from '@tanstack/react-router'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { Words } from '../ui/words.tsx'
import type { Review } from './api.ts'
import { DueTag, ReviewStateTag } from './tags.tsx'
import { useKeys } from './use-keys.ts'

function Row(props: { review: Review; selected: boolean; onSelect: () => void }) {
  const { t } = useTranslation()
  const format = useFormats()
  const content = useContent()
  const { review } = props
  return (
    <li className={`queue-row ${review.due === 'overdue' ? 'overdue' : ''}`} data-uid={review.uid}>
      {review.may.decide ? (
        <input
          type="checkbox"
          checked={props.selected}
          onChange={props.onSelect}
          aria-label={t('review.select', { title: review.title })}
        />
      ) : (
        <span />
      )}
      <div className="queue-what">
        <Link to="/work/reviews/$uid" params={{ uid: review.uid }} className="row-title">
          <Words {...content(review.title, null, 'title', review.language)} />
        </Link>
        <span className="muted small">
          <Words {...content(review.body.name, review.body.translations, 'name')} /> ·{' '}
          {t('review.submittedBy', { who: review.submittedBy, when: format.ago(review.submittedAt) })} ·{' '}
          {t('review.version', { n: review.version })}
        </span>
        {review.barred && <span className="small">{t(`review.barred.${review.barred}`)}</span>}
      </div>
      <span className="tag-stack">
        {review.kind === 'retirement' && <span className="tag caution">{t('review.kind.retirement')}</span>}
        <ReviewStateTag state={review.state} />
      </span>
      <DueTag review={review} />
    </li>
  )
}

const shortcuts = [
  ['j', 'next'],
  ['k', 'previous'],
  ['Enter', 'open'],
  ['x', 'select'],
  ['a', 'agree'],
  ['r', 'return'],
] as const

/** What the keys do, in view. */
export function KeyHelp({ only }: { only?: readonly string[] }) {
  const { t } = useTranslation()
  return (
    <p className="key-help muted small">
      <span>{t('review.keys')}:</span>
      {shortcuts
        .filter(([key]) => !only || only.includes(key))
        .map(([key, name]) => (
          <span key={key}>
            <kbd>{key}</kbd> {t(`review.key.${name}`)}
          </span>
        ))}
    </p>
  )
}

/** Submissions one under the other: walked through, selected and decided about by keys as well as by hand. */
export function Queue(props: {
  reviews: Review[]
  selected: readonly string[]
  onSelect: (uids: string[]) => void
  onDecide: (decision: 'agree' | 'return', review: Review) => void
}) {
  const { t } = useTranslation()
  const list = useRef<HTMLOListElement>(null)
  const { reviews, selected } = props
  const toggle = (uid: string) =>
    props.onSelect(selected.includes(uid) ? selected.filter((one) => one !== uid) : [...selected, uid])
  const at = () =>
    reviews.findIndex((one) =>
      list.current?.querySelector(`[data-uid="${one.uid}"]`)?.contains(document.activeElement),
    )
  const go = (step: 1 | -1) => {
    const next = reviews[Math.min(reviews.length - 1, Math.max(0, at() + step))]
    const link = next && list.current?.querySelector<HTMLElement>(`[data-uid="${next.uid}"] a`)
    link?.focus()
    link?.scrollIntoView({ block: 'nearest' })
  }
  const onCurrent = (work: (review: Review) => void) => () => {
    const review = reviews[at()]
    if (review?.may.decide) work(review)
  }
  useKeys({
    j: () => go(1),
    k: () => go(-1),
    x: onCurrent((review) => toggle(review.uid)),
    a: onCurrent((review) => props.onDecide('agree', review)),
    r: onCurrent((review) => props.onDecide('return', review)),
  })
  return (
    <ol className="queue" ref={list} aria-label={t('review.queue')}>
      {reviews.map((review) => (
        <Row
          key={review.uid}
          review={review}
          selected={selected.includes(review.uid)}
          onSelect={() => toggle(review.uid)}
        />
      ))}
    </ol>
  )
}
