import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Table } from 'antd'
import { useTranslation } from 'react-i18next'
import { MoreRows } from '../ui/more-rows.tsx'
import { Empty, ErrorPanel } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { type DataTable, type Row, rowsQuery } from './api.ts'

const textOf = (value: unknown): string => (value === null || value === undefined ? '' : String(value))

/** Rows of a table, now or as they were after a batch. */
export function Rows({ table, asOf }: { table: DataTable; asOf: number | undefined }) {
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
              render: (_: unknown, row: Row) => {
                const value = row[column.name]
                return typeof value === 'boolean' ? t(value ? 'table.yes' : 'table.no') : textOf(value)
              },
            })),
          ]}
        />
      </TableFrame>
      <MoreRows list={list} shown={rows.length} />
    </>
  )
}
