import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useEditorContext } from '../catalog/editor-context.tsx'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useCodes } from '../platform/profile.ts'
import { ErrorPanel, Notice } from '../ui/status.tsx'
import { Words } from '../ui/words.tsx'
import type { Decision, ItemHolder, ItemMatch, ProposedSource, SimilarItem } from './api.ts'
import { useReuse } from './reuse-context.tsx'

/** Longest reason (characters), as the server takes it. */
const maxReason = 2_000

interface Source {
  body: string
  uid: string | null
  item: string
}

/** The body proposed as the source, why, and its entry. */
function Proposal({ source, own, onReuse }: { source: ProposedSource; own: boolean; onReuse: () => void }) {
  const { t } = useTranslation()
  const content = useContent()
  const format = useFormats()
  return (
    <section className="reuse-source" aria-label={t('reuse.proposed')}>
      <h3>{t('reuse.proposed')}</h3>
      <p>
        <strong>
          <Words {...content(source.body.name, source.body.translations, 'name')} />
        </strong>{' '}
        <span className="muted small">{t(`reuse.sourceReason.${source.reason}`)}</span>
      </p>
      {source.uid && source.title && (
        <p className="small">
          <Link to="/dataset/$uid" params={{ uid: source.uid }}>
            <Words {...content(source.title, null)} />
          </Link>
        </p>
      )}
      {source.asOf && (
        <p className="muted small">{t('reuse.asOf', { when: format.dateTime(source.asOf) })}</p>
      )}
      {own ? (
        <Notice>
          <p>{t('reuse.ownSource')}</p>
        </Notice>
      ) : (
        <button type="button" className="button primary" onClick={onReuse}>
          {t('reuse.useSource')}
        </button>
      )}
    </section>
  )
}

export function Reasons({ reasons }: { reasons: readonly string[] }) {
  const { t } = useTranslation()
  return (
    <span className="tag-stack">
      {reasons.map((reason) => (
        <span className="tag" key={reason}>
          {t(`reuse.reason.${reason}`)}
        </span>
      ))}
    </span>
  )
}

function Holder({ holder, onReuse }: { holder: ItemHolder; onReuse: (() => void) | undefined }) {
  const { t } = useTranslation()
  const content = useContent()
  const { name } = useCodes()
  const facts = [
    holder.item,
    holder.dataType && name('dataType', holder.dataType),
    holder.database && name('database', holder.database),
    holder.source &&
      t('reuse.takenFrom', { body: content(holder.source.name, holder.source.translations, 'name').text }),
  ].filter(Boolean)
  return (
    <li>
      <div>
        <strong>
          <Words {...content(holder.body.name, holder.body.translations, 'name')} />
        </strong>{' '}
        <span className="muted small">{name('tier', holder.body.tier)}</span>
      </div>
      <Link to="/dataset/$uid" params={{ uid: holder.uid }} className="small">
        <Words {...content(holder.title, holder.titles, 'title')} />
      </Link>
      <div className="muted small">{facts.join(' · ')}</div>
      {onReuse && (
        <button type="button" className="link-button small" onClick={onReuse}>
          {t('reuse.useThis')}
        </button>
      )}
    </li>
  )
}

function Match(props: { match: ItemMatch; own: string | undefined; onReuse: (source: Source) => void }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { match, own, onReuse } = props
  return (
    <section className="reuse-match">
      <h3>
        {match.name}{' '}
        <span className={`tag ${match.level === 'same' ? 'caution' : ''}`}>
          {t(`reuse.level.${match.level}`)}
        </span>
      </h3>
      <Reasons reasons={match.reasons} />
      <p className="muted small num">
        {t('reuse.counts', {
          entries: format.number(match.entries),
          bodies: `${format.number(match.bodies)}${match.bodiesExact ? '' : '+'}`,
        })}
      </p>
      <ul className="reuse-holders">
        {match.holders.map((holder) => (
          <Holder
            key={holder.uid}
            holder={holder}
            onReuse={
              holder.body.code === own
                ? undefined
                : () => onReuse({ body: holder.body.code, uid: holder.uid, item: holder.item })
            }
          />
        ))}
      </ul>
    </section>
  )
}

/** What was decided, in words; with who and when where it is kept already. */
export function DecisionText({ decision }: { decision: Decision }) {
  const { t } = useTranslation()
  return decision.decision === 'collect' ? (
    <p>{t('reuse.collectedBecause', { reason: decision.reason })}</p>
  ) : (
    <p>
      {t('reuse.reusedFrom', { body: decision.source.body, item: decision.source.item ?? decision.item })}
    </p>
  )
}

function CollectAnyway({ busy, onCollect }: { busy: boolean; onCollect: (reason: string) => void }) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  return (
    <section className="reuse-collect">
      <label htmlFor="reuse-reason">{t('reuse.why')}</label>
      <textarea
        id="reuse-reason"
        className="field short"
        maxLength={maxReason}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <button
        type="button"
        className="button"
        disabled={busy || reason.trim() === ''}
        onClick={() => onCollect(reason.trim())}
      >
        {t('reuse.collect')}
      </button>
    </section>
  )
}

/** Who holds an item, why it is held to be the same, and the two ways on: take it from the source, or say why not. */
export function ReusePanel({ row, hint, onDone }: { row: number; hint: SimilarItem; onDone: () => void }) {
  const { t } = useTranslation()
  const reuse = useReuse()
  const { editor } = useEditorContext()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  if (!reuse) return null
  const own = editor.content.body
  const decision = reuse.decisionOf(hint.key)
  const keep = async (next: Decision) => {
    setBusy(true)
    setError(null)
    try {
      await reuse.decide(hint.key, next)
      if (next.decision === 'reuse') {
        editor.set(`/items/${row}/body`, next.source.body)
        editor.set(`/items/${row}/sourceItem`, next.source.item ?? next.item)
      }
      onDone()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const take = ({ body, uid, item }: Source) =>
    void keep({ item: hint.name, decision: 'reuse', source: { body, uid, item } })
  const { source } = hint
  return (
    <div className="reuse-panel">
      <p className="muted">{t('reuse.lead')}</p>
      {decision && (
        <Notice>
          <DecisionText decision={decision} />
        </Notice>
      )}
      {error !== null && <ErrorPanel error={error} />}
      {source && (
        <Proposal
          source={source}
          own={source.body.code === own}
          onReuse={() => take({ body: source.body.code, uid: source.uid, item: source.item ?? hint.name })}
        />
      )}
      {hint.level === 'same' && source?.body.code !== own && (
        <CollectAnyway
          busy={busy}
          onCollect={(reason) => void keep({ item: hint.name, decision: 'collect', reason })}
        />
      )}
      {hint.matches.map((match) => (
        <Match key={`${match.name}${match.reasons.join()}`} match={match} own={own} onReuse={take} />
      ))}
    </div>
  )
}
