import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { MoreRows } from '../ui/more-rows.tsx'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { Words } from '../ui/words.tsx'
import { type Duplicate, duplicateQuery } from './api.ts'

/** The bodies that hold an item, those with most entries first, each with its best entry. */
export function DuplicateBodiesPanel({ duplicate }: { duplicate: Duplicate }) {
  const { t } = useTranslation()
  const content = useContent()
  const format = useFormats()
  const list = useInfiniteQuery(duplicateQuery(duplicate.item))
  const bodies = list.data?.pages.flatMap((page) => page.bodies) ?? []
  return (
    <div className="reuse-panel">
      <p>
        {t('reuse.proposed')}:{' '}
        <strong>
          <Words {...content(duplicate.source.body.name, duplicate.source.body.translations, 'name')} />
        </strong>{' '}
        <span className="muted small">{t(`reuse.sourceReason.${duplicate.source.reason}`)}</span>
      </p>
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      {list.isPending && <Skeleton rows={3} />}
      <ul className="reuse-holders">
        {bodies.map(({ body, entries, named, inBase, uid, title, titles }) => (
          <li key={body.code}>
            <strong>
              <Words {...content(body.name, body.translations, 'name')} />
            </strong>
            <div className="muted small num">
              {[
                t('reuse.entriesOf', { count: entries, n: format.number(entries) }),
                named > 0 && t('reuse.namedBy', { count: named, n: format.number(named) }),
                inBase && t('reuse.sourceReason.base_database'),
              ]
                .filter(Boolean)
                .join(' · ')}
            </div>
            {uid && title && (
              <Link to="/dataset/$uid" params={{ uid }} className="small">
                <Words {...content(title, titles, 'title')} />
              </Link>
            )}
          </li>
        ))}
      </ul>
      <MoreRows list={list} shown={bodies.length} />
    </div>
  )
}
