import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { useReuse } from './reuse-context.tsx'
import './reuse.css'

/** Items listed at once; the rest come up as these are decided. */
const listed = 20

/** Items that other bodies hold and nobody has decided about. */
export function UndecidedItems({ onGo }: { onGo?: (path: string) => void }) {
  const head = useId()
  const { t } = useTranslation()
  const reuse = useReuse()
  if (!reuse || reuse.undecided.length === 0) return null
  return (
    <section aria-labelledby={head} aria-live="polite" className="reuse-undecided">
      <h2 id={head} className="small">
        {t('reuse.undecided', { count: reuse.undecided.length })}
      </h2>
      <p className="muted small">{t(reuse.required ? 'reuse.undecidedRequired' : 'reuse.undecidedHint')}</p>
      <ul className="fault-list">
        {reuse.undecided.slice(0, listed).map(({ index, name }) => (
          <li key={index}>
            {onGo ? (
              <button type="button" className="link-button" onClick={() => onGo(`/items/${index}/name`)}>
                {name}
              </button>
            ) : (
              name
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
