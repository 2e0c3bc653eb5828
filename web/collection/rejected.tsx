import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Table } from 'antd'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { MoreRows } from '../ui/more-rows.tsx'
import { Empty, ErrorPanel } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { type RejectedRecord, rejectedQuery } from './api.ts'

/** Records of a batch that are no rows: where, which value, and why. */
export function Rejected({ name, batch }: { name: string; batch: number }) {
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
