import { type Db, sql } from '../platform/postgres.ts'
import type { ContentWithIds } from './dataset.queries.ts'
import type { DatasetContent } from './dataset.schema.ts'
import { contentOf } from './dataset-write.queries.ts'

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

/** The published ones of these entries, their contents as JSON with the codes of bodies (see `contentOf`). */
export async function selectEntryTexts(db: Db, ids: number[], codes: string): Promise<EntryText[]> {
  const { rows } = await sql<EntryText>`
    select d.id, d.uid, d.version, d.organisation_id as "organisationId", (${contentOf(codes)})::text as content,
      d.created_at as "createdAt", d.published_at as "publishedAt", d.changed_at as "changedAt"
    from catalog.dataset d where d.id = any(${ids}::int[]) and d.state = 'published'`.execute(db)
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
