import { type Db, sql } from '../platform/postgres.ts'
import type { SignedInRow } from './session.queries.ts'
import type { Token } from './token.schema.ts'

const columns = sql`uid, name, prefix, scopes, created_at as "createdAt", expires_at as "expiresAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt"`

export async function insertToken(
  db: Db,
  t: {
    tokenHash: Buffer
    prefix: string
    personId: number
    name: string
    scopes: string[]
    expiresAt: string
  },
): Promise<Token> {
  const { rows } = await sql<Token>`
    insert into security.api_token (token_hash, prefix, person_id, name, scopes, expires_at)
    values (${t.tokenHash}, ${t.prefix}, ${t.personId}, ${t.name}, ${t.scopes}::text[], ${t.expiresAt}::timestamptz)
    returning ${columns}`.execute(db)
  return rows[0]!
}

export async function selectTokensOf(db: Db, personId: number, limit: number): Promise<Token[]> {
  const { rows } = await sql<Token>`
    select ${columns} from security.api_token where person_id = ${personId} order by id desc limit ${limit}`.execute(
    db,
  )
  return rows
}

export async function countLivingTokens(db: Db, personId: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from security.api_token
    where person_id = ${personId} and revoked_at is null and expires_at > now()`.execute(db)
  return rows[0]!.count
}

export async function selectTokenOwner(
  db: Db,
  uid: string,
): Promise<{ personId: number; personUid: string; organisationId: number } | undefined> {
  const { rows } = await sql<{ personId: number; personUid: string; organisationId: number }>`
    select t.person_id as "personId", p.uid as "personUid", p.organisation_id as "organisationId"
    from security.api_token t join security.person p on p.id = t.person_id where t.uid = ${uid}`.execute(db)
  return rows[0]
}

export interface TokenActorRow extends SignedInRow {
  tokenId: number
  scopes: string[]
  /** True when its use was last noted over a minute ago. */
  stale: boolean
}

/** The living token with its owner's present roles. */
export async function selectTokenActor(db: Db, tokenHash: Buffer): Promise<TokenActorRow | undefined> {
  const { rows } = await sql<TokenActorRow>`
    select t.id as "tokenId", t.scopes, p.id as "personId", p.uid, p.login, p.name, p.language,
      p.organisation_id as "organisationId", o.uid as "organisationUid", o.name as "organisationName",
      array(select role from security.person_role r where r.person_id = p.id order by role) as roles,
      coalesce(t.last_used_at < now() - interval '1 minute', true) as stale
    from security.api_token t join security.person p on p.id = t.person_id
      join security.organisation o on o.id = p.organisation_id
    where t.token_hash = ${tokenHash} and t.revoked_at is null and t.expires_at > now()
      and p.disabled_at is null`.execute(db)
  return rows[0]
}

export async function touchToken(db: Db, id: number): Promise<void> {
  await sql`update security.api_token set last_used_at = now() where id = ${id}`.execute(db)
}

export async function revokeTokenRow(db: Db, uid: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update security.api_token set revoked_at = now() where uid = ${uid} and revoked_at is null`.execute(db)
  return numAffectedRows === 1n
}

export async function revokeTokensOf(db: Db, personId: number): Promise<void> {
  await sql`update security.api_token set revoked_at = now()
    where person_id = ${personId} and revoked_at is null`.execute(db)
}
