import { type Db, sql } from '../platform/postgres.ts'
import type { ContentWithIds } from './dataset.queries.ts'
import type { DatasetContent } from './dataset.schema.ts'
import { contentOf, contentTextOf } from './dataset-write.queries.ts'

/** A published entry with its whole content, its bodies as row ids. */
export interface EntryRow {
  id: number
  uid: string
  version: number
  organisationId: number
  content: ContentWithIds
  source: string | null
  sourceId: string | null
  quality: number
  useCount: number
  createdAt: string
  publishedAt: string
  changedAt: string
}

const entryColumns = sql`d.id, d.uid, d.version, d.organisation_id as "organisationId", ${contentOf(null)} as content,
  d.source, d.source_id as "sourceId", d.quality, d.use_count as "useCount", d.created_at as "createdAt",
  d.published_at as "publishedAt", d.changed_at as "changedAt"`

/** The published ones of these entries, in the order asked for. */
export async function selectEntries(db: Db, ids: number[]): Promise<EntryRow[]> {
  const { rows } = await sql<EntryRow>`
    select ${entryColumns} from unnest(${ids}::int[]) with ordinality k (id, place)
    join catalog.dataset d on d.id = k.id where d.state = 'published' order by k.place`.execute(db)
  return rows
}

/** The same by address. */
export async function selectEntriesByUid(db: Db, uids: string[]): Promise<EntryRow[]> {
  const { rows } = await sql<EntryRow>`
    select ${entryColumns} from unnest(${uids}::uuid[]) with ordinality k (uid, place)
    join catalog.dataset d on d.uid = k.uid where d.state = 'published' order by k.place`.execute(db)
  return rows
}

/** Contents of versions that are not in the rows any more. */
export async function selectArchived(
  db: Db,
  versions: { datasetId: number; version: number }[],
): Promise<{ datasetId: number; version: number; content: DatasetContent; at: string; createdAt: string }[]> {
  const { rows } = await sql<{
    datasetId: number
    version: number
    content: DatasetContent
    at: string
    createdAt: string
  }>`
    select v.dataset_id as "datasetId", v.version, v.content, v.at, d.created_at as "createdAt"
    from unnest(${versions.map((v) => v.datasetId)}::int[], ${versions.map((v) => v.version)}::int[]) k (id, version)
    join catalog.dataset_version v on v.dataset_id = k.id and v.version = k.version
    join catalog.dataset d on d.id = k.id`.execute(db)
  return rows
}

/** An entry as JSON text, made where the rows are: whoever passes entries on need not take them apart. */
export interface EntryText {
  id: number
  uid: string
  version: number
  organisationId: number
  content: string
  createdAt: string
  publishedAt: string
  changedAt: string
}

/** The published ones of these entries, their contents as JSON text with the codes of bodies (see `contentOf`). */
export async function selectEntryTexts(db: Db, ids: number[], codes: string): Promise<EntryText[]> {
  const { rows } = await sql<EntryText>`
    select d.id, d.uid, d.version, d.organisation_id as "organisationId", ${contentTextOf(codes)} as content,
      d.created_at as "createdAt", d.published_at as "publishedAt", d.changed_at as "changedAt"
    from catalog.dataset d where d.id = any(${ids}::int[]) and d.state = 'published'`.execute(db)
  return rows
}

/** What tells whether something rendered of an entry is still current. */
export interface EntryHead {
  id: number
  uid: string
  version: number
}

/** The published ones of these entries, by row or by address, in any order. */
export async function selectHeads(db: Db, by: { ids: number[] } | { uids: string[] }): Promise<EntryHead[]> {
  const condition = 'ids' in by ? sql`id = any(${by.ids}::int[])` : sql`uid = any(${by.uids}::uuid[])`
  const { rows } = await sql<EntryHead>`
    select id, uid, version from catalog.dataset where ${condition} and state = 'published'`.execute(db)
  return rows
}

/** The address of an entry in any state. */
export async function selectUid(db: Db, id: number): Promise<string | undefined> {
  const { rows } = await sql<{ uid: string }>`select uid from catalog.dataset where id = ${id}`.execute(db)
  return rows[0]?.uid
}

/** Entries in any state whose addresses lie in a range, at most `limit`. */
export async function selectUidsBetween(db: Db, from: string, to: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ uid: string }>`
    select uid from catalog.dataset where uid between ${from}::uuid and ${to}::uuid
    order by uid limit ${limit}`.execute(db)
  return rows.map((r) => r.uid)
}

/** Addresses of published entries in their order, after one, from an index alone. */
export async function selectPublishedUids(
  db: Db,
  after: string | null,
  limit: number,
): Promise<{ uid: string; id: number }[]> {
  const { rows } = await sql<{ uid: string; id: number }>`
    select uid, id from catalog.dataset
    where state = 'published' ${after === null ? sql`` : sql`and uid > ${after}::uuid`}
    order by uid limit ${limit}`.execute(db)
  return rows
}

/** Published entries after a row id, at most `limit`. */
export async function selectEntriesAfter(db: Db, after: number, limit: number): Promise<EntryRow[]> {
  const { rows } = await sql<EntryRow>`
    select ${entryColumns} from (
      select * from catalog.dataset where id > ${after} and state = 'published' order by id limit ${limit}
    ) d order by d.id`.execute(db)
  return rows
}

/** Entries of these bodies that were never published, the newest first, before a row id. */
export async function selectDraftIds(
  db: Db,
  organisationIds: number[],
  before: number | undefined,
  limit: number,
): Promise<{ id: number; uid: string }[]> {
  const { rows } = await sql<{ id: number; uid: string }>`
    select id, uid from catalog.dataset
    where organisation_id = any(${organisationIds}::int[]) and state = 'draft'
      ${before === undefined ? sql`` : sql`and id < ${before}`}
    order by id desc limit ${limit}`.execute(db)
  return rows
}

/** Addresses of published entries with row ids above one and up to another, at most `limit`. */
export async function selectAddresses(
  db: Db,
  after: number,
  upTo: number,
  limit: number,
): Promise<{ id: number; uid: string; changedAt: string }[]> {
  const { rows } = await sql<{ id: number; uid: string; changedAt: string }>`
    select id, uid, changed_at as "changedAt" from catalog.dataset
    where id > ${after} and id <= ${upTo} and state = 'published' order by id limit ${limit}`.execute(db)
  return rows
}

/** Numbers (from 1) of the ranges of `size` row ids that hold published entries: one look at the index each. */
export async function selectFilledRanges(db: Db, size: number): Promise<number[]> {
  const { rows } = await sql<{ range: number }>`
    select range from generate_series(1, (select coalesce(max(id), 0) from catalog.dataset) / ${size}::int + 1) range
    where exists (select from catalog.dataset
      where id > (range - 1) * ${size}::int and id <= range * ${size}::int and state = 'published')
    order by range`.execute(db)
  return rows.map((row) => row.range)
}
