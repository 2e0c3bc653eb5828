import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Table } from 'antd'
import { type Key, useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SharingTag, StateTag } from '../catalog/tags.tsx'
import { type DatasetListItem, latestQuery, listQuery, takeStep } from '../catalog/work-api.ts'
import { useContent } from '../platform/content-language.ts'
import { saveFile, toCsv } from '../platform/csv.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { queryClient } from '../platform/query.ts'
import { useSession } from '../security/session.ts'
import { Icon } from '../ui/icons.tsx'
import { Empty, ErrorPanel } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { toast } from '../ui/toasts.tsx'
import { Words } from '../ui/words.tsx'

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

/** Entries of the own organisation and below, by what is to be done with them. */
export function EntriesPage() {
  const { t } = useTranslation()
  const format = useFormats()
  const content = useContent()
  const navigate = useNavigate()
  const { may } = useSession()
  const { q = '', state = 'drafts' } = route.useSearch()
  const view = views.find((one) => one === state) ?? 'drafts'
  const [selected, setSelected] = useState<Key[]>([])
  const asked = useDeferredValue(q)
  usePageTitle(t('work.entries'))
  const filter = {
    q: asked || undefined,
    drafts: view === 'drafts' || undefined,
    mine: view === 'mine' || undefined,
    state: view === 'published' || view === 'retired' ? view : undefined,
    order: 'changed' as const,
  }
  const list = useInfiniteQuery(listQuery(filter))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const chosen = rows.filter((row) => selected.includes(row.uid))
  const publish = useMutation({
    mutationFn: () => publishAll(chosen),
    onSuccess: ({ done }) => {
      setSelected([])
      void queryClient.invalidateQueries({ queryKey: ['datasets'] })
      if (done > 0) toast(t('entries.published', { count: done }))
    },
  })
  const go = (change: { q?: string; state?: string }) =>
    navigate({ to: '/work/entries', search: { q: q || undefined, state, ...change }, replace: true })
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
        <input
          className="field"
          value={q}
          aria-label={t('entries.find')}
          placeholder={t('entries.find')}
          onChange={(event) => go({ q: event.target.value || undefined })}
        />
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
        <Table<DatasetListItem>
          className="work-table"
          size="middle"
          rowKey="uid"
          loading={list.isPending}
          dataSource={rows}
          pagination={false}
          rowSelection={{
            selectedRowKeys: selected,
            onChange: setSelected,
            getCheckboxProps: (row) => ({ 'aria-label': row.draftTitle ?? row.title }),
            getTitleCheckboxProps: () => ({ 'aria-label': t('entries.selectAll') }),
          }}
          locale={{
            emptyText: (
              <Empty title={t('entries.none')}>
                <p>{t('entries.noneText')}</p>
              </Empty>
            ),
          }}
          columns={[
            {
              title: t('content.title'),
              key: 'title',
              width: 380,
              sorter: (a, b) => a.title.localeCompare(b.title),
              render: (_, row) => (
                <Link
                  to={may('dataset:update') ? '/work/dataset/$uid' : '/dataset/$uid'}
                  params={{ uid: row.uid }}
                  className="row-title"
                >
                  <Words
                    {...content(
                      row.draftTitle ?? row.title,
                      row.draftTitle ? null : row.translations,
                      'title',
                      row.language,
                    )}
                  />
                </Link>
              ),
            },
            {
              title: t('dataset.state'),
              key: 'state',
              render: (_, row) => (
                <span className="tag-stack">
                  <StateTag state={row.state} always />
                  {row.hasDraft && row.state !== 'draft' && <StateTag state="draft" />}
                </span>
              ),
            },
            {
              title: t('content.body'),
              key: 'body',
              render: (_, row) => <Words {...content(row.body.name, row.body.translations, 'name')} />,
            },
            {
              title: t('content.sharingType'),
              key: 'sharing',
              render: (_, row) => <SharingTag type={row.sharingType} />,
            },
            {
              title: t('content.items'),
              dataIndex: 'itemCount',
              align: 'right',
              sorter: (a, b) => a.itemCount - b.itemCount,
              render: (count: number) => format.number(count),
            },
            {
              title: t('dataset.quality'),
              dataIndex: 'quality',
              align: 'right',
              sorter: (a, b) => a.quality - b.quality,
              render: (quality: number) => `${Math.round(quality / 10)}%`,
            },
            {
              title: t('dataset.changed'),
              key: 'changed',
              width: 190,
              sorter: (a, b) => a.changedAt.localeCompare(b.changedAt),
              render: (_, row) => `${format.ago(row.changedAt)} · ${row.changedBy}`,
            },
          ]}
        />
      </TableFrame>
      {list.hasNextPage && (
        <div>
          <button
            type="button"
            className="button"
            disabled={list.isFetchingNextPage}
            onClick={() => list.fetchNextPage()}
          >
            {t('work.loadMore')}
          </button>
        </div>
      )}
    </>
  )
}
