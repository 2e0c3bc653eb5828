import { hasBit, setBit } from './bits.ts'
import { bodyLeaf, codeLeaf, itemLeaf, tagLeaf } from './field-leaves.ts'
import { forEachHit, type Hits, noHits } from './hits.ts'
import { type Evaluation, emptyLeaf, type Leaf } from './leaf.ts'
import { type Clause, isPrefixToken } from './query.ts'
import {
  denseBits,
  documentCount,
  findTerm,
  isDense,
  prefixRange,
  readPostings,
  type TermTable,
  walkTerms,
} from './term-table.ts'

/** Terms that one prefix looks at, and those it uses: the most frequent. */
const prefixScan = 2048
const prefixTerms = 64
/** A union of at most this many postings is sorted as a list; a larger one is collected in bits. */
const listUnion = 2000

/** The live documents of a segment that satisfy every clause. */
export function evaluate(clauses: Clause[], at: Evaluation): Hits {
  const leaves: Leaf[] = []
  for (const clause of clauses) {
    if (clause.not) continue
    for (const leaf of clauseLeaves(clause, at)) {
      if (leaf.count === 0) return noHits
      leaves.push(leaf)
    }
  }
  const hits = leaves.length === 0 ? everything(at) : combine(leaves, at)
  for (const clause of clauses) if (clause.not) subtract(hits, clause, at)
  return hits
}

function everything({ segment, pool }: Evaluation): Hits {
  const all = pool.take(segment.words)
  all.set(segment.live)
  return { kind: 'bits', title: undefined, item: undefined, all }
}

function clauseLeaves(clause: Clause, at: Evaluation): Leaf[] {
  switch (clause.field) {
    case 'item':
      return [itemLeaf(clause, at)]
    case 'body':
      return [bodyLeaf(clause, at)]
    case 'code':
      return [codeLeaf(clause, at)]
    case 'tag':
      return [tagLeaf(clause, at)]
    default: {
      const scope = clause.field === 'title' ? titleOnly : undefined
      return clause.tokens.map((token) => tokenLeaf(token, !clause.phrase && isPrefixToken(token), at, scope))
    }
  }
}

/** Restricts a term's documents before it is joined with others. */
type Scope = ((leaf: Leaf) => Leaf) | undefined

function titleOnly(leaf: Leaf): Leaf {
  if (leaf.kind === 'bits') {
    return leaf.title ? { ...leaf, all: leaf.title, item: leaf.title } : emptyLeaf
  }
  const list = leaf.list.filter((posting) => (posting & 3) === 0)
  return { kind: 'list', count: list.length, list }
}

/** Documents of a token, and with `prefix` of the words that begin with it, those one tier lower. */
function tokenLeaf(token: string, prefix: boolean, at: Evaluation, scope?: Scope): Leaf {
  const { terms } = at.segment
  const inScope = scope ?? ((leaf: Leaf) => leaf)
  if (!prefix) {
    const index = findTerm(terms, token)
    return index < 0 ? emptyLeaf : inScope(termLeaf(terms, index))
  }
  const [from, to] = prefixRange(terms, token)
  if (from === to) return emptyLeaf
  const exact = indexOfExact(terms, from, token)
  const shape = (index: number) => {
    const leaf = inScope(termLeaf(terms, index))
    return index === exact || scope ? leaf : lowered(leaf)
  }
  if (to - from === 1) return shape(from)
  return uniteTerms(frequentTerms(terms, from, to), shape, at)
}

function indexOfExact(terms: TermTable, from: number, token: string): number {
  let exact = -1
  walkTerms(terms, from, (term) => {
    if (term === token) exact = from
    return false
  })
  return exact
}

/** A word that only begins like the one asked for counts one tier less. */
function lowered(leaf: Leaf): Leaf {
  if (leaf.kind === 'bits') return { ...leaf, title: undefined, item: leaf.title }
  return { ...leaf, list: leaf.list.map((posting) => ((posting & 3) < 2 ? posting + 1 : posting)) }
}

