import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { migratePostgres } from '../src/platform/migrate.ts'
import { openPostgres } from '../src/platform/postgres.ts'
import { loadProfile } from '../src/platform/profile.ts'
import { buildReport } from '../src/reuse/index.ts'
import type { SimilarAnswer } from '../src/reuse/reuse.schema.ts'
import { signIn } from './change-writer.ts'
import { type Corpus, random } from './corpus.ts'
import { benchProfile, ensureGenerated, type GeneratedNode } from './generate.ts'
import type { HttpClient } from './http-client.ts'
import { startBenchNode } from './node.ts'
import { readNode } from './read-ahead.ts'
import { atMost, type BenchOptions, type BenchResult, plain, ratiosOf, say } from './result.ts'
import { measureReuseBaseline } from './reuse-baseline.ts'
import { type Summary, summarise } from './statistics.ts'
import { attributes, qualifiers, subjects } from './vocabulary.ts'

/** Who holds an item already: the question of the editor, for one item and for all of an entry at once. */

/** Questions for one item, and for the most items that one question may have. */
const singles = 200
const batches = 40
const batchSize = 50
/** Questions before anything is promised. */
const warmUp = 100
/** Callers at once, as on a morning when every department compiles. */
const callers = 16
const loadMs = { full: 20_000, quick: 5_000 }
/** The report of duplicates must be there before the office opens: minutes (s). */
const reportReach = 600

/** Items as stewards write them: names of the catalogue, new combinations, synonyms, other spellings. */
export function wantedNames(corpus: Corpus, entries: number, count: number, seed: number): string[] {
  const r = random(seed)
  const any = <T>(list: readonly T[]): T => list[Math.floor(r() * list.length)]!
  const held = () => any(corpus.entry(1 + Math.floor(r() * entries)).items).name
  const synonyms = [
    '手机号',
    '移动电话',
    '出生年月日',
    '公民身份号码',
    '法人代表',
    '邮编',
    '住址',
    'date of birth',
    'zip code',
  ]
  const forms: (() => string)[] = [
    held,
    held,
    () => any(attributes)[0],
    () => any(attributes)[1],
    () => any(subjects)[0] + any(attributes)[0],
    () => any(qualifiers)[0] + any(attributes)[0],
    () => `${any(qualifiers)[1]} ${any(subjects)[1]} ${any(attributes)[1]}`,
    () => any(subjects)[0] + any(synonyms),
    () => any(synonyms),
    () => [...held()].join(r() < 0.5 ? '' : ' '),
    () => `${any(attributes)[0]}（${any(qualifiers)[0]}）`,
  ]
  return Array.from({ length: count }, (_, i) => forms[i % forms.length]!())
}

type Ask = (names: string[]) => Promise<number>

/** Asks as a signed-in steward; gives the time to the answer's last byte (ms). */
async function asker(client: HttpClient): Promise<Ask> {
  const headers = { ...(await signIn(client)), 'content-type': 'application/json' }
  return async (names) => {
    const body = JSON.stringify({ items: names.map((name) => ({ name, dataType: 'character' })) })
    const answer = await client.send('POST', '/api/v1/reuse/similar', { headers, body })
    if (answer.status !== 200)
      throw new Error(`${answer.status} ${answer.body.toString('utf8').slice(0, 300)}`)
    const { items } = JSON.parse(answer.body.toString('utf8')) as SimilarAnswer
    if (items.length !== names.length) throw new Error(`${items.length} answers for ${names.length} items`)
    return answer.ms
  }
}

async function timed(what: string, ask: Ask, questions: string[][]): Promise<Summary> {
  const times: [number, string][] = []
  for (const names of questions) times.push([await ask(names), names[0]!])
  const summary = summarise(times.map(([ms]) => ms))
  say(
    `${what}: p50 ${summary.p50.toFixed(1)} ms, p95 ${summary.p95.toFixed(1)} ms, most ${summary.max.toFixed(1)} ms`,
  )
  for (const [ms, name] of times.sort((a, b) => b[0] - a[0]).slice(0, 3))
    say(`    ${ms.toFixed(1)} ms  ${name}`)
  return summary
}

