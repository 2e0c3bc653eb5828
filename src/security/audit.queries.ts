import { type Db, sql } from '../platform/postgres.ts'

/** An event as it is hashed and stored. */
export interface AuditRow {
  seq: number
  at: string
  requestId: string | null
  actorKind: string
  actorId: string | null
  organisationId: number | null
  action: string
  objectKind: string | null
  objectId: string | null
  decision: string
  /** Canonical JSON. */
  detail: string
}

export interface ChainRow extends AuditRow {
  previousHash: Buffer
  hash: Buffer
}

/** Any number that no other program uses as an advisory lock in this database. */
const sequencerLock = 7_226_021

const columns = sql`seq, at, request_id as "requestId", actor_kind as "actorKind", actor_id as "actorId",
  organisation_id as "organisationId", action, object_kind as "objectKind", object_id as "objectId", decision, detail`

export async function insertIntake(db: Db, e: Omit<AuditRow, 'seq' | 'at'>): Promise<void> {
  await sql`
    insert into security.audit_intake
      (request_id, actor_kind, actor_id, organisation_id, action, object_kind, object_id, decision, detail)
    values (${e.requestId}, ${e.actorKind}, ${e.actorId}, ${e.organisationId}, ${e.action}, ${e.objectKind},
      ${e.objectId}, ${e.decision}, ${e.detail})`.execute(db)
}

/** True when this transaction is now the only one that appends to the chain; held until it ends. */
export async function trySequencerLock(db: Db): Promise<boolean> {
  const { rows } = await sql<{
    locked: boolean
  }>`select pg_try_advisory_xact_lock(${sequencerLock}) as locked`.execute(db)
  return rows[0]!.locked
}

export interface IntakeRow extends AuditRow {
  xid: string
}

/** The oldest events waiting, in the order of their transactions. */
export async function selectIntake(db: Db, limit: number): Promise<IntakeRow[]> {
  const { rows } = await sql<IntakeRow>`
    select xid::text as xid, ${columns} from security.audit_intake order by security.audit_intake.xid, seq limit ${limit}`.execute(
    db,
  )
  return rows
}

export async function deleteIntake(db: Db, events: { xid: string; seq: number }[]): Promise<void> {
  const keys = JSON.stringify(events.map(({ xid, seq }) => ({ xid, seq })))
  await sql`
    delete from security.audit_intake i using json_to_recordset(${keys}::json) as x(xid xid8, seq bigint)
    where i.xid = x.xid and i.seq = x.seq`.execute(db)
}

