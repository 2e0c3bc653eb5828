import { type Db, sql } from '../platform/postgres.ts'

/** Something that happened to what the public sees of an entry. */
export interface Change {
  /** Its place in the order of all changes: 1, 2, 3 … without gaps. */
  ordinal: number
  datasetId: number
  uid: string
  /** The version that was published, or the one that retired the entry. */
  version: number
  kind: 'create' | 'update' | 'delete'
  /** When it took its place: not before the change before it, and after the last one of the same entry. */
  at: string
}

/** Changes after a place, oldest first. */
export async function selectChanges(db: Db, after: number, limit: number): Promise<Change[]> {
  const { rows } = await sql<Change>`
    select ordinal, dataset_id as "datasetId", uid, version, kind, at from catalog.change
    where ordinal > ${after} order by ordinal limit ${limit}`.execute(db)
  return rows
}

/** The place and time of the newest change; zero where there is none. */
export async function selectLastChange(db: Db): Promise<{ ordinal: number; at: string | null }> {
  const { rows } = await sql<{ ordinal: number; at: string }>`
    select ordinal, at from catalog.change order by ordinal desc limit 1`.execute(db)
  return rows[0] ?? { ordinal: 0, at: null }
}

/** Any number that no other program uses as an advisory lock in this database. */
const sequencerLock = 7_226_041

/** Takes the right to number changes until the end of the transaction; false where another node has it. */
export async function trySequencerLock(tx: Db): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select pg_try_advisory_xact_lock(${sequencerLock}) as taken`.execute(tx)
  return rows[0]!.taken
}

/**
 * Moves what is settled from the intake to the end of the order, at most `limit`. A transaction that still runs, in any
 * database of the server, holds back what began after it. @returns how many.
 */
export async function numberChanges(tx: Db, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with head as (
      select coalesce(max(ordinal), 0) as ordinal, coalesce(max(at), '-infinity') as at
      from (select ordinal, at from catalog.change order by ordinal desc limit 1) last
    ), settled as materialized (
      select ctid as row, * from catalog.change_intake
      -- Beyond the newest transaction: it came with a database that was copied from another server.
      where xid < pg_snapshot_xmin(pg_current_snapshot()) or xid >= pg_snapshot_xmax(pg_current_snapshot())
      order by xid, seq limit ${limit}
    ), taken as (
      -- By place: no statistics of a table that is mostly empty can make this a comparison of all with all.
      delete from catalog.change_intake where ctid = any(array(select row from settled))
    ), ordered as (
      select *, row_number() over (partition by dataset_id order by xid, seq) > 1 as again from settled
    ), placed as (
      insert into catalog.change (ordinal, dataset_id, uid, version, kind, at)
      select head.ordinal + row_number() over (order by t.xid, t.seq), t.dataset_id, t.uid, t.version, t.kind,
        -- A millisecond more with each entry that comes again: changes of one entry never have the same time.
        greatest(head.at + interval '1 ms', statement_timestamp())
          + count(*) filter (where t.again) over (order by t.xid, t.seq) * interval '1 ms'
      from ordered t, head
      returning 1
    )
    select count(*)::int as count from placed`.execute(tx)
  return rows[0]!.count
}
