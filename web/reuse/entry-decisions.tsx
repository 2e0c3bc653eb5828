import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { Words } from '../ui/words.tsx'
import { type EntryReuse, entryReuseQuery } from './api.ts'
import './reuse.css'

function DecisionRow({ decision }: { decision: EntryReuse['decisions'][number] }) {
  const { t } = useTranslation()
  const content = useContent()
  const format = useFormats()
  const { source } = decision
  return (
    <tr>
      <th scope="row">{decision.item}</th>
      <td>
        {decision.decision === 'collect' ? (
          <>
            <span className="tag caution">{t('reuse.collected')}</span> {decision.reason}
          </>
        ) : (
          <>
            <span className="tag ok">{t('reuse.reused')}</span>{' '}
            {source && <Words {...content(source.body.name, source.body.translations, 'name')} />}{' '}
            {source?.uid && (
              <Link to="/dataset/$uid" params={{ uid: source.uid }} className="small">
                {source.item ?? t('reuse.entry')}
              </Link>
            )}
          </>
        )}
      </td>
      <td className="muted small">{`${decision.by}, ${format.dateTime(decision.at)}`}</td>
    </tr>
  )
}

/** For whoever reviews an entry: what others hold of it, what its author decided, and what is still open. */
export function EntryDecisions({ uid, version }: { uid: string; version: number }) {
  const { t } = useTranslation()
  const { data, error, isPending, refetch } = useQuery(entryReuseQuery(uid, version))
  if (error) return <ErrorPanel error={error} retry={() => refetch()} />
  if (isPending) return <Skeleton rows={1} />
  const open = data.items.filter((item) => !item.decided)
  if (data.decisions.length === 0 && open.length === 0)
    return <p className="muted">{t('reuse.nothingHeld', { n: data.checked })}</p>
  return (
    <div className="stack-small">
      {open.length > 0 && (
        <p>
          <span className="tag caution">{t('reuse.undecided', { count: open.length })}</span>{' '}
          {open.map((item) => item.name).join(t('work.listSeparator'))}
        </p>
      )}
      {data.decisions.length > 0 && (
        <table className="data-table" aria-label={t('reuse.decisions')}>
          <tbody>
            {data.decisions.map((decision) => (
              <DecisionRow key={decision.key} decision={decision} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}
