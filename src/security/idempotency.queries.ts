import { type Db, sql } from '../platform/postgres.ts'

export interface KeptAnswer {
  requestHash: Buffer
  /** Null while the first request is still at work. */
  status: number | null
  /** The body as it was sent. */
  answer: { body: string } | null
  headers: Record<string, string> | null
}

/** True when the key is new and now ours; a claim without an answer that is older than `staleSeconds` is taken over. */
export async function claimKey(
  db: Db,
  actor: string,
  key: string,
  requestHash: Buffer,
  staleSeconds: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into platform.idempotency as i (actor, key, request_hash) values (${actor}, ${key}, ${requestHash})
    on conflict (actor, key) do update set at = now()
      where i.status is null and i.request_hash = excluded.request_hash
        and i.at < now() - make_interval(secs => ${staleSeconds})`.execute(db)
  return numAffectedRows === 1n
}

export async function selectAnswer(db: Db, actor: string, key: string): Promise<KeptAnswer | undefined> {
  const { rows } = await sql<KeptAnswer>`
    select request_hash as "requestHash", status, answer, headers from platform.idempotency
    where actor = ${actor} and key = ${key}`.execute(db)
  return rows[0]
}

/** Keeps the answer of the request that holds the key. @returns false when the key has one already. */
export async function keepAnswer(
  db: Db,
  actor: string,
  key: string,
  a: { status: number; body: string; headers: Record<string, string> },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update platform.idempotency set status = ${a.status}, answer = ${JSON.stringify({ body: a.body })}::jsonb,
      headers = ${JSON.stringify(a.headers)}::jsonb
    where actor = ${actor} and key = ${key} and status is null`.execute(db)
  return numAffectedRows === 1n
}

export async function releaseKey(db: Db, actor: string, key: string): Promise<void> {
  await sql`delete from platform.idempotency where actor = ${actor} and key = ${key} and status is null`.execute(
    db,
  )
}

/** Answers are kept for a day. */
export async function trimAnswers(db: Db): Promise<void> {
  await sql`delete from platform.idempotency where at < now() - interval '1 day'`.execute(db)
}
