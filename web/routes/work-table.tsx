import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { tableQuery } from '../collection/api.ts'
import { Batches } from '../collection/batches.tsx'
import { Columns } from '../collection/columns.tsx'
import { Rejected } from '../collection/rejected.tsx'
import { Rows } from '../collection/rows.tsx'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { useSession } from '../security/session.ts'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { TabLink } from '../ui/tab-link.tsx'
import { Words } from '../ui/words.tsx'
import { tableTabs } from './collected-search.ts'

const route = getRouteApi('/work/tables/$name')

/** A table: its rows now or after an earlier batch, its columns, and how it came. */
export function TablePage() {
  const { t } = useTranslation()
  const { name } = route.useParams()
  const { tab, batch } = route.useSearch()
  const { may } = useSession()
  const format = useFormats()
  const content = useContent()
  const found = useQuery(tableQuery(name))
  usePageTitle(found.data?.title ?? name)
  const readsRows = may('table:rows')
  const shown = tab ?? (readsRows ? 'rows' : 'columns')
  if (found.isError) return <ErrorPanel error={found.error} retry={() => found.refetch()} />
  if (!found.data) return <Skeleton rows={4} />
  const table = found.data
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{table.title}</h1>
          <p>
            <Words {...content(table.body.name, table.body.translations, 'name')} /> ·{' '}
            {t('table.rowCount', { n: format.number(table.rows) })} · {t(`table.modes.${table.mode}`)}
          </p>
        </div>
      </header>
      <nav className="tabs" aria-label={table.title}>
        {tableTabs
          .filter((one) => one !== 'rows' || readsRows)
          .map((one) => (
            <TabLink
              key={one}
              to={{ to: '/work/tables/$name', params: { name }, search: { tab: one } }}
              current={shown === one}
            >
              {t(`table.${one}`)}
            </TabLink>
          ))}
      </nav>
      {shown === 'rows' && <Rows table={table} asOf={batch} />}
      {shown === 'columns' && <Columns columns={table.columns} />}
      {shown === 'batches' && batch === undefined && <Batches table={table} readsRows={readsRows} />}
      {shown === 'batches' && batch !== undefined && <Rejected name={name} batch={batch} />}
    </>
  )
}
