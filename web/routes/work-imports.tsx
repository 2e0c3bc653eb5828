import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Table } from 'antd'
import { useTranslation } from 'react-i18next'
import { type ImportRun, importQuery, importsQuery } from '../harvest/api.ts'
import { Preview } from '../harvest/preview.tsx'
import { RunPanel } from '../harvest/run.tsx'
import { Upload } from '../harvest/upload.tsx'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { useSession } from '../security/session.ts'
import { Icon } from '../ui/icons.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { Empty, ErrorPanel, Skeleton } from '../ui/status.tsx'
import '../harvest/harvest.css'
import { useWho } from '../security/who.ts'
import { TableFrame } from '../ui/table-frame.tsx'

const route = getRouteApi('/work/imports/$uid')
const stateColours: Record<string, string> = {
  done: 'ok',
  failed: 'danger',
  running: 'accent',
  queued: 'accent',
  stopped: 'caution',
  interrupted: 'caution',
}

/** Imports so far, newest first. */
export function ImportsPage() {
  const { t } = useTranslation()
  const who = useWho()
  const format = useFormats()
  const { may } = useSession()
  const list = useInfiniteQuery(importsQuery)
  usePageTitle(t('work.imports'))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('work.imports')}</h1>
          <p>{t('import.lead')}</p>
        </div>
        {may('import:create') && (
          <Link to="/work/imports/new" className="button primary">
            <Icon name="upload" />
            {t('import.new')}
          </Link>
        )}
      </header>
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      <TableFrame label={t('work.imports')} failed={list.isError && rows.length === 0}>
        <Table<ImportRun>
          className="work-table"
          size="middle"
          rowKey="uid"
          loading={list.isPending}
          dataSource={rows}
          pagination={false}
          locale={{
            emptyText: (
              <Empty title={t('import.none')}>
                <p>{t('import.noneText')}</p>
              </Empty>
            ),
          }}
          columns={[
            {
              title: t('import.file'),
              key: 'file',
              render: (_, run) => (
                <Link to="/work/imports/$uid" params={{ uid: run.uid }} className="row-title">
                  {run.fileName}
                </Link>
              ),
            },
            {
              title: t('dataset.state'),
              key: 'state',
              render: (_, run) => (
                <span className={`tag ${stateColours[run.state] ?? ''}`}>
                  {t(`import.state.${run.state}`)}
                </span>
              ),
            },
            ...(['read', 'added', 'changed', 'unchanged', 'rejected'] as const).map((name) => ({
              title: t(`import.count.${name}`),
              key: name,
              align: 'right' as const,
              render: (_: unknown, run: ImportRun) => format.number(run.counts[name]),
            })),
            {
              title: t('import.started'),
              key: 'started',
              render: (_, run) => `${format.ago(run.startedAt ?? run.createdAt)} · ${who(run.createdBy)}`,
            },
          ]}
        />
      </TableFrame>
      <MoreRows list={list} shown={rows.length} />
    </>
  )
}

export function NewImportPage() {
  const { t } = useTranslation()
  usePageTitle(t('import.new'))
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('import.new')}</h1>
          <p>{t('import.newLead')}</p>
        </div>
      </header>
      <Upload />
    </>
  )
}

/** One import: the preview while nothing has started, progress and outcomes after that. */
export function ImportPage() {
  const { t } = useTranslation()
  const who = useWho()
  const format = useFormats()
  const { uid } = route.useParams()
  const { outcome } = route.useSearch()
  const { data: run, error, isPending, refetch } = useQuery(importQuery(uid))
  usePageTitle(run?.fileName)
  if (isPending) return <Skeleton rows={4} />
  if (error) return <ErrorPanel error={error} retry={() => refetch()} level={1} />
  return (
    <>
      <header className="work-head">
        <div>
          <ol className="breadcrumbs">
            <li>
              <Link to="/work/imports">{t('work.imports')}</Link>
            </li>
          </ol>
          <h1>{run.fileName}</h1>
          <p className="tag-stack">
            <span className={`tag ${stateColours[run.state] ?? ''}`}>{t(`import.state.${run.state}`)}</span>
            <span className="tag">{format.bytes(run.fileSize)}</span>
            <span className="muted small">
              {t('versions.by', { who: who(run.createdBy), when: format.dateTime(run.createdAt) })}
            </span>
          </p>
        </div>
      </header>
      {run.state === 'uploaded' ? <Preview run={run} /> : <RunPanel run={run} outcome={outcome} />}
    </>
  )
}