function termLeaf(terms: TermTable, index: number): Leaf {
  const count = documentCount(terms, index)
  if (isDense(terms, index)) return { kind: 'bits', count, ...denseBits(terms, index) }
  const list = new Uint32Array(count)
  readPostings(terms, index, list)
  return { kind: 'list', count, list }
}

/** The terms of a range, the most frequent ones where there are very many. */
function frequentTerms(terms: TermTable, from: number, to: number): number[] {
  const size = Math.min(to - from, prefixScan)
  if (size <= prefixTerms) return Array.from({ length: size }, (_, i) => from + i)
  const packed = new Float64Array(size)
  for (let i = 0; i < size; i++) packed[i] = documentCount(terms, from + i) * prefixScan + i
  packed.sort()
  return Array.from(packed.subarray(size - prefixTerms), (p) => from + (p % prefixScan))
}

/** Documents of any of the terms, each term's as `shape` gives them. */
function uniteTerms(indexes: number[], shape: (index: number) => Leaf, at: Evaluation): Leaf {
  const { segment, pool } = at
  let sum = 0
  for (const index of indexes) sum += documentCount(segment.terms, index)
  if (sum <= listUnion) {
    const list = new Uint32Array(sum)
    let n = 0
    for (const index of indexes) {
      const leaf = shape(index)
      if (leaf.kind === 'bits') n += listOf(leaf, list, n)
      else {
        list.set(leaf.list.subarray(0, leaf.count), n)
        n += leaf.count
      }
    }
    return { kind: 'list', ...uniqueSorted(list.subarray(0, n)) }
  }
  const all = pool.take(segment.words)
  const title = pool.take(segment.words)
  const item = pool.take(segment.words)
  for (const index of indexes) orInto(shape(index), all, title, item)
  return { kind: 'bits', count: Math.min(sum, segment.size), all, title, item }
}

/** Writes the postings of bits into a list; returns how many. Only small segments have bits in a small union. */
function listOf(leaf: Leaf & { kind: 'bits' }, out: Uint32Array, start: number): number {
  let n = start
  forEachHit(leaf, (document, tier) => {
    out[n++] = (document << 2) | tier
  })
  return n - start
}

/** Sorts postings and keeps the best tier of each document. */
function uniqueSorted(list: Uint32Array): { list: Uint32Array; count: number } {
  list.sort()
  let n = 0
  for (let i = 0; i < list.length; i++) {
    if (n > 0 && list[n - 1]! >>> 2 === list[i]! >>> 2) continue
    list[n++] = list[i]!
  }
  return { list: list.subarray(0, n), count: n }
}

/** Adds a leaf to a union; `item` collects tiers 0 and 1. */
function orInto(leaf: Leaf, all: Uint32Array, title: Uint32Array, item: Uint32Array): void {
  if (leaf.kind === 'list') {
    for (let i = 0; i < leaf.count; i++) {
      const document = leaf.list[i]! >>> 2
      const tier = leaf.list[i]! & 3
      setBit(all, document)
      if (tier === 0) setBit(title, document)
      if (tier <= 1) setBit(item, document)
    }
    return
  }
  for (let w = 0; w < all.length; w++) all[w]! |= leaf.all[w]!
  if (leaf.title) {
    for (let w = 0; w < all.length; w++) {
      title[w]! |= leaf.title[w]!
      item[w]! |= leaf.title[w]!
    }
  }
  if (leaf.item) for (let w = 0; w < all.length; w++) item[w]! |= leaf.item[w]!
}

