import { type Db, sql } from '../platform/postgres.ts'
import type { Person } from './person.schema.ts'
import type { Role } from './role.schema.ts'

/** A person with the row ids that other tables refer to. */
export interface PersonRow extends Person {
  id: number
  organisationId: number
}

/** What sign-in needs besides. */
export interface CredentialRow {
  id: number
  uid: string
  passwordHash: string | null
  disabledAt: string | null
  oidcSubject: string | null
}

const columns = sql`p.id, p.uid, p.login, p.name, p.email, p.organisation_id as "organisationId",
  o.uid as "organisationUid", o.name as "organisationName", p.language,
  array(select role from security.person_role r where r.person_id = p.id order by role) as roles,
  p.password_hash is not null as "hasPassword", p.oidc_subject is not null as "hasOidc",
  p.disabled_at as "disabledAt", p.created_at as "createdAt"`
const tables = sql`security.person p join security.organisation o on o.id = p.organisation_id`
const credentials = sql`id, uid, password_hash as "passwordHash", disabled_at as "disabledAt",
  oidc_subject as "oidcSubject"`

export async function selectPerson(
  db: Db,
  by: { id?: number; uid?: string; login?: string },
): Promise<PersonRow | undefined> {
  const condition =
    by.id !== undefined
      ? sql`p.id = ${by.id}`
      : by.uid !== undefined
        ? sql`p.uid = ${by.uid}`
        : sql`p.login = ${by.login ?? ''}`
  const { rows } = await sql<PersonRow>`select ${columns} from ${tables} where ${condition}`.execute(db)
  return rows[0]
}

export async function selectPeople(
  db: Db,
  f: { after?: number; limit: number; q?: string; role?: Role; organisationIds?: number[] },
): Promise<PersonRow[]> {
  const like = f.q ? `%${f.q.replace(/[\\%_]/g, '\\$&')}%` : undefined
  const { rows } = await sql<PersonRow>`
    select ${columns} from ${tables} where p.id > ${f.after ?? 0}::bigint
      ${like === undefined ? sql`` : sql`and (p.login ilike ${like} or p.name ilike ${like} or p.email ilike ${like})`}
      ${f.organisationIds === undefined ? sql`` : sql`and p.organisation_id = any(${f.organisationIds}::int[])`}
      ${f.role === undefined ? sql`` : sql`and exists (select from security.person_role r where r.person_id = p.id and r.role = ${f.role})`}
    order by p.id limit ${f.limit}`.execute(db)
  return rows
}

/** Enabled people who hold the role at the body or at one above it, nearest first. */
export async function selectPeopleWithRole(
  db: Db,
  f: { role: Role; organisationId: number; above: boolean; limit: number },
): Promise<{ id: number; distance: number }[]> {
  const { rows } = await sql<{ id: number; distance: number }>`
    with recursive path as (
      select id, parent_id, 0 as distance from security.organisation where id = ${f.organisationId}
      union all
      select o.id, o.parent_id, path.distance + 1 from path join security.organisation o on o.id = path.parent_id
      where ${f.above} and path.distance < 50
    )
    select p.id, path.distance from path join security.person p on p.organisation_id = path.id
      join security.person_role r on r.person_id = p.id and r.role = ${f.role}
    where p.disabled_at is null order by path.distance, p.id limit ${f.limit}`.execute(db)
  return rows
}

export async function selectCredential(
  db: Db,
  by: { login: string } | { id: number },
): Promise<CredentialRow | undefined> {
  const condition = 'login' in by ? sql`login = ${by.login}` : sql`id = ${by.id}`
  const { rows } = await sql<CredentialRow>`
    select ${credentials} from security.person where ${condition}`.execute(db)
  return rows[0]
}

export async function selectByOidc(
  db: Db,
  issuer: string,
  subject: string,
): Promise<CredentialRow | undefined> {
  const { rows } = await sql<CredentialRow>`
    select ${credentials} from security.person where oidc_issuer = ${issuer} and oidc_subject = ${subject}`.execute(
    db,
  )
  return rows[0]
}

export async function selectByEmail(db: Db, email: string): Promise<CredentialRow[]> {
  const { rows } = await sql<CredentialRow>`
    select ${credentials} from security.person where lower(email) = lower(${email}) limit 2`.execute(db)
  return rows
}

/** Binds an outside identity to an account that has none. False when it has one by now. */
export async function bindOidc(db: Db, id: number, issuer: string, subject: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update security.person set oidc_issuer = ${issuer}, oidc_subject = ${subject}
    where id = ${id} and oidc_subject is null`.execute(db)
  return numAffectedRows === 1n
}

export interface PersonValues {
  login: string
  name: string
  email: string | null
  organisationId: number
  passwordHash: string | null
  language: string | null
}

export async function insertPerson(db: Db, v: PersonValues): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into security.person (login, name, email, organisation_id, password_hash, language)
    values (${v.login}, ${v.name}, ${v.email}, ${v.organisationId}, ${v.passwordHash}, ${v.language})
    returning id`.execute(db)
  return rows[0]!.id
}

export async function updatePersonRow(
  db: Db,
  id: number,
  v: Pick<PersonValues, 'name' | 'email' | 'organisationId' | 'language'>,
): Promise<void> {
  await sql`update security.person set name = ${v.name}, email = ${v.email},
    organisation_id = ${v.organisationId}, language = ${v.language} where id = ${id}`.execute(db)
}

export async function updatePasswordHash(db: Db, id: number, hash: string): Promise<void> {
  await sql`update security.person set password_hash = ${hash} where id = ${id}`.execute(db)
}

export async function updateDisabled(db: Db, id: number, disabled: boolean): Promise<void> {
  await sql`update security.person set disabled_at = ${disabled ? sql`now()` : sql`null`} where id = ${id}`.execute(
    db,
  )
}

/** Holds the person's row, so that two grants at once see each other. */
export async function lockPerson(db: Db, id: number): Promise<void> {
  await sql`select from security.person where id = ${id} for update`.execute(db)
}

export async function insertRole(db: Db, id: number, role: Role, grantedBy: number | null): Promise<void> {
  await sql`insert into security.person_role (person_id, role, granted_by) values (${id}, ${role}, ${grantedBy})
    on conflict (person_id, role) do nothing`.execute(db)
}

export async function deleteRole(db: Db, id: number, role: Role): Promise<void> {
  await sql`delete from security.person_role where person_id = ${id} and role = ${role}`.execute(db)
}
