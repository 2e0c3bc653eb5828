import { countBits } from './bits.ts'
import { packedFacets } from './document.ts'
import type { Group } from './facet-filters.ts'
import type { SegmentNumbers } from './facet-space.ts'
import type { Hits } from './hits.ts'
import type { Segment } from './segment.ts'

/** Counting of one segment's hits by the segment's own numbers. */

/** Counts by the segment's own numbers for one set of hits; all zero between segments. */
export interface Counters {
  body: Uint32Array
  combo: Uint32Array
  set: Uint32Array
}

/** Counts by body id and by the numbers that all segments share. */
export interface Totals {
  body: Uint32Array
  combo: Uint32Array
  theme: Uint32Array
  format: Uint32Array
}

/** Distinct values a 16-bit column can name. */
const localValues = 65536

/** Counters with room for these groups. */
export const newCounters = (groups: readonly Group[]): Counters => {
  const size = (group: Group) => new Uint32Array(groups.includes(group) ? localValues : 0)
  return { body: size('body'), combo: size('combo'), set: size('set') }
}

export const allGroups: readonly Group[] = ['body', 'combo', 'set']

/** Counts hits that no filter looks at. */
export function countSegment(segment: Segment, hits: Hits, counters: Counters): void {
  const { body: bodyOf, combo: comboOf, set: setOf } = segment
  const { body, combo, set } = counters
  if (hits.kind === 'list') {
    for (let i = 0; i < hits.count; i++) {
      const d = hits.list[i]! >>> 2
      body[bodyOf[d]!]!++
      combo[comboOf[d]!]!++
      set[setOf[d]!]!++
    }
  } else if (countBits(hits.all) * 2 > segment.size) {
    // Of very many it costs less to take off those that are not among them.
    const base = wholeSegment(segment)
    body.set(base.body)
    combo.set(base.combo)
    set.set(base.set)
    addBits(segment, hits.all, true, -1, counters)
  } else addBits(segment, hits.all, false, 1, counters)
}

/** Adds `step` for every document of the bits, or with `others` for every one that is not in them. */
function addBits(segment: Segment, bits: Uint32Array, others: boolean, step: 1 | -1, into: Counters): void {
  const { body: bodyOf, combo: comboOf, set: setOf, size } = segment
  const { body, combo, set } = into
  const flip = others ? -1 : 0
  for (let w = 0; w < bits.length; w++) {
    let word = bits[w]! ^ flip
    if (others && w === size >>> 5) word &= (1 << (size & 31)) - 1
    while (word !== 0) {
      const low = word & -word
      const d = (w << 5) + 31 - Math.clz32(low)
      word ^= low
      body[bodyOf[d]!]! += step
      combo[comboOf[d]!]! += step
      set[setOf[d]!]! += step
    }
  }
}

const whole = new WeakMap<Segment, Counters>()

/** Counts of all documents of a segment, made when first asked for. */
function wholeSegment(segment: Segment): Counters {
  let counts = whole.get(segment)
  if (!counts) {
    const all = newCounters(allGroups)
    addBits(segment, new Uint32Array(segment.words), true, 1, all)
    // Numbers in use are few: keep only those.
    counts = {
      body: all.body.slice(0, segment.bodyIds.length),
      combo: all.combo.slice(0, comboCount(segment)),
      set: all.set.slice(0, segment.setPairs.length / 2),
    }
    whole.set(segment, counts)
  }
  return counts
}

const comboCount = (segment: Segment) => segment.comboValues.length / packedFacets.length

/** Adds a segment's counts to the totals and sets them back to zero; `touched` names the only documents counted. */
export function foldCounters(
  segment: Segment,
  { combo, theme, format }: SegmentNumbers,
  counters: Counters,
  totals: Totals,
  touched: Hits | undefined,
): void {
  const few = touched?.kind === 'list' && touched.count < comboCount(segment) ? touched : undefined
  const { bodyIds } = segment
  if (counters.body.length > 0)
    forEachCount(counters.body, bodyIds.length, segment.body, few, (own, n) => {
      // Entries of a body that search was not told of yet are in no list.
      if (bodyIds[own]! < totals.body.length) totals.body[bodyIds[own]!]! += n
    })
  if (counters.combo.length > 0)
    forEachCount(counters.combo, combo.length, segment.combo, few, (own, n) => {
      totals.combo[combo[own]!]! += n
    })
  if (counters.set.length > 0)
    forEachCount(counters.set, theme.length, segment.set, few, (own, n) => {
      totals.theme[theme[own]!]! += n
      totals.format[format[own]!]! += n
    })
}

/** Calls `visit(number, count)` for every count that is not zero, and sets it to zero. */
function forEachCount(
  counts: Uint32Array,
  size: number,
  column: Uint16Array,
  few: (Hits & { kind: 'list' }) | undefined,
  visit: (own: number, count: number) => void,
): void {
  const end = few ? few.count : size
  for (let i = 0; i < end; i++) {
    const own = few ? column[few.list[i]! >>> 2]! : i
    const n = counts[own]!
    if (n === 0) continue
    counts[own] = 0
    visit(own, n)
  }
}