export async function countIntake(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from security.audit_intake`.execute(
    db,
  )
  return rows[0]!.count
}

export async function selectHead(db: Db): Promise<{ seq: number; hash: Buffer } | undefined> {
  const { rows } = await sql<{ seq: number; hash: Buffer }>`
    select seq, hash from security.audit_event order by seq desc limit 1`.execute(db)
  return rows[0]
}

export async function selectHashAt(db: Db, seq: number): Promise<Buffer | undefined> {
  const { rows } = await sql<{
    hash: Buffer
  }>`select hash from security.audit_event where seq = ${seq}`.execute(db)
  return rows[0]?.hash
}

/** Where in the chain a hash stands; a full scan, used only when the chain is broken. */
export async function selectSeqOfHash(db: Db, hash: Buffer): Promise<number | undefined> {
  const { rows } = await sql<{
    seq: number
  }>`select seq from security.audit_event where hash = ${hash} order by seq limit 1`.execute(db)
  return rows[0]?.seq
}

export async function insertEvents(db: Db, events: ChainRow[]): Promise<void> {
  const rows = events.map((e) => ({
    ...e,
    previousHash: e.previousHash.toString('hex'),
    hash: e.hash.toString('hex'),
  }))
  await sql`
    insert into security.audit_event (seq, at, request_id, actor_kind, actor_id, organisation_id, action, object_kind,
      object_id, decision, detail, previous_hash, hash)
    select seq, at, "requestId", "actorKind", "actorId", "organisationId", action, "objectKind", "objectId", decision,
      detail, decode("previousHash", 'hex'), decode(hash, 'hex')
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(seq bigint, at timestamptz, "requestId" text,
      "actorKind" text, "actorId" text, "organisationId" int, action text, "objectKind" text, "objectId" text,
      decision text, detail text, "previousHash" text, hash text)`.execute(db)
}

/** Events after `after` in the order of the chain. */
export async function selectChain(db: Db, after: number, limit: number): Promise<ChainRow[]> {
  const { rows } = await sql<ChainRow>`
    select ${columns}, previous_hash as "previousHash", hash from security.audit_event
    where seq > ${after} order by seq limit ${limit}`.execute(db)
  return rows
}

export interface AuditFilter {
  before?: number
  limit: number
  actorId?: string
  objectKind?: string
  objectId?: string
  action?: string
  decision?: string
  from?: string
  to?: string
}

/** Events for reading, newest first. */
export async function selectEvents(db: Db, f: AuditFilter): Promise<ChainRow[]> {
  const { rows } = await sql<ChainRow>`
    select ${columns}, previous_hash as "previousHash", hash from security.audit_event
    where true
      ${f.before === undefined ? sql`` : sql`and seq < ${f.before}`}
      ${f.actorId === undefined ? sql`` : sql`and actor_id = ${f.actorId}`}
      ${f.objectKind === undefined ? sql`` : sql`and object_kind = ${f.objectKind}`}
      ${f.objectId === undefined ? sql`` : sql`and object_id = ${f.objectId}`}
      ${f.action === undefined ? sql`` : sql`and action = ${f.action}`}
      ${f.decision === undefined ? sql`` : sql`and decision = ${f.decision}`}
      ${f.from === undefined ? sql`` : sql`and at >= ${f.from}::timestamptz`}
      ${f.to === undefined ? sql`` : sql`and at < ${f.to}::timestamptz`}
    order by seq desc limit ${f.limit}`.execute(db)
  return rows
}

/** Present names of people by uid. */
export async function selectNames(db: Db, uids: string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ uid: string; name: string }>`
    select uid::text as uid, name from security.person where uid = any(${[...new Set(uids)]}::uuid[])`.execute(
    db,
  )
  return new Map(rows.map((r) => [r.uid, r.name]))
}

export interface CheckpointRow {
  keyId: string
  seq: number
  line: string
}

/** Makes signers with the same key wait for each other until the transaction ends. */
export async function lockCheckpoints(db: Db, keyId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${keyId}, 7226))`.execute(db)
}

export async function insertCheckpoint(db: Db, c: CheckpointRow): Promise<void> {
  await sql`insert into security.audit_checkpoint (key_id, seq, line) values (${c.keyId}, ${c.seq}, ${c.line})
    on conflict do nothing`.execute(db)
}

/** Checkpoints after one in the order of key and number, at most `limit`. */
export async function selectCheckpoints(
  db: Db,
  after: { keyId: string; seq: number },
  limit: number,
): Promise<CheckpointRow[]> {
  const { rows } = await sql<CheckpointRow>`
    select key_id as "keyId", seq, line from security.audit_checkpoint
    where (key_id, seq) > (${after.keyId}, ${after.seq}::bigint) order by key_id, seq limit ${limit}`.execute(
    db,
  )
  return rows
}

/** The number of a key's last checkpoint in the table; 0 when there is none. */
export async function selectNewestCheckpoint(db: Db, keyId: string): Promise<number> {
  const { rows } = await sql<{ seq: number }>`
    select coalesce(max(seq), 0) as seq from security.audit_checkpoint where key_id = ${keyId}`.execute(db)
  return rows[0]!.seq
}

/** The lines that the table has for these numbers of one key. */
export async function selectCheckpointLines(
  db: Db,
  keyId: string,
  seqs: number[],
): Promise<Map<number, string>> {
  const { rows } = await sql<{ seq: number; line: string }>`
    select seq, line from security.audit_checkpoint where key_id = ${keyId} and seq = any(${seqs}::bigint[])`.execute(
    db,
  )
  return new Map(rows.map((r) => [r.seq, r.line]))
}

/** Hashes (hex) of the events with these numbers. */
export async function selectHashes(db: Db, seqs: number[]): Promise<Map<number, string>> {
  const { rows } = await sql<{ seq: number; hash: string }>`
    select seq, encode(hash, 'hex') as hash from security.audit_event where seq = any(${seqs}::bigint[])`.execute(
    db,
  )
  return new Map(rows.map((r) => [r.seq, r.hash]))
}
