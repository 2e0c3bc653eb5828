import { type Db, sql } from '../platform/postgres.ts'

export interface DuplicateRow {
  item: number
  name: string
  dataElement: string | null
  bodies: number
  entries: number
  types: string[]
  themes: string[]
  sourceOrganisationId: number
  sourceDatasetId: number | null
  sourceReason: string
}

export interface DuplicateFilter {
  organisationId?: number
  theme?: string
  minBodies?: number
  /** Only these items. */
  items?: number[]
  /** Where the page before ended. */
  after?: { bodies: number; item: number }
  limit: number
}

/**
 * Items that several bodies hold, those of most bodies first. Walks the index of that order; with a body it reads the
 * items of the body and sorts them.
 */
export async function selectDuplicates(db: Db, f: DuplicateFilter): Promise<DuplicateRow[]> {
  const conditions = [sql`true`]
  if (f.organisationId !== undefined)
    conditions.push(sql`exists (select from reuse.duplicate_body b
      where b.organisation_id = ${f.organisationId} and b.item = d.item)`)
  if (f.theme !== undefined) conditions.push(sql`${f.theme} = any(d.themes)`)
  if (f.minBodies !== undefined) conditions.push(sql`d.bodies >= ${f.minBodies}`)
  if (f.items !== undefined) conditions.push(sql`d.item = any(${f.items}::bigint[])`)
  if (f.after) conditions.push(sql`(d.bodies, d.item) < (${f.after.bodies}::int, ${f.after.item}::bigint)`)
  const { rows } = await sql<DuplicateRow>`
    select d.item, d.name, d.data_element as "dataElement", d.bodies, d.entries, d.types, d.themes,
      d.source_organisation_id as "sourceOrganisationId", d.source_dataset_id as "sourceDatasetId",
      d.source_reason as "sourceReason"
    from reuse.duplicate d where ${sql.join(conditions, sql` and `)}
    order by d.bodies desc, d.item desc limit ${f.limit}`.execute(db)
  return rows
}

export interface DuplicateBodyRow {
  organisationId: number
  entries: number
  named: number
  inBase: boolean
  bestDatasetId: number | null
}

/** The bodies that hold an item, those with most entries first. */
export async function selectDuplicateBodies(
  db: Db,
  item: number,
  f: { after?: { entries: number; organisationId: number }; limit: number },
): Promise<DuplicateBodyRow[]> {
  const after = f.after
    ? sql`and (entries < ${f.after.entries}
        or (entries = ${f.after.entries} and organisation_id > ${f.after.organisationId}))`
    : sql``
  const { rows } = await sql<DuplicateBodyRow>`
    select organisation_id as "organisationId", entries, named, in_base as "inBase", best_dataset_id as "bestDatasetId"
    from reuse.duplicate_body where item = ${item} ${after}
    order by entries desc, organisation_id limit ${f.limit}`.execute(db)
  return rows
}

/** The items of the last report that these keys stand for. */
export async function selectItemsOfKeys(db: Db, keys: number[]): Promise<number[]> {
  const { rows } = await sql<{ item: number }>`
    select distinct item from reuse.item_name where key = any(${keys}::bigint[])`.execute(db)
  return rows.map((r) => r.item)
}
