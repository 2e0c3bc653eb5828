import { setTimeout as sleep } from 'node:timers/promises'
import { createWriter, type WriterCounts } from './change-writer.ts'
import { ensureGenerated, type GeneratedNode } from './generate.ts'
import type { HttpClient } from './http-client.ts'
import { type RunningNode, startBenchNode } from './node.ts'
import { cpuSeconds } from './process-tree.ts'
import { searchPath } from './query-mix.ts'
import { readNode } from './read-ahead.ts'
import { atLeast, atMost, type BenchOptions, type BenchResult, plain, say } from './result.ts'
import { startSearcher, sum } from './searcher.ts'
import { percentile, summarise } from './statistics.ts'

/** From a change of an entry to its being found, at a steady rate of changes through the API. */

const rate = 200
const durationMs = { full: 300_000, quick: 30_000 }
/** Search before the changes begin (ms). */
const quietMs = { full: 30_000, quick: 10_000 }
/** Changes looked for: one in so many; the looking itself must not be the load. */
const sampleOneIn = 50
/** Between two looks for the same change (ms): the error of the measurement, never in its favour. */
const lookMs = 50
/** A change not found in this time (ms) counts as this. */
const giveUpMs = 30_000
/** A person reads between two searches (ms). */
const pauseMs = 50
const seed = 301
/** Above this share of the wanted rate the changes count as sustained. */
const sustained = 0.99

interface Seen {
  /** From when the change was due, and from the answer that it is written, until found (ms). */
  fromDue: number
  fromWritten: number
  lost: boolean
}

/** Looks for a word until it is found. */
async function lookFor(client: HttpClient, word: string): Promise<boolean> {
  const path = searchPath(word, { facets: false, limit: 1 })
  for (const end = performance.now() + giveUpMs; performance.now() < end; await sleep(lookMs)) {
    // A failed look is one that did not find; the searcher beside it counts errors.
    const answer = await client.json<{ total: number; relaxed: boolean }>(path).catch(() => undefined)
    if (answer && answer.total > 0 && !answer.relaxed) return true
  }
  return false
}

export async function run({ entries, quick }: BenchOptions): Promise<BenchResult> {
  const generated = await ensureGenerated(entries)
  await readNode(generated.dataDir)
  const node = await startBenchNode(generated)
  try {
    const measured = await measure(generated, node, quick)
    return { bench: 'freshness', machine: '', ...toResult(generated, measured, node.program) }
  } finally {
    await node.stop()
  }
}

async function measure(generated: GeneratedNode, { client, pids }: RunningNode, quick: boolean) {
  const { entries, catalogue } = generated
  const searcher = startSearcher(client, catalogue.corpus, entries, { seed, pauseMs })
  // The first searches warm up.
  await sleep(2_000)
  searcher.times()
  await sleep(quick ? quietMs.quick : quietMs.full)
  const quiet = summarise(searcher.times())
  say(`search before: p95 ${quiet.p95.toFixed(1)} ms`)
  const seen: Promise<Seen | undefined>[] = []
  const writer = await createWriter(generated, client, {
    rate,
    durationMs: quick ? durationMs.quick : durationMs.full,
    sampleOneIn,
    onSample: ({ word, dueAt, written }) => {
      const look = async (): Promise<Seen | undefined> => {
        const writtenAt = await written
        if (writtenAt === undefined) return undefined
        const found = await lookFor(client, word)
        const now = performance.now()
        return { fromDue: now - dueAt, fromWritten: now - writtenAt, lost: !found }
      }
      seen.push(look())
    },
  })
  const cpuBefore = cpuSeconds(pids())
  const written = await writer.run()
  const cpuAfter = cpuSeconds(pids())
  const cores =
    cpuBefore === undefined || cpuAfter === undefined ? null : (cpuAfter - cpuBefore) / written.seconds
  const busy = summarise(searcher.times())
  await searcher.stop()
  return {
    quiet,
    busy,
    written,
    cores,
    seen: (await Promise.all(seen)).filter((s) => s !== undefined),
    errors: searcher.errors,
  }
}

function toResult(
  generated: GeneratedNode,
  { quiet, busy, written, cores, seen, errors }: Awaited<ReturnType<typeof measure>>,
  program: string,
): Omit<BenchResult, 'bench' | 'machine'> {
  const sorted = (of: 'fromDue' | 'fromWritten') => seen.map((s) => s[of]).sort((a, b) => a - b)
  const [sent, stored] = [sorted('fromDue'), sorted('fromWritten')]
  const perSecond = written.changed / written.seconds
  const answers = summarise(written.answerMs)
  return {
    scale: { entries: generated.entries, items: generated.items, changes: written.changed },
    figures: {
      visible_p99: atMost(percentile(sent, 0.99), 'ms', 2_000),
      visible_p50: plain(percentile(sent, 0.5), 'ms'),
      visible_after_written_p99: plain(percentile(stored, 0.99), 'ms'),
      change_rate: atLeast(perSecond, 'changes/s', rate * sustained),
      never_visible: atMost(seen.filter((s) => s.lost).length, 'changes', 0),
      refused: atMost(written.refused, 'changes', 0),
      write_p95: plain(answers.p95, 'ms'),
      cores_used: plain(cores, 'cores'),
      search_p95_before: plain(quiet.p95, 'ms'),
      search_p95_during: atMost(busy.p95, 'ms', 2 * quiet.p95),
      search_errors: atMost(sum(errors.values()), 'requests', 0),
    },
    baseline: { name: 'none', figures: {} },
    ratios: {},
    notes: notesOf(written, seen.length, program, { quiet: quiet.count, busy: busy.count }),
  }
}

const notesOf = (
  written: WriterCounts,
  samples: number,
  program: string,
  searches: { quiet: number; busy: number },
): string[] => [
  `Program: ${program}. Entries were changed and published by POST /api/v1/datasets/bulk in ${written.requests} requests of ${written.perRequest}, each one transaction, over ${written.seconds.toFixed(0)} s; requests never waited for another's answer${written.held > 0 ? `, but ${written.held} times all ${written.maxInFlight} were taken` : ''}.`,
  `Visible: from when the change was due by the rate until a search finds its word, looked for every ${lookMs} ms; ${samples} changes were looked for, one in ${sampleOneIn}.`,
  `Search: page, total and all facets, one caller with pauses of ${pauseMs} ms; ${searches.quiet} searches before, ${searches.busy} during.`,
]
