import { request } from 'node:http'
import { random } from './corpus.ts'
import { ensureGenerated } from './generate.ts'
import { type RunningNode, startBenchNode } from './node.ts'
import { cpuSeconds, watchMemory } from './process-tree.ts'
import { broadWords, queryMix } from './query-mix.ts'
import { readNode } from './read-ahead.ts'
import { atLeast, atMost, type BenchOptions, type BenchResult, plain, ratiosOf, say } from './result.ts'
import { callers } from './search.bench.ts'
import { measureSearchBaseline } from './search-baseline.ts'
import { summarise } from './statistics.ts'

/** What clients of CKAN's Action API wait for, over HTTP on the loopback interface, with the answer's last byte. */

const loadMs = { full: 30_000, quick: 10_000 }
const warmUp = 500
/** Packages that are asked for one after another: more than a cache of the first thousand would hold. */
const shown = 10_000
const deepRuns = 5
const harvestPages = 10
const baselineQueries = 100

const facets = encodeURIComponent('["organization","groups","tags","res_format","license_id"]')
const api = '/api/3/action/'

/** Requests as portals send them, no two alike: words, filters, pages, and facets beside every first page. */
function* searchPaths(mix: Iterator<{ q: string }>, seed: number): Generator<string> {
  const r = random(seed)
  const filters = [
    'res_format:CSV',
    'groups:education',
    '(res_format:CSV OR res_format:XLSX)',
    'sharing_type:unconditional',
    '-groups:health',
    'metadata_modified:[NOW-3650DAYS TO *]',
    'tags:statistics',
  ]
  for (;;) {
    const { q } = mix.next().value!
    if (q.includes(':')) continue
    const filter = r() < 0.4 ? `&fq=${encodeURIComponent(filters[Math.floor(r() * filters.length)]!)}` : ''
    const start = r() < 0.2 ? 20 * Math.floor(r() * 10) : 0
    const more = start === 0 ? `&facet.field=${facets}` : `&start=${start}`
    yield `${api}package_search?q=${encodeURIComponent(q)}&rows=20${filter}${more}`
  }
}

