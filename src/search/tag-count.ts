import { countBits } from './bits.ts'
import { topCounts } from './facet-lists.ts'
import type { Hits } from './hits.ts'
import type { Segment } from './segment.ts'
import type { SegmentHits } from './select-page.ts'
import { walkTerms } from './term-table.ts'

/**
 * Keywords over all segments, numbered as they come: a segment's own numbers are places in its table. Grows with the
 * keywords ever seen.
 */
export interface TagSpace {
  /** How each keyword is written, by shared number. */
  names: string[]
  /** Shared numbers by a segment's own. */
  of(segment: Segment): Uint32Array
}

export function createTagSpace(): TagSpace {
  const names: string[] = []
  const numbers = new Map<string, number>()
  const known = new WeakMap<Segment, Uint32Array>()
  return {
    names,
    of(segment) {
      const before = known.get(segment)
      if (before) return before
      const shared = new Uint32Array(segment.tags.size)
      walkTerms(segment.tags, 0, (folded, place) => {
        let number = numbers.get(folded)
        if (number === undefined) {
          number = names.length
          numbers.set(folded, number)
          names.push(writtenTag(segment, place, folded))
        }
        shared[place] = number
        return true
      })
      known.set(segment, shared)
      return shared
    },
  }
}

function writtenTag(segment: Segment, place: number, folded: string): string {
  const from = segment.tagDisplayOffsets[place]!
  const to = segment.tagDisplayOffsets[place + 1]!
  return from === to ? folded : Buffer.from(segment.tagDisplay.subarray(from, to)).toString()
}

/** Keywords of the hits with the number of entries that have each, most first, at most `limit`. */
export function countTags(space: TagSpace, parts: SegmentHits[], limit: number): [string, number][] {
  const shared = parts.map(({ segment }) => space.of(segment))
  const totals = new Float64Array(space.names.length)
  for (const [i, { segment, hits }] of parts.entries()) {
    const counts = countSegmentTags(segment, hits)
    for (let place = 0; place < counts.length; place++) {
      const n = counts[place]!
      if (n > 0) totals[shared[i]![place]!]! += n
    }
  }
  return topCounts(totals, (number) => space.names[number]!, limit)
}

const whole = new WeakMap<Segment, Uint32Array>()

function countSegmentTags(segment: Segment, hits: Hits): Uint32Array {
  const { tagStarts, tagList, size } = segment
  const counts = new Uint32Array(segment.tags.size)
  const add = (document: number, step: 1 | -1) => {
    const end = tagStarts[document + 1]!
    for (let i = tagStarts[document]!; i < end; i++) counts[tagList[i]!]! += step
  }
  if (hits.kind === 'list') {
    for (let i = 0; i < hits.count; i++) add(hits.list[i]! >>> 2, 1)
    return counts
  }
  // Of very many it costs less to take off those that are not among them.
  const others = countBits(hits.all) * 2 > size
  if (others) {
    let base = whole.get(segment)
    if (!base) {
      base = new Uint32Array(counts.length)
      for (let i = 0; i < tagList.length; i++) base[tagList[i]!]!++
      whole.set(segment, base)
    }
    counts.set(base)
  }
  const flip = others ? -1 : 0
  for (let w = 0; w < hits.all.length; w++) {
    let word = hits.all[w]! ^ flip
    while (word !== 0) {
      const low = word & -word
      word ^= low
      const document = (w << 5) + 31 - Math.clz32(low)
      if (document < size) add(document, others ? -1 : 1)
    }
  }
  return counts
}
