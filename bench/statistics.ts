/** Statistics of measured values. */

/** The value below which a share `q` of the values lies (nearest rank; sorted values). NaN for none. */
export function percentile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN
  const rank = Math.ceil(q * sorted.length)
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1]!
}

export interface Summary {
  count: number
  mean: number
  p50: number
  p95: number
  p99: number
  max: number
}

/** Summary of values in any order. */
export function summarise(values: Iterable<number>): Summary {
  const sorted = Float64Array.from(values).sort()
  let sum = 0
  for (const v of sorted) sum += v
  return {
    count: sorted.length,
    mean: sum / sorted.length,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    max: percentile(sorted, 1),
  }
}

/** How many of the texts occurred before in the list. */
export function repeats(texts: Iterable<string>): number {
  const seen = new Set<string>()
  let count = 0
  for (const text of texts) {
    count++
    seen.add(text)
  }
  return count - seen.size
}
