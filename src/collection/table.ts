import type { ClickHouseClient } from '../platform/clickhouse.ts'
import { ConcordError, notFound } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import {
  type Actor,
  audit,
  authorize,
  decodeNumberCursor,
  decodeTextCursor,
  findOrganisation,
  freshOrganisationTree,
  listOrganisations,
  type OrganisationRow,
  page,
  subtree,
} from '../security/index.ts'
import { selectBatch, selectBatches } from './batch.queries.ts'
import { selectTable, selectTables, type TableRow } from './table.queries.ts'
import type { Column, DataTable, RejectedRecord, RowsQuery } from './table.schema.ts'
import { selectRejected, selectRows } from './warehouse.queries.ts'

/** A cursor of names; the first of all is after the empty one. */
interface PageQuery {
  cursor?: string
  limit?: number
}
const defaultLimit = 50

/** Tables of the actor's body and those below it, by name. */
export async function listTables(db: Db, actor: Actor, query: PageQuery) {
  authorize(actor, 'table:read')
  await freshOrganisationTree(db)
  const limit = query.limit ?? defaultLimit
  const rows = await selectTables(db, {
    organisationIds: actor.organisationId === null ? undefined : subtree(actor.organisationId),
    after: decodeTextCursor(query.cursor) ?? '',
    limit: limit + 1,
  })
  const bodies = new Map((await listOrganisations(db)).map((o) => [o.id, o]))
  const found = page(rows, limit, (row) => row.name)
  return { items: found.items.map((row) => toTable(row, bodies.get(row.organisationId)!)), next: found.next }
}

const toTable = (row: TableRow, { code, name, translations }: OrganisationRow): DataTable => ({
  name: row.name,
  title: row.title,
  body: { code, name, translations: translations as DataTable['body']['translations'] },
  mode: row.mode,
  columns: row.columns,
  rows: row.rows,
  batch: row.visibleBatch,
  changedAt: row.changedAt,
})

/** @throws not_found, or forbidden where the actor may not */
async function tableFor(db: Db, actor: Actor, name: string, action: string): Promise<TableRow> {
  await freshOrganisationTree(db)
  const table = await selectTable(db, name)
  if (!table) throw notFound(`The table ${name}`)
  authorize(actor, action, { kind: 'table', organisationId: table.organisationId })
  return table
}

/** Whoever reads rows is on record, with what was read. */
const noteReading = (
  db: Db,
  actor: Actor,
  table: TableRow,
  requestId: string | undefined,
  detail: Record<string, unknown>,
): Promise<void> =>
  audit(db, {
    actor,
    action: 'table:rows',
    objectKind: 'table',
    objectId: table.name,
    organisationId: table.organisationId,
    decision: 'allow',
    requestId,
    detail,
  })

export async function getTable(db: Db, actor: Actor, name: string): Promise<DataTable> {
  const row = await tableFor(db, actor, name, 'table:read')
  return toTable(row, (await findOrganisation(db, { id: row.organisationId }))!)
}

/** Batches of a table, the newest first. */
export async function listBatches(db: Db, actor: Actor, name: string, query: PageQuery) {
  const table = await tableFor(db, actor, name, 'table:read')
  const limit = query.limit ?? defaultLimit
  const before = decodeNumberCursor(query.cursor)
  return page(await selectBatches(db, table.id, { before, limit: limit + 1 }), limit, (batch) => batch.number)
}

/** A page of rows as they are now, or as they were after a batch. Whoever reads them is on record. */
export async function readRows(
  { db, engine }: { db: Db; engine: ClickHouseClient },
  actor: Actor,
  name: string,
  query: RowsQuery,
  requestId?: string,
): Promise<{ items: Record<string, unknown>[]; next: string | null }> {
  const table = await tableFor(db, actor, name, 'table:rows')
  const [batch, record] = placeOf(query.cursor)
  // Pages of a snapshot go on in the load they began with, whatever has come since.
  const begun = table.mode === 'snapshot' && batch > 0 ? batch : undefined
  const to = query.asOf ?? begun ?? table.visibleBatch
  if (to > table.visibleBatch) throw notFound(`The batch ${to} of the table ${name}`)
  if (to !== table.visibleBatch && (await selectBatch(db, table.id, to))?.state !== 'loaded')
    throw notFound(`A loaded batch ${to} of the table ${name}`)
  const limit = query.limit ?? defaultLimit
  await noteReading(db, actor, table, requestId, { asOf: to, after: `${batch}.${record}`, limit })
  if (to === 0) return { items: [], next: null }
  const rows = await selectRows(
    engine,
    table.id,
    table.columns,
    { from: table.mode === 'snapshot' ? to : 1, to },
    { batch, record, limit: limit + 1 },
  )
  const found = page(rows, limit, (row) => `${row._batch}.${row._record}`)
  return { items: found.items.map((row) => toValues(table.columns, row)), next: found.next }
}

/** Where the page before ended: batch and record. */
function placeOf(cursor: string | undefined): [number, number] {
  const text = decodeTextCursor(cursor)
  if (text === undefined) return [0, 0]
  const found = /^(\d{1,10})\.(\d{1,15})$/.exec(text)
  if (!found) throw new ConcordError('invalid_cursor', 'This is not a cursor of this list.')
  return [Number(found[1]), Number(found[2])]
}

/** Numbers as numbers where that loses nothing, else as texts; times as ISO 8601. */
function toValues(columns: Column[], row: Record<string, unknown>): Record<string, unknown> {
  const values: Record<string, unknown> = { _record: Number(row._record), _batch: row._batch }
  for (const { name, datatype } of columns) {
    const value = row[name]
    if (typeof value === 'string' && (datatype === 'integer' || datatype === 'decimal')) {
      const number = Number(value)
      values[name] = String(number) === value ? number : value
    } else if (typeof value === 'string' && datatype === 'datetime') values[name] = instantOf(value)
    else values[name] = value
  }
  return values
}

/** A time as the engine writes it (`2024-01-01 10:00:00.500000`, UTC), as ISO 8601 without digits that say nothing. */
const instantOf = (text: string): string => `${text.replace(' ', 'T').replace(/\.?0+$/, '')}Z`

/** Records of a batch that are no rows, in the order of the file. */
export async function listRejected(
  { db, engine }: { db: Db; engine: ClickHouseClient },
  actor: Actor,
  name: string,
  number: number,
  query: PageQuery,
  requestId?: string,
): Promise<{ items: RejectedRecord[]; next: string | null }> {
  const table = await tableFor(db, actor, name, 'table:rows')
  if (!(await selectBatch(db, table.id, number))) throw notFound(`The batch ${number} of the table ${name}`)
  const after = decodeNumberCursor(query.cursor) ?? 0
  const limit = query.limit ?? defaultLimit
  await noteReading(db, actor, table, requestId, { rejectedOf: number, after, limit })
  const places = new Map(table.columns.map((c, i) => [c.name, i]))
  const place = ({ column }: { column: string }) => places.get(column) ?? -1
  const rows = (await selectRejected(engine, table.id, number, { after, limit })).sort(
    (a, b) => a.record - b.record || place(a) - place(b),
  )
  // A record with several wrong values is not cut in two: the engine gives all of the last one.
  const more = rows.length < limit ? rows : [...rows, rows.at(-1)!]
  const found = page(more, rows.length, (row) => row.record)
  return {
    items: found.items.map(({ line, column, ...row }) => ({
      ...row,
      line: line || null,
      column: column || null,
    })),
    next: found.next,
  }
}
