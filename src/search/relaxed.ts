import { setBit } from './bits.ts'
import { evaluate } from './evaluate.ts'
import { countHits, type Hits } from './hits.ts'
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

/** Segments with the rarest word in which words are joined: the next would hardly reach more. */
const segmentsJoined = 3

interface Word {
  /** The entries that have it, by segment. */
  sets: Uint32Array[]
  count: number
  weight: number
}

/** Entries of one segment that may be shown, with their weights. */
interface Weighed {
  documents: Uint32Array
  weights: Uint16Array
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
  const reached = reachedWeight(index, known)
  const weighed = index.segments.map((segment, s) => weigh(index, segment, s, known, reached))
  const best = weighed.reduce((most, w) => Math.max(most, largest(w)), 0)
  if (best < whole * worthShowing) return []
  return index.segments.map((segment, s) => ({ segment, hits: select(index, weighed[s]!, best) }))
}

function evaluateWords(index: IndexView, query: Query, entries: number): Word[] {
  const rest = query.clauses.filter((c) => c.not || c.field === 'body' || c.field === 'code')
  return looseWords(query).map(({ text, tokens }) => {
    const clause: Clause = { field: 'any', text, tokens, phrase: false, not: false }
    const clauses = [clause, ...rest]
    let count = 0
    const sets = index.segments.map((segment) => {
      const hits = evaluate(clauses, { segment, arena: index.arena, bodies: index.bodies, tiers: false })
      count += countHits(hits)
      return bitsOf(index, segment, hits)
    })
    return {
      sets,
      count,
      weight: count === 0 ? 0 : Math.round(wordWeight * Math.log(1 + entries / count)) + 1,
    }
  })
}

/**
 * A weight that some entry reaches for certain, so that entries far below it need not be weighed: words are joined
 * from the rarest on as long as an entry with all of them is left.
 */
function reachedWeight(index: IndexView, known: Word[]): number {
  let most = 0
  let looked = 0
  for (const [s, segment] of index.segments.entries()) {
    if (looked === segmentsJoined) break
    const joined = index.arena.list(segment.words)
    joined.set(known[0]!.sets[s]!)
    if (joined.every((word) => word === 0)) continue
    looked++
    let sum = known[0]!.weight
    for (const word of known.slice(1)) {
      const more = word.sets[s]!
      if (!intersects(joined, more)) continue
      for (let w = 0; w < joined.length; w++) joined[w]! &= more[w]!
      sum += word.weight
    }
    most = Math.max(most, sum)
  }
  return most
}

function bitsOf({ arena }: IndexView, segment: Segment, hits: Hits): Uint32Array {
  if (hits.kind === 'bits') return hits.all
  const bits = arena.bits(segment.words)
  for (let i = 0; i < hits.count; i++) setBit(bits, hits.list[i]! >>> 2)
  return bits
}

function intersects(a: Uint32Array, b: Uint32Array): boolean {
  for (let w = 0; w < a.length; w++) if ((a[w]! & b[w]!) !== 0) return true
  return false
}

/**
 * Weighs the entries of a segment that can come near `reached`: those with one of the rarest words, as the others
 * together weigh too little, less those that cannot reach it any more with the words still to come.
 */
function weigh(index: IndexView, segment: Segment, s: number, known: Word[], reached: number): Weighed {
  const least = reached * leastShare
  let light = 0
  let deciding = known.length
  while (deciding > 1 && light + known[deciding - 1]!.weight < least) light += known[--deciding]!.weight
  const bits = known.map((word) => word.sets[s]!)
  const any = index.arena.bits(segment.words)
  for (const set of bits.slice(0, deciding)) for (let w = 0; w < any.length; w++) any[w]! |= set[w]!
  const documents = collect(index, any)
  const weights = new Uint16Array(documents.length)
  let count = documents.length
  let rest = known.reduce((sum, word) => sum + word.weight, 0)
  for (const [k, word] of known.entries()) {
    rest -= word.weight
    count = addWord(documents, weights, count, bits[k]!, word.weight, least - rest)
  }
  return { documents, weights, count }
}

function collect(index: IndexView, bits: Uint32Array): Uint32Array {
  const documents = index.arena.list(
    countHits({ kind: 'bits', title: undefined, item: undefined, all: bits }),
  )
  let n = 0
  for (let w = 0; w < bits.length; w++) {
    let word = bits[w]!
    while (word !== 0) {
      const low = word & -word
      word ^= low
      documents[n++] = (w << 5) + 31 - Math.clz32(low)
    }
  }
  return documents
}

/** Adds a word's weight where it stands; entries below `least` are out. Returns how many are left. */
function addWord(
  documents: Uint32Array,
  weights: Uint16Array,
  count: number,
  bits: Uint32Array,
  weight: number,
  least: number,
): number {
  let n = 0
  for (let i = 0; i < count; i++) {
    const document = documents[i]!
    const sum = weights[i]! + weight * ((bits[document >>> 5]! >>> (document & 31)) & 1)
    if (sum < least) continue
    documents[n] = document
    weights[n++] = sum
  }
  return n
}

function largest({ weights, count }: Weighed): number {
  let most = 0
  for (let i = 0; i < count; i++) if (weights[i]! > most) most = weights[i]!
  return most
}

function select(index: IndexView, { documents, weights, count }: Weighed, best: number): Hits {
  const list = index.arena.list(count)
  let n = 0
  for (let i = 0; i < count; i++) {
    const weight = weights[i]!
    if (weight < best * leastShare) continue
    list[n++] = (documents[i]! << 2) | (weight === best ? 0 : weight >= best * nearShare ? 1 : 2)
  }
  return { kind: 'list', list, count: n }
}
