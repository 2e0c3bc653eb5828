import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { Icon } from './icons.tsx'
import './pager.css'

/** Pages before and after the present one that are offered. */
const around = 2

/** Page numbers with a box to jump anywhere; the last page of three million is one step away. */
export function Pager(props: { page: number; pages: number; onPage: (page: number) => void }) {
  const { t } = useTranslation()
  const format = useFormats()
  const [typed, setTyped] = useState('')
  const { page, pages } = props
  if (pages <= 1) return null
  const near = Array.from({ length: 2 * around + 1 }, (_, i) => page - around + i).filter(
    (n) => n >= 1 && n <= pages,
  )
  const go = (event: FormEvent) => {
    event.preventDefault()
    const wanted = Math.min(pages, Math.max(1, Math.round(Number(typed))))
    if (Number.isFinite(wanted) && typed !== '') props.onPage(wanted)
    setTyped('')
  }
  const number = (n: number) => (
    <button
      key={n}
      type="button"
      className="pager-page num"
      aria-current={n === page ? 'page' : undefined}
      aria-label={t('pager.page', { n: format.number(n) })}
      onClick={() => props.onPage(n)}
    >
      {format.number(n)}
    </button>
  )
  return (
    <nav className="pager" aria-label={t('pager.name')}>
      <button
        type="button"
        className="button small"
        disabled={page <= 1}
        onClick={() => props.onPage(page - 1)}
      >
        {t('pager.previous')}
      </button>
      <span className="pager-pages">
        {(near[0] ?? 1) > 1 && number(1)}
        {(near[0] ?? 1) > 2 && <span aria-hidden="true">…</span>}
        {near.map(number)}
        {(near.at(-1) ?? pages) < pages - 1 && <span aria-hidden="true">…</span>}
        {(near.at(-1) ?? pages) < pages && number(pages)}
      </span>
      <button
        type="button"
        className="button small"
        disabled={page >= pages}
        onClick={() => props.onPage(page + 1)}
      >
        {t('pager.next')}
      </button>
      {pages > 2 * around + 3 && (
        <form className="pager-jump" onSubmit={go}>
          <label>
            {t('pager.jump')}{' '}
            <input
              className="field num"
              inputMode="numeric"
              value={typed}
              onChange={(event) => setTyped(event.target.value.replace(/\D/g, ''))}
            />
          </label>
          <button type="submit" className="button small" aria-label={t('pager.go')}>
            <Icon name="chevron" />
          </button>
        </form>
      )}
    </nav>
  )
}
