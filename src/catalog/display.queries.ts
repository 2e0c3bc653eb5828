import { type Db, sql } from '../platform/postgres.ts'

/** UTF-16 units of an abstract on a results page: room for a snippet around a match. */
export const abstractLength = 1_000
/** An entry as a results page shows it, its body as a row id. */
export interface DatasetDisplayRow {
  id: number
  uid: string
  state: 'draft' | 'published' | 'retired'
  title: string
  language: string
  /** By language: title and abstract. */
  translations: Record<string, { title?: string; abstract?: string }>
  /** At most `abstractLength` characters. */
  abstract: string
  organisationId: number
  theme: string[]
  format: string[]
  database: string | null
  sharingType: string
  openType: string
  updateCycle: string
  grade: string | null
  modified: string | null
  changedAt: string
  itemCount: number
  quality: number
  useCount: number
}

const displayColumns = sql`d.id, d.uid, d.state, d.title, d.language, d.translations,
  left(d.abstract, ${sql.lit(abstractLength)}) as abstract, d.organisation_id as "organisationId", d.theme, d.format,
  d.database, d.sharing_type as "sharingType", d.open_type as "openType", d.update_cycle as "updateCycle", d.grade,
  d.modified, d.changed_at as "changedAt", d.item_count as "itemCount", d.quality, d.use_count as "useCount"`

/** The entries with these row ids in the order asked for; those that are gone are left out. */
export async function selectDatasetRows(db: Db, ids: number[]): Promise<DatasetDisplayRow[]> {
  const { rows } = await sql<DatasetDisplayRow>`
    select ${displayColumns} from unnest(${ids}::int[]) with ordinality k (id, place) join catalog.dataset d on d.id = k.id
    order by k.place`.execute(db)
  return rows
}

/** The row id of a published entry by the end of its address. */
export async function publishedId(db: Db, uid: string): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select id from catalog.dataset where uid = ${uid}::uuid and state = 'published'`.execute(db)
  return rows[0]?.id
}

/** An item with what it inherits from its entry filled in. */
export interface ItemRow {
  datasetId: number
  ordinal: number
  code: string | null
  name: string
  description: string | null
  translations: Record<string, { name?: string; description?: string }> | null
  dataType: string | null
  length: number | null
  precision: number | null
  isKey: boolean
  personal: boolean
  grade: string | null
  sharingType: string
  sharingCondition: string | null
  openType: string
  updateCycle: string
  sourceItem: string | null
  /** The body that answers for the item: its own, else the entry's. */
  organisationId: number
  /** True where that is the entry's body. */
  atSource: boolean
}

const itemRowColumns = sql`i.dataset_id as "datasetId", i.ordinal, i.code, i.name, i.description, i.translations,
  i.data_type as "dataType", i.length, i.precision, i.is_key as "isKey", i.personal, coalesce(i.grade, d.grade) as grade,
  coalesce(i.sharing_type, d.sharing_type) as "sharingType",
  coalesce(i.sharing_condition, case when i.sharing_type is null or i.sharing_type = d.sharing_type
    then d.sharing_condition end) as "sharingCondition",
  coalesce(i.open_type, d.open_type) as "openType", coalesce(i.update_cycle, d.update_cycle) as "updateCycle",
  i.source_item as "sourceItem", coalesce(i.organisation_id, d.organisation_id) as "organisationId",
  (i.organisation_id is null or i.organisation_id = d.organisation_id) as "atSource"`

/** The first items of each entry, entry by entry in the order of the ids, items in theirs. */
export async function getItemsOf(db: Db, ids: number[], limitPerDataset: number): Promise<ItemRow[]> {
  const { rows } = await sql<ItemRow>`
    select ${itemRowColumns}
    from unnest(${ids}::int[]) with ordinality k (id, place) join catalog.dataset d on d.id = k.id
    cross join lateral (select * from catalog.item where dataset_id = d.id order by ordinal limit ${limitPerDataset}) i
    order by k.place, i.ordinal`.execute(db)
  return rows
}

/** What an item is called, for a page of results. */
export interface ItemName {
  datasetId: number
  name: string
  translations: ItemRow['translations']
}

/** Names of items by (dataset id, ordinal), in the order asked for; those that are gone are left out. */
export async function getItemNames(
  db: Db,
  keys: { datasetId: number; ordinal: number }[],
): Promise<ItemName[]> {
  const { rows } = await sql<ItemName>`
    select i.dataset_id as "datasetId", i.name, i.translations
    from unnest(${keys.map((k) => k.datasetId)}::int[], ${keys.map((k) => k.ordinal)}::int[])
      with ordinality k (id, ordinal, place)
    join catalog.item i on i.dataset_id = k.id and i.ordinal = k.ordinal
    order by k.place`.execute(db)
  return rows
}

/** Items by (dataset id, ordinal), in the order asked for; those that are gone are left out. */
export async function getItemRows(
  db: Db,
  keys: { datasetId: number; ordinal: number }[],
): Promise<ItemRow[]> {
  const { rows } = await sql<ItemRow>`
    select ${itemRowColumns}
    from unnest(${keys.map((k) => k.datasetId)}::int[], ${keys.map((k) => k.ordinal)}::int[])
      with ordinality k (id, ordinal, place)
    join catalog.dataset d on d.id = k.id
    join catalog.item i on i.dataset_id = k.id and i.ordinal = k.ordinal
    order by k.place`.execute(db)
  return rows
}
