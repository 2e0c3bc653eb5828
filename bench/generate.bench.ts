import { rmSync } from 'node:fs'
import { benchFolder, ensureGenerated } from './generate.ts'
import { atLeast, type BenchOptions, type BenchResult, fullEntries, plain } from './result.ts'

/** Makes the generated node anew and says how long it took. */
export async function run({ entries }: BenchOptions): Promise<BenchResult> {
  rmSync(benchFolder(entries), { recursive: true, force: true })
  const { items, names, seconds } = await ensureGenerated(entries)
  return {
    bench: 'generate',
    machine: '',
    scale: { entries, items },
    figures: {
      // Fewer would make every word common and every search the same.
      distinct_item_names: atLeast(names, 'names', entries >= fullEntries ? 200_000 : 0),
      seconds: plain(seconds, 's'),
      rate: plain(entries / seconds, 'entries/s'),
    },
    baseline: { name: 'none', figures: {} },
    ratios: {},
  }
}
