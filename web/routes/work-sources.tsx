import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Table } from 'antd'
import { type ChangeEvent, useDeferredValue } from 'react'
import { useTranslation } from 'react-i18next'
import { type Source, sourceKinds, sourcesQuery, uploadRegistry } from '../harvest/source-api.ts'
import { RunState } from '../harvest/source-state.tsx'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { useSession } from '../security/session.ts'
import { Icon } from '../ui/icons.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { Empty, ErrorPanel } from '../ui/status.tsx'
import { TabLink } from '../ui/tab-link.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { toast } from '../ui/toasts.tsx'
import '../harvest/harvest.css'

const route = getRouteApi('/work/sources')

/** Sources that are harvested, problems first; or the portals of the registry that could be. */
export function SourcesPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const { registry = false, q = '', kind, country } = route.useSearch()
  const asked = useDeferredValue(q.trim())
  const list = useInfiniteQuery(
    sourcesQuery({
      registry: registry || undefined,
      q: asked || undefined,
      kind,
      country: country?.toUpperCase(),
    }),
  )
  usePageTitle(t('work.sources'))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('work.sources')}</h1>
          <p>{t('source.lead')}</p>
        </div>
        {may('source:create') && (
          <Link to="/work/sources/new" className="button primary">
            <Icon name="plus" />
            {t('source.new')}
          </Link>
        )}
      </header>
      <nav className="tabs" aria-label={t('work.sources')}>
        <TabLink to={{ to: '/work/sources', search: {} }} current={!registry}>
          {t('source.own')}
        </TabLink>
        <TabLink to={{ to: '/work/sources', search: { registry: true } }} current={registry}>
          {t('source.registry')}
        </TabLink>
      </nav>
      <Filters />
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      <TableFrame label={t('work.sources')} failed={list.isError && rows.length === 0}>
        <SourceTable rows={rows} loading={list.isPending} registry={registry} />
      </TableFrame>
      <MoreRows list={list} shown={rows.length} />
    </>
  )
}

function Filters() {
  const { t } = useTranslation()
  const { may } = useSession()
  const navigate = useNavigate()
  const search = route.useSearch()
  const go = (change: Partial<typeof search>) =>
    navigate({ to: '/work/sources', search: { ...search, ...change }, replace: true, resetScroll: false })
  const upload = useMutation({
    mutationFn: uploadRegistry,
    onSuccess: ({ read, added, changed }) => toast(t('source.registered', { read, added, changed })),
  })
  const onFile = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0]
    if (file) upload.mutate(file)
    event.target.value = ''
  }
  return (
    <>
      <div className="toolbar">
        <input
          className="field"
          value={search.q ?? ''}
          aria-label={t('source.find')}
          placeholder={t('source.find')}
          onChange={(event) => go({ q: event.target.value || undefined })}
        />
        <select
          className="field"
          value={search.kind ?? ''}
          aria-label={t('source.field.kind')}
          onChange={(event) => go({ kind: event.target.value || undefined })}
        >
          <option value="">{t('source.anyKind')}</option>
          {sourceKinds.map((one) => (
            <option key={one} value={one}>
              {t(`source.kind.${one}`)}
            </option>
          ))}
          {search.registry && <option value="none">{t('source.kind.none')}</option>}
        </select>
        {search.registry && (
          <input
            className="field source-country"
            value={search.country ?? ''}
            maxLength={2}
            aria-label={t('source.country')}
            placeholder={t('source.country')}
            onChange={(event) => go({ country: event.target.value || undefined })}
          />
        )}
        {search.registry && may('source:register') && (
          <label className="button">
            <Icon name="upload" />
            {t(upload.isPending ? 'source.registering' : 'source.register')}
            <input type="file" className="visually-hidden" accept=".jsonl,.ndjson,.zst" onChange={onFile} />
          </label>
        )}
      </div>
      {upload.error && <ErrorPanel error={upload.error} />}
    </>
  )
}

function SourceTable({ rows, loading, registry }: { rows: Source[]; loading: boolean; registry: boolean }) {
  const { t } = useTranslation()
  const format = useFormats()
  const title = {
    title: t('source.field.title'),
    key: 'title',
    render: (_: unknown, one: Source) => (
      <>
        <Link to="/work/sources/$uid" params={{ uid: one.uid }} className="row-title">
          {one.title}
        </Link>
        <span className="cell-note">{one.url}</span>
      </>
    ),
  }
  const kind = {
    title: t('source.field.kind'),
    key: 'kind',
    render: (_: unknown, one: Source) => t(`source.kind.${one.kind ?? 'none'}`),
  }
  const portal = [
    title,
    kind,
    { title: t('source.country'), dataIndex: 'country', key: 'country' },
    { title: t('source.software'), dataIndex: 'software', key: 'software' },
  ]
  const own = [
    title,
    {
      title: t('source.lastRun'),
      key: 'run',
      render: (_: unknown, one: Source) => (
        <>
          <RunState run={one.lastRun} />
          {one.lastRun && (
            <span className="cell-note">{format.ago(one.lastRun.startedAt ?? one.lastRun.createdAt)}</span>
          )}
        </>
      ),
    },
    ...(['read', 'added', 'changed', 'rejected', 'gone'] as const).map((name) => ({
      title: t(`source.count.${name}`),
      key: name,
      align: 'right' as const,
      render: (_: unknown, one: Source) => (one.lastRun ? format.number(one.lastRun.counts[name]) : ''),
    })),
    {
      title: t('source.nextRun'),
      key: 'next',
      render: (_: unknown, one: Source) =>
        !one.active
          ? t('source.inactive')
          : one.schedule === 'continuous'
            ? t('source.every.continuous')
            : format.dateTime(one.nextRunAt),
    },
  ]
  return (
    <Table<Source>
      className="work-table"
      size="middle"
      rowKey="uid"
      loading={loading}
      dataSource={rows}
      pagination={false}
      locale={{
        emptyText: loading ? (
          ' '
        ) : (
          <Empty title={t('source.none')}>
            <p>{t(registry ? 'source.noneRegistry' : 'source.noneText')}</p>
          </Empty>
        ),
      }}
      columns={registry ? portal : own}
    />
  )
}
