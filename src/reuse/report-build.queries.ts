import { itemRelation, publishedRelation } from '../catalog/index.ts'
import { type Db, sql } from '../platform/postgres.ts'

/**
 * The report of all duplicates in set statements on one connection: entries and names into temporary tables, holders by
 * item and body, ranks, swap. Three scans of the items; PostgreSQL sorts on disk what does not fit its work memory.
 */

/** Any number that no other program uses as an advisory lock in this database. */
const reportLock = 7_226_033
/** For the one connection that builds: sorts and hashes of 20,000,000 rows go to disk beyond this. */
const workMem = '128MB'
/** The swap waits this long (ms) for readers to end; their statements take milliseconds. */
const swapWaitMs = 10_000

/** Takes the lock of the build for this connection; false where another one builds. */
export async function takeReportLock(db: Db): Promise<boolean> {
  const { rows } = await sql<{ got: boolean }>`select pg_try_advisory_lock(${reportLock}) as got`.execute(db)
  return rows[0]!.got
}

export async function prepareConnection(db: Db): Promise<void> {
  await sql`set statement_timeout = 0`.execute(db)
  await sql`select set_config('work_mem', ${workMem}, false), set_config('jit', 'off', false)`.execute(db)
}

/** Gives the connection back as it was, whatever became of the build. */
export async function releaseConnection(db: Db): Promise<void> {
  await sql`drop table if exists pg_temp.entry, pg_temp.raw_name, pg_temp.element_use, pg_temp.holding, pg_temp.vote,
    pg_temp.candidate, pg_temp.body_rank`.execute(db)
  await sql`drop table if exists reuse.item_name_next, reuse.duplicate_next, reuse.duplicate_body_next`.execute(
    db,
  )
  await sql`select pg_advisory_unlock(${reportLock})`.execute(db)
  await sql`reset statement_timeout`.execute(db)
  await sql`reset work_mem`.execute(db)
  await sql`reset jit`.execute(db)
}

/** Codes that sets are kept of as bits while rows are counted; a list has at most 62, what is beyond is left out. */
const bitsOf = (codes: string[]) => sql`${codes.slice(0, 62)}::text[]`

/** Published entries with what ranks them, and the distinct names of their items, numbered from 1. */
export async function collectNames(db: Db, o: { themes: string[]; bases: string[] }): Promise<number> {
  await sql`create temp table entry as
    select id, organisation_id, quality, coalesce(database = any(${o.bases}::text[]), false) as in_base,
      coalesce((select bit_or(1::bigint << (array_position(${bitsOf(o.themes)}, t) - 1)) from unnest(theme) t), 0) as themes
    from ${publishedRelation} d`.execute(db)
  await sql`analyze entry`.execute(db)
  await sql`create temp table raw_name as
    select row_number() over () as id, name, uses from (
      select i.name, count(*)::int as uses from ${itemRelation} i join entry e on e.id = i.dataset_id group by i.name) n`.execute(
    db,
  )
  const { rows } = await sql<{ count: number }>`select count(*) as count from raw_name`.execute(db)
  await sql`create unique index on raw_name (id)`.execute(db)
  await sql`drop table if exists reuse.item_name_next, reuse.duplicate_next, reuse.duplicate_body_next`.execute(
    db,
  )
  await sql`create table reuse.item_name_next (like reuse.item_name)`.execute(db)
  return rows[0]!.count
}

export async function selectRawNames(
  db: Db,
  from: number,
  to: number,
): Promise<{ id: number; name: string }[]> {
  const { rows } = await sql<{ id: number; name: string }>`
    select id, name from raw_name where id between ${from} and ${to} order by id`.execute(db)
  return rows
}

export async function insertKeyedNames(
  db: Db,
  names: { id: number; key: string; base: string }[],
): Promise<void> {
  await sql`insert into reuse.item_name_next (name, uses, key, base, item)
    select r.name, r.uses, reuse.number_of(k.key), reuse.number_of(k.base), reuse.number_of(k.key)
    from unnest(${names.map((n) => n.id)}::bigint[], ${names.map((n) => n.key)}::text[],
      ${names.map((n) => n.base)}::text[]) k (id, key, base) join raw_name r using (id)`.execute(db)
}

