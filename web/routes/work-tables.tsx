import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Table } from 'antd'
import { useTranslation } from 'react-i18next'
import { type DataTable, tablesQuery } from '../collection/api.ts'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { MoreRows } from '../ui/more-rows.tsx'
import { Empty, ErrorPanel } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { Words } from '../ui/words.tsx'

/** Tables whose rows the platform holds. */
export function TablesPage() {
  const { t } = useTranslation()
  const format = useFormats()
  const content = useContent()
  usePageTitle(t('work.tables'))
  const list = useInfiniteQuery(tablesQuery())
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('work.tables')}</h1>
          <p>{t('table.lead')}</p>
        </div>
      </header>
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      <TableFrame label={t('work.tables')} failed={list.isError && rows.length === 0}>
        <Table<DataTable>
          className="work-table"
          size="middle"
          rowKey="name"
          loading={list.isPending}
          dataSource={rows}
          pagination={false}
          locale={{
            emptyText: list.isPending ? (
              ' '
            ) : (
              <Empty title={t('table.none')}>
                <p>{t('table.noneText')}</p>
                <code>npx concord collect FILE.csv --table NAME</code>
              </Empty>
            ),
          }}
          columns={[
            {
              title: t('table.title'),
              key: 'title',
              render: (_: unknown, one) => (
                <>
                  <Link to="/work/tables/$name" params={{ name: one.name }} className="row-title">
                    {one.title}
                  </Link>
                  <span className="cell-note">{one.name}</span>
                </>
              ),
            },
            {
              title: t('table.body'),
              key: 'body',
              render: (_: unknown, one) => (
                <Words {...content(one.body.name, one.body.translations, 'name')} />
              ),
            },
            {
              title: t('table.mode'),
              key: 'mode',
              render: (_: unknown, one) => t(`table.modes.${one.mode}`),
            },
            {
              title: t('table.columns'),
              key: 'columns',
              align: 'right',
              render: (_: unknown, one) => format.number(one.columns.length),
            },
            {
              title: t('table.rows'),
              key: 'rows',
              align: 'right',
              render: (_: unknown, one) => format.number(one.rows),
            },
            {
              title: t('table.changed'),
              key: 'changed',
              render: (_: unknown, one) => format.ago(one.changedAt),
            },
          ]}
        />
      </TableFrame>
      <MoreRows list={list} shown={rows.length} />
    </>
  )
}
