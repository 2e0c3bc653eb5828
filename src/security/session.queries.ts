import { type Db, sql } from '../platform/postgres.ts'
import type { Role } from './role.schema.ts'

/** A signed-in person, as every request needs it. */
export interface SignedInRow {
  personId: number
  uid: string
  login: string
  name: string
  language: string | null
  organisationId: number
  organisationUid: string
  organisationName: string
  roles: Role[]
}

export interface SessionRow extends SignedInRow {
  csrfToken: string
  createdAt: string
  expiresAt: string
  /** Seconds since it was last used. */
  idle: number
}

const person = sql`p.id as "personId", p.uid, p.login, p.name, p.language, p.organisation_id as "organisationId",
  o.uid as "organisationUid", o.name as "organisationName",
  array(select role from security.person_role r where r.person_id = p.id order by role) as roles`

export async function insertSession(
  db: Db,
  s: {
    tokenHash: Buffer
    personId: number
    csrfToken: string
    lifetimeSeconds: number
    address: string | null
    agent: string | null
  },
): Promise<void> {
  await sql`
    insert into security.session (token_hash, person_id, csrf_token, expires_at, address, agent)
    values (${s.tokenHash}, ${s.personId}, ${s.csrfToken}, now() + make_interval(secs => ${s.lifetimeSeconds}),
      ${s.address}::inet, ${s.agent})`.execute(db)
}

/** The session with its person, unless it has expired, idled too long (s), or the person is disabled. */
export async function selectSession(
  db: Db,
  tokenHash: Buffer,
  maxIdleSeconds: number,
): Promise<SessionRow | undefined> {
  const { rows } = await sql<SessionRow>`
    select ${person}, s.csrf_token as "csrfToken", s.created_at as "createdAt", s.expires_at as "expiresAt",
      extract(epoch from now() - s.last_seen_at)::float8 as idle
    from security.session s join security.person p on p.id = s.person_id
      join security.organisation o on o.id = p.organisation_id
    where s.token_hash = ${tokenHash} and s.expires_at > now() and p.disabled_at is null
      and s.last_seen_at > now() - make_interval(secs => ${maxIdleSeconds})`.execute(db)
  return rows[0]
}

export async function touchSession(db: Db, tokenHash: Buffer): Promise<void> {
  await sql`update security.session set last_seen_at = now() where token_hash = ${tokenHash}`.execute(db)
}

export async function deleteSession(db: Db, tokenHash: Buffer): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from security.session where token_hash = ${tokenHash}`.execute(
    db,
  )
  return numAffectedRows === 1n
}

/** Ends all sessions of a person, but the one to keep. */
export async function deleteSessionsOf(db: Db, personId: number, keep?: Buffer): Promise<void> {
  await sql`delete from security.session where person_id = ${personId}
    ${keep === undefined ? sql`` : sql`and token_hash <> ${keep}`}`.execute(db)
}

export interface FailureCount {
  failures: number
  /** Seconds since the last one. */
  since: number
}

/** Makes attempts of one subject wait for each other until the transaction ends. */
export async function lockSubject(db: Db, subject: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${subject}, 7226))`.execute(db)
}

export async function countFailures(db: Db, subject: string, windowSeconds: number): Promise<FailureCount> {
  const { rows } = await sql<FailureCount>`
    select count(*) as failures, coalesce(extract(epoch from clock_timestamp() - max(at)), 0)::float8 as since
    from security.sign_in_failure
    where subject = ${subject} and at > clock_timestamp() - make_interval(secs => ${windowSeconds})`.execute(
    db,
  )
  return rows[0]!
}

export async function insertFailure(db: Db, subject: string): Promise<void> {
  await sql`insert into security.sign_in_failure (subject) values (${subject})`.execute(db)
}

export async function deleteFailures(db: Db, subject: string): Promise<void> {
  await sql`delete from security.sign_in_failure where subject = ${subject}`.execute(db)
}

/** Takes back the newest attempt of a subject: it was not a failure. */
export async function deleteLastFailure(db: Db, subject: string): Promise<void> {
  await sql`delete from security.sign_in_failure where ctid = (
    select ctid from security.sign_in_failure where subject = ${subject} order by at desc limit 1)`.execute(
    db,
  )
}

/** Removes what has expired. */
export async function trimSessions(db: Db, failureWindowSeconds: number): Promise<void> {
  await sql`delete from security.session where expires_at < now()`.execute(db)
  await sql`delete from security.sign_in_failure
    where at < now() - make_interval(secs => ${failureWindowSeconds})`.execute(db)
}