function combine(leaves: Leaf[], at: Evaluation): Hits {
  leaves.sort((a, b) => a.count - b.count)
  const lists = leaves.filter((leaf) => leaf.kind === 'list')
  if (lists.length === 0) return combineBits(leaves as (Leaf & { kind: 'bits' })[], at)
  const first = lists[0]!
  const list = first.list.slice(0, first.count)
  let count = keepLive(list, at.segment.live)
  for (const leaf of leaves) {
    if (leaf === first) continue
    count = leaf.kind === 'list' ? intersectList(list, count, leaf) : intersectBits(list, count, leaf)
    if (count === 0) return noHits
  }
  return { kind: 'list', list, count }
}

function keepLive(list: Uint32Array, live: Uint32Array): number {
  let n = 0
  for (let i = 0; i < list.length; i++) if (hasBit(live, list[i]! >>> 2)) list[n++] = list[i]!
  return n
}

function intersectList(list: Uint32Array, count: number, leaf: Leaf & { kind: 'list' }): number {
  const other = leaf.list
  let n = 0
  let j = 0
  for (let i = 0; i < count; i++) {
    const document = list[i]! >>> 2
    while (j < leaf.count && other[j]! >>> 2 < document) j++
    if (j === leaf.count) break
    if (other[j]! >>> 2 !== document) continue
    // The worse tier has the larger number and the same document: the larger posting.
    list[n++] = Math.max(list[i]!, other[j]!)
  }
  return n
}

function intersectBits(list: Uint32Array, count: number, leaf: Leaf & { kind: 'bits' }): number {
  const { all, title, item } = leaf
  let n = 0
  for (let i = 0; i < count; i++) {
    const posting = list[i]!
    const document = posting >>> 2
    if (!hasBit(all, document)) continue
    const tier = title && hasBit(title, document) ? 0 : item && hasBit(item, document) ? 1 : 2
    list[n++] = Math.max(posting, (document << 2) | tier)
  }
  return n
}

function combineBits(leaves: (Leaf & { kind: 'bits' })[], { segment, pool }: Evaluation): Hits {
  const { words, live } = segment
  const all = pool.take(words)
  all.set(live)
  for (const leaf of leaves) for (let w = 0; w < words; w++) all[w]! &= leaf.all[w]!
  const title = leaves.every((leaf) => leaf.title) ? pool.take(words) : undefined
  if (title) {
    title.set(live)
    for (const leaf of leaves) for (let w = 0; w < words; w++) title[w]! &= leaf.title![w]!
  }
  const item = leaves.every((leaf) => leaf.title || leaf.item) ? pool.take(words) : undefined
  if (item) {
    item.set(live)
    for (const leaf of leaves) andEither(item, leaf.title, leaf.item)
  }
  return { kind: 'bits', title, item, all }
}

function andEither(target: Uint32Array, a: Uint32Array | undefined, b: Uint32Array | undefined): void {
  if (a && b) for (let w = 0; w < target.length; w++) target[w]! &= a[w]! | b[w]!
  else {
    const only = (a ?? b)!
    for (let w = 0; w < target.length; w++) target[w]! &= only[w]!
  }
}

function subtract(hits: Hits, clause: Clause, at: Evaluation): void {
  const leaves = clauseLeaves(clause, at)
  if (leaves.some((leaf) => leaf.count === 0)) return
  const out = combine(leaves, at)
  if (hits.kind === 'list') {
    const without = out.kind === 'bits' ? out.all : toBits(out, at)
    let n = 0
    for (let i = 0; i < hits.count; i++)
      if (!hasBit(without, hits.list[i]! >>> 2)) hits.list[n++] = hits.list[i]!
    hits.count = n
    return
  }
  const without = out.kind === 'bits' ? out.all : toBits(out, at)
  for (const bits of [hits.all, hits.title, hits.item]) {
    if (bits) for (let w = 0; w < bits.length; w++) bits[w]! &= ~without[w]!
  }
}

function toBits(hits: Hits & { kind: 'list' }, { segment, pool }: Evaluation): Uint32Array {
  const bits = pool.take(segment.words)
  for (let i = 0; i < hits.count; i++) setBit(bits, hits.list[i]! >>> 2)
  return bits
}
