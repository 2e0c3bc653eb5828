import { cpus, totalmem } from 'node:os'

/** The form of every benchmark's answer. */

export interface Figure {
  value: number | null
  unit: string
  /** What the product promises; null where nothing is promised. */
  reach: number | null
  /** Null where nothing is promised or nothing could be measured. */
  met: boolean | null
}
export type Figures = Record<string, Figure>

export interface BenchResult {
  bench: string
  machine: string
  scale: Record<string, number>
  figures: Figures
  baseline: { name: string; figures: Figures }
  /** Baseline divided by Concord (times), or Concord divided by baseline (rates): above 1 Concord is ahead. */
  ratios: Record<string, number>
  /** How it was measured, what was left out and why. */
  notes?: string[]
}

export interface BenchOptions {
  /** A scale that ends within a minute once its data is there. */
  quick: boolean
  /** False leaves the baseline out. */
  baseline: boolean
  /** Entries of the generated catalogue. */
  entries: number
}

/** Entries of the two scales. */
export const fullEntries = 3_000_000
export const quickEntries = 100_000

const places = (value: number) =>
  Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3
export const rounded = (value: number): number => Number(value.toFixed(places(value)))

/** A figure without a promise. */
export const plain = (value: number | null, unit: string): Figure => ({
  value: value === null ? null : rounded(value),
  unit,
  reach: null,
  met: null,
})

/** A figure that should not be above `reach`. */
export const atMost = (value: number, unit: string, reach: number): Figure => ({
  value: rounded(value),
  unit,
  reach: rounded(reach),
  met: value <= reach,
})

/** A figure that should not be below `reach`. */
export const atLeast = (value: number, unit: string, reach: number): Figure => ({
  value: rounded(value),
  unit,
  reach,
  met: value >= reach,
})

/** A promised figure that could not be measured here; it counts as neither met nor missed. */
export const skipped = (unit: string, reach: number): Figure => ({ value: null, unit, reach, met: null })

/** How many times `worse` is `better`, per key that both have with a value. */
export function ratiosOf(
  ours: Figures,
  theirs: Figures,
  keys: readonly string[],
  higherIsBetter: readonly string[] = [],
): Record<string, number> {
  const ratios: Record<string, number> = {}
  for (const key of keys) {
    const [a, b] = [ours[key]?.value, theirs[key]?.value]
    if (!a || !b) continue
    ratios[key] = rounded(higherIsBetter.includes(key) ? a / b : b / a)
  }
  return ratios
}

/** Cores, processor, memory and Node of this machine. */
export function machine(): string {
  const cores = cpus()
  const gigabytes = Math.round(totalmem() / 1024 ** 3)
  return `${cores.length} × ${cores[0]?.model.trim() ?? 'unknown'}, ${gigabytes} GB, Node ${process.version}, ${process.platform} ${process.arch}`
}

/** Says on standard error what is going on. */
export const say = (text: string): void => void process.stderr.write(`  ${text}\n`)
