import { type Db, sql } from '../platform/postgres.ts'
import type { Column, DataTable } from './table.schema.ts'

export interface TableRow {
  id: number
  name: string
  title: string
  organisationId: number
  mode: DataTable['mode']
  columns: Column[]
  visibleBatch: number
  rows: number
  changedAt: string
}

const columns = sql`id, name, title, organisation_id as "organisationId", mode, columns, visible_batch as "visibleBatch",
  row_count as rows, changed_at as "changedAt"`

export async function selectTable(db: Db, name: string): Promise<TableRow | undefined> {
  const { rows } = await sql<TableRow>`
    select ${columns} from collection.data_table where name = ${name}`.execute(db)
  return rows[0]
}

/** Tables of these bodies in the order of their names. */
export async function selectTables(
  db: Db,
  page: { organisationIds: number[] | undefined; after: string; limit: number },
): Promise<TableRow[]> {
  const { rows } = await sql<TableRow>`
    select ${columns} from collection.data_table
    where name > ${page.after}
      ${page.organisationIds ? sql`and organisation_id = any(${page.organisationIds}::int[])` : sql``}
    order by name limit ${page.limit}`.execute(db)
  return rows
}

export async function insertTable(
  db: Db,
  table: Pick<TableRow, 'name' | 'title' | 'organisationId' | 'mode' | 'columns'> & { by: string },
): Promise<TableRow> {
  const { rows } = await sql<TableRow>`
    insert into collection.data_table (name, title, organisation_id, mode, columns, changed_by_name)
    values (${table.name}, ${table.title}, ${table.organisationId}, ${table.mode},
      ${JSON.stringify(table.columns)}::jsonb, ${table.by})
    returning ${columns}`.execute(db)
  return rows[0]!
}

/** Lets readers see a batch. */
export async function showBatch(
  db: Db,
  id: number,
  batch: { number: number; rows: number; by: string },
): Promise<void> {
  await sql`
    update collection.data_table set visible_batch = ${batch.number}, version = version + 1, changed_at = now(),
      changed_by_name = ${batch.by},
      row_count = case mode when 'append' then row_count else 0 end + ${batch.rows}
    where id = ${id}`.execute(db)
}

/** Pins other columns: only while readers see nothing of the table. */
export async function pinColumns(db: Db, id: number, columns: Column[]): Promise<void> {
  await sql`update collection.data_table set columns = ${JSON.stringify(columns)}::jsonb, version = version + 1
    where id = ${id} and visible_batch = 0`.execute(db)
}
