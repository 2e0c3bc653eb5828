import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Table } from 'antd'
import { useTranslation } from 'react-i18next'
import {
  type Batch,
  batchesQuery,
  type Column,
  type DataTable,
  type RejectedRecord,
  type Row,
  rejectedQuery,
  rowsQuery,
  tableQuery,
} from '../collection/api.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { useSession } from '../security/session.ts'
import { MoreRows } from '../ui/more-rows.tsx'
import { Empty, ErrorPanel, Skeleton } from '../ui/status.tsx'
import { TabLink } from '../ui/tab-link.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { tableTabs } from './table-search.ts'

const route = getRouteApi('/work/tables/$name')
const stateColours: Record<Batch['state'], string> = {
  loaded: 'ok',
  loading: 'accent',
  quarantined: 'danger',
  failed: 'danger',
  interrupted: 'caution',
}

/** A table: its rows now or after an earlier batch, its columns, and how it came. */
export function TablePage() {
  const { t } = useTranslation()
  const { name } = route.useParams()
  const { tab, batch } = route.useSearch()
  const { may } = useSession()
  const format = useFormats()
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
            {table.body.name} · {t('table.rowCount', { n: format.number(table.rows) })} ·{' '}
            {t(`table.modes.${table.mode}`)}
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

const textOf = (value: unknown): string => (value === null || value === undefined ? '' : String(value))

function Rows({ table, asOf }: { table: DataTable; asOf: number | undefined }) {
  const { t } = useTranslation()
  const list = useInfiniteQuery(rowsQuery(table.name, asOf))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const numeric = new Set(['integer', 'decimal', 'double'])
  return (
    <>
      {asOf !== undefined && (
        <p className="muted">
          {t('table.asOf', { n: asOf })}{' '}
          <Link to="/work/tables/$name" params={{ name: table.name }} search={{ tab: 'rows' }}>
            {t('table.now')}
          </Link>
        </p>
      )}
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      <TableFrame label={t('table.rows')} failed={list.isError && rows.length === 0}>
        <Table<Row>
          className="work-table"
          size="small"
          rowKey={(row) => `${row._batch}.${row._record}`}
          loading={list.isPending}
          dataSource={rows}
          pagination={false}
          locale={{ emptyText: list.isPending ? ' ' : <Empty title={t('table.noRows')} /> }}
          columns={[
            {
              title: t('table.record'),
              key: '_record',
              align: 'right',
              render: (_: unknown, row) => row._record,
            },
            ...table.columns.map((column) => ({
              title: column.title,
              key: column.name,
              align: numeric.has(column.datatype) ? ('right' as const) : undefined,
              render: (_: unknown, row: Row) => textOf(row[column.name]),
            })),
          ]}
        />
      </TableFrame>
      <MoreRows list={list} shown={rows.length} />
    </>
  )
}

function Columns({ columns }: { columns: Column[] }) {
  const { t } = useTranslation()
  return (
    <TableFrame label={t('table.columns')}>
      <Table<Column>
        className="work-table"
        size="middle"
        rowKey="name"
        dataSource={columns}
        pagination={false}
        columns={[
          { title: t('table.column'), dataIndex: 'title', key: 'title' },
          { title: t('table.name'), key: 'name', render: (_: unknown, one) => <code>{one.name}</code> },
          {
            title: t('table.datatype'),
            key: 'datatype',
            render: (_: unknown, one) => t(`table.datatypes.${one.datatype}`),
          },
          {
            title: t('table.format'),
            key: 'format',
            render: (_: unknown, one) => one.format && <code>{one.format}</code>,
          },
        ]}
      />
    </TableFrame>
  )
}

function Batches({ table, readsRows }: { table: DataTable; readsRows: boolean }) {
  const { t } = useTranslation()
  const format = useFormats()
  const list = useInfiniteQuery(batchesQuery(table.name))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const count = (name: 'read' | 'accepted' | 'rejected') => ({
    title: t(`table.${name}`),
    key: name,
    align: 'right' as const,
    render: (_: unknown, one: Batch) =>
      name === 'rejected' && one.rejected > 0 && readsRows ? (
        <Link
          to="/work/tables/$name"
          params={{ name: table.name }}
          search={{ tab: 'batches', batch: one.number }}
          aria-label={t('table.rejectedOf', { n: one.number })}
        >
          {format.number(one.rejected)}
        </Link>
      ) : (
        format.number(one[name])
      ),
  })
  return (
    <>
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      <TableFrame label={t('table.batches')} failed={list.isError && rows.length === 0}>
        <Table<Batch>
          className="work-table"
          size="middle"
          rowKey="number"
          loading={list.isPending}
          dataSource={rows}
          pagination={false}
          columns={[
            {
              title: t('table.batch'),
              key: 'number',
              render: (_: unknown, one) =>
                one.state === 'loaded' && readsRows ? (
                  <Link
                    to="/work/tables/$name"
                    params={{ name: table.name }}
                    search={{ tab: 'rows', batch: one.number }}
                    className="row-title"
                    aria-label={t('table.asOf', { n: one.number })}
                  >
                    {one.number}
                  </Link>
                ) : (
                  one.number
                ),
            },
            {
              title: t('table.state'),
              key: 'state',
              render: (_: unknown, one) => (
                <>
                  <span className={`tag ${stateColours[one.state]}`}>{t(`table.states.${one.state}`)}</span>
                  {one.faults.map((fault) => (
                    <span key={`${fault.path}${fault.rule}`} className="cell-note">
                      {fault.path !== '' && `${fault.path.slice(1)}: `}
                      {t(`fault.${fault.rule}`, { defaultValue: fault.message })}
                    </span>
                  ))}
                </>
              ),
            },
            {
              title: t('table.file'),
              key: 'source',
              render: (_: unknown, one) => (
                <>
                  {one.source}
                  <span className="cell-note">{one.encoding}</span>
                </>
              ),
            },
            count('read'),
            count('accepted'),
            count('rejected'),
            {
              title: t('table.by'),
              key: 'by',
              render: (_: unknown, one) => (
                <>
                  {one.by}
                  <span className="cell-note">{format.dateTime(one.startedAt)}</span>
                </>
              ),
            },
          ]}
        />
      </TableFrame>
      <MoreRows list={list} shown={rows.length} />
    </>
  )
}

function Rejected({ name, batch }: { name: string; batch: number }) {
  const { t } = useTranslation()
  const format = useFormats()
  const list = useInfiniteQuery(rejectedQuery(name, batch))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <p>
        <Link to="/work/tables/$name" params={{ name }} search={{ tab: 'batches' }}>
          {t('table.batches')}
        </Link>{' '}
        · {t('table.rejectedOf', { n: batch })}
      </p>
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      <TableFrame label={t('table.rejectedOf', { n: batch })} failed={list.isError && rows.length === 0}>
        <Table<RejectedRecord>
          className="work-table"
          size="small"
          rowKey={(row) => `${row.record}.${row.column ?? ''}`}
          loading={list.isPending}
          dataSource={rows}
          pagination={false}
          locale={{ emptyText: list.isPending ? ' ' : <Empty title={t('table.noneRejected')} /> }}
          columns={[
            {
              title: t('table.record'),
              key: 'record',
              align: 'right',
              render: (_: unknown, row) => format.number(row.record),
            },
            {
              title: t('table.line'),
              key: 'line',
              align: 'right',
              render: (_: unknown, row) => row.line ?? '',
            },
            { title: t('table.column'), key: 'column', render: (_: unknown, row) => row.column ?? '' },
            { title: t('table.value'), key: 'value', render: (_: unknown, row) => <code>{row.value}</code> },
            {
              title: t('table.reason'),
              key: 'rule',
              render: (_: unknown, row) =>
                row.rule === 'datatype'
                  ? t('table.isNo', { datatype: t(`table.datatypes.${row.message}`) })
                  : t(`fault.${row.rule}`, { defaultValue: row.message }),
            },
          ]}
        />
      </TableFrame>
      <MoreRows list={list} shown={rows.length} />
    </>
  )
}
