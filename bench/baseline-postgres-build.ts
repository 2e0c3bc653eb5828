import { type Db, sql } from '../src/platform/postgres.ts'

/**
 * The tables of the PostgreSQL baseline, in a schema `baseline`: one row per published entry with its text as a
 * weighted `tsvector`, indexed as the chapters on full text search and pg_trgm of PostgreSQL's manual advise.
 */

/** Raise when the tables come out differently: those of another version are built anew. */
const baselineVersion = 1
/** Connections that fill the table and processes that build one index: the machine has two cores. */
const workers = 2
/** Entries that one statement writes. */
const chunk = 20_000
/** Bulk work has no limit of its own; memory as the manual's chapter 14.4 advises for it. */
const settings = {
  statement_timeout: '0',
  maintenance_work_mem: '1GB',
  work_mem: '256MB',
  max_parallel_maintenance_workers: String(workers - 1),
}

/**
 * PostgreSQL's parser knows no Chinese words, and pg_trgm cannot look up words of two characters (and none at all
 * under the C locale). So every Han run is written as its pairs, "车站点" as "车 车站 站点 点": one regular expression,
 * positions in order, so that phrases work; a single character is found as the beginning of a pair.
 *
 * `is_broad` tells by the planner's estimate when walking the score index finds the candidates sooner than the GIN
 * index: a row of the walk costs 3.3 times one of a bitmap scan (measured), which the planner takes for equal.
 */
const functions = String.raw`
create text search configuration baseline.mixed (copy = english);
alter text search configuration baseline.mixed alter mapping for word, numword with simple;
create function baseline.words(text) returns text language sql immutable parallel safe as $$
  select regexp_replace(regexp_replace(translate($1, '/\-_.:@·', '        '),
    '([㐀-鿿])(?=[0-9A-Za-z])|([0-9A-Za-z])(?=[㐀-鿿])', '\1\2 ', 'g'), '([㐀-鿿])', '\1 \1', 'g')
$$;
create function baseline.vector(text, "char") returns tsvector language sql immutable parallel safe as $$
  select setweight(to_tsvector('baseline.mixed', baseline.words($1)), $2)
$$;
create function baseline.translated(jsonb, text) returns text language sql immutable strict parallel safe as $$
  select string_agg(value ->> $2, ' ') from jsonb_each($1)
$$;
create function baseline.is_broad(query text, candidates int) returns boolean language plpgsql as $$
declare
  plan json;
  entries real;
begin
  execute format('explain (format json) select from baseline.entry where words @@ to_tsquery(''baseline.mixed'', %L)',
    query) into plan;
  select reltuples into entries from pg_class where oid = 'baseline.entry'::regclass;
  return (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8 ^ 2 > 3.3 * candidates * entries;
end
$$;`

const organisations = `
create table baseline.organisation as
with recursive chain as (
  select o.id, o.division_code as code from security.organisation o where o.division_code is not null
  union all
  select c.id, d.parent_code from chain c join security.division d on d.code = c.code where d.parent_code is not null
)
select o.id, o.code, o.tier, concat_ws(' ', o.name, baseline.translated(o.translations, 'name')) as names,
  coalesce(c.codes, '{}') as regions
from security.organisation o
left join (select id, array_agg(code) as codes from chain group by id) c on c.id = o.id;
alter table baseline.organisation add primary key (id);`

/** Distinct combinations of facet values, so that a row carries three small numbers and counting hashes integers. */
const facetSets = `
create table baseline.facet_set as
select row_number() over () as id, kind, value from (
  select 'theme' as kind, theme as value from catalog.dataset where state = 'published' group by theme
  union all select 'format', format from catalog.dataset where state = 'published' group by format
  union all select 'plain', array[sharing_type, open_type, update_cycle, grade, database]
  from catalog.dataset where state = 'published' group by sharing_type, open_type, update_cycle, grade, database
) s;
alter table baseline.facet_set alter id type int, add primary key (id);
create unique index on baseline.facet_set (kind, value);
analyze baseline.facet_set, baseline.organisation;`

/**
 * The row has no more text than the search reads, and what is beyond 2 kB moves out of it uncompressed, so that
 * counting reads few pages. Unlogged: the build is not what is compared, and its tables can be made again.
 */
const entryTable = `
create unlogged table baseline.entry (
  id int not null, organisation_id int not null, theme_set int not null, format_set int not null,
  plain_set int not null, score real not null, title text not null, partial_text text not null,
  title_words tsvector not null, words tsvector not null
) with (toast_tuple_target = 128);
alter table baseline.entry alter words set storage external, alter words set statistics 500,
  alter title_words set statistics 500;`

