import { rmSync } from 'node:fs'
import { benchFolder, ensureGenerated } from './generate.ts'
import { type BenchOptions, type BenchResult, plain } from './result.ts'

/** Makes the generated node anew and says how long it took. */
export async function run({ entries }: BenchOptions): Promise<BenchResult> {
  rmSync(benchFolder(entries), { recursive: true, force: true })
  const { items, seconds } = await ensureGenerated(entries)
  return {
    bench: 'generate',
    machine: '',
    scale: { entries, items },
    figures: { seconds: plain(seconds, 's'), rate: plain(entries / seconds, 'entries/s') },
    baseline: { name: 'none', figures: {} },
    ratios: {},
  }
}
