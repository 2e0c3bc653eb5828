import { type Db, sql } from '../platform/postgres.ts'
import { contentOf } from './dataset-write.queries.ts'

/** An entry that came from the same place before. */
export interface KnownDataset {
  id: number
  uid: string
  source: string
  sourceId: string
  /** Hash of the record whose content is in the rows, and of the one in the open draft beside them. */
  sourceHash: Buffer | null
  draftSourceHash: Buffer | null
  organisationId: number
  state: 'draft' | 'published' | 'retired'
  retiredBy: 'person' | 'source' | null
  version: number
  latestVersion: number
  publishedAt: string | null
  /** Who wrote the newest version where it is a draft. */
  draftBy: string | null
  draftById: number | null
  /** Who submitted it for review, while that is undecided. */
  heldBy: string | null
}

/** The entries with these identities, locked until the end of the transaction, in one order for all writers. */
export async function lockBySource(db: Db, sources: string[], sourceIds: string[]): Promise<KnownDataset[]> {
  const { rows } = await sql<KnownDataset>`
    select d.id, d.uid, d.source, d.source_id as "sourceId", d.source_hash as "sourceHash",
      d.draft_source_hash as "draftSourceHash", d.organisation_id as "organisationId", d.state, d.retired_by as "retiredBy", d.version,
      d.latest_version as "latestVersion", d.published_at as "publishedAt",
      case when d.state = 'draft' then d.changed_by_name else v.person_name end as "draftBy",
      case when d.state = 'draft' then d.changed_by else v.person_id end as "draftById", h.by_name as "heldBy"
    from unnest(${sources}::text[], ${sourceIds}::text[]) k (source, source_id)
    join catalog.dataset d on d.source = k.source and d.source_id = k.source_id
    left join catalog.dataset_version v
      on d.latest_version > d.version and v.dataset_id = d.id and v.version = d.latest_version
    left join catalog.hold h on h.dataset_id = d.id
    order by d.id for update of d`.execute(db)
  return rows
}

/**
 * Those of the records whose stored hash is the one given, and of which nothing awaits the wish: `publish` true
 * asks for the content that people see, false for the newest one, undefined for both. With `revive`, an entry that
 * its source dropped is none.
 */
export async function selectUnchanged(
  db: Db,
  source: string,
  sourceIds: string[],
  hashes: string[],
  { publish, revive }: { publish?: boolean; revive?: boolean },
): Promise<string[]> {
  const seen = sql`d.state <> 'draft' and d.source_hash = decode(k.hash, 'hex')`
  const newest = sql`coalesce(d.draft_source_hash, d.source_hash) = decode(k.hash, 'hex')`
  const wish = publish === undefined ? sql`${seen} and ${newest}` : publish ? seen : newest
  const { rows } = await sql<{ sourceId: string }>`
    select d.source_id as "sourceId"
    from unnest(${sourceIds}::text[], ${hashes}::text[]) k (source_id, hash)
    cross join lateral (
      select * from catalog.dataset where source = ${source} and source_id = k.source_id limit 1
    ) d
    where ${wish} ${revive ? sql`and d.retired_by is distinct from 'source'` : sql``}`.execute(db)
  return rows.map((r) => r.sourceId)
}

/** Where an entry has the content given already. */
export interface SameContent {
  id: number
  inRows: boolean
  inDraft: boolean
}

/** Compares contents with what the entries hold, as values: the order of members and the form of numbers do not count. */
export async function compareContents(
  db: Db,
  contents: { id: number; content: unknown }[],
  codes: string,
): Promise<Map<number, SameContent>> {
  if (contents.length === 0) return new Map()
  const { rows } = await sql<SameContent>`
    select d.id, k.content = ${contentOf(codes)} as "inRows", coalesce(k.content = v.content, false) as "inDraft"
    from jsonb_to_recordset(${JSON.stringify(contents)}::jsonb) k (id int, content jsonb)
    join catalog.dataset d on d.id = k.id
    left join catalog.dataset_version v
      on d.latest_version > d.version and v.dataset_id = d.id and v.version = d.latest_version`.execute(db)
  return new Map(rows.map((r) => [r.id, r]))
}

/** Keeps the hashes of records whose content the entries have: in the rows, or in the open draft. */
export async function updateSourceHashes(
  db: Db,
  rows: { id: number; hash: string; draft: boolean }[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update catalog.dataset d set
      source_hash = case when r.draft then d.source_hash else decode(r.hash, 'hex') end,
      draft_source_hash = case when r.draft then decode(r.hash, 'hex') else d.draft_source_hash end
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) r (id int, hash text, draft boolean)
    where d.id = r.id`.execute(db)
}

/** Those of the identifiers that the source has brought before. */
export async function selectKnownIds(db: Db, source: string, sourceIds: string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select source_id as id from catalog.dataset
    where source = ${source} and source_id = any(${sourceIds}::text[])`.execute(db)
  return new Set(rows.map((r) => r.id))
}

/** Those of the addresses that an entry has. */
export async function selectTakenUids(db: Db, uids: string[]): Promise<string[]> {
  if (uids.length === 0) return []
  const { rows } = await sql<{ uid: string }>`
    select uid from catalog.dataset where uid = any(${uids}::uuid[])`.execute(db)
  return rows.map((r) => r.uid)
}

/** The addresses of the entries that came from these records. */
export async function selectUids(db: Db, source: string, sourceIds: string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ sourceId: string; uid: string }>`
    select source_id as "sourceId", uid from catalog.dataset
    where source = ${source} and source_id = any(${sourceIds}::text[])`.execute(db)
  return new Map(rows.map((r) => [r.sourceId, r.uid]))
}
