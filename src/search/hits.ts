import { type Arena, clearBit, collectBits, countBits, hasBit } from './bits.ts'

/**
 * The documents of one segment that answer a query, each in its tier: 0 every word in the title,
 * 1 every word in title or item names, 2 anywhere. Few are a list (`document << 2 | tier`, ascending), many are bits.
 */
export type Hits =
  | { kind: 'list'; list: Uint32Array; count: number }
  | {
      kind: 'bits'
      /** Tier 0. */
      title: Uint32Array | undefined
      /** Tiers 0 and 1. */
      item: Uint32Array | undefined
      all: Uint32Array
    }

export const tiers = [0, 1, 2] as const

export const noHits: Hits = { kind: 'list', list: new Uint32Array(0), count: 0 }

export const countHits = (hits: Hits): number => (hits.kind === 'list' ? hits.count : countBits(hits.all))

/** The tier of a hit. */
export function tierOf(hits: Hits, document: number): number {
  if (hits.kind === 'bits') {
    if (hits.title && hasBit(hits.title, document)) return 0
    return hits.item && hasBit(hits.item, document) ? 1 : 2
  }
  const at = findInList(hits.list, hits.count, document)
  return at < hits.count && hits.list[at]! >>> 2 === document ? hits.list[at]! & 3 : 2
}

/** True when the document is among the hits. */
export function isHit(hits: Hits, document: number): boolean {
  if (hits.kind === 'bits') return hasBit(hits.all, document)
  const at = findInList(hits.list, hits.count, document)
  return at < hits.count && hits.list[at]! >>> 2 === document
}

/** Place of the first entry of the list that is not before the document. */
export function findInList(list: Uint32Array, count: number, document: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (list[middle]! >>> 2 < document) low = middle + 1
    else high = middle
  }
  return low
}

/** Takes a document out of the hits; bits must be the query's own. */
export function dropHit(hits: Hits, document: number): void {
  if (hits.kind === 'bits') {
    clearBit(hits.all, document)
    if (hits.title) clearBit(hits.title, document)
    if (hits.item) clearBit(hits.item, document)
    return
  }
  const at = findInList(hits.list, hits.count, document)
  if (at >= hits.count || hits.list[at]! >>> 2 !== document) return
  hits.list.copyWithin(at, at + 1, hits.count)
  hits.count--
}

/** Calls `visit(document, tier)` in document order. */
export function forEachHit(hits: Hits, visit: (document: number, tier: number) => void): void {
  if (hits.kind === 'list') {
    for (let i = 0; i < hits.count; i++) visit(hits.list[i]! >>> 2, hits.list[i]! & 3)
    return
  }
  const { all } = hits
  for (let w = 0; w < all.length; w++) {
    let word = all[w]!
    while (word !== 0) {
      const low = word & -word
      word ^= low
      const document = (w << 5) + 31 - Math.clz32(low)
      visit(document, tierOf(hits, document))
    }
  }
}

/**
 * The hits of one tier as a row of places that can be counted up to a point and read from a point:
 * what choosing a page needs, whatever lies beneath.
 */
export interface Row {
  /** Places: documents of the segment, or places in one of its orders. */
  size: number
  /** Hits before a place. */
  rank(place: number): number
  /** Appends places of hits from `start`, at most `max`. */
  collect(start: number, max: number, out: number[]): void
}

/** A row for one tier, or for all of them with `tier` undefined. */
export function rowOf(hits: Hits, tier: number | undefined, size: number, arena: Arena): Row {
  if (hits.kind === 'list') return listRow(hits.list, hits.count, tier, size)
  const bits = tierBits(hits, tier, arena)
  if (!bits) return listRow(new Uint32Array(0), 0, undefined, size)
  return bitRow(bits, size)
}

export const bitRow = (bits: Uint32Array, size: number): Row => ({
  size,
  rank: (place) => countBits(bits, 0, place),
  collect: (start, max, out) => void collectBits(bits, start, max, out),
})

function listRow(list: Uint32Array, count: number, tier: number | undefined, size: number): Row {
  const places: number[] = []
  for (let i = 0; i < count; i++)
    if (tier === undefined || (list[i]! & 3) === tier) places.push(list[i]! >>> 2)
  return placesRow(places, size)
}

/** A row of given places, ascending. */
export function placesRow(places: number[], size: number): Row {
  const lower = (place: number) => {
    let low = 0
    let high = places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (places[middle]! < place) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    size,
    rank: lower,
    collect(start, max, out) {
      const from = lower(start)
      for (let i = from; i < places.length && i < from + max; i++) out.push(places[i]!)
    },
  }
}

function tierBits(
  hits: Hits & { kind: 'bits' },
  tier: number | undefined,
  arena: Arena,
): Uint32Array | undefined {
  if (tier === undefined) return hits.all
  if (tier === 0) return hits.title
  const wide = tier === 1 ? hits.item : hits.all
  const narrow = tier === 1 ? hits.title : (hits.item ?? hits.title)
  if (!wide || !narrow) return wide
  const bits = arena.bits(wide.length)
  for (let w = 0; w < wide.length; w++) bits[w] = wide[w]! & ~narrow[w]!
  return bits
}
