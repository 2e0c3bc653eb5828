import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Table } from 'antd'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { useWho } from '../security/who.ts'
import { MoreRows } from '../ui/more-rows.tsx'
import { ErrorPanel } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { type Batch, batchesQuery, type DataTable } from './api.ts'

const stateColours: Record<Batch['state'], string> = {
  loaded: 'ok',
  loading: 'accent',
  quarantined: 'danger',
  failed: 'danger',
  interrupted: 'caution',
}

/** Faults of one load that are shown. */
const shownFaults = 5

/** Loads of a table, the newest first, each with its manifest. */
export function Batches({ table, readsRows }: { table: DataTable; readsRows: boolean }) {
  const { t } = useTranslation()
  const format = useFormats()
  const who = useWho()
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
                  {one.faults.slice(0, shownFaults).map((fault) => (
                    <span key={`${fault.path}${fault.rule}`} className="cell-note">
                      {fault.path !== '' && `${fault.path.slice(1)}: `}
                      {t(`fault.${fault.rule}`, { defaultValue: fault.message })}
                    </span>
                  ))}
                  {one.faults.length > shownFaults && (
                    <span className="cell-note">
                      {t('table.moreFaults', { n: format.number(one.faults.length - shownFaults) })}
                    </span>
                  )}
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
                  {who(one.by)}
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
