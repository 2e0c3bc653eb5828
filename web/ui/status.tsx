import { type ReactNode, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemError } from '../platform/client.ts'
import { needTexts } from '../platform/i18n.ts'
import { useFaultText, usePlaceText } from './fault-text.ts'
import { Icon } from './icons.tsx'

/** Grey lines where text will be; `rows` blocks of three. */
export function Skeleton({ rows = 4 }: { rows?: number }) {
  const { t } = useTranslation()
  return (
    <div role="status">
      <span className="visually-hidden">{t('loading')}</span>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the blocks are all alike
        <div className="skeleton-block" key={i} aria-hidden="true">
          <span className="skeleton" style={{ width: `${46 + ((i * 17) % 30)}%`, height: '1.3em' }} />
          <span className="skeleton" style={{ width: '92%' }} />
          <span className="skeleton" style={{ width: `${58 + ((i * 23) % 30)}%` }} />
        </div>
      ))}
    </div>
  )
}

/**
 * What the server said beyond the code. It speaks English; in another language its words stand folded away and
 * marked as what they are, because title and advice already say it, and only an unknown code shows them outright.
 */
function ServerWords({ text, known }: { text: string; known: boolean }) {
  const { t, i18n } = useTranslation()
  if (i18n.language === 'en' || !known)
    return (
      <p className="muted" lang="en">
        {text}
      </p>
    )
  return (
    <details className="small">
      <summary>{t('errors.technical')}</summary>
      <p className="muted" lang="en">
        {text}
      </p>
    </details>
  )
}

function FaultItems({ problem }: { problem: ProblemError }) {
  const faultText = useFaultText()
  const place = usePlaceText()
  // The rules are among the texts of the workbench; on a page of the portal they are fetched when one is needed.
  useEffect(() => {
    void needTexts('work')
  }, [])
  return (
    <ul>
      {problem.faults.map((fault) => (
        <li key={`${fault.path}${fault.rule}`}>
          {fault.path && <strong title={fault.path}>{place(fault.path)}</strong>} {faultText(fault)}
        </li>
      ))}
    </ul>
  )
}

/** What happened, what it means, what to do, and the request id to quote. */
export function ErrorPanel({
  error,
  retry,
  level = 2,
}: {
  error: unknown
  retry?: () => void
  /** 1 where the error is the whole page. */
  level?: 1 | 2
}) {
  const Heading = level === 1 ? 'h1' : 'h2'
  const { t, i18n } = useTranslation()
  const problem = error instanceof ProblemError ? error : null
  const key = `errors.${problem?.code ?? 'page'}`
  const known = i18n.exists(`${key}.title`)
  const shown = known ? key : 'errors.internal'
  return (
    <div className="notice danger" role="alert">
      <Icon name="warning" />
      <div className="notice-body">
        <Heading>{t(`${shown}.title`)}</Heading>
        <p>{t(`${shown}.advice`)}</p>
        {problem && problem.code !== 'network' && problem.message && (
          <ServerWords text={problem.message} known={known} />
        )}
        {problem && problem.faults.length > 0 && <FaultItems problem={problem} />}
        {problem?.requestId && (
          <p className="muted">
            {t('errors.requestId')} <code>{problem.requestId}</code>
          </p>
        )}
        <p className="actions">
          {retry && (
            <button type="button" className="button small" onClick={retry}>
              {t('retry')}
            </button>
          )}
          {problem?.code === 'not_signed_in' && (
            // A plain link: the page is loaded anew with whoever signs in, and comes back to this place.
            <a
              className="button small"
              href={`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`}
            >
              {t('nav.signIn')}
            </a>
          )}
          {problem?.code === 'not_found' && level === 1 && (
            <a className="button small" href="/search">
              {t('nav.find')}
            </a>
          )}
        </p>
      </div>
    </div>
  )
}

/** Nothing here, and what to do next. */
export function Empty({
  title,
  children,
  level = 2,
}: {
  title: string
  children?: ReactNode
  level?: 1 | 2
}) {
  const Heading = level === 1 ? 'h1' : 'h2'
  return (
    <div className="empty">
      <Heading>{title}</Heading>
      {children}
    </div>
  )
}

export function Notice({ kind, children }: { kind?: 'warm' | 'danger'; children: ReactNode }) {
  return (
    <div className={`notice ${kind ?? ''}`} role="status">
      <Icon name={kind ? 'warning' : 'info'} />
      <div className="notice-body">{children}</div>
    </div>
  )
}
