import { type Arena, setBit } from './bits.ts'
import { compareNames } from './collation.ts'
import { bitRow, type Hits, placesRow, type Row, rowOf, tiers } from './hits.ts'
import type { Segment } from './segment.ts'

/**
 * Chooses a page anywhere in the order of the hits of all segments without sorting them: each segment
 * keeps its documents in order already, so that the start of a page is found by counting.
 */

/** `updated` the data, `changed` the entry, `created` its registration, `uid` its address. */
export type Sort = 'relevance' | 'updated' | 'name' | 'use' | 'changed' | 'created' | 'uid'

export interface SegmentHits {
  segment: Segment
  hits: Hits
}

/** One document of the index. */
export interface Found {
  segment: Segment
  document: number
}

/** Hits of one segment in the order asked for. */
interface Lane extends Found {
  row: Row
  /** Document at a place of the row. */
  at(place: number): number
}

type OwnOrder = Exclude<Sort, 'relevance'>
type Compare = (a: Segment, documentA: number, b: Segment, documentB: number) => number

const byId = (a: Segment, x: number, b: Segment, y: number) => a.id[x]! - b.id[y]!

const comparers: Record<Exclude<Sort, 'name'>, Compare> = {
  relevance: (a, x, b, y) => b.score[y]! - a.score[x]! || byId(a, x, b, y),
  updated: (a, x, b, y) => b.updated[y]! - a.updated[x]! || byId(a, x, b, y),
  use: (a, x, b, y) => b.use[y]! - a.use[x]! || byId(a, x, b, y),
  changed: (a, x, b, y) =>
    b.changed[y]! - a.changed[x]! || b.changedMs[y]! - a.changedMs[x]! || byId(a, x, b, y),
  created: byId,
  uid: (a, x, b, y) => a.uidHigh[x]! - b.uidHigh[y]! || a.uidLow[x]! - b.uidLow[y]! || byId(a, x, b, y),
}

/** Compares by title, reading each title once. */
function nameComparer(): Compare {
  const titles = new Map<Segment, Map<number, string>>()
  const titleOf = (segment: Segment, document: number) => {
    const known = titles.get(segment) ?? new Map<number, string>()
    titles.set(segment, known)
    const title = known.get(document) ?? segment.text.title(segment.textPlace[document]!)
    known.set(document, title)
    return title
  }
  return (a, x, b, y) => compareNames(titleOf(a, x), titleOf(b, y)) || byId(a, x, b, y)
}

/** Documents `offset` to `offset + limit` of the hits in the order asked for. */
export function selectPage(
  parts: SegmentHits[],
  sort: Sort,
  offset: number,
  limit: number,
  arena: Arena,
): Found[] {
  if (limit <= 0) return []
  if (sort !== 'relevance') {
    const compare = sort === 'name' ? nameComparer() : comparers[sort]
    const lanes = parts.map((part) => orderedLane(part, sort, compare, offset + limit, arena))
    return takeRange(lanes, compare, offset, limit)
  }
  const page: Found[] = []
  let skip = offset
  for (const tier of tiers) {
    const lanes = parts.map(({ segment, hits }) => ({
      segment,
      document: 0,
      row: rowOf(hits, tier, segment.size, arena),
      at: (place: number) => place,
    }))
    const count = lanes.reduce((sum, lane) => sum + lane.row.rank(lane.row.size), 0)
    if (skip < count) page.push(...takeRange(lanes, comparers.relevance, skip, limit - page.length))
    skip = Math.max(0, skip - count)
    if (page.length >= limit) break
  }
  return page
}

/** Pages that end before this are read off the start of each order; deeper ones need every place marked. */
const readFromStart = 1000

/** So few hits are sorted; more are met in the order of the whole segment. Titles must be read to be compared. */
const sortedHits = (sort: OwnOrder) => (sort === 'name' ? 100 : 4000)

const orderOf = (segment: Segment, sort: OwnOrder): Uint32Array =>
  ({
    updated: segment.byUpdated,
    name: segment.byName,
    use: segment.byUse,
    changed: segment.byChanged,
    created: segment.byId,
    uid: segment.byUid,
  })[sort]

