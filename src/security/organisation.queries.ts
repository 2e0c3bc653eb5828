import { type Db, sql } from '../platform/postgres.ts'
import type { Organisation } from './organisation.schema.ts'

/** A body with the row ids that other tables refer to. */
export interface OrganisationRow extends Organisation {
  id: number
  parentId: number | null
}

const columns = sql`o.id, o.uid, o.code, o.name, o.translations, o.tier, o.division_code as "divisionCode",
  o.credit_code as "creditCode", o.parent_id as "parentId", p.uid as "parentUid", o.description, o.homepage,
  o.contact, o.created_at as "createdAt"`
const tables = sql`security.organisation o left join security.organisation p on p.id = o.parent_id`

export async function readOrganisationRevision(db: Db): Promise<number> {
  const { rows } = await sql<{
    revision: number
  }>`select revision from security.organisation_revision`.execute(db)
  return rows[0]?.revision ?? 0
}

export async function readOrganisationTree(db: Db): Promise<{ id: number; parentId: number | null }[]> {
  const { rows } = await sql<{ id: number; parentId: number | null }>`
    select id, parent_id as "parentId" from security.organisation`.execute(db)
  return rows
}

export async function selectOrganisation(
  db: Db,
  by: { uid?: string; code?: string; creditCode?: string; name?: string; id?: number },
): Promise<OrganisationRow | undefined> {
  const condition =
    by.id !== undefined
      ? sql`o.id = ${by.id}`
      : by.uid !== undefined
        ? sql`o.uid = ${by.uid}`
        : by.code !== undefined
          ? sql`o.code = ${by.code}`
          : by.creditCode !== undefined
            ? sql`o.credit_code = ${by.creditCode}`
            : sql`o.name = ${by.name ?? ''}`
  const { rows } = await sql<OrganisationRow>`
    select ${columns} from ${tables} where ${condition} order by o.id limit 1`.execute(db)
  return rows[0]
}

export async function selectOrganisations(
  db: Db,
  filter: {
    after?: number
    limit: number
    q?: string
    tier?: string
    divisionCode?: string
    parentId?: number | null
  },
): Promise<OrganisationRow[]> {
  const like = filter.q ? `%${filter.q.replace(/[\\%_]/g, '\\$&')}%` : undefined
  const { rows } = await sql<OrganisationRow>`
    select ${columns} from ${tables}
    where o.id > ${filter.after ?? 0}::bigint
      ${like === undefined ? sql`` : sql`and (o.name ilike ${like} or o.code ilike ${like} or o.translations::text ilike ${like})`}
      ${filter.tier === undefined ? sql`` : sql`and o.tier = ${filter.tier}`}
      ${filter.divisionCode === undefined ? sql`` : sql`and o.division_code = ${filter.divisionCode}`}
      ${filter.parentId === undefined ? sql`` : sql`and o.parent_id = ${filter.parentId}`}
    order by o.id limit ${filter.limit}`.execute(db)
  return rows
}

/** What a tree of bodies shows, and nothing longer. */
export type TreeRow = Pick<
  OrganisationRow,
  'uid' | 'code' | 'name' | 'translations' | 'tier' | 'divisionCode' | 'parentUid'
>

export async function selectTreeRows(db: Db, limit: number): Promise<TreeRow[]> {
  const { rows } = await sql<TreeRow>`
    select o.uid, o.code, o.name, o.translations, o.tier, o.division_code as "divisionCode", p.uid as "parentUid"
    from ${tables} order by o.id limit ${limit}`.execute(db)
  return rows
}

export async function selectOrganisationsById(db: Db, ids: number[]): Promise<OrganisationRow[]> {
  const { rows } = await sql<OrganisationRow>`
    select ${columns} from ${tables} where o.id = any(${ids}::int[])`.execute(db)
  return rows
}