/** `score`: completeness and use, 0 to 1, the same formula as the search index. */
const entryRows = `
insert into baseline.entry
select d.id, d.organisation_id, t.id as theme_set, f.id as format_set, p.id as plain_set,
  (least(65535, round(d.quality * 40 + log(2, 1 + d.use_count) * 1500)) / 65535)::real as score,
  d.title, concat_ws(' ', x.titles, i.names) as partial_text, x.title_words,
  x.title_words || baseline.vector(coalesce(i.names, ''), 'B')
    || baseline.vector(concat_ws(' ', d.abstract, baseline.translated(nullif(d.translations, '{}'), 'abstract'),
      array_to_string(d.keyword, ' '), d.duty, d.service_matter, array_to_string(d.spatial, ' '), o.names), 'C')
    || baseline.vector(concat_ws(' ', array_to_string(d.resource_code, ' '), d.source_id, i.codes), 'D') as words
from catalog.dataset d
join baseline.organisation o on o.id = d.organisation_id
join baseline.facet_set t on t.kind = 'theme' and t.value = d.theme
join baseline.facet_set f on f.kind = 'format' and f.value = d.format
join baseline.facet_set p on p.kind = 'plain'
  and p.value = array[d.sharing_type, d.open_type, d.update_cycle, d.grade, d.database]
cross join lateral (
  select titles, baseline.vector(titles, 'A') as title_words
  from (select concat_ws(' ', d.title, baseline.translated(nullif(d.translations, '{}'), 'title')) as titles) y
  offset 0
) x
left join lateral (
  select string_agg(concat_ws(' ', name, baseline.translated(translations, 'name')), ' ') as names,
    string_agg(code, ' ') as codes
  from catalog.item where dataset_id = d.id
) i on true
where d.state = 'published' and d.id >= $from and d.id < $to`

/** Built after the rows, without pending lists. */
const indexes = [
  'alter table baseline.entry add primary key (id)',
  'create index entry_words on baseline.entry using gin (words) with (fastupdate = off)',
  'create index entry_title_words on baseline.entry using gin (title_words) with (fastupdate = off)',
  'create index entry_partial on baseline.entry using gin (partial_text gin_trgm_ops) with (fastupdate = off)',
  'create index entry_score on baseline.entry (score desc, id)',
  'create index entry_organisation on baseline.entry (organisation_id)',
  'create index entry_theme on baseline.entry (theme_set)',
  'create index entry_format on baseline.entry (format_set)',
  'create index entry_plain on baseline.entry (plain_set)',
  // Sets the visibility map too.
  'vacuum (analyze) baseline.entry',
]

export interface BaselineBuild {
  /** Of the build, also where it was made by an earlier call. */
  seconds: number
  /** Table, texts and indexes on disk. */
  bytes: number
}

/** Runs `work` on one connection with these server settings; they are as before afterwards. */
export function withSettings<T>(
  db: Db,
  values: Record<string, string>,
  work: (connection: Db) => Promise<T>,
): Promise<T> {
  return db.connection().execute(async (connection) => {
    try {
      for (const [name, value] of Object.entries(values))
        await sql`select set_config(${name}, ${value}, false)`.execute(connection)
      return await work(connection)
    } finally {
      await sql`reset all`.execute(connection)
    }
  })
}

/**
 * Builds the baseline over the published entries, or leaves it where it was built over as many already.
 * Needs a pool of at least two connections. `log` is told each step with its seconds.
 */
export async function prepareBaseline(
  db: Db,
  log: (line: string) => void = () => {},
): Promise<BaselineBuild> {
  return withSettings(db, settings, async (connection) => {
    const { rows } = await sql<{ count: number; least: number; greatest: number }>`
      select count(*) as count, coalesce(min(id), 1) as least, coalesce(max(id), 0) as greatest
      from catalog.dataset where state = 'published'`.execute(connection)
    const { count, least, greatest } = rows[0]!
    const signature = `${baselineVersion}/${count}/${greatest}`
    const earlier = await builtEarlier(connection, signature)
    if (earlier) return earlier
    const started = performance.now()
    const seconds = () => (performance.now() - started) / 1000
    const step = async (statement: string) => {
      const from = seconds()
      await sql.raw(statement).execute(connection)
      log(`${statement.trim().split('\n')[0]!.slice(0, 70)}: ${(seconds() - from).toFixed(1)} s`)
    }
    await sql.raw('create extension if not exists pg_trgm').execute(connection)
    await sql.raw('drop schema if exists baseline cascade; create schema baseline').execute(connection)
    for (const part of [functions, organisations, facetSets, entryTable]) await step(part)
    await fill(db, least, greatest, log)
    for (const statement of indexes) await step(statement)
    await sql`create unlogged table baseline.built as
      select ${signature}::text as signature, ${seconds()}::float8 as seconds,
        pg_total_relation_size('baseline.entry') as bytes`.execute(connection)
    return (await builtEarlier(connection, signature))!
  })
}

async function builtEarlier(db: Db, signature: string): Promise<BaselineBuild | undefined> {
  const exists = await sql`select from pg_class where oid = to_regclass('baseline.built')`.execute(db)
  if (exists.rows.length === 0) return undefined
  const { rows } = await sql<BaselineBuild>`
    select seconds, bytes from baseline.built where signature = ${signature}`.execute(db)
  return rows[0]
}

/** INSERT … SELECT runs on one core; so several connections take chunks in turn. */
async function fill(db: Db, least: number, greatest: number, log: (line: string) => void): Promise<void> {
  const started = performance.now()
  let next = least
  const work = () =>
    withSettings(db, settings, async (connection) => {
      while (next <= greatest) {
        const from = next
        next += chunk
        const statement = entryRows.replace('$from', String(from)).replace('$to', String(from + chunk))
        await sql.raw(statement).execute(connection)
        log(`baseline rows below ${from + chunk}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
      }
    })
  // The first connection waits in `prepareBaseline`: a pool of two has one left.
  await Promise.all(Array.from({ length: workers }, work))
}