function orderedLane(
  { segment, hits }: SegmentHits,
  sort: OwnOrder,
  compare: Compare,
  end: number,
  arena: Arena,
): Lane {
  if (hits.kind === 'list' && hits.count <= sortedHits(sort)) {
    const documents = Array.from(hits.list.subarray(0, hits.count), (posting) => posting >>> 2)
    documents.sort((x, y) => compare(segment, x, segment, y))
    const row = placesRow(
      documents.map((_, place) => place),
      documents.length,
    )
    return { segment, document: 0, row, at: (place) => documents[place]! }
  }
  const order = orderOf(segment, sort)
  const member = hits.kind === 'bits' ? hits.all : arena.bits(segment.words)
  if (hits.kind === 'list') for (let i = 0; i < hits.count; i++) setBit(member, hits.list[i]! >>> 2)
  const at = (place: number) => order[place]!
  if (end <= readFromStart) {
    const places: number[] = []
    for (let place = 0; place < order.length && places.length < end; place++) {
      const d = order[place]!
      if (member[d >>> 5]! & (1 << (d & 31))) places.push(place)
    }
    return { segment, document: 0, row: placesRow(places, segment.size), at }
  }
  const bits = arena.bits(segment.words)
  for (let place = 0; place < order.length; place++) {
    const d = order[place]!
    if (member[d >>> 5]! & (1 << (d & 31))) bits[place >>> 5]! |= 1 << (place & 31)
  }
  return { segment, document: 0, row: bitRow(bits, segment.size), at }
}

/** Entries of the largest page or window asked for at once. */
const maxPage = 500
/** Below this offset the lanes are merged from their starts; it costs less than searching. */
const mergeFromStart = readFromStart - maxPage
/** The search ends when no lane has more places than this left open. */
const openPlaces = 4

function takeRange(lanes: Lane[], compare: Compare, offset: number, limit: number): Found[] {
  if (lanes.length === 0) return []
  const from = offset <= mergeFromStart ? lanes.map(() => 0) : findStart(lanes, compare, offset)
  const before =
    offset <= mergeFromStart ? 0 : lanes.reduce((sum, lane, j) => sum + lane.row.rank(from[j]!), 0)
  return merge(lanes, compare, from, offset - before, limit)
}

/** Places to start from in every lane so that at most `offset` hits, all of them earlier in the order, lie before. */
function findStart(lanes: Lane[], compare: Compare, offset: number): number[] {
  const low = lanes.map(() => 0)
  const high = lanes.map((lane) => lane.row.size)
  for (;;) {
    let widest = 0
    for (let j = 1; j < lanes.length; j++) if (high[j]! - low[j]! > high[widest]! - low[widest]!) widest = j
    if (high[widest]! - low[widest]! <= openPlaces) return low
    const pivot = (low[widest]! + high[widest]!) >>> 1
    const pivotLane = lanes[widest]!
    const pivotDocument = pivotLane.at(pivot)
    let before = 0
    const places = lanes.map((lane, j) => {
      const place =
        j === widest
          ? pivot
          : firstNotBefore(lane, low[j]!, high[j]!, compare, pivotLane.segment, pivotDocument)
      before += lane.row.rank(place)
      return place
    })
    const side = before <= offset ? low : high
    for (let j = 0; j < lanes.length; j++) side[j] = places[j]!
  }
}

function firstNotBefore(
  lane: Lane,
  from: number,
  to: number,
  compare: Compare,
  segment: Segment,
  document: number,
): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(lane.segment, lane.at(middle), segment, document) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function merge(lanes: Lane[], compare: Compare, from: number[], skip: number, limit: number): Found[] {
  const heads = lanes.map((lane, j) => {
    const places: number[] = []
    lane.row.collect(from[j]!, skip + limit, places)
    return { lane, places, next: 0 }
  })
  let open = heads.filter((head) => head.places.length > 0)
  const page: Found[] = []
  for (let taken = 0; taken < skip + limit && open.length > 0; taken++) {
    let best = open[0]!
    let bestDocument = best.lane.at(best.places[best.next]!)
    for (let j = 1; j < open.length; j++) {
      const head = open[j]!
      const document = head.lane.at(head.places[head.next]!)
      if (compare(head.lane.segment, document, best.lane.segment, bestDocument) < 0) {
        best = head
        bestDocument = document
      }
    }
    if (taken >= skip) page.push({ segment: best.lane.segment, document: bestDocument })
    best.next++
    if (best.next === best.places.length) open = open.filter((head) => head !== best)
  }
  return page
}
