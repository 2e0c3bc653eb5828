import { type Db, sql } from './postgres.ts'

/**
 * News that travels between capabilities: a row written in the transaction that made the change,
 * read in commit order by any number of consumers, each with a cursor of its own.
 */
export interface OutboxEvent<T = unknown> {
  position: OutboxPosition
  topic: string
  payload: T
  at: string
}

/**
 * A place in the outbox. Sequence numbers alone are handed out before commit, so a reader could pass
 * one that is still uncommitted; (transaction id, sequence) below the oldest running transaction
 * cannot change any more.
 */
export interface OutboxPosition {
  xid: string
  seq: number
}

export const outboxChannel = 'concord_outbox'

/** Writes an event; call it inside the transaction of the change. Listeners are woken at commit. */
export async function emit(db: Db, topic: string, payload: unknown): Promise<void> {
  await sql`insert into platform.outbox (topic, payload) values (${topic}, ${JSON.stringify(payload)}::jsonb)`.execute(
    db,
  )
  await sql`select pg_notify(${outboxChannel}, ${topic})`.execute(db)
}

/** Events after `after` that are settled, oldest first, at most `limit`. */
export async function readOutbox<T>(
  db: Db,
  topic: string,
  after: OutboxPosition,
  limit = 500,
): Promise<OutboxEvent<T>[]> {
  const { rows } = await sql<{ xid: string; seq: number; topic: string; payload: T; at: string }>`
    select o.xid::text, o.seq, o.topic, o.payload, o.at from platform.outbox o
    where o.topic = ${topic} and (o.xid, o.seq) > (${after.xid}::xid8, ${after.seq})
      and o.xid < pg_snapshot_xmin(pg_current_snapshot())
    -- By the number: the bare name would be that of the text above, and 1000 come before 999.
    order by o.xid, o.seq limit ${limit}`.execute(db)
  return rows.map((r) => ({
    position: { xid: r.xid, seq: r.seq },
    topic: r.topic,
    payload: r.payload,
    at: r.at,
  }))
}

/** The end of what is settled now: a reader that starts from a full copy taken after this call misses nothing. */
export async function outboxHead(db: Db): Promise<OutboxPosition> {
  const { rows } = await sql<{
    xid: string
  }>`select pg_snapshot_xmin(pg_current_snapshot())::text as xid`.execute(db)
  // All events of transactions before xmin are settled; those of xmin itself are not yet.
  return { xid: rows[0]!.xid, seq: 0 }
}

/**
 * Deletes events older than the time given (days) and notes how far each topic was trimmed. Consumers further
 * behind must take a full copy: `missedNews` tells them.
 */
export async function trimOutbox(db: Db, olderThanDays: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with gone as (
      delete from platform.outbox where at < now() - make_interval(days => ${olderThanDays})
      returning topic, xid, seq
    ), horizon as (
      insert into platform.outbox_horizon (topic, xid, seq)
      select distinct on (topic) topic, xid, seq from gone order by topic, xid desc, seq desc
      on conflict (topic) do update set xid = excluded.xid, seq = excluded.seq, at = now()
        where (excluded.xid, excluded.seq) > (outbox_horizon.xid, outbox_horizon.seq)
    )
    select count(*) as count from gone`.execute(db)
  return rows[0]!.count
}

/**
 * True when a reader at this place cannot know what happened since: news after it was trimmed away, or the place is
 * one of another database (beyond the newest transaction, as after a restore). It must take a full copy.
 */
export async function missedNews(db: Db, topic: string, after: OutboxPosition): Promise<boolean> {
  const { rows } = await sql<{ missed: boolean }>`
    select ${after.xid}::xid8 > pg_snapshot_xmax(pg_current_snapshot())
      or exists (select from platform.outbox_horizon
        where topic = ${topic} and (xid, seq) > (${after.xid}::xid8, ${after.seq}::bigint)) as missed`.execute(
    db,
  )
  return rows[0]!.missed
}
