import { clearBit, fillBits, hasBit, wordsFor } from './bits.ts'
import type { PackedFacet } from './document.ts'
import { readSegmentFile, SegmentError, type SegmentFile } from './segment-file.ts'
import type { TermTable } from './term-table.ts'
import { openTextFile, type TextReader } from './text-file.ts'

/**
 * A segment ready to be searched. Everything but `live` is immutable; documents are numbered by falling
 * static score, so document order is rank order.
 */
export interface Segment {
  name: string
  size: number
  words: number
  /** Bytes held in memory. */
  bytes: number
  terms: TermTable
  names: TermTable
  nameTerms: TermTable
  tags: TermTable
  codes: TermTable
  /** Places in `tags` of every document's keywords, one document after the other, and where each begins. */
  tagList: Uint32Array
  tagStarts: Uint32Array
  tagDisplayOffsets: Uint32Array
  tagDisplay: Uint8Array
  nameDisplayOffsets: Uint32Array
  nameDisplay: Uint8Array
  id: Uint32Array
  /** Documents by rising id. */
  byId: Uint32Array
  gone: Uint32Array
  version: Uint32Array
  score: Uint16Array
  updated: Uint32Array
  use: Uint32Array
  /** Moments: seconds since 1970, and the milliseconds beyond. */
  changed: Uint32Array
  changedMs: Uint16Array
  created: Uint32Array
  createdMs: Uint16Array
  /** The first 64 bits of the address: enough to put entries in order. */
  uidHigh: Uint32Array
  uidLow: Uint32Array
  byName: Uint32Array
  byUpdated: Uint32Array
  byChanged: Uint32Array
  byUid: Uint32Array
  byUse: Uint32Array
  titleHash: Uint32Array
  titleHashDocument: Uint32Array
  body: Uint16Array
  bodyIds: Uint32Array
  combo: Uint16Array
  /** A local number of each packed facet for every combination, in the order of `packedFacets`. */
  comboValues: Uint32Array
  set: Uint16Array
  /** Local numbers of the theme set and the format set for each pair. */
  setPairs: Uint32Array
  values: Record<PackedFacet, string[]>
  themeSets: string[][]
  formatSets: string[][]
  textPlace: Uint32Array
  text: TextReader
  /** Documents that no newer segment has replaced. */
  live: Uint32Array
  liveCount: number
}

/**
 * Reads a segment and opens its text.
 * @throws SegmentError when either is damaged or missing.
 */
export function openSegmentAt(path: string): Segment {
  const file = readSegmentFile(path)
  let text: TextReader
  try {
    text = openTextFile(`${path}.text`, file.header.textBytes)
  } catch (error) {
    throw new SegmentError((error as Error).message)
  }
  return viewSegment(path, file, text)
}

function viewSegment(name: string, file: SegmentFile, text: TextReader): Segment {
  const size = file.header.documents
  const live = new Uint32Array(wordsFor(size))
  fillBits(live, size)
  const tables = Object.fromEntries(
    ['terms', 'names', 'nameTerms', 'tags', 'codes'].map((t) => [t, file.table(t)]),
  )
  const columns = Object.fromEntries(
    Object.keys(file.header.sections)
      .filter((key) => !key.includes('.'))
      .map((key) => [key, file.column(key)]),
  )
  return {
    ...columns,
    ...tables,
    name,
    size,
    words: live.length,
    bytes: file.bytes,
    values: file.header.values,
    themeSets: file.header.themeSets,
    formatSets: file.header.formatSets,
    text,
    live,
    liveCount: size,
  } as Segment
}

/** The document of an id, or -1. */
export function documentOf(segment: Segment, id: number): number {
  const { byId, id: ids } = segment
  let low = 0
  let high = byId.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ids[byId[middle]!]! < id) low = middle + 1
    else high = middle
  }
  return low < byId.length && ids[byId[low]!] === id ? byId[low]! : -1
}

/** Calls `visit` for every id the segment speaks for: those it holds and those it knows to be gone. */
export function forEachClaim(segment: Segment, visit: (id: number) => void): void {
  for (let i = 0; i < segment.size; i++) visit(segment.id[i]!)
  for (let i = 0; i < segment.gone.length; i++) visit(segment.gone[i]!)
}

/** Takes an entry out of a segment because a newer segment speaks for it. */
export function bury(segment: Segment, id: number): void {
  const document = documentOf(segment, id)
  if (document < 0 || !hasBit(segment.live, document)) return
  clearBit(segment.live, document)
  segment.liveCount--
}
