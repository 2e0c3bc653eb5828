import type { Fault } from '../platform/errors.ts'
import { type Db, sql } from '../platform/postgres.ts'
import type { Batch, Column } from './table.schema.ts'

const columns = sql`number, state, source, source_bytes as bytes, encode(checksum, 'hex') as checksum, format, encoding,
  rows_read as read, rows_accepted as accepted, rows_rejected as rejected, faults, started_by_name as by,
  started_at as "startedAt", ended_at as "endedAt"`

/** Batches of a table, the newest first. */
export async function selectBatches(
  db: Db,
  tableId: number,
  page: { before: number | undefined; limit: number },
): Promise<Batch[]> {
  const { rows } = await sql<Batch>`
    select ${columns} from collection.batch
    where table_id = ${tableId} ${page.before === undefined ? sql`` : sql`and number < ${page.before}`}
    order by number desc limit ${page.limit}`.execute(db)
  return rows
}

export async function selectBatch(db: Db, tableId: number, number: number): Promise<Batch | undefined> {
  const { rows } = await sql<Batch>`
    select ${columns} from collection.batch where table_id = ${tableId} and number = ${number}`.execute(db)
  return rows[0]
}

/** The loaded batch of this file, read in the same way, that readers see: of a snapshot the newest one, else any. */
export async function selectSame(
  db: Db,
  tableId: number,
  { checksum, encoding, delimiter }: { checksum: string; encoding: string; delimiter: string },
  newest: number | undefined,
): Promise<Batch | undefined> {
  const { rows } = await sql<Batch>`
    select ${columns} from collection.batch
    where table_id = ${tableId} and state = 'loaded' and checksum = decode(${checksum}, 'hex')
      and encoding = ${encoding} and delimiter = ${delimiter}
      ${newest === undefined ? sql`` : sql`and number = ${newest}`}
    order by number desc limit 1`.execute(db)
  return rows[0]
}

/** Batches that say `loading` though nobody loads them: their process is gone. Ask under the lock of the table. */
export async function endOrphans(db: Db, tableId: number): Promise<void> {
  await sql`update collection.batch set state = 'interrupted', ended_at = now()
    where table_id = ${tableId} and state = 'loading'`.execute(db)
}

/** Begins a batch. @returns its number */
export async function insertBatch(
  db: Db,
  tableId: number,
  batch: Pick<Batch, 'source' | 'bytes' | 'checksum' | 'format' | 'encoding' | 'by'> & {
    delimiter: string
    columns: Column[]
  },
): Promise<number> {
  const { rows } = await sql<{ number: number }>`
    insert into collection.batch (table_id, number, state, source, source_bytes, checksum, format, encoding, delimiter,
      columns, started_by_name)
    select ${tableId}, coalesce(max(number), 0) + 1, 'loading', ${batch.source}, ${batch.bytes},
      decode(${batch.checksum}, 'hex'), ${batch.format}, ${batch.encoding},
      ${batch.delimiter}, ${JSON.stringify(batch.columns)}::jsonb, ${batch.by}
    from collection.batch where table_id = ${tableId}
    returning number`.execute(db)
  return rows[0]!.number
}

/** Ends a batch that is loading. @returns false where it is not any more */
export async function endBatch(
  db: Db,
  tableId: number,
  number: number,
  end: Pick<Batch, 'state' | 'read' | 'accepted' | 'rejected'> & { faults: Fault[] },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update collection.batch set state = ${end.state}, rows_read = ${end.read}, rows_accepted = ${end.accepted},
      rows_rejected = ${end.rejected}, faults = ${JSON.stringify(end.faults)}::jsonb, ended_at = now()
    where table_id = ${tableId} and number = ${number} and state = 'loading'`.execute(db)
  return numAffectedRows === 1n
}
