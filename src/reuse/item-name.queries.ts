import { type Db, sql } from '../platform/postgres.ts'

/** What the last report knows about item names. */

export interface KeyedName {
  name: string
  key: number
  base: number
  /** The item of the report that the name stands for. */
  item: number
}

/** Spellings read for one key, those used most. */
const namesPerKey = 8

/** Names that say the same as one of the keys, or do without a generic ending (`bases`). */
export async function selectNamesByKey(db: Db, keys: number[], bases: number[]): Promise<KeyedName[]> {
  const { rows } = await sql<KeyedName>`
    select n.* from unnest(${[...new Set(keys)]}::bigint[]) k
    cross join lateral (select name, key, base, item from reuse.item_name where key = k order by uses desc limit ${namesPerKey}) n
    union
    select n.* from unnest(${[...new Set(bases)]}::bigint[]) b
    cross join lateral (select name, key, base, item from reuse.item_name where base = b order by uses desc limit ${namesPerKey}) n`.execute(
    db,
  )
  return rows
}

export interface DuplicateSource {
  item: number
  organisationId: number
  datasetId: number | null
  reason: string
  asOf: string
}

/** The source that the report proposes for these items. */
export async function selectSources(db: Db, items: number[]): Promise<DuplicateSource[]> {
  if (items.length === 0) return []
  const { rows } = await sql<DuplicateSource>`
    select d.item, d.source_organisation_id as "organisationId", d.source_dataset_id as "datasetId",
      d.source_reason as reason, r.as_of as "asOf"
    from unnest(${[...new Set(items)]}::bigint[]) i (item) join reuse.duplicate d using (item), reuse.report r`.execute(
    db,
  )
  return rows
}
