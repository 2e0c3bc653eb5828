import { Table } from 'antd'
import { useTranslation } from 'react-i18next'
import { TableFrame } from '../ui/table-frame.tsx'
import type { Column } from './api.ts'

/** Columns as the first batch pinned them. */
export function Columns({ columns }: { columns: Column[] }) {
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
