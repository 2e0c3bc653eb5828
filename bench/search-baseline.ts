import { totalmem } from 'node:os'
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { openPostgres, type Postgres } from '../src/platform/postgres.ts'
import {
  baselinePageWithFacets,
  baselineTimeoutMs,
  measureBaseline,
  prepareBaseline,
  withBaselineSession,
} from './baseline-postgres.ts'
import type { GeneratedNode } from './generate.ts'
import { queryMix } from './query-mix.ts'
import { readTables } from './read-ahead.ts'
import { type Figures, plain, say } from './result.ts'
import { summarise } from './statistics.ts'

/** The same questions put to PostgreSQL's own search over the same rows. The node is stopped: all memory is PostgreSQL's. */

const loadSeed = 103
/** A quarter of the memory, as PostgreSQL's manual says; not more than Concord may use in all (bytes). */
const sharedBuffers = Math.min(totalmem() / 4, 4 * 1024 ** 3)

const baselineName = 'PostgreSQL 18 full text (GIN) and pg_trgm, called directly without HTTP'

export async function measureSearchBaseline(
  generated: GeneratedNode,
  queries: { page: string[]; facets: string[] },
  callers: number,
  loadMs: number,
  notes: string[],
): Promise<{ name: string; figures: Figures }> {
  say('baseline: PostgreSQL over the same rows')
  const log = { info() {}, warn: console.error, error: console.error }
  const server = await startEmbeddedPostgres({
    dataDir: generated.dataDir,
    log,
    settings: { shared_buffers: `${Math.floor(sharedBuffers / 1024 ** 2)}MB` },
  })
  const postgres = openPostgres(server.url, { max: callers + 1 })
  try {
    const build = await prepareBaseline(postgres.db, say)
    say(
      `baseline: built in ${build.seconds.toFixed(0)} s, ${(build.bytes / 1024 ** 2).toFixed(0)} MB; asking`,
    )
    await readTables(postgres.pool, 'baseline')
    const one = await measureBaseline(
      postgres.db,
      // It has no answer of its own to no words at all.
      { ...queries, facets: queries.facets.filter((q) => q !== '') },
      1,
    )
    say(`baseline: page p95 ${one.pageP95.toFixed(0)} ms, with facets p95 ${one.facetsP95.toFixed(0)} ms`)
    const many = await load(postgres, generated, callers, loadMs)
    notes.push(
      `Baseline: tables and indexes read into memory before; statements stopped after ${baselineTimeoutMs / 1000} s count as that (${one.timeouts} of one caller, ${many.timeouts} of ${callers}); its callers ask without filters.`,
    )
    return {
      name: baselineName,
      figures: {
        build: plain(build.seconds, 's'),
        page_p50: plain(one.pageP50, 'ms'),
        page_p95: plain(one.pageP95, 'ms'),
        facets_p50: plain(one.facetsP50, 'ms'),
        facets_p95: plain(one.facetsP95, 'ms'),
        load_rate: plain(many.rate, 'requests/s'),
        load_p95: plain(many.p95, 'ms'),
        stopped: plain(one.timeouts + many.timeouts, 'statements'),
      },
    }
  } finally {
    await postgres.close()
    await server.stop()
  }
}

/** Page and facets by many callers for a time. */
async function load(
  { db }: Postgres,
  { catalogue, entries }: GeneratedNode,
  callers: number,
  loadMs: number,
) {
  const mix = queryMix(catalogue.corpus, entries, loadSeed)
  const times: number[] = []
  let timeouts = 0
  const started = performance.now()
  const end = started + loadMs
  const caller = () =>
    withBaselineSession(db, async (session) => {
      while (performance.now() < end) {
        const from = performance.now()
        try {
          await baselinePageWithFacets(session, mix.next().value!.q)
          times.push(performance.now() - from)
        } catch (error) {
          if ((error as { code?: string }).code !== '57014') throw error
          timeouts++
          times.push(baselineTimeoutMs)
        }
      }
    })
  await Promise.all(Array.from({ length: callers }, caller))
  const seconds = (performance.now() - started) / 1000
  return { rate: (times.length - timeouts) / seconds, timeouts, p95: summarise(times).p95 }
}
