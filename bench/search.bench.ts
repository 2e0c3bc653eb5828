import type { Corpus } from './corpus.ts'
import { ensureGenerated } from './generate.ts'
import type { HttpClient } from './http-client.ts'
import { type RunningNode, startBenchNode } from './node.ts'
import { cpuSeconds } from './process-tree.ts'
import { benchQueries } from './queries.ts'
import { broadWords, queryMix, searchPath, take } from './query-mix.ts'
import { readNode } from './read-ahead.ts'
import {
  atLeast,
  atMost,
  type BenchOptions,
  type BenchResult,
  type Figures,
  plain,
  ratiosOf,
  say,
} from './result.ts'
import { measureSearchBaseline } from './search-baseline.ts'
import { repeats, type Summary, summarise } from './statistics.ts'

/** What callers of the search API wait for, over HTTP on the loopback interface, with the answer's last byte. */

/** Callers at the same time, and for how long they ask (ms). */
export const callers = 32
const loadMs = { full: 30_000, quick: 10_000 }
/** Requests before anything is promised: none of them comes again. The first of them are timed as what a cold node gives. */
const warmUp = 1_000
const firstCount = 100
/** Queries of the page, and as many others of the page with facets: no answer is warm from the other measurement. */
const queryCount = 200
const filteredCount = 100
const lastPageRuns = 5
const sorts = ['relevance', 'updated', 'name', 'use']

/** Seeds of the mixes: each measurement has requests of its own. */
const seeds = { warmUp: 101, filtered: 102, load: 103 }

async function timed(client: HttpClient, path: string): Promise<number> {
  const { status, ms, body } = await client.send('GET', path)
  if (status !== 200) throw new Error(`${path}: ${status} ${body.toString('utf8').slice(0, 300)}`)
  return ms
}

/** One caller, one request after the other; the slowest are told. */
async function oneCaller(client: HttpClient, what: string, paths: string[]): Promise<Summary> {
  const times: [number, string][] = []
  for (const path of paths) times.push([await timed(client, path), path])
  const summary = summarise(times.map(([ms]) => ms))
  say(
    `${what}: p50 ${summary.p50.toFixed(1)} ms, p95 ${summary.p95.toFixed(1)} ms, most ${summary.max.toFixed(1)} ms`,
  )
  const slowest = times.sort((a, b) => b[0] - a[0]).slice(0, 4)
  for (const [ms, path] of slowest) say(`    ${ms.toFixed(1)} ms  ${decodeURIComponent(path.split('?')[1]!)}`)
  return summary
}

