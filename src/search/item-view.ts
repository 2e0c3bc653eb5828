import { liveHolders, matchNames } from './field-leaves.ts'
import type { Evaluation } from './leaf.ts'
import { documentCount } from './postings.ts'
import type { Clause } from './query.ts'
import type { Segment } from './segment.ts'
import { findTerm, type TermTable, termAt } from './term-table.ts'

/** A distinct item name with the number of entries that hold it. */
export interface NameCount {
  /** As it is written in the catalogue. */
  name: string
  count: number
}

/** Names of one segment that compete for the list; the counts of those listed are exact. */
const namesPerSegment = 60
/** Names in an answer. */
const namesShown = 30
/** Bounds for packing a count and a place into one double: 2^22 entries, 2^26 names a segment. */
const maxCount = 2 ** 22
const maxIndex = 2 ** 26

/** Distinct item names that match the item clauses of a query, those held most first. */
export function itemNames(evaluations: Evaluation[], clauses: Clause[]): NameCount[] {
  const clause = clauses.find((c) => c.field === 'item' && !c.not)
  if (!clause) return []
  const candidates = new Map<string, Candidate>()
  for (const at of evaluations) {
    const { indexes, tiers } = matchNames(clause, at)
    for (const i of mostHeld(at.segment.names, indexes, tiers)) addCandidate(candidates, at.segment, i)
  }
  const segments = evaluations.map((at) => at.segment)
  return countNames(segments, candidates, namesShown)
}

/** The names held most, and any that is the text itself. */
function mostHeld(names: TermTable, indexes: number[], tiers: number[]): number[] {
  const packed = new Float64Array(indexes.length)
  for (let i = 0; i < indexes.length; i++) {
    const preferred = tiers[i]! === 0 ? maxCount : 0
    packed[i] = (preferred + documentCount(names, indexes[i]!)) * maxIndex + indexes[i]!
  }
  packed.sort()
  return Array.from(packed.subarray(Math.max(0, packed.length - namesPerSegment)), (p) => p % maxIndex)
}

/** A name that competes for a list: where it was met, and how often in those segments. */
export interface Candidate {
  segment: Segment
  index: number
  count: number
}

/** Notes a name of a segment. */
export function addCandidate(candidates: Map<string, Candidate>, segment: Segment, index: number): void {
  const name = termAt(segment.names, index)
  const count = documentCount(segment.names, index)
  const known = candidates.get(name)
  if (known) known.count += count
  else candidates.set(name, { segment, index, count })
}

/** Names counted exactly for each one shown. */
const spare = 2

/** The names held most, with their live holders over all segments; names nobody holds are left out. */
export function countNames(
  segments: Segment[],
  candidates: Map<string, Candidate>,
  shown: number,
): NameCount[] {
  const promising = [...candidates].sort((a, b) => b[1].count - a[1].count).slice(0, shown * spare)
  const counts: NameCount[] = []
  for (const [folded, candidate] of promising) {
    let count = 0
    for (const segment of segments) {
      const at = findTerm(segment.names, folded)
      if (at < 0) continue
      count +=
        segment.liveCount === segment.size
          ? documentCount(segment.names, at)
          : liveHolders(segment.names, at, segment.live)
    }
    if (count > 0) counts.push({ name: displayName(candidate.segment, candidate.index, folded), count })
  }
  return counts.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)).slice(0, shown)
}

/** A name as it is written; `folded` is its form in the table. */
export function displayName(segment: Segment, index: number, folded: string): string {
  const from = segment.nameDisplayOffsets[index]!
  const to = segment.nameDisplayOffsets[index + 1]!
  return from === to ? folded : Buffer.from(segment.nameDisplay.subarray(from, to)).toString()
}
