import { setBit } from './bits.ts'
import { type BitsLeaf, type Evaluation, emptyLeaf, type Leaf } from './leaf.ts'
import { type DenseBits, denseBits, documentCount, isDense, readPostings } from './postings.ts'

/** The documents of several terms together. */

/** How a term's postings count. */
export interface Shape {
  /** Only titles. */
  titleOnly: boolean
  /** One tier lower: a word that only begins like the one asked for. */
  lower: boolean
}

/** A union of at most this many postings is sorted as a list; a larger one is collected in bits. */
const listUnion = 2000

/** One term's documents as `shape` wants them. */
export function shaped(leaf: Leaf, shape: Shape, at: Evaluation): Leaf {
  if (!shape.titleOnly && (!shape.lower || !at.tiers)) return leaf
  if (leaf.kind === 'bits') {
    if (shape.titleOnly) return leaf.title ? { ...leaf, all: leaf.title, item: undefined } : emptyLeaf
    return { ...leaf, title: undefined, item: leaf.title }
  }
  if (leaf.kind === 'list') return leaf
  const list = at.arena.list(leaf.count)
  return { kind: 'list', list, count: readShaped(at, leaf.index, shape, list, 0) }
}

/** Documents of any of the terms, each term's as `shapeOf` tells. */
export function uniteTerms(indexes: number[], shapeOf: (index: number) => Shape, at: Evaluation): Leaf {
  const { segment, arena } = at
  let sum = 0
  for (const index of indexes) sum += documentCount(segment.terms, index)
  if (sum <= listUnion) {
    const list = arena.list(sum)
    let n = 0
    for (const index of indexes) n = readShaped(at, index, shapeOf(index), list, n)
    return { kind: 'list', ...uniqueSorted(list.subarray(0, n)) }
  }
  const into: BitsLeaf = {
    kind: 'bits',
    count: Math.min(sum, segment.size),
    all: arena.bits(segment.words),
    title: at.tiers ? arena.bits(segment.words) : undefined,
    item: at.tiers ? arena.bits(segment.words) : undefined,
  }
  const scratch = arena.list(Math.ceil(segment.size / 8))
  for (const index of indexes) {
    const shape = shapeOf(index)
    if (isDense(segment.terms, index)) addDense(denseBits(segment.terms, index), shape, into)
    else addList(scratch, readShaped(at, index, shape, scratch, 0), into)
  }
  return into
}

/** Writes a term's postings as `shape` wants them from `start`; returns the place after the last. */
function readShaped(at: Evaluation, index: number, shape: Shape, out: Uint32Array, start: number): number {
  const end = start + readPostings(at.segment.terms, index, out, start)
  if (shape.titleOnly) {
    let n = start
    for (let i = start; i < end; i++) if ((out[i]! & 3) === 0) out[n++] = out[i]!
    return n
  }
  if (shape.lower) for (let i = start; i < end; i++) if ((out[i]! & 3) < 2) out[i]!++
  return end
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

/** `item` of a union collects tiers 0 and 1. */
function addList(list: Uint32Array, count: number, { all, title, item }: BitsLeaf): void {
  for (let i = 0; i < count; i++) {
    const document = list[i]! >>> 2
    setBit(all, document)
    if (!title || !item) continue
    const tier = list[i]! & 3
    if (tier === 0) setBit(title, document)
    if (tier <= 1) setBit(item, document)
  }
}

function addDense(term: DenseBits, shape: Shape, { all, title, item }: BitsLeaf): void {
  const from = shape.titleOnly ? term.title : term.all
  if (from) add(all, from)
  if (!title || !item) return
  if (term.title) add(item, term.title)
  if (shape.lower) return
  if (term.title) add(title, term.title)
  if (term.item && !shape.titleOnly) add(item, term.item)
}

function add(target: Uint32Array, more: Uint32Array): void {
  for (let w = 0; w < target.length; w++) target[w]! |= more[w]!
}