export async function countChildren(db: Db, id: number): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*) as count from security.organisation where parent_id = ${id}`.execute(db)
  return rows[0]!.count
}

/** The values of one row as the table has them. */
export interface OrganisationValues {
  code: string
  name: string
  translations: Record<string, unknown>
  tier: string
  divisionCode: string | null
  creditCode: string | null
  parentId: number | null
  description: string | null
  homepage: string | null
  contact: string | null
}

export async function insertOrganisation(
  db: Db,
  v: OrganisationValues,
  origin?: { uid: string; createdAt?: string },
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into security.organisation
      (code, name, translations, tier, division_code, credit_code, parent_id, description, homepage, contact, uid, created_at)
    values (${v.code}, ${v.name}, ${JSON.stringify(v.translations)}::jsonb, ${v.tier}, ${v.divisionCode},
      ${v.creditCode}, ${v.parentId}, ${v.description}, ${v.homepage}, ${v.contact},
      coalesce(${origin?.uid ?? null}::uuid, gen_random_uuid()), coalesce(${origin?.createdAt ?? null}::timestamptz, now()))
    returning id`.execute(db)
  return rows[0]!.id
}

/** A body that another node has, as it is kept here. */
export interface CopiedOrganisation
  extends Pick<OrganisationValues, 'code' | 'name' | 'translations' | 'tier' | 'divisionCode'> {
  /** Its address there. */
  uid: string
  parentId: number
}

/** Adds bodies whose parents are there. @returns row ids in the order given */
export async function insertOrganisations(db: Db, bodies: CopiedOrganisation[]): Promise<number[]> {
  const { rows } = await sql<{ id: number; uid: string }>`
    insert into security.organisation (uid, code, name, translations, tier, division_code, parent_id)
    select uid, code, name, translations, tier, "divisionCode", "parentId"
    from json_to_recordset(${JSON.stringify(bodies)}::json) k
      (uid uuid, code text, name text, translations jsonb, tier text, "divisionCode" text, "parentId" int)
    returning id, uid`.execute(db)
  const ids = new Map(rows.map((r) => [r.uid, r.id]))
  return bodies.map((b) => ids.get(b.uid.toLowerCase())!)
}

export async function updateOrganisationRow(db: Db, id: number, v: OrganisationValues): Promise<void> {
  await sql`update security.organisation set name = ${v.name}, translations = ${JSON.stringify(v.translations)}::jsonb,
    tier = ${v.tier}, division_code = ${v.divisionCode}, credit_code = ${v.creditCode}, parent_id = ${v.parentId},
    description = ${v.description}, homepage = ${v.homepage}, contact = ${v.contact} where id = ${id}`.execute(
    db,
  )
}

/** Holds the tree still until the end of the transaction: two moves at once could close a ring. */
export async function lockOrganisationTree(db: Db): Promise<void> {
  await sql`select revision from security.organisation_revision for update`.execute(db)
}

export interface DivisionRow {
  code: string
  name: string
  translations: Record<string, { name?: string }>
  parentCode: string | null
  tier: string
  validFrom: string | null
  validTo: string | null
}

const divisionColumns = sql`code, name, translations, parent_code as "parentCode", tier,
  valid_from as "validFrom", valid_to as "validTo"`

export async function selectDivisions(
  db: Db,
  filter: { after?: string; limit?: number; parentCode?: string; tier?: string } = {},
): Promise<DivisionRow[]> {
  const { rows } = await sql<DivisionRow>`
    select ${divisionColumns} from security.division
    where code > ${filter.after ?? ''}
      ${filter.parentCode === undefined ? sql`` : sql`and parent_code = ${filter.parentCode}`}
      ${filter.tier === undefined ? sql`` : sql`and tier = ${filter.tier}`}
    order by code ${filter.limit === undefined ? sql`` : sql`limit ${filter.limit}`}`.execute(db)
  return rows
}

export async function upsertDivisions(db: Db, rows: DivisionRow[]): Promise<void> {
  await sql`
    insert into security.division (code, name, translations, parent_code, tier, valid_from, valid_to)
    select code, name, coalesce(translations, '{}'), "parentCode", tier, "validFrom", "validTo"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x(code text, name text, translations jsonb,
      "parentCode" text, tier text, "validFrom" date, "validTo" date)
    on conflict (code) do update set name = excluded.name, translations = excluded.translations,
      parent_code = excluded.parent_code, tier = excluded.tier, valid_from = excluded.valid_from,
      valid_to = excluded.valid_to`.execute(db)
}
