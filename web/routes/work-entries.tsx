import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { type Key, useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { EntriesTable } from '../catalog/entries-table.tsx'
import { onlyBody, useOwnBodies } from '../catalog/own-bodies.ts'
import { type DatasetListItem, latestQuery, listQuery, takeStep } from '../catalog/work-api.ts'
import { useContent } from '../platform/content-language.ts'
import { saveFile, toCsv } from '../platform/csv.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { queryClient } from '../platform/query.ts'
import { useSession } from '../security/session.ts'
import { Icon } from '../ui/icons.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { ErrorPanel } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { tableSort } from '../ui/table-sort.ts'
import { toast } from '../ui/toasts.tsx'

const route = getRouteApi('/work/entries')
const views = ['drafts', 'mine', 'published', 'retired', 'all'] as const

function exportRows(rows: DatasetListItem[]): void {
  const head = [
    'uid',
    'title',
    'state',
    'version',
    'bodyCode',
    'sharingType',
    'openType',
    'itemCount',
    'changedAt',
  ]
  const lines = rows.map((row) => [
    row.uid,
    row.title,
    row.state,
    row.latestVersion,
    row.body.code,
    row.sharingType,
    row.openType,
    row.itemCount,
    row.changedAt,
  ])
  saveFile('entries.csv', toCsv([head, ...lines]), 'text/csv;charset=utf-8')
}

/** Publishes each of the chosen; those that cannot be are named, the others are done. */
async function publishAll(rows: DatasetListItem[]): Promise<{ done: number; failed: [string, unknown][] }> {
  let done = 0
  const failed: [string, unknown][] = []
  for (const row of rows) {
    try {
      const latest = await queryClient.fetchQuery(latestQuery(row.uid))
      await takeStep(row.uid, 'publish', latest.etag)
      done++
    } catch (error) {
      failed.push([row.draftTitle ?? row.title, error])
    }
  }
  return { done, failed }
}

/** What the address says; a body without others below it begins with its own entries. */
function useFilter() {
  const { q = '', state = 'drafts', body, sort } = route.useSearch()
  const navigate = useNavigate()
  const bodies = useOwnBodies()
  const asked = useDeferredValue(q)
  const view = views.find((one) => one === state) ?? 'drafts'
  const chosen = body ?? onlyBody(bodies) ?? 'all'
  const go = (change: { q?: string; state?: string; body?: string; sort?: string }) =>
    navigate({
      to: '/work/entries',
      search: { q: q || undefined, state, body, sort, ...change },
      replace: true,
      resetScroll: false,
    })
  const filter = {
    q: asked || undefined,
    body: chosen === 'all' ? undefined : chosen,
    drafts: view === 'drafts' || undefined,
    mine: view === 'mine' || undefined,
    state: view === 'published' || view === 'retired' ? view : undefined,
    order: 'changed' as const,
  }
  return { q, view, body: chosen, bodies, sort, filter, go }
}

function Filters({ q, view, body, bodies, go }: ReturnType<typeof useFilter>) {
  const { t } = useTranslation()
  const content = useContent()
  return (
    <>
      <select
        className="field"
        value={view}
        aria-label={t('dataset.state')}
        onChange={(event) => go({ state: event.target.value })}
      >
        {views.map((one) => (
          <option key={one} value={one}>
            {t(`entries.view.${one}`)}
          </option>
        ))}
      </select>
      <select
        className="field"
        value={body}
        aria-label={t('content.body')}
        onChange={(event) => go({ body: event.target.value })}
      >
        <option value="all">{t('entries.anyBody')}</option>
        {bodies.map((one) => (
          <option key={one.uid} value={one.code}>
            {content(one.name, one.translations, 'name').text}
          </option>
        ))}
      </select>
      <input
        className="field"
        value={q}
        aria-label={t('entries.find')}
        placeholder={t('entries.find')}
        onChange={(event) => go({ q: event.target.value || undefined })}
      />
    </>
  )
}

/** Entries by what is to be done with them, of the own body or of all. */
export function EntriesPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const place = useFilter()
  const [selected, setSelected] = useState<Key[]>([])
  usePageTitle(t('work.entries'))
  const list = useInfiniteQuery(listQuery(place.filter))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const chosen = rows.filter((row) => selected.includes(row.uid))
  const sort = tableSort<DatasetListItem>(place.sort, !list.hasNextPage, (next) => place.go({ sort: next }))
  const publish = useMutation({
    mutationFn: () => publishAll(chosen),
    onSuccess: ({ done }) => {
      setSelected([])
      void queryClient.invalidateQueries({ queryKey: ['datasets'] })
      if (done > 0) toast(t('entries.published', { count: done }))
    },
  })
  return (
    <>
      <header className="work-head">
        <h1>{t('work.entries')}</h1>
        {may('dataset:create') && (
          <Link to="/work/dataset/new" className="button primary">
            <Icon name="plus" />
            {t('editor.newTitle')}
          </Link>
        )}
      </header>
      <div className="toolbar">
        <Filters {...place} />
        <button
          type="button"
          className="button small"
          disabled={rows.length === 0}
          onClick={() => exportRows(rows)}
        >
          <Icon name="download" />
          {t('entries.export')}
        </button>
        {may('dataset:publish') && chosen.length > 0 && (
          <button
            type="button"
            className="button small primary"
            disabled={publish.isPending}
            onClick={() => publish.mutate()}
          >
            {t('entries.publish', { count: chosen.length })}
          </button>
        )}
      </div>
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      {publish.data?.failed.map(([title, error]) => (
        <div key={title}>
          <p className="small">
            <strong>{title}</strong>
          </p>
          <ErrorPanel error={error} />
        </div>
      ))}
      <TableFrame label={t('work.entries')} failed={list.isError && rows.length === 0}>
        <EntriesTable
          rows={rows}
          loading={list.isPending}
          selected={selected}
          onSelect={setSelected}
          sort={sort}
          withBody={place.body === 'all'}
        />
      </TableFrame>
      <MoreRows list={list} shown={rows.length} sorts />
    </>
  )
}
