import { collectBits, hasBit, setBit } from './bits.ts'
import { type BodyTable, matchBodies } from './bodies.ts'
import { type Evaluation, emptyLeaf, type Leaf, type NameMatches } from './leaf.ts'
import { denseBits, documentCount, isDense, readPostings } from './postings.ts'
import { type Clause, isPrefixToken } from './query.ts'
import type { Segment } from './segment.ts'
import { findTerm, prefixRange, type TermTable, termAt } from './term-table.ts'

/** Conditions on one field: item:, body:, code:, tag:. */

/** Names of one segment that are read to tell a whole name from scattered words; beyond it they rank alike. */
const namesRead = 1000

/** Documents of the bodies whose name or code contains the text. */
export function bodyLeaf(clause: Clause, { segment, arena, bodies }: Evaluation): Leaf {
  const wanted = bodiesOf(clause, bodies)
  const { starts, documents } = bodyRows(segment)
  const all = arena.bits(segment.words)
  let count = 0
  for (let local = 0; local < segment.bodyIds.length; local++) {
    if (!wanted.has(segment.bodyIds[local]!)) continue
    for (let i = starts[local]!; i < starts[local + 1]!; i++) setBit(all, documents[i]!)
    count += starts[local + 1]! - starts[local]!
  }
  return count === 0 ? emptyLeaf : { kind: 'bits', count, all, title: undefined, item: all }
}

/** Bodies that a clause asks for; every segment asks the same. */
const bodiesByClause = new WeakMap<Clause, Set<number>>()

function bodiesOf(clause: Clause, bodies: BodyTable): Set<number> {
  const known = bodiesByClause.get(clause) ?? matchBodies(bodies, clause.text)
  bodiesByClause.set(clause, known)
  return known
}

/** Documents of each body, one body after the other; made when a segment is first asked for a body (4 bytes an entry). */
interface BodyRows {
  starts: Uint32Array
  documents: Uint32Array
}
const rowsBySegment = new WeakMap<Segment, BodyRows>()

function bodyRows(segment: Segment): BodyRows {
  const known = rowsBySegment.get(segment)
  if (known) return known
  const starts = new Uint32Array(segment.bodyIds.length + 1)
  for (let d = 0; d < segment.size; d++) starts[segment.body[d]! + 1]!++
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!
  const fill = starts.slice()
  const documents = new Uint32Array(segment.size)
  for (let d = 0; d < segment.size; d++) documents[fill[segment.body[d]!]!++] = d
  const rows = { starts, documents }
  rowsBySegment.set(segment, rows)
  return rows
}

/** Documents with a code that is the text (tier 0) or begins with it. */
export const codeLeaf = (clause: Clause, at: Evaluation): Leaf => labelLeaf(at.segment.codes, clause.text, at)

/** Documents with a keyword that is the text (tier 0) or begins with it. */
export const tagLeaf = (clause: Clause, at: Evaluation): Leaf => labelLeaf(at.segment.tags, clause.text, at)

function labelLeaf(table: TermTable, text: string, { segment, arena }: Evaluation): Leaf {
  const [from, to] = prefixRange(table, text)
  if (from === to) return emptyLeaf
  const all = arena.bits(segment.words)
  const title = arena.bits(segment.words)
  let count = 0
  for (let index = from; index < to; index++) count += addDocuments(table, index, all)
  if (termAt(table, from) === text) addDocuments(table, from, title)
  return { kind: 'bits', count, all, title, item: title }
}

/** Adds the documents with exactly this keyword (folded). */
export function exactTag({ tags }: Segment, tag: string, target: Uint32Array): void {
  const index = findTerm(tags, tag)
  if (index >= 0) addDocuments(tags, index, target)
}

/** Adds the documents with a keyword that begins so; every keyword begins with nothing. */
export function tagsBeginning({ tags }: Segment, prefix: string, target: Uint32Array): void {
  const [from, to] = prefix === '' ? [0, tags.size] : prefixRange(tags, prefix)
  for (let index = from; index < to; index++) addDocuments(tags, index, target)
}

let scratch = new Uint32Array(1024)

function addDocuments(table: TermTable, index: number, target: Uint32Array): number {
  const count = documentCount(table, index)
  if (isDense(table, index)) {
    const { all } = denseBits(table, index)
    for (let w = 0; w < target.length; w++) target[w]! |= all[w]!
    return count
  }
  if (scratch.length < count) scratch = new Uint32Array(count * 2)
  readPostings(table, index, scratch)
  for (let i = 0; i < count; i++) setBit(target, scratch[i]! >>> 2)
  return count
}

/**
 * Distinct item names of a segment with all tokens in one name; tokens may begin longer words.
 * A phrase must stand in the name as it is.
 */
export function matchNames(clause: Clause, at: Evaluation): NameMatches {
  const cached = at.names?.get(clause)
  if (cached) return cached
  const found = findNames(clause, at)
  at.names?.set(clause, found)
  return found
}

function findNames(clause: Clause, { segment, arena }: Evaluation): NameMatches {
  const { nameTerms, names } = segment
  let bits: Uint32Array | undefined
  for (const token of clause.tokens) {
    const next = arena.bits((names.size + 31) >>> 5)
    if (!clause.phrase && isPrefixToken(token)) {
      const [from, to] = prefixRange(nameTerms, token)
      for (let i = from; i < to; i++) addDocuments(nameTerms, i, next)
    } else {
      const index = findTerm(nameTerms, token)
      if (index >= 0) addDocuments(nameTerms, index, next)
    }
    if (bits) for (let w = 0; w < next.length; w++) next[w]! &= bits[w]!
    bits = next
  }
  if (!bits) return { indexes: [], tiers: [] }
  const indexes: number[] = []
  collectBits(bits, 0, names.size, indexes)
  const exact = findTerm(names, clause.text)
  const read = clause.phrase || indexes.length <= namesRead
  const tiers = indexes.map((index) => {
    if (index === exact) return 0
    return read && termAt(names, index).includes(clause.text) ? 1 : 2
  })
  if (!clause.phrase) return { indexes, tiers }
  const standing = indexes.map((_, i) => i).filter((i) => tiers[i]! < 2)
  return { indexes: standing.map((i) => indexes[i]!), tiers: standing.map((i) => tiers[i]!) }
}

/** Documents that hold an item whose name matches: tier 0 by its whole name, 1 as it stands, 2 by its words. */
export function itemLeaf(clause: Clause, at: Evaluation): Leaf {
  const { indexes, tiers } = matchNames(clause, at)
  if (indexes.length === 0) return emptyLeaf
  const { segment, arena } = at
  const all = arena.bits(segment.words)
  const title = arena.bits(segment.words)
  const item = arena.bits(segment.words)
  let count = 0
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i]!
    const tier = tiers[i]!
    count += addDocuments(segment.names, index, all)
    if (tier === 0) addDocuments(segment.names, index, title)
    if (tier <= 1) addDocuments(segment.names, index, item)
  }
  return { kind: 'bits', count: Math.min(count, segment.size), all, title, item }
}

/** Live documents that hold a distinct item name. */
export function liveHolders(table: TermTable, index: number, live: Uint32Array): number {
  const count = documentCount(table, index)
  if (scratch.length < count) scratch = new Uint32Array(count * 2)
  readPostings(table, index, scratch)
  let n = 0
  for (let i = 0; i < count; i++) if (hasBit(live, scratch[i]! >>> 2)) n++
  return n
}
