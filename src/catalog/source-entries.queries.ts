import { type Db, sql } from '../platform/postgres.ts'

/** What harvesting asks and does about the entries of a source, by their identity there. */
export interface SourceEntry {
  id: number
  uid: string
  sourceId: string
  state: 'draft' | 'published' | 'retired'
  sourceHash: Buffer | null
  draftSourceHash: Buffer | null
  retiredBy: string | null
  /** A person changed what the rows hold after the source did. */
  editedHere: boolean
}

/** The entries that a source brought with these identifiers. One index probe each. */
export async function selectSourceEntries(
  db: Db,
  source: string,
  sourceIds: string[],
): Promise<SourceEntry[]> {
  const { rows } = await sql<SourceEntry>`
    select d.id, d.uid, d.source_id as "sourceId", d.state, d.source_hash as "sourceHash",
      d.draft_source_hash as "draftSourceHash", d.retired_by as "retiredBy",
      d.changed_by is not null as "editedHere"
    from unnest(${sourceIds}::text[]) k (source_id)
    cross join lateral (
      select * from catalog.dataset where source = ${source} and source_id = k.source_id limit 1
    ) d`.execute(db)
  return rows
}

export interface LiveEntry {
  id: number
  uid: string
  sourceId: string
  title: string
  organisationId: number
  state: 'draft' | 'published'
  createdAt: string
}

/**
 * Entries of a source that are not retired, in the order of their identifiers, page by page. Reads the rows of the source:
 * about a second for 300,000.
 */
export async function selectLiveEntries(
  db: Db,
  source: string,
  page: { after: string; limit: number },
): Promise<LiveEntry[]> {
  const { rows } = await sql<LiveEntry>`
    select id, uid, source_id as "sourceId", title, organisation_id as "organisationId", state, created_at as "createdAt"
    from catalog.dataset
    where source = ${source} and source_id > ${page.after} and state <> 'retired'
    order by source_id limit ${page.limit}`.execute(db)
  return rows
}

/** The same by number alone: some ten seconds for 3,000,000. */
export async function selectLiveIds(
  db: Db,
  source: string,
  page: { after: string; limit: number },
): Promise<Pick<LiveEntry, 'id' | 'sourceId' | 'createdAt'>[]> {
  const { rows } = await sql<Pick<LiveEntry, 'id' | 'sourceId' | 'createdAt'>>`
    select id, source_id as "sourceId", created_at as "createdAt" from catalog.dataset
    where source = ${source} and source_id > ${page.after} and state <> 'retired'
    order by source_id limit ${page.limit}`.execute(db)
  return rows
}

/** Those with these identifiers, in their order. One index probe each. */
export async function selectLiveEntriesOf(db: Db, source: string, sourceIds: string[]): Promise<LiveEntry[]> {
  const { rows } = await sql<LiveEntry>`
    select id, uid, source_id as "sourceId", title, organisation_id as "organisationId", state, created_at as "createdAt"
    from catalog.dataset
    where source = ${source} and source_id = any(${sourceIds}::text[]) and state <> 'retired'
    order by source_id`.execute(db)
  return rows
}

/** How many there are of a source. Reads an index: about a second for 3,000,000. */
export async function countLiveEntries(db: Db, source: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from catalog.dataset where source = ${source} and state <> 'retired'`.execute(
    db,
  )
  return rows[0]!.count
}

/** An entry that has one of the identifiers asked for. */
export interface Holder {
  by: 'uid' | 'uri' | 'code' | 'id'
  value: string
  id: number
  uid: string
  title: string
  source: string | null
  sourceId: string | null
  state: 'draft' | 'published' | 'retired'
  retiredBy: string | null
  organisationId: number
}

/** As in the partial index dataset_global_identifier. */
const globalIdentifier = sql.raw(`'^(https?://|urn:|doi:|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-)'`)

/**
 * Who holds these addresses, global identifiers, resource codes. Up to three index probes for each value; the entry's row
 * is read only where one is found.
 */
export async function selectHolders(
  db: Db,
  wanted: { uids: string[]; uris: string[]; codes: string[]; ids?: number[] },
): Promise<Holder[]> {
  const columns = sql`d.id, d.uid, d.title, d.source, d.source_id as "sourceId", d.state,
    d.retired_by as "retiredBy", d.organisation_id as "organisationId"`
  const { rows } = await sql<Holder>`
    select 'uid' as by, d.uid::text as value, ${columns}
    from unnest(${wanted.uids}::uuid[]) k (v) join catalog.dataset d on d.uid = k.v
    union all
    select 'uri', k.v, ${columns} from unnest(${wanted.uris}::text[]) k (v)
    cross join lateral (
      select * from catalog.dataset where source_id = k.v and source_id ~ ${globalIdentifier} order by id limit 1
    ) d
    union all
    select 'code', k.v, ${columns} from unnest(${wanted.codes}::text[]) k (v)
    join catalog.resource_code c on c.code = k.v join catalog.dataset d on d.id = c.dataset_id
    union all
    select 'id', d.id::text, ${columns} from catalog.dataset d where d.id = any(${wanted.ids ?? []}::int[])`.execute(
    db,
  )
  return rows
}

/**
 * Gives entries to another source, under their identifiers there. Their hash is forgotten, so that the next record of that
 * source is written. An entry whose new identity is taken stays where it is. @returns the ids moved
 */
export async function moveToSource(
  tx: Db,
  moves: { id: number; source: string; sourceId: string }[],
): Promise<Set<number>> {
  if (moves.length === 0) return new Set()
  const { rows } = await sql<{ id: number }>`
    update catalog.dataset d set source = m.source, source_id = m."sourceId", source_hash = null, draft_source_hash = null
    from jsonb_to_recordset(${JSON.stringify(moves)}::jsonb) m (id int, source text, "sourceId" text)
    where d.id = m.id
      and not exists (select from catalog.dataset o where o.source = m.source and o.source_id = m."sourceId")
    returning d.id`.execute(tx)
  return new Set(rows.map((r) => r.id))
}

/** Where a published or retired entry comes from. */
export async function getSourceOf(
  db: Db,
  uid: string,
): Promise<{ id: number; source: string | null; sourceId: string | null } | undefined> {
  const { rows } = await sql<{ id: number; source: string | null; sourceId: string | null }>`
    select id, source, source_id as "sourceId" from catalog.dataset where uid = ${uid} and state <> 'draft'`.execute(
    db,
  )
  return rows[0]
}
