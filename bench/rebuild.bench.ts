import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureGenerated } from './generate.ts'
import { type RunningNode, startBenchNode } from './node.ts'
import { type MemoryWatch, watchMemory } from './process-tree.ts'
import { atMost, type BenchOptions, type BenchResult, type Figure, plain, say, skipped } from './result.ts'
import { startSearcher, sum } from './searcher.ts'
import { summarise } from './statistics.ts'

/** `concord search rebuild` beside a running node, while somebody searches without a pause. */

/** Search before the rebuild begins, for comparison (ms). */
const before = { full: 15_000, quick: 5_000 }
/** What happens after the command's end counts too: the node opens the new index (ms). */
const afterMs = 5_000
const seed = 201
const gigabyte = 1024 ** 3

interface Report {
  entries: number
  segments: number
  bytes: number
  textBytes: number
  seconds: number
}

/** Runs the command. @returns its report, and the seconds that it took as a person sees it. */
async function rebuild(
  node: RunningNode,
  onStart: (pid: number) => void,
): Promise<Report & { wall: number }> {
  const started = performance.now()
  const child: ChildProcess = node.command(['search', 'rebuild', '--json'])
  onStart(child.pid!)
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`concord search rebuild ended with ${code}: ${output.slice(-500)}`)
  const report = JSON.parse(output.trim().split('\n').at(-1)!) as Report
  return { ...report, wall: (performance.now() - started) / 1000 }
}

const memoryFigure = (watch: ReturnType<MemoryWatch['stop']> | undefined): Figure =>
  watch ? atMost(watch.peak / gigabyte, 'GB', 4) : skipped('GB', 4)

export async function run({ entries, quick }: BenchOptions): Promise<BenchResult> {
  const generated = await ensureGenerated(entries)
  const node = await startBenchNode(generated)
  try {
    const searcher = startSearcher(node.client, generated.catalogue.corpus, entries, { seed })
    await sleep(quick ? before.quick : before.full)
    const quiet = summarise(searcher.times())
    let command: number | undefined
    const watch = watchMemory(() => [...node.pids(), ...(command ? [command] : [])])
    const idle = watch?.now()
    const report = await rebuild(node, (pid) => {
      command = pid
    })
    say(`rebuilt ${report.entries} entries in ${report.wall.toFixed(1)} s`)
    await sleep(afterMs)
    const memory = watch?.stop()
    const busy = summarise(searcher.times())
    await searcher.stop()
    for (const [problem, count] of searcher.errors) say(`    ${count} × ${problem}`)
    return {
      bench: 'rebuild',
      machine: '',
      scale: { entries, items: generated.items },
      figures: {
        seconds: atMost(report.wall, 's', 300),
        rate: plain(report.entries / report.wall, 'entries/s'),
        memory_peak: memoryFigure(memory),
        memory_before: plain(idle === undefined ? null : idle / gigabyte, 'GB'),
        search_errors: atMost(sum(searcher.errors.values()), 'requests', 0),
        search_p95_before: plain(quiet.p95, 'ms'),
        search_p95_during: plain(busy.p95, 'ms'),
        search_max_during: plain(busy.max, 'ms'),
        index_size: plain((report.bytes + report.textBytes) / 1024 ** 2, 'MB'),
      },
      baseline: { name: 'none', figures: {} },
      ratios: {},
      notes: [
        `Program: ${node.program}. Seconds are those of the whole command, with its start.`,
        memory
          ? `Memory: sum of the proportional set sizes (PSS) of the node, its children, PostgreSQL and the command with its builders, once a second (${memory.samples} looks, ${memory.processes} processes at the peak); shared pages count once, the cache of files not mapped does not.`
          : 'Memory was not measured: this system has no /proc/PID/smaps_rollup.',
        `${quiet.count} searches (page, total, all facets) before and ${busy.count} during the rebuild, one after the other.`,
      ],
    }
  } finally {
    await node.stop()
  }
}
