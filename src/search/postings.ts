import { hasBit, wordsFor } from './bits.ts'
import { inlineFlag, modeDense, modeMixed, type TermTable } from './term-table.ts'

/** Reading the postings of a term table's terms. */

interface Cursor {
  at: number
}
const cursor: Cursor = { at: 0 }

function getVarint(bytes: Uint8Array): number {
  let at = cursor.at
  let byte = bytes[at++]!
  let value = byte & 127
  for (let shift = 7; byte > 127; shift += 7) {
    byte = bytes[at++]!
    value |= (byte & 127) << shift
  }
  cursor.at = at
  return value >>> 0
}

/** How many documents a term has. */
export function documentCount(table: TermTable, index: number): number {
  const pointer = table.pointers[index]!
  if (pointer & inlineFlag) return 1
  cursor.at = pointer
  return getVarint(table.postings) >>> 3
}

/** True when the term's postings are bit sets. */
export function isDense(table: TermTable, index: number): boolean {
  const pointer = table.pointers[index]!
  return (pointer & inlineFlag) === 0 && (table.postings[pointer]! & 7) === modeDense
}

/**
 * Writes the postings of a term, ascending, into `out` from `start` (room for its documents must be there); returns how
 * many: the first `most` of them.
 */
export function readPostings(
  table: TermTable,
  index: number,
  out: Uint32Array,
  start = 0,
  most = Number.POSITIVE_INFINITY,
): number {
  const pointer = table.pointers[index]!
  if (pointer & inlineFlag) {
    out[start] = pointer & ~inlineFlag
    return 1
  }
  const bytes = table.postings
  cursor.at = pointer
  const head = getVarint(bytes)
  const count = Math.min(head >>> 3, most)
  const mode = head & 7
  if (mode === modeDense) return readDenseAsList(table, index, out, start, count)
  const tier = mode - 1
  let document = -1
  let at = cursor.at
  for (let i = 0; i < count; i++) {
    let byte = bytes[at++]!
    let value = byte & 127
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++]!
      value |= (byte & 127) << shift
    }
    if (mode === modeMixed) {
      document += (value >>> 2) + 1
      out[start + i] = (document << 2) | (value & 3)
    } else {
      document += value + 1
      out[start + i] = (document << 2) | tier
    }
  }
  return count
}

/**
 * Keeps of `list` (ascending postings, `count` of them) the documents that the term has too, in the worse of
 * both tiers, without writing the term's postings down; returns how many are left. For terms that are not dense.
 */
export function intersectPostings(table: TermTable, index: number, list: Uint32Array, count: number): number {
  const pointer = table.pointers[index]!
  if (pointer & inlineFlag) return intersectOne(pointer & ~inlineFlag, list, count)
  const bytes = table.postings
  cursor.at = pointer
  const head = getVarint(bytes)
  const mode = head & 7
  const mixed = mode === modeMixed
  let document = -1
  let at = cursor.at
  let n = 0
  let i = 0
  let wanted = list[0]! >>> 2
  for (let left = head >>> 3; left > 0; left--) {
    let byte = bytes[at++]!
    let value = byte & 127
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++]!
      value |= (byte & 127) << shift
    }
    document += (mixed ? value >>> 2 : value) + 1
    while (wanted < document) {
      if (++i === count) return n
      wanted = list[i]! >>> 2
    }
    if (wanted !== document) continue
    const posting = (document << 2) | (mixed ? value & 3 : mode - 1)
    // The worse tier has the larger number and the same document: the larger posting.
    list[n++] = Math.max(posting, list[i]!)
    if (++i === count) return n
    wanted = list[i]! >>> 2
  }
  return n
}

function intersectOne(posting: number, list: Uint32Array, count: number): number {
  for (let i = 0; i < count; i++) {
    if (list[i]! >>> 2 !== posting >>> 2) continue
    list[0] = Math.max(list[i]!, posting)
    return 1
  }
  return 0
}

export interface DenseBits {
  all: Uint32Array
  /** Undefined when no document has the term there. */
  title: Uint32Array | undefined
  item: Uint32Array | undefined
}

/** The bit sets of a dense term, as views: not to be written to. */
export function denseBits(table: TermTable, index: number): DenseBits {
  const { postings, universe } = table
  cursor.at = table.pointers[index]!
  getVarint(postings)
  const kinds = postings[cursor.at]!
  let at = (cursor.at + 1 + 3) & ~3
  const words = wordsFor(universe)
  const next = () => {
    const view = new Uint32Array(postings.buffer, postings.byteOffset + at, words)
    at += words * 4
    return view
  }
  const all = next()
  const title = kinds & 1 ? next() : undefined
  const item = kinds & 2 ? next() : undefined
  return { all, title, item }
}

function readDenseAsList(
  table: TermTable,
  index: number,
  out: Uint32Array,
  start: number,
  count: number,
): number {
  const { all, title, item } = denseBits(table, index)
  let n = start
  const end = start + count
  for (let w = 0; w < all.length && n < end; w++) {
    let word = all[w]!
    while (word !== 0 && n < end) {
      const low = word & -word
      const document = (w << 5) + 31 - Math.clz32(low)
      word ^= low
      const tier = title && hasBit(title, document) ? 0 : item && hasBit(item, document) ? 1 : 2
      out[n++] = (document << 2) | tier
    }
  }
  return n - start
}
