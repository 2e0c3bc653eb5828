import { type Db, sql } from '../platform/postgres.ts'

/** Items of published entries as a whole, for capabilities that compare them across bodies. */

/** All items as a relation to select from: 20,000,000 rows, so a whole scan. */
export const itemRelation = sql`(
  select dataset_id, name, data_type, data_element, organisation_id from catalog.item)`

/** All published entries as a relation to select from. */
export const publishedRelation = sql`(
  select id, organisation_id, quality, database, theme from catalog.dataset where state = 'published')`

/** An item in an entry that holds it, with what tells whether its body is the source. */
export interface HeldItem {
  datasetId: number
  uid: string
  title: string
  titles: Record<string, { title?: string }>
  organisationId: number
  /** The body the item names as its source; null where that is the entry's own. */
  sourceId: number | null
  sourceItem: string | null
  ordinal: number
  name: string
  /** In other languages. */
  names: Record<string, { name?: string }> | null
  dataType: string | null
  dataElement: string | null
  database: string | null
  quality: number
}

/** The items of the published ones of these entries. */
export async function selectHeldItems(db: Db, ids: number[], itemsPerEntry: number): Promise<HeldItem[]> {
  const { rows } = await sql<HeldItem>`
    select d.id as "datasetId", d.uid, d.title, d.translations as titles, d.organisation_id as "organisationId",
      nullif(i.organisation_id, d.organisation_id) as "sourceId", i.source_item as "sourceItem", i.ordinal, i.name,
      i.translations as names, i.data_type as "dataType", i.data_element as "dataElement", d.database, d.quality
    from unnest(${ids}::int[]) k (id)
    join catalog.dataset d on d.id = k.id and d.state = 'published'
    cross join lateral (select * from catalog.item where dataset_id = d.id order by ordinal limit ${itemsPerEntry}) i`.execute(
    db,
  )
  return rows
}

/** Published entries that use these data elements, at most `most` rows looked at for each. */
export async function selectElementHolders(
  db: Db,
  elements: string[],
  most: number,
): Promise<{ dataElement: string; datasetId: number }[]> {
  if (elements.length === 0) return []
  const { rows } = await sql<{ dataElement: string; datasetId: number }>`
    select e as "dataElement", d.id as "datasetId" from unnest(${elements}::text[]) e
    cross join lateral (select dataset_id from catalog.item where data_element = e limit ${most}) i
    join catalog.dataset d on d.id = i.dataset_id and d.state = 'published'`.execute(db)
  return rows
}
