import { type Db, sql } from '../platform/postgres.ts'

/** One counter: how many published entries (all states under `state`) have this value, and their items. */
export interface FigureRow {
  organisationId: number
  scope: string
  value: string
  entries: number
  items: number
}

/** The counters with what is not folded into them yet. */
const figures = sql`(select * from catalog.figure union all select * from catalog.figure_change)`

/** The counters of a body, or of the whole catalogue (0), without those at zero. */
export async function selectFigures(db: Db, organisationId: number): Promise<FigureRow[]> {
  const { rows } = await sql<FigureRow>`
    select organisation_id as "organisationId", scope, value, sum(entries) as entries, sum(items) as items
    from ${figures} f where organisation_id = ${organisationId} and scope <> 'hour'
    group by 1, 2, 3 having sum(entries) > 0`.execute(db)
  return rows
}

/** Entries first published since a moment, counted in whole hours. */
export async function selectPublishedSince(db: Db, since: string): Promise<number> {
  const { rows } = await sql<{ entries: number }>`
    select coalesce(sum(entries), 0) as entries from ${figures} f
    where organisation_id = 0 and scope = 'hour'
      and value >= to_char(${since}::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24')`.execute(db)
  return rows[0]!.entries
}

/** Published entries of every body that has some. */
export async function selectFiguresByBody(
  db: Db,
): Promise<{ organisationId: number; entries: number; items: number }[]> {
  const { rows } = await sql<{ organisationId: number; entries: number; items: number }>`
    select organisation_id as "organisationId", sum(entries) as entries, sum(items) as items from ${figures} f
    where organisation_id > 0 and scope = 'sharing'
    group by organisation_id having sum(entries) > 0`.execute(db)
  return rows
}

/** Folds the changes into the counters; does nothing while another process does it. @returns changes folded. */
export async function foldFigureChanges(db: Db): Promise<number> {
  const { rows } = await sql<{ folded: number }>`
    with mine as materialized (select pg_try_advisory_xact_lock(${sql.lit(foldLock)}) as locked),
    gone as (delete from catalog.figure_change where (select locked from mine) returning *),
    folded as (
      insert into catalog.figure as f (organisation_id, scope, value, entries, items)
      select organisation_id, scope, value, sum(entries), sum(items) from gone group by 1, 2, 3
      on conflict (organisation_id, scope, value)
        do update set entries = f.entries + excluded.entries, items = f.items + excluded.items
    )
    select count(*) as folded from gone`.execute(db)
  return rows[0]!.folded
}
/** Any number that no other program uses as an advisory lock in this database. */
const foldLock = 7_226_031

/** Lowest and highest row id (from the index), 0 and 0 when there is no entry. */
export async function selectIdRange(db: Db): Promise<{ min: number; max: number }> {
  const { rows } = await sql<{ min: number; max: number }>`
    select coalesce(min(id), 0) as min, coalesce(max(id), 0) as max from catalog.dataset`.execute(db)
  return rows[0]!
}

/** Counts everything again from the rows: for `concord doctor`, minutes at 3,000,000 entries. */
export async function recountFigures(db: Db): Promise<FigureRow[]> {
  const { rows } = await sql<FigureRow>`
    select k.organisation_id as "organisationId", k.scope, k.value, count(*) as entries, sum(r.item_count) as items
    from catalog.dataset r cross join lateral catalog.figure_keys(r.organisation_id, r.state, r.sharing_type,
      r.open_type, r.theme, r.database, r.grade, r.published_at) k
    group by 1, 2, 3 order by 1, 2, 3`.execute(db)
  return rows
}
