import { type Db, sql } from '../platform/postgres.ts'

export interface VersionRow {
  version: number
  state: 'draft' | 'published' | 'retired' | 'discarded'
  at: string
  by: string
  reason: string | null
}

/** Archived versions of an entry and the one in its rows, newest first, below `before`. */
export async function selectVersions(
  db: Db,
  datasetId: number,
  page: { drafts: boolean; before?: number; limit: number },
): Promise<VersionRow[]> {
  const below = page.before === undefined ? sql`true` : sql`version < ${page.before}`
  const shown = page.drafts ? below : sql`${below} and state in ('published', 'retired')`
  const { rows } = await sql<VersionRow>`
    select version, state, at, person_name as "by", reason from catalog.dataset_version
    where dataset_id = ${datasetId} and ${shown}
    union all
    select version, state, changed_at, changed_by_name, change_reason from catalog.dataset
    where id = ${datasetId} and ${shown}
    order by version desc limit ${page.limit}`.execute(db)
  return rows
}

/** One archived version with its content; undefined also for the one in the rows. */
export async function selectVersion(
  db: Db,
  datasetId: number,
  version: number,
): Promise<(VersionRow & { content: unknown }) | undefined> {
  const { rows } = await sql<VersionRow & { content: unknown }>`
    select version, state, at, person_name as "by", reason, content from catalog.dataset_version
    where dataset_id = ${datasetId} and version = ${version}`.execute(db)
  return rows[0]
}