/** Many callers for a time, each asking again as soon as it has its answer. */
async function manyCallers(node: RunningNode, corpus: Corpus, size: number, ms: number) {
  const mix = queryMix(corpus, size, seeds.load)
  const times: number[] = []
  const errors = new Map<string, number>()
  const cpuBefore = cpuSeconds(node.pids())
  const started = performance.now()
  const end = started + ms
  const caller = async () => {
    while (performance.now() < end) {
      const { q, filters } = mix.next().value!
      const problem = await node.client.send('GET', searchPath(q, { facets: true, filters })).then(
        (a) => {
          times.push(a.ms)
          return a.status === 200 ? undefined : String(a.status)
        },
        (error) => (error as Error).message,
      )
      if (problem) errors.set(problem, (errors.get(problem) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const seconds = (performance.now() - started) / 1000
  for (const [problem, count] of errors) say(`    ${count} × ${problem}`)
  const cpuAfter = cpuSeconds(node.pids())
  const cpuMs =
    cpuBefore === undefined || cpuAfter === undefined ? null : ((cpuAfter - cpuBefore) * 1000) / times.length
  const failed = [...errors.values()].reduce((a, b) => a + b, 0)
  return {
    rate: (times.length - failed) / seconds,
    failed,
    cpuMs,
    requests: times.length,
    ...summarise(times),
  }
}

async function lastPage(client: HttpClient, entries: number): Promise<number> {
  const times: number[] = []
  for (const sort of sorts)
    for (let run = 0; run < lastPageRuns; run++)
      times.push(
        await timed(client, searchPath('', { facets: false, sort, offset: entries - 20, limit: 20 })),
      )
  return Math.max(...times)
}

export async function run(options: BenchOptions): Promise<BenchResult> {
  const { entries, quick } = options
  const generated = await ensureGenerated(entries)
  const { corpus } = generated.catalogue
  const queries = benchQueries(corpus, entries, 2 * queryCount)
  const [ofPage, ofFacets] = [queries.slice(0, queryCount), ['', ...broadWords, ...queries.slice(queryCount)]]
  await readNode(generated.dataDir)
  const node = await startBenchNode(generated)
  let figures: Figures
  let load: Awaited<ReturnType<typeof manyCallers>>
  try {
    const { client } = node
    const paths = (list: string[], facets: boolean) => list.map((q) => searchPath(q, { facets }))
    const warming = take(queryMix(corpus, entries, seeds.warmUp), warmUp).map(({ q, filters }) =>
      searchPath(q, { facets: true, filters }),
    )
    const first = await oneCaller(client, 'first requests', warming.slice(0, firstCount))
    for (const path of warming.slice(firstCount)) await timed(client, path)
    const page = await oneCaller(client, 'page of 20', paths(ofPage, false))
    const facets = await oneCaller(client, 'page, total, all facets', paths(ofFacets, true))
    const broad = await oneCaller(
      client,
      'broad words, all facets',
      ['', ...broadWords].map((q) => searchPath(q, { facets: true })),
    )
    const filtered = await oneCaller(client, 'with filters, all facets', filteredPaths(corpus, entries))
    load = await manyCallers(node, corpus, entries, quick ? loadMs.quick : loadMs.full)
    say(
      `${callers} callers: ${load.rate.toFixed(0)} requests/s, p95 ${load.p95.toFixed(0)} ms, ${load.failed} errors`,
    )
    figures = {
      first_facets_p95: plain(first.p95, 'ms'),
      page_p50: plain(page.p50, 'ms'),
      page_p95: atMost(page.p95, 'ms', 15),
      facets_p50: plain(facets.p50, 'ms'),
      facets_p95: atMost(facets.p95, 'ms', 35),
      broad_facets_max: plain(broad.max, 'ms'),
      filtered_facets_p95: plain(filtered.p95, 'ms'),
      load_rate: atLeast(load.rate, 'requests/s', 100),
      load_p95: atMost(load.p95, 'ms', 500),
      load_cpu: plain(load.cpuMs, 'ms of processor a request'),
      load_errors: atMost(load.failed, 'requests', 0),
      last_page: atMost(await lastPage(client, entries), 'ms', 200),
    }
  } finally {
    await node.stop()
  }
  const notes = [
    `Program: ${node.program}. Requests over HTTP on the loopback interface; the caller runs on the same cores. Tables and index were read into memory before.`,
    `${queryCount} queries for the page and ${ofFacets.length} others with facets, among them ${broadWords.length} broad words and none at all; ${repeats(queries)} repeated; after ${warmUp} other requests, the first ${firstCount} of which are told apart.`,
    `${callers} callers sent ${load.requests} requests, no two alike in words and filters; rate limits were off.`,
  ]
  const baseline = options.baseline
    ? await measureSearchBaseline(
        generated,
        { page: ofPage, facets: ofFacets },
        callers,
        quick ? loadMs.quick : loadMs.full,
        notes,
      )
    : { name: 'left out (--no-baseline)', figures: {} }
  const keys = ['page_p50', 'page_p95', 'facets_p50', 'facets_p95', 'load_rate', 'load_p95']
  return {
    bench: 'search',
    machine: '',
    scale: { entries, items: generated.items, item_names: generated.names, queries: queries.length },
    figures,
    baseline,
    ratios: ratiosOf(figures, baseline.figures, keys, ['load_rate']),
    notes,
  }
}

/** Only requests with filters. */
function filteredPaths(corpus: Corpus, entries: number): string[] {
  const paths: string[] = []
  for (const { q, filters } of queryMix(corpus, entries, seeds.filtered)) {
    if (Object.keys(filters).length > 0) paths.push(searchPath(q, { facets: true, filters }))
    if (paths.length === filteredCount) break
  }
  return paths
}
