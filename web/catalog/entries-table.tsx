import { Link } from '@tanstack/react-router'
import { Table } from 'antd'
import type { Key } from 'react'
import { useTranslation } from 'react-i18next'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useSession } from '../security/session.ts'
import { useWho } from '../security/who.ts'
import { Empty } from '../ui/status.tsx'
import type { TableSort } from '../ui/table-sort.ts'
import { Words } from '../ui/words.tsx'
import { useOwnBodies } from './own-bodies.ts'
import { SharingTag, StateTag } from './tags.tsx'
import type { DatasetListItem } from './work-api.ts'

/** The title leads to the editor where the person may write, else to the public page. */
function TitleCell({ row, own }: { row: DatasetListItem; own: boolean }) {
  const { may } = useSession()
  const content = useContent()
  // A draft keeps its translations where only something else was changed.
  const title =
    row.draftTitle && row.draftTitle !== row.title
      ? content(row.draftTitle, null, 'title', row.language)
      : content(row.title, row.translations, 'title', row.language)
  return (
    <Link
      to={own && may('dataset:update') ? '/work/dataset/$uid' : '/dataset/$uid'}
      params={{ uid: row.uid }}
      className="row-title"
    >
      <Words {...title} />
    </Link>
  )
}

function useColumns(sort: TableSort<DatasetListItem>, withBody: boolean) {
  const { t } = useTranslation()
  const who = useWho()
  const format = useFormats()
  const content = useContent()
  const own = new Set(useOwnBodies().map((body) => body.code))
  const body = {
    title: t('content.body'),
    key: 'body',
    width: 150,
    render: (_: unknown, row: DatasetListItem) => (
      <Words {...content(row.body.name, row.body.translations, 'name')} />
    ),
  }
  return [
    {
      title: t('content.title'),
      key: 'title',
      width: 280,
      ...sort.by('title', (a, b) => a.title.localeCompare(b.title)),
      render: (_: unknown, row: DatasetListItem) => <TitleCell row={row} own={own.has(row.body.code)} />,
    },
    {
      title: t('dataset.state'),
      key: 'state',
      render: (_: unknown, row: DatasetListItem) => (
        <span className="tag-stack">
          <StateTag state={row.state} always />
          {row.hasDraft && row.state !== 'draft' && <StateTag state="draft" />}
        </span>
      ),
    },
    ...(withBody ? [body] : []),
    {
      title: t('content.sharingType'),
      key: 'sharing',
      render: (_: unknown, row: DatasetListItem) => <SharingTag type={row.sharingType} />,
    },
    {
      title: t('content.items'),
      key: 'items',
      align: 'right' as const,
      ...sort.by('items', (a, b) => a.itemCount - b.itemCount),
      render: (_: unknown, row: DatasetListItem) => format.number(row.itemCount),
    },
    {
      title: t('dataset.quality'),
      key: 'quality',
      align: 'right' as const,
      ...sort.by('quality', (a, b) => a.quality - b.quality),
      render: (_: unknown, row: DatasetListItem) => `${Math.round(row.quality / 10)}%`,
    },
    {
      title: t('dataset.changed'),
      key: 'changed',
      width: 140,
      ...sort.by('changed', (a, b) => a.changedAt.localeCompare(b.changedAt)),
      render: (_: unknown, row: DatasetListItem) => (
        <>
          {format.ago(row.changedAt)}
          <span className="cell-note">{who(row.changedBy)}</span>
        </>
      ),
    },
  ]
}

export function EntriesTable(props: {
  rows: DatasetListItem[]
  loading: boolean
  selected: Key[]
  onSelect: (keys: Key[]) => void
  sort: TableSort<DatasetListItem>
  /** False where the list is of one body. */
  withBody: boolean
}) {
  const { t } = useTranslation()
  const columns = useColumns(props.sort, props.withBody)
  return (
    <Table<DatasetListItem>
      className="work-table"
      size="middle"
      rowKey="uid"
      loading={props.loading}
      dataSource={props.rows}
      pagination={false}
      showSorterTooltip={false}
      onChange={props.sort.onChange}
      columns={columns}
      rowSelection={{
        selectedRowKeys: props.selected,
        onChange: props.onSelect,
        getCheckboxProps: (row) => ({ 'aria-label': row.draftTitle ?? row.title }),
        getTitleCheckboxProps: () => ({ 'aria-label': t('entries.selectAll') }),
      }}
      locale={{
        emptyText: props.loading ? (
          ' '
        ) : (
          <Empty title={t('entries.none')}>
            <p>{t('entries.noneText')}</p>
          </Empty>
        ),
      }}
    />
  )
}
