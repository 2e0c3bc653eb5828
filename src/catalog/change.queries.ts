import { type Db, sql } from '../platform/postgres.ts'

/** A place in the order of changes; see `OutboxPosition`. */
export interface ChangePosition {
  xid: string
  seq: number
}

/** Something that happened to what the public sees of an entry. */
export interface Change {
  position: ChangePosition
  datasetId: number
  uid: string
  /** The version that was published, or the one that retired the entry. */
  version: number
  kind: 'create' | 'update' | 'delete'
  at: string
}

/**
 * Changes after a place that are settled, oldest first. They come in the order of their transactions, each exactly
 * once, whoever writes meanwhile: a transaction that still runs holds back what began after it.
 */
export async function readChanges(db: Db, after: ChangePosition, limit: number): Promise<Change[]> {
  const { rows } = await sql<Omit<Change, 'position'> & ChangePosition>`
    select xid::text, seq, dataset_id as "datasetId", uid, version, kind, at from catalog.change
    where (xid, seq) > (${after.xid}::xid8, ${after.seq}::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
    order by xid, seq limit ${limit}`.execute(db)
  return rows.map(({ xid, seq, ...rest }) => ({ position: { xid, seq: Number(seq) }, ...rest }))
}
