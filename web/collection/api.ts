import type {
  Batch as BatchType,
  Column as ColumnType,
  RejectedRecord as RejectedType,
  DataTable as TableType,
} from '../../src/collection/table.schema.ts'
import { call } from '../platform/client.ts'

export type DataTable = TableType
export type Column = ColumnType
export type Batch = BatchType
export type RejectedRecord = RejectedType
/** A row by the names of its columns; `_batch` and `_record` say where it came from. */
export type Row = Record<string, unknown> & { _batch: number; _record: number }

interface Page<T> {
  items: T[]
  next: string | null
}
type Signalled = { signal: AbortSignal }

/** Rows of one page of a list. */
const pageSize = 50

const pages = <T>(key: unknown[], path: string, query: Record<string, string | number | undefined> = {}) => ({
  queryKey: ['tables', ...key, query],
  queryFn: ({ signal, pageParam }: Signalled & { pageParam: string | undefined }) =>
    call<Page<T>>(`/tables${path}`, { query: { ...query, cursor: pageParam, limit: pageSize }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: Page<T>) => page.next ?? undefined,
})

export const tablesQuery = () => pages<DataTable>(['list'], '')

export const tableQuery = (name: string) => ({
  queryKey: ['tables', 'one', name],
  queryFn: ({ signal }: Signalled) => call<DataTable>(`/tables/${encodeURIComponent(name)}`, { signal }),
})

export const batchesQuery = (name: string) =>
  pages<Batch>(['batches', name], `/${encodeURIComponent(name)}/batches`)

export const rowsQuery = (name: string, asOf: number | undefined) =>
  pages<Row>(['rows', name], `/${encodeURIComponent(name)}/rows`, { asOf })

export const rejectedQuery = (name: string, batch: number) =>
  pages<RejectedRecord>(['rejected', name, batch], `/${encodeURIComponent(name)}/batches/${batch}/rejected`)