/**
 * An item with a data element is known by it. A name whose items mostly carry one data element, and no other, stands
 * for that element where it stands alone too.
 */
export async function joinElements(db: Db): Promise<void> {
  await sql`create temp table element_use as
    select i.data_element, i.name, count(*)::int as uses from ${itemRelation} i join entry e on e.id = i.dataset_id
    where i.data_element is not null group by 1, 2`.execute(db)
  await sql`
    with total as (select key, sum(uses) as uses from reuse.item_name_next group by key),
    carried as (
      select n.key, min(e.data_element) as data_element, sum(e.uses) as uses
      from element_use e join reuse.item_name_next n using (name)
      group by n.key having count(distinct e.data_element) = 1
    )
    update reuse.item_name_next n set item = reuse.number_of('element:' || c.data_element)
    from carried c join total t using (key) where n.key = c.key and 2 * c.uses >= t.uses`.execute(db)
  await sql`analyze reuse.item_name_next`.execute(db)
}

const itemNumber = sql`coalesce(reuse.number_of('element:' || i.data_element), n.item)`

/** Who holds each item, and whom others name as its source. */
export async function collectHolders(db: Db, o: { types: string[] }): Promise<void> {
  await sql`create temp table holding as
    select ${itemNumber} as item, e.organisation_id, count(distinct i.dataset_id)::int as entries,
      coalesce(bit_or(1::bigint << (array_position(${bitsOf(o.types)}, i.data_type) - 1)), 0) as types,
      bit_or(e.themes) as themes, bool_or(e.in_base) as in_base,
      -- The best entry: quality before age.
      max((e.quality::bigint << 32) + 2147483647 - e.id) as best
    from ${itemRelation} i join entry e on e.id = i.dataset_id join reuse.item_name_next n on n.name = i.name
    group by 1, 2`.execute(db)
  await sql`create temp table vote as
    select ${itemNumber} as item, i.organisation_id, count(*)::int as named
    from ${itemRelation} i join entry e on e.id = i.dataset_id join reuse.item_name_next n on n.name = i.name
    where i.organisation_id is not null and i.organisation_id <> e.organisation_id group by 1, 2`.execute(db)
  await sql`create temp table candidate as
    select item, organisation_id, coalesce(h.entries, 0) as entries, coalesce(v.named, 0) as named,
      coalesce(h.in_base, false) as in_base, coalesce(h.types, 0) as types, coalesce(h.themes, 0) as themes, h.best,
      coalesce(h.best >> 32, -1) as quality
    from holding h full join vote v using (item, organisation_id)
    where item in (select item from holding group by item having count(*) > 1)`.execute(db)
  await sql`analyze candidate`.execute(db)
}

export interface BodyRank {
  id: number
  /** 0 is the highest tier. */
  tier: number
}

/** The items several bodies hold, with the body proposed as the source of each, and all their bodies. */
export async function writeDuplicates(
  db: Db,
  o: { bodies: BodyRank[]; types: string[]; themes: string[] },
): Promise<void> {
  await sql`create temp table body_rank as
    select * from jsonb_to_recordset(${JSON.stringify(o.bodies)}::jsonb) as b (id int, tier int)`.execute(db)
  const codes = (list: string[], mask: ReturnType<typeof sql>) => sql`array(
    select c from unnest(${bitsOf(list)}) with ordinality u (c, n) where ${mask} & (1::bigint << (n::int - 1)) <> 0)`
  await sql`create table reuse.duplicate_next (like reuse.duplicate including defaults)`.execute(db)
  await sql`
    insert into reuse.duplicate_next (item, name, data_element, bodies, entries, types, themes, source_organisation_id,
      source_dataset_id, source_reason)
    with ranked as materialized (
      select c.*, coalesce(r.tier, 99) as tier, row_number() over (partition by item order by named desc, in_base desc,
        entries desc, coalesce(r.tier, 99), quality desc, organisation_id) as place
      from candidate c left join body_rank r on r.id = c.organisation_id
    ), summed as (
      select item, count(*) filter (where entries > 0)::int as bodies, sum(entries)::int as entries,
        bit_or(types) as types, bit_or(themes) as themes
      from candidate group by item
    ), named as (
      select distinct on (item) item, name, data_element from (
        select item, name, null as data_element, uses from reuse.item_name_next
        union all
        select reuse.number_of('element:' || data_element), name, data_element, uses from element_use
      ) u order by item, uses desc, name
    ), element as (
      select distinct reuse.number_of('element:' || data_element) as item, data_element from element_use
    )
    select s.item, m.name, e.data_element, s.bodies, s.entries, ${codes(o.types, sql`s.types`)},
      ${codes(o.themes, sql`s.themes`)}, a.organisation_id,
      2147483647 - (a.best & 4294967295),
      case when a.named > b.named then 'named_source' when a.in_base and not b.in_base then 'base_database'
        when a.entries > b.entries then 'most_entries' when a.tier < b.tier then 'highest_tier'
        when a.quality > b.quality then 'best_described' else 'first_registered' end
    from summed s join ranked a on a.item = s.item and a.place = 1 join ranked b on b.item = s.item and b.place = 2
    join named m on m.item = s.item left join element e on e.item = s.item`.execute(db)
  await sql`create table reuse.duplicate_body_next (like reuse.duplicate_body including defaults)`.execute(db)
  await sql`
    insert into reuse.duplicate_body_next (item, organisation_id, entries, named, in_base, best_dataset_id)
    select item, organisation_id, entries, named, in_base, 2147483647 - (best & 4294967295) from candidate`.execute(
    db,
  )
}

