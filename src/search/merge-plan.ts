import type { SegmentEntry } from './manifest.ts'
import { segmentEntries } from './rebuild.ts'

/** Which segments of changes are made into one, so that there are never many. */

/** [claims below, this many]: that many segments of changes with fewer claims each are merged into one. */
const mergeLevels = [
  [2_000, 8],
  [16_000, 8],
  [128_000, 6],
  [segmentEntries, 8],
] as const
/** Claims of a merge at most. */
const mergeClaims = 2 * segmentEntries

const claims = (s: SegmentEntry) => s.documents + s.gone
const isChange = (s: SegmentEntry) => !s.name.startsWith('r')

/** Segments to merge now, or none: a full level, with everything smaller. */
export function mergePlan(segments: SegmentEntry[]): SegmentEntry[] {
  let least = 0
  for (const [limit, count] of mergeLevels) {
    const smaller = segments.filter((s) => isChange(s) && claims(s) < limit)
    const full = smaller.filter((s) => claims(s) >= least).length >= count
    least = limit
    if (!full) continue
    const plan = new Set<SegmentEntry>()
    let sum = 0
    for (const s of [...smaller].sort((a, b) => claims(a) - claims(b))) {
      if (sum + claims(s) > mergeClaims) break
      sum += claims(s)
      plan.add(s)
    }
    if (plan.size > 1) return segments.filter((s) => plan.has(s))
  }
  return []
}
