import { maxTermLength, type TermTable } from './term-table.ts'
import { writeTermTable } from './term-table-writer.ts'

/**
 * Collects (document, term, tier) in the order documents arrive and turns them into a term table over
 * documents in their final order, by one counting sort: 4 bytes a posting while collecting, 8 at the end.
 */
export interface PostingLog {
  /** Starts the next document. */
  begin(): void
  /** Notes a term of the present document; a term already noted for it is skipped, so send better tiers first. */
  add(term: number, tier: number): void
  /** Terms noted for the present document. */
  readonly count: number
  readonly postings: number
  /**
   * @param terms every term in ascending order of text; terms without documents are left out.
   * @param order arrival numbers of the documents in final order.
   */
  finish(terms: Iterable<{ text: string; term: number }>, termCount: number, order: Uint32Array): TermTable
}

/** Postings of one piece of the log: 4 MB. */
const chunkBits = 20
const chunkMask = (1 << chunkBits) - 1

export function createPostingLog(): PostingLog {
  const chunks: Uint32Array[] = []
  let length = 0
  let starts = new Float64Array(1024)
  let documents = 0
  let seen = new Uint32Array(1024)
  let start = 0

  return {
    begin() {
      if (documents + 1 >= starts.length) starts = grownFloats(starts)
      starts[documents++] = length
      start = length
    },
    add(term, tier) {
      if (term >= seen.length) {
        const grown = new Uint32Array(Math.max(seen.length * 2, term + 1))
        grown.set(seen)
        seen = grown
      }
      if (seen[term] === documents) return
      seen[term] = documents
      const at = length & chunkMask
      if (at === 0) chunks.push(new Uint32Array(1 << chunkBits))
      chunks[length >>> chunkBits]![at] = (term << 2) | tier
      length++
    },
    get count() {
      return length - start
    },
    get postings() {
      return length
    },
    finish(terms, termCount, order) {
      starts[documents] = length
      const ends = new Uint32Array(termCount + 1)
      for (let i = 0; i < length; i++) ends[(chunks[i >>> chunkBits]![i & chunkMask]! >>> 2) + 1]!++
      for (let i = 1; i <= termCount; i++) ends[i]! += ends[i - 1]!
      const fill = ends.slice(0, termCount)
      const sorted = new Uint32Array(length)
      for (let rank = 0; rank < order.length; rank++) {
        const document = order[rank]!
        const to = starts[document + 1]!
        for (let i = starts[document]!; i < to; i++) {
          const value = chunks[i >>> chunkBits]![i & chunkMask]!
          sorted[fill[value >>> 2]!++] = (rank << 2) | (value & 3)
        }
      }
      chunks.length = 0
      const writer = writeTermTable(Math.max(1, order.length))
      for (const { text, term } of terms) {
        const from = ends[term]!
        const to = fill[term]!
        if (to > from && text.length <= maxTermLength) writer.add(text, sorted, from, to)
      }
      return writer.finish()
    },
  }
}

function grownFloats(old: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(old.length * 2)
  grown.set(old)
  return grown
}

/** Distinct strings with numbers, in order of first appearance. */
export interface Numbering {
  numberOf(text: string): number
  readonly texts: string[]
  sorted(): { text: string; term: number }[]
}

export function createNumbering(): Numbering {
  const numbers = new Map<string, number>()
  const texts: string[] = []
  return {
    texts,
    numberOf(text) {
      let number = numbers.get(text)
      if (number === undefined) {
        number = texts.length
        numbers.set(text, number)
        texts.push(text)
      }
      return number
    },
    sorted: () =>
      texts
        .map((text, term) => ({ text, term }))
        .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)),
  }
}
