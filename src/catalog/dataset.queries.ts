import { type Db, sql } from '../platform/postgres.ts'
import { contentOf } from './dataset-write.queries.ts'

/** An entry without its content. */
export interface DatasetMeta {
  id: number
  uid: string
  organisationId: number
  state: 'draft' | 'published' | 'retired'
  /** The version in the rows. */
  version: number
  latestVersion: number
  quality: number
  useCount: number
  source: string | null
  sourceId: string | null
  /** Hexadecimal: of the record in the rows, and of the one in the open draft beside them. */
  sourceHash: string | null
  draftSourceHash: string | null
  createdAt: string
  publishedAt: string | null
  changedAt: string
  changedBy: string
  changeReason: string | null
  /** When its data should have changed again; null where the cycle promises nothing, and for what is not published. */
  updateDue: string | null
}

const metaColumns = sql`d.id, d.uid, d.organisation_id as "organisationId", d.state, d.version,
  d.latest_version as "latestVersion", d.quality, d.use_count as "useCount", d.source, d.source_id as "sourceId",
  encode(d.source_hash, 'hex') as "sourceHash", encode(d.draft_source_hash, 'hex') as "draftSourceHash", d.created_at as "createdAt", d.published_at as "publishedAt", d.changed_at as "changedAt",
  d.changed_by_name as "changedBy", d.change_reason as "changeReason",
  case when d.state = 'published' then catalog.update_due(d.update_cycle, d.modified, d.published_at) end as "updateDue"`

/** The entry with this address; `lock` holds it until the end of the transaction. */
export async function selectMeta(db: Db, uid: string, lock = false): Promise<DatasetMeta | undefined> {
  const { rows } = await sql<DatasetMeta>`
    select ${metaColumns} from catalog.dataset d where d.uid = ${uid} ${lock ? sql`for update` : sql``}`.execute(
    db,
  )
  return rows[0]
}

/** The content in the rows, its bodies as row ids. */
export async function selectContent(db: Db, id: number): Promise<ContentWithIds | undefined> {
  const { rows } = await sql<{ content: ContentWithIds }>`
    select ${contentOf(null)} as content from catalog.dataset d where d.id = ${id}`.execute(db)
  return rows[0]?.content
}
export interface ContentWithIds extends Record<string, unknown> {
  body: number
  items?: (Record<string, unknown> & { body?: number })[]
}

export interface DatasetListRow extends DatasetMeta {
  title: string
  language: string
  translations: Record<string, unknown>
  sharingType: string
  openType: string
  theme: string[]
  itemCount: number
  /** The title of the newest version, where that is a draft of a published entry. */
  draftTitle: string | null
  draftAt: string | null
  draftBy: string | null
}

export interface ListFilter {
  organisationIds?: number[]
  /** States, and with `drafts` also published entries that have a draft. */
  states?: string[]
  drafts?: boolean
  titlePrefix?: string
  /** Entries whose newest version this person wrote. */
  personId?: number
  /** `id`: oldest first; `changed`: the newest change first. */
  order: 'id' | 'changed'
  after?: { id: number; changedAt?: string }
  limit: number
}

const likePrefix = (text: string) =>
  `${text
    .toLowerCase()
    .slice(0, 100)
    .replace(/[\\%_]/g, '\\$&')}%`

/** Entries in a total order, after the last of the page before. */
export async function selectList(db: Db, f: ListFilter): Promise<DatasetListRow[]> {
  const conditions = [
    f.organisationIds && sql`d.organisation_id = any(${f.organisationIds}::int[])`,
    f.states &&
      (f.states.length === 1 ? sql`d.state = ${f.states[0]}` : sql`d.state = any(${f.states}::text[])`),
    f.drafts && sql`(d.state = 'draft' or d.latest_version > d.version)`,
    f.titlePrefix && sql`lower(left(d.title, 100)) collate "C" like ${likePrefix(f.titlePrefix)}`,
    f.personId !== undefined &&
      sql`(d.changed_by = ${f.personId} or d.id = any(array(
      select o.dataset_id from catalog.dataset_version o join catalog.dataset e on e.id = o.dataset_id
      where o.person_id = ${f.personId} and o.state = 'draft' and e.latest_version > e.version
        and o.version = e.latest_version)))`,
    f.after &&
      (f.order === 'id'
        ? sql`d.id > ${f.after.id}`
        : sql`(d.changed_at, d.id) < (${f.after.changedAt}::timestamptz, ${f.after.id})`),
  ].filter((c) => c !== undefined && c !== false && c !== '')
  const { rows } = await sql<DatasetListRow>`
    select ${metaColumns}, d.title, d.language, d.translations, d.sharing_type as "sharingType",
      d.open_type as "openType", d.theme, d.item_count as "itemCount", v.content ->> 'title' as "draftTitle",
      v.at as "draftAt", v.person_name as "draftBy"
    from catalog.dataset d
    left join catalog.dataset_version v
      on v.dataset_id = d.id and v.version = d.latest_version and d.latest_version > d.version
    ${conditions.length > 0 ? sql`where ${sql.join(conditions, sql` and `)}` : sql``}
    order by ${f.order === 'id' ? sql`d.id` : sql`d.changed_at desc, d.id desc`} limit ${f.limit}`.execute(db)
  return rows
}

/** Titles of the entries with these addresses that are not drafts. */
export async function selectTitles(db: Db, uids: string[]): Promise<Map<string, string>> {
  if (uids.length === 0) return new Map()
  const { rows } = await sql<{ uid: string; title: string }>`
    select uid, title from catalog.dataset where uid = any(${uids}::uuid[]) and state <> 'draft'`.execute(db)
  return new Map(rows.map((r) => [r.uid, r.title]))
}

/** Gives the version in the rows another number, state and author, its content unchanged; a draft is given up. */
export async function updateState(
  db: Db,
  id: number,
  change: {
    state: string
    version: number
    published: boolean
    personId: number | null
    personName: string
    reason: string | null
  },
): Promise<void> {
  await sql`
    update catalog.dataset set state = ${change.state}, version = ${change.version},
      latest_version = ${change.version}, draft_source_hash = null,
      retired_by = case when ${change.state} = 'retired' then coalesce(retired_by, 'person') end, changed_at = date_trunc('milliseconds', clock_timestamp()), changed_by = ${change.personId},
      changed_by_name = ${change.personName}, change_reason = ${change.reason},
      published_at = case when ${change.published} then coalesce(published_at, clock_timestamp()) else published_at end
    where id = ${id}`.execute(db)
}

/** Removes an entry with everything of it. Only for entries that were never published. */
export async function deleteDataset(db: Db, id: number): Promise<void> {
  await sql`delete from catalog.item where dataset_id = ${id}`.execute(db)
  await sql`delete from catalog.dataset where id = ${id}`.execute(db)
}