/** Many callers for a time or until all is asked, each asking again as soon as it has its answer. */
async function load(node: RunningNode, paths: Iterator<string>, ms = Number.POSITIVE_INFINITY) {
  const times: number[] = []
  let failed = 0
  const cpuBefore = cpuSeconds(node.pids())
  const started = performance.now()
  const caller = async () => {
    while (performance.now() < started + ms) {
      const next = paths.next()
      if (next.done) return
      const { status, ms: took, body } = await node.client.send('GET', next.value)
      times.push(took)
      if (status !== 200 && ++failed === 1) say(`    ${status} ${body.toString('utf8').slice(0, 300)}`)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const cpuAfter = cpuSeconds(node.pids())
  const cpu =
    cpuBefore === undefined || cpuAfter === undefined ? null : ((cpuAfter - cpuBefore) * 1000) / times.length
  return {
    cpu,
    rate: ((times.length - failed) * 1000) / (performance.now() - started),
    failed,
    ...summarise(times),
  }
}

function* shuffled(ids: string[], seed: number): Generator<string> {
  const r = random(seed)
  for (;;) yield `${api}package_show?id=${ids[Math.floor(r() * ids.length)]}`
}

/** The slowest of some pages at each place of the order: the beginning, the middle, the end. */
async function pagesAt(node: RunningNode, entries: number, query: string): Promise<number[]> {
  const worst: number[] = []
  for (const place of [0, 0.5, 1]) {
    let most = 0
    for (let run = 0; run < deepRuns; run++) {
      const start = Math.max(0, Math.floor(place * entries) - 100 - run)
      const { status, ms } = await node.client.send(
        'GET',
        `${api}package_search?rows=100&start=${start}&${query}`,
      )
      if (status !== 200) throw new Error(`start=${start}: ${status}`)
      // The first run of each place finds caches cold, as a harvester does.
      most = Math.max(most, ms)
    }
    worst.push(most)
  }
  return worst
}

/** Reads the stream of all names, and how much more memory the node had meanwhile. */
function listStream(
  node: RunningNode,
): Promise<{ seconds: number; bytes: number; grown: number; first: number }> {
  return new Promise((resolve, reject) => {
    // Without PostgreSQL: that its buffers fill for the first time is no cost of the stream.
    const memory = watchMemory(() => node.pids().slice(0, 1), 200)
    const before = memory?.now() ?? 0
    const started = performance.now()
    let [bytes, first] = [0, 0]
    const url = new URL(`${api}package_list`, node.address)
    request(url, (incoming) => {
      incoming.on('data', (part: Buffer) => {
        first ||= performance.now() - started
        bytes += part.length
      })
      incoming.on('error', reject)
      incoming.on('end', () => {
        const seconds = (performance.now() - started) / 1000
        const grown = ((memory?.stop().peak ?? 0) - before) / 1024 ** 2
        resolve({ seconds, bytes, grown, first })
      })
    })
      .on('error', reject)
      .end()
  })
}

/** Whole packages in the pages of a harvester: packages a second. */
async function harvest(node: RunningNode): Promise<number> {
  const started = performance.now()
  let read = 0
  for (let page = 0; page < harvestPages; page++) {
    const path = `${api}package_search?rows=1000&start=${page * 1000}&sort=${encodeURIComponent('id asc')}`
    const { result } = await node.client.json<{ result: { results: unknown[] } }>(path)
    read += result.results.length
  }
  return (read * 1000) / (performance.now() - started)
}

export async function run(options: BenchOptions): Promise<BenchResult> {
  const { entries, quick } = options
  const generated = await ensureGenerated(entries)
  const { corpus } = generated.catalogue
  await readNode(generated.dataDir)
  const ms = quick ? loadMs.quick : loadMs.full
  const node = await startBenchNode(generated)
  let figures: BenchResult['figures']
  try {
    const list = await listStream(node)
    say(`package_list: ${list.seconds.toFixed(1)} s, ${(list.bytes / 1024 ** 2).toFixed(0)} MB`)
    const warming = searchPaths(queryMix(corpus, entries, 201), 1)
    for (let i = 0; i < warmUp; i++) await node.client.send('GET', warming.next().value!)
    const search = await load(node, searchPaths(queryMix(corpus, entries, 202), 2), ms)
    say(`package_search: ${search.rate.toFixed(0)} requests/s, p95 ${search.p95.toFixed(0)} ms`)
    const deep = await pagesAt(node, entries, `sort=${encodeURIComponent('id asc')}`)
    const since = `sort=${encodeURIComponent('id asc')}&fq=${encodeURIComponent('metadata_modified:[2000-01-01T00:00:00Z TO *]')}`
    const changed = await pagesAt(node, entries, since)
    say(`rows=100 at the beginning, middle and end: ${deep.map((t) => t.toFixed(0)).join(', ')} ms`)
    const { result: ids } = await node.client.json<{ result: string[] }>(`${api}package_list?limit=${shown}`)
    const cold = await load(node, ids.map((id) => `${api}package_show?id=${id}`).values())
    const show = await load(node, shuffled(ids, 3), ms)
    say(`package_show: ${show.rate.toFixed(0)} requests/s, p95 ${show.p95.toFixed(0)} ms`)
    figures = {
      search_rate: atLeast(search.rate, 'requests/s', 100),
      search_p50: plain(search.p50, 'ms'),
      search_p95: atMost(search.p95, 'ms', 500),
      search_cpu: plain(search.cpu, 'ms of processor a request'),
      search_errors: atMost(search.failed, 'requests', 0),
      show_first_rate: plain(cold.rate, 'requests/s'),
      show_rate: atLeast(show.rate, 'requests/s', 1_500),
      show_p95: plain(show.p95, 'ms'),
      show_cpu: plain(show.cpu, 'ms of processor a request'),
      show_errors: atMost(show.failed, 'requests', 0),
      page_first: plain(deep[0]!, 'ms'),
      page_middle: plain(deep[1]!, 'ms'),
      page_last: atMost(deep[2]!, 'ms', 200),
      changed_page_last: atMost(changed[2]!, 'ms', 200),
      harvest_rate: atLeast(await harvest(node), 'packages/s', 2_000),
      list_seconds: plain(list.seconds, 's'),
      list_first_byte: plain(list.first, 'ms'),
      list_size: plain(list.bytes / 1024 ** 2, 'MB'),
      list_memory: atMost(list.grown, 'MB', 100),
    }
  } finally {
    await node.stop()
  }
  const notes = [
    `Program: ${node.program}. Requests over HTTP on the loopback interface; the caller runs on the same cores; rate limits were off.`,
    `${callers} callers; package_search with 20 rows and five facets, four in ten with a filter, after ${warmUp} other requests; package_show of ${shown} packages in any order.`,
  ]
  const mix = queryMix(corpus, entries, 203)
  const words: string[] = []
  while (words.length < baselineQueries) {
    const { q } = mix.next().value!
    if (!q.includes(':')) words.push(q)
  }
  const baseline = options.baseline
    ? await measureSearchBaseline(
        generated,
        { page: words, facets: [...broadWords, ...words] },
        callers,
        ms,
        notes,
      )
    : { name: 'left out (--no-baseline)', figures: {} }
  const theirs = {
    search_rate: baseline.figures.load_rate,
    search_p95: baseline.figures.load_p95,
  } as BenchResult['figures']
  return {
    bench: 'ckan',
    machine: '',
    scale: { entries, items: generated.items },
    figures,
    baseline,
    ratios: options.baseline ? ratiosOf(figures, theirs, ['search_rate', 'search_p95'], ['search_rate']) : {},
    notes,
  }
}
