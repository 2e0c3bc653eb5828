import { qualityOf } from '../src/catalog/dataset-quality.ts'
import { streamEntries } from '../src/catalog/index.ts'
import { getCoverage, getRanking } from '../src/coverage/coverage.ts'
import { rebuildScores, refreshScores } from '../src/coverage/score.ts'
import { takeSnapshot } from '../src/coverage/snapshot.ts'
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { migratePostgres } from '../src/platform/migrate.ts'
import { type Db, openPostgres, sql } from '../src/platform/postgres.ts'
import { loadProfile } from '../src/platform/profile.ts'
import { benchProfile, ensureGenerated } from './generate.ts'
import { atMost, type BenchOptions, type BenchResult, fullEntries, plain, ratiosOf, say } from './result.ts'
import { summarise } from './statistics.ts'

/** Scoring of every entry and the daily count, by the program's own functions on a database of its own. */

/** Seconds promised for scoring 3,000,000 entries, for fewer in proportion; and for a count, which goes by bodies too. */
const promised = { score: 120, snapshot: 30 }
/** Entries of the baseline: its rate does not depend on how many there are. */
const baselineEntries = 50_000
const baselineBatch = 500
/** Single changes and pages that are timed. */
const samples = 200

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

async function timesOf(work: (n: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let n = 0; n < samples; n++) times.push(1000 * (await seconds(() => work(n))))
  return times
}

/**
 * What a program does that scores entries itself: reads them whole, computes, writes one row each, in batches. It looks
 * at a third of what the score looks at (`qualityOf`, the completeness by which search ranks).
 */
async function scoreInProgram(db: Db): Promise<number> {
  let done = 0
  await sql`create temporary table program_score (dataset_id int primary key, points int)`.execute(db)
  for await (const entries of streamEntries(db, { batch: baselineBatch })) {
    const rows = entries.map((entry) => ({ id: entry.id, points: qualityOf(entry.content) }))
    await sql`
      insert into program_score
      select id, points from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id int, points int)`.execute(
      db,
    )
    done += entries.length
    if (done >= baselineEntries) break
  }
  return done
}

export async function run({ entries, baseline }: BenchOptions): Promise<BenchResult> {
  const generated = await ensureGenerated(entries)
  const log = { info() {}, warn: console.error, error: console.error }
  const server = await startEmbeddedPostgres({ dataDir: generated.dataDir, log })
  const postgres = openPostgres(server.url, { max: 4 })
  try {
    await migratePostgres(postgres.pool)
    const { db } = postgres
    const profile = loadProfile(benchProfile)
    let scored = 0
    const scoring = await seconds(async () => {
      scored = await rebuildScores(db, profile)
    })
    if (scored !== entries) throw new Error(`${scored} entries were scored, not ${entries}.`)
    say(`${scored} entries scored in ${scoring.toFixed(1)} s`)
    let places = 0
    const counting = await seconds(async () => {
      places = await takeSnapshot(db, profile)
    })
    say(`${places} places counted in ${counting.toFixed(1)} s`)
    // Spread over the whole table, so that no page of it is warm by chance.
    const idOf = (n: number) => 1 + Math.floor((n * (entries - 1)) / samples)
    const change = summarise(await timesOf((n) => refreshScores(db, profile, [idOf(n)])))
    const bodies = (await getRanking(db, { limit: samples })).rows.map((row) => row.key)
    const page = summarise(
      await timesOf((n) => getCoverage(db, profile, { body: bodies[n % bodies.length] })),
    )
    const list = summarise(
      await timesOf((n) => getRanking(db, { sort: n % 2 ? 'mounted' : 'quality', offset: n * 10 })),
    )
    const figures = {
      score: atMost(scoring, 's', (promised.score * entries) / fullEntries),
      score_rate: plain(scored / scoring, 'entries/s'),
      snapshot: atMost(counting, 's', promised.snapshot),
      change_p95: plain(change.p95, 'ms for one changed entry'),
      place_p95: plain(page.p95, 'ms for the figures of a body'),
      ranking_p95: plain(list.p95, 'ms for a page of the ranking'),
      size: plain((await sizeOf(db)) / 1024 ** 2, 'MB of scores'),
    }
    const theirs = {
      score_rate: plain(baseline ? await baselineRate(db) : null, 'entries/s'),
    }
    return {
      bench: 'score',
      machine: '',
      scale: { entries, items: generated.items, places },
      figures,
      baseline: { name: 'entries read whole and scored in the program, batch by batch', figures: theirs },
      ratios: ratiosOf(figures, theirs, ['score_rate'], ['score_rate']),
      notes: [
        'The baseline looks at 13 things in an entry, the score at 36; it was measured on at most 50,000 entries.',
        'Scoring writes a table beside the present one and swaps it; readers go on meanwhile.',
      ],
    }
  } finally {
    await postgres.close()
    await server.stop()
  }
}

/** One connection, because the table of the baseline is temporary. */
const baselineRate = (db: Db): Promise<number> =>
  db.connection().execute(async (one) => {
    let done = 0
    const took = await seconds(async () => {
      done = await scoreInProgram(one)
    })
    return done / took
  })

async function sizeOf(db: Db): Promise<number> {
  const { rows } = await sql<{ size: number }>`
    select pg_total_relation_size('coverage.entry_score') as size`.execute(db)
  return rows[0]!.size
}
