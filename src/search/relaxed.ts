import { evaluate } from './evaluate.ts'
import { addWeight, countHits, forEachHit, type Hits, isHit } from './hits.ts'
import { type IndexView, liveEntries } from './index-view.ts'
import { type Clause, looseWords, type Query } from './query.ts'
import type { Segment } from './segment.ts'
import type { SegmentHits } from './select-page.ts'

/**
 * For a query that nothing answers whole: the entries with most of its words, weighed by how rare each word
 * is. Tiers say how close an entry comes to the best: 0 as close, 1 nearly, 2 at least the share below.
 */

/** Share of the best entry's weight that is still shown. */
const leastShare = 0.7
const nearShare = 0.85
/** The weight of the words an entry has, of all words, for it to be worth showing. */
const worthShowing = 0.3
/** Scale of a word's weight: 24 of the rarest words in 4 billion entries stay below 2^16. */
const wordWeight = 100
/** Entries of the rarest word that are weighed first, to learn how well an entry can match. */
const weighedFirst = 5_000

interface Word {
  /** By segment. */
  hits: Hits[]
  count: number
  weight: number
}

/** Entries of one segment with their weights so far. */
interface Weighed {
  /** By document; zero but for those in `touched`. */
  weights: Uint16Array
  touched: Uint32Array
  count: number
}

export function relaxedHits(index: IndexView, query: Query): SegmentHits[] {
  const entries = Math.max(1, liveEntries(index))
  const words = evaluateWords(index, query, entries)
  const known = words.filter((word) => word.count > 0).sort((a, b) => b.weight - a.weight)
  if (known.length === 0) return []
  // A word that no entry has says nothing about which entry is close; it still counts against all of them.
  const unknown = (words.length - known.length) * Math.round(wordWeight * Math.log(1 + entries))
  const whole = known.reduce((sum, word) => sum + word.weight, 0) + unknown / 2
  const deciding = decidingWords(index, known)
  const weighed = index.segments.map((segment, s) => weigh(segment, s, known, deciding))
  const best = weighed.reduce((most, w) => Math.max(most, largest(w)), 0)
  const parts = index.segments.map((segment, s) => ({ segment, hits: select(weighed[s]!, best) }))
  for (const w of weighed) clear(w)
  return best < whole * worthShowing ? [] : parts
}

function evaluateWords(index: IndexView, query: Query, entries: number): Word[] {
  const rest = query.clauses.filter((c) => c.not || c.field === 'body' || c.field === 'code')
  return looseWords(query).map(({ text, tokens }) => {
    const clause: Clause = { field: 'any', text, tokens, phrase: false, not: false }
    const clauses = [clause, ...rest]
    const hits = index.segments.map((segment) =>
      evaluate(clauses, { segment, pool: index.pool, bodies: index.bodies }),
    )
    const count = hits.reduce((sum, h) => sum + countHits(h), 0)
    return {
      hits,
      count,
      weight: count === 0 ? 0 : Math.round(wordWeight * Math.log(1 + entries / count)) + 1,
    }
  })
}

/** How many of the rarest words decide: every entry worth showing has one, as the others together weigh too little. */
function decidingWords(index: IndexView, known: Word[]): number {
  const rarest = known[0]!
  let best = rarest.weight
  if (rarest.count <= weighedFirst) {
    for (let s = 0; s < index.segments.length; s++) {
      forEachHit(rarest.hits[s]!, (document) => {
        let sum = 0
        for (const word of known) if (isHit(word.hits[s]!, document)) sum += word.weight
        if (sum > best) best = sum
      })
    }
  }
  let light = 0
  let from = known.length
  while (from > 1 && light + known[from - 1]!.weight < best * leastShare) light += known[--from]!.weight
  return from
}

/** Arrays of a segment, used by one query after the other. */
const arrays = new WeakMap<Segment, { weights: Uint16Array; touched: Uint32Array }>()

function weigh(segment: Segment, s: number, known: Word[], deciding: number): Weighed {
  const kept = arrays.get(segment) ?? {
    weights: new Uint16Array(segment.size),
    touched: new Uint32Array(segment.size),
  }
  arrays.set(segment, kept)
  const weighed: Weighed = { ...kept, count: 0 }
  for (const word of known.slice(0, deciding)) weighed.count = addWeight(word.hits[s]!, word.weight, weighed)
  for (const word of known.slice(deciding)) addWhereTouched(word.hits[s]!, word.weight, weighed)
  return weighed
}

/** Adds a word that alone makes no entry worth showing. */
function addWhereTouched(hits: Hits, weight: number, { weights, touched, count }: Weighed): void {
  if (hits.kind === 'list') {
    for (let i = 0; i < hits.count; i++) {
      const document = hits.list[i]! >>> 2
      if (weights[document]! > 0) weights[document]! += weight
    }
    return
  }
  const { all } = hits
  for (let i = 0; i < count; i++) {
    const document = touched[i]!
    if (all[document >>> 5]! & (1 << (document & 31))) weights[document]! += weight
  }
}

function largest({ weights, touched, count }: Weighed): number {
  let most = 0
  for (let i = 0; i < count; i++) if (weights[touched[i]!]! > most) most = weights[touched[i]!]!
  return most
}

function select({ weights, touched, count }: Weighed, best: number): Hits {
  const least = best * leastShare
  const near = best * nearShare
  const list = new Uint32Array(count)
  let n = 0
  for (let i = 0; i < count; i++) {
    const document = touched[i]!
    const weight = weights[document]!
    if (weight < least) continue
    list[n++] = (document << 2) | (weight === best ? 0 : weight >= near ? 1 : 2)
  }
  list.subarray(0, n).sort()
  return { kind: 'list', list, count: n }
}

function clear({ weights, touched, count }: Weighed): void {
  for (let i = 0; i < count; i++) weights[touched[i]!] = 0
}