/** Indexes of the new tables, made after they are filled: a third of the time. */
export async function indexReport(db: Db): Promise<void> {
  await sql`create index on reuse.item_name_next (key)`.execute(db)
  await sql`create index on reuse.item_name_next (base)`.execute(db)
  await sql`create unique index on reuse.duplicate_next (item)`.execute(db)
  await sql`create index on reuse.duplicate_next (bodies desc, item desc)`.execute(db)
  await sql`create index on reuse.duplicate_body_next (item, entries desc, organisation_id)`.execute(db)
  await sql`create index on reuse.duplicate_body_next (organisation_id, item)`.execute(db)
  for (const table of ['item_name_next', 'duplicate_next', 'duplicate_body_next'])
    await sql`analyze ${sql.table(`reuse.${table}`)}`.execute(db)
}

/** Puts the new tables in the place of the old ones, all at once. */
export async function swapReport(tx: Db, asOf: string, seconds: number): Promise<void> {
  await sql`select set_config('lock_timeout', ${`${swapWaitMs}ms`}, true)`.execute(tx)
  for (const table of ['item_name', 'duplicate', 'duplicate_body']) {
    await sql`drop table ${sql.table(`reuse.${table}`)}`.execute(tx)
    await sql`alter table ${sql.table(`reuse.${table}_next`)} rename to ${sql.ref(table)}`.execute(tx)
  }
  await sql`update reuse.report set as_of = ${asOf}, seconds = ${seconds}, running_since = null, problem = null,
    items = (select count(distinct item) from reuse.item_name),
    duplicates = (select count(*) from reuse.duplicate)`.execute(tx)
}

export interface ReportState {
  asOf: string | null
  seconds: number | null
  items: number | null
  duplicates: number | null
  runningSince: string | null
  problem: string | null
}

/** The report at hand; one that is being made counts as running while its builder holds the lock. */
export async function selectReport(db: Db): Promise<ReportState> {
  const { rows } = await sql<ReportState>`
    select as_of as "asOf", seconds, items, duplicates, problem,
      case when exists (select from pg_locks where locktype = 'advisory' and classid = 0 and objid = ${reportLock}
        and database = (select oid from pg_database where datname = current_database())) then running_since end
        as "runningSince"
    from reuse.report`.execute(db)
  return rows[0]!
}

export async function noteRunning(db: Db, since: string): Promise<void> {
  await sql`update reuse.report set running_since = ${since}, problem = null`.execute(db)
}

export async function noteProblem(db: Db, problem: string): Promise<void> {
  await sql`update reuse.report set running_since = null, problem = ${problem}`.execute(db)
}

/** Asks for a report now; one that waits already is not asked for twice. */
export async function enqueueReport(db: Db, job: string): Promise<void> {
  await sql`select job.add_job(${job}, job_key => ${job}, max_attempts => 3)`.execute(db)
}