/** Many stewards for a time, each asking about one item after the other. */
async function manyCallers(ask: Ask, names: string[], ms: number) {
  const times: number[] = []
  const end = performance.now() + ms
  let next = 0
  const caller = async () => {
    while (performance.now() < end) times.push(await ask([names[next++ % names.length]!]))
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return { rate: times.length / (ms / 1000), ...summarise(times) }
}

/** The report of duplicates, made as the nightly job makes it; the node is not running. */
async function makeReport({ dataDir }: GeneratedNode): Promise<{ seconds: number; duplicates: number }> {
  const log = { info() {}, warn: console.error, error: console.error }
  const server = await startEmbeddedPostgres({ dataDir, log })
  const postgres = openPostgres(server.url, { max: 4 })
  try {
    await migratePostgres(postgres.pool)
    const began = performance.now()
    await buildReport(postgres.db, loadProfile(benchProfile))
    const seconds = (performance.now() - began) / 1000
    const { rows } = await postgres.pool.query<{ duplicates: number }>('select duplicates from reuse.report')
    say(`report of duplicates: ${rows[0]!.duplicates} in ${seconds.toFixed(1)} s`)
    return { seconds, duplicates: rows[0]!.duplicates }
  } finally {
    await postgres.close()
    await server.stop()
  }
}

const chunked = (names: string[], size: number) =>
  Array.from({ length: names.length / size }, (_, i) => names.slice(i * size, (i + 1) * size))

export async function run(options: BenchOptions): Promise<BenchResult> {
  const { entries, quick } = options
  const generated = await ensureGenerated(entries)
  const { corpus } = generated.catalogue
  const one = wantedNames(corpus, entries, singles, 201)
  const many = wantedNames(corpus, entries, batches * batchSize, 202)
  const report = await makeReport(generated)
  await readNode(generated.dataDir)
  const node = await startBenchNode(generated)
  let figures: BenchResult['figures']
  try {
    const ask = await asker(node.client)
    for (const name of wantedNames(corpus, entries, warmUp, 203)) await ask([name])
    const single = await timed('one item', ask, chunked(one, 1))
    const batch = await timed(`${batchSize} items`, ask, chunked(many, batchSize))
    const load = await manyCallers(
      ask,
      wantedNames(corpus, entries, 5_000, 204),
      quick ? loadMs.quick : loadMs.full,
    )
    say(`${callers} callers: ${load.rate.toFixed(0)} questions/s, p95 ${load.p95.toFixed(0)} ms`)
    figures = {
      similar_p50: plain(single.p50, 'ms'),
      similar_p95: atMost(single.p95, 'ms', 200),
      batch_p50: plain(batch.p50, 'ms'),
      batch_p95: atMost(batch.p95, 'ms', 200),
      load_rate: plain(load.rate, 'questions/s'),
      load_p95: atMost(load.p95, 'ms', 200),
      report_seconds: atMost(report.seconds, 's', reportReach),
      duplicates: plain(report.duplicates, 'items'),
    }
  } finally {
    await node.stop()
  }
  const notes = [
    `Program: ${node.program}. Over HTTP on the loopback interface, signed in, with a type; the caller runs on the same cores.`,
    `${singles} questions for one item and ${batches} for ${batchSize} at once after ${warmUp} others: names of the catalogue, new combinations, synonyms, other spellings.`,
  ]
  const baseline = options.baseline
    ? await measureReuseBaseline(generated, { one, many: chunked(many, batchSize) }, notes)
    : { name: 'left out (--no-baseline)', figures: {} }
  return {
    bench: 'reuse',
    machine: '',
    scale: { entries, items: generated.items, item_names: generated.names },
    figures,
    baseline,
    ratios: ratiosOf(figures, baseline.figures, ['similar_p50', 'similar_p95', 'batch_p50', 'batch_p95']),
    notes,
  }
}
