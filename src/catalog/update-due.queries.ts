import { type Db, sql } from '../platform/postgres.ts'

const due = sql`catalog.update_due(d.update_cycle, d.modified, d.published_at)`

export interface OverdueRow {
  id: number
  uid: string
  organisationId: number
  title: string
  language: string
  translations: Record<string, unknown>
  updateCycle: string
  lastChanged: string
  updateDue: string
}

/**
 * Published entries of these bodies whose update was due before `now`, the longest overdue first. One look at the
 * index for each body: for one of 6,000 bodies as for all of them the cost is theirs, not the catalogue's.
 */
export async function selectOverdue(
  db: Db,
  organisationIds: number[],
  now: Date,
  page: { after?: { due: string; id: number }; limit: number },
): Promise<OverdueRow[]> {
  const after = page.after
    ? sql`and (${due}, d.id) > (${page.after.due}::timestamptz, ${page.after.id}::int)`
    : sql``
  const { rows } = await sql<OverdueRow>`
    select d.* from unnest(${organisationIds}::int[]) o (id) cross join lateral (
      select d.id, d.uid, d.organisation_id as "organisationId", d.title, d.language, d.translations,
        d.update_cycle as "updateCycle", coalesce(d.modified, d.published_at) as "lastChanged", ${due} as "updateDue"
      from catalog.dataset d
      where d.organisation_id = o.id and d.state = 'published' and ${due} < ${now.toISOString()}::timestamptz ${after}
      order by ${due}, d.id limit ${page.limit}
    ) d order by "updateDue", d.id limit ${page.limit}`.execute(db)
  return rows
}

/** How many entries of each body came due from `from` (exclusive; null: ever) to `until`, counted up to `most`. */
export async function countOverdue(
  db: Db,
  organisationIds: number[],
  from: Date | null,
  until: Date,
  most: number,
): Promise<{ organisationId: number; entries: number }[]> {
  const start = from ? sql`and ${due} >= ${from.toISOString()}::timestamptz` : sql``
  const { rows } = await sql<{ organisationId: number; entries: number }>`
    select o.id as "organisationId", c.entries from unnest(${organisationIds}::int[]) o (id) cross join lateral (
      select count(*)::int as entries from (
        select from catalog.dataset d
        where d.organisation_id = o.id and d.state = 'published' ${start}
          and ${due} < ${until.toISOString()}::timestamptz
        limit ${most}
      ) d
    ) c where c.entries > 0`.execute(db)
  return rows
}
