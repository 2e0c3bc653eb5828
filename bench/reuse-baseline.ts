import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { type Db, openPostgres, sql } from '../src/platform/postgres.ts'
import { withSettings } from './baseline-postgres-build.ts'
import type { GeneratedNode } from './generate.ts'
import { readTables } from './read-ahead.ts'
import { type Figures, plain, say } from './result.ts'
import { summarise } from './statistics.ts'

/**
 * The same question put to PostgreSQL alone, as a team would build it first: names lower-cased without blanks and
 * punctuation, a B-tree from name to items, trigrams over the distinct names. It knows no synonyms, types, Traditional
 * characters or generic endings, and takes 户籍地址 for 居住地址 where the trigrams do.
 */

/** A statement that runs longer is stopped and counts as this (ms). */
const timeoutMs = 30_000
/** Batches asked: each is as many questions as it has names. */
const batchesAsked = 10
const buildSettings = {
  statement_timeout: '0',
  maintenance_work_mem: '1GB',
  work_mem: '256MB',
  max_parallel_maintenance_workers: '1',
}
const askSettings = { statement_timeout: String(timeoutMs), work_mem: '128MB', jit: 'off' }

const build = [
  'create extension if not exists pg_trgm',
  'drop schema if exists reuse_baseline cascade; create schema reuse_baseline',
  `create function reuse_baseline.plain(name text) returns text language sql immutable strict parallel safe
   return regexp_replace(lower(normalize(name, nfkc)), '[[:space:][:punct:]]+', '', 'g')`,
  `create unlogged table reuse_baseline.item as
   select i.dataset_id, d.organisation_id, d.quality, reuse_baseline.plain(i.name) as name
   from catalog.item i join catalog.dataset d on d.id = i.dataset_id where d.state = 'published'`,
  'create unlogged table reuse_baseline.name as select name, count(*)::int as uses from reuse_baseline.item group by name',
  'create index on reuse_baseline.item (name, quality desc)',
  'create index on reuse_baseline.name using gin (name gin_trgm_ops) with (fastupdate = off)',
  'create index on reuse_baseline.name (name)',
  'vacuum (analyze) reuse_baseline.item',
  'vacuum (analyze) reuse_baseline.name',
]

/** For each name the six most similar ones with the six best entries of each, in one statement. */
const ask = (db: Db, names: string[]) =>
  sql`
  select w.name as wanted, n.name, n.uses, n.likeness, h.dataset_id, h.organisation_id
  from unnest(${names}::text[]) w (name)
  cross join lateral (
    (select name, uses, 1::real as likeness from reuse_baseline.name where name = reuse_baseline.plain(w.name))
    union
    (select name, uses, similarity(name, reuse_baseline.plain(w.name)) as likeness from reuse_baseline.name
     where name % reuse_baseline.plain(w.name) order by likeness desc, uses desc limit 6)
    order by likeness desc, uses desc limit 6) n
  cross join lateral (
    select dataset_id, organisation_id from reuse_baseline.item i where i.name = n.name order by quality desc limit 6) h`.execute(
    db,
  )

export async function measureReuseBaseline(
  generated: GeneratedNode,
  questions: { one: string[]; many: string[][] },
  notes: string[],
): Promise<{ name: string; figures: Figures }> {
  say('baseline: PostgreSQL over the same rows')
  const log = { info() {}, warn: console.error, error: console.error }
  const server = await startEmbeddedPostgres({ dataDir: generated.dataDir, log })
  const postgres = openPostgres(server.url, { max: 2 })
  try {
    const seconds = await prepare(postgres.db)
    await readTables(postgres.pool, 'reuse_baseline')
    const single = await timed(
      postgres.db,
      questions.one.map((name) => [name]),
    )
    const batch = await timed(postgres.db, questions.many.slice(0, batchesAsked))
    say(`baseline: one item p95 ${single.p95.toFixed(0)} ms, a batch p95 ${batch.p95.toFixed(0)} ms`)
    notes.push(
      `Baseline: tables and indexes read into memory before, called directly without HTTP; ${batchesAsked} batches; statements stopped after ${timeoutMs / 1000} s count as that.`,
    )
    return {
      name: 'PostgreSQL 18: pg_trgm (GIN) over distinct names, B-tree on normalised names',
      figures: {
        build: plain(seconds, 's'),
        similar_p50: plain(single.p50, 'ms'),
        similar_p95: plain(single.p95, 'ms'),
        batch_p50: plain(batch.p50, 'ms'),
        batch_p95: plain(batch.p95, 'ms'),
      },
    }
  } finally {
    // Its tables are as large as the catalogue's items: they do not stay.
    await withSettings(postgres.db, buildSettings, (db) =>
      sql`drop schema if exists reuse_baseline cascade`.execute(db),
    ).catch(() => {})
    await postgres.close()
    await server.stop()
  }
}

const prepare = (db: Db) =>
  withSettings(db, buildSettings, async (connection) => {
    const started = performance.now()
    for (const statement of build) await sql.raw(statement).execute(connection)
    return (performance.now() - started) / 1000
  })

const timed = (db: Db, questions: string[][]) =>
  withSettings(db, askSettings, async (connection) => {
    const times: number[] = []
    for (const names of questions) {
      const started = performance.now()
      try {
        await ask(connection, names)
        times.push(performance.now() - started)
      } catch (error) {
        if ((error as { code?: string }).code !== '57014') throw error
        times.push(timeoutMs)
      }
    }
    return summarise(times)
  })
