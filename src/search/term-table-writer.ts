import { setBit, wordsFor } from './bits.ts'
import {
  blockSize,
  denseShare,
  inlineFlag,
  maxTermLength,
  modeDense,
  modeMixed,
  type TermTable,
} from './term-table.ts'

/** Writes what `term-table.ts` describes and reads. */
export interface TermTableWriter {
  /** Terms in ascending order; `list[from..to)` ascending postings, at least one. */
  add(term: string, list: Uint32Array, from: number, to: number): void
  finish(): TermTable
}

interface Bytes {
  data: Uint8Array
  length: number
}

function ensure(bytes: Bytes, more: number): void {
  if (bytes.length + more <= bytes.data.length) return
  const grown = new Uint8Array(Math.max(bytes.data.length * 2, bytes.length + more))
  grown.set(bytes.data.subarray(0, bytes.length))
  bytes.data = grown
}

function putVarint(bytes: Bytes, value: number): void {
  let v = value
  while (v > 127) {
    bytes.data[bytes.length++] = (v & 127) | 128
    v >>>= 7
  }
  bytes.data[bytes.length++] = v
}

/** Bytes of the longest varint of 32 bits. */
const maxVarint = 5

function putList(bytes: Bytes, list: Uint32Array, from: number, to: number): void {
  const tier = list[from]! & 3
  let uniform = true
  for (let i = from + 1; i < to && uniform; i++) uniform = (list[i]! & 3) === tier
  ensure(bytes, (to - from + 1) * maxVarint)
  putVarint(bytes, ((to - from) << 3) | (uniform ? tier + 1 : modeMixed))
  let previous = -1
  for (let i = from; i < to; i++) {
    const document = list[i]! >>> 2
    const gap = document - previous - 1
    putVarint(bytes, uniform ? gap : (gap << 2) | (list[i]! & 3))
    previous = document
  }
}

/** Dense: header, padding to 4, words of all, titles and item names, each as bits. Empty ones are left out. */
function putDense(bytes: Bytes, list: Uint32Array, from: number, to: number, universe: number): void {
  const words = wordsFor(universe)
  let kinds = 0
  for (let i = from; i < to; i++) kinds |= 1 << (list[i]! & 3)
  ensure(bytes, maxVarint + 8 + words * 12)
  putVarint(bytes, ((to - from) << 3) | modeDense)
  bytes.data[bytes.length++] = kinds
  while (bytes.length & 3) bytes.data[bytes.length++] = 0
  const all = new Uint32Array(words)
  const perTier = [new Uint32Array(words), new Uint32Array(words)]
  for (let i = from; i < to; i++) {
    const document = list[i]! >>> 2
    setBit(all, document)
    const tier = list[i]! & 3
    if (tier < 2) setBit(perTier[tier]!, document)
  }
  for (const [i, bits] of [all, ...perTier].entries()) {
    if (i > 0 && !(kinds & (1 << (i - 1)))) continue
    bytes.data.set(new Uint8Array(bits.buffer), bytes.length)
    bytes.length += words * 4
  }
}

/** Starts a table over documents 0 … universe − 1. */
export function writeTermTable(universe: number): TermTableWriter {
  const bytes: Bytes = { data: new Uint8Array(1 << 16), length: 0 }
  let units = new Uint16Array(1 << 15)
  let unitLength = 0
  const blocks: number[] = []
  const pointers: number[] = []
  let previous = ''
  const put = (text: string, from: number) => {
    for (let i = from; i < text.length; i++) units[unitLength++] = text.charCodeAt(i)
  }
  return {
    add(term, list, from, to) {
      if (unitLength + maxTermLength + 2 > units.length) {
        const grown = new Uint16Array(units.length * 2)
        grown.set(units)
        units = grown
      }
      if (pointers.length % blockSize === 0) {
        blocks.push(unitLength)
        units[unitLength++] = term.length
        put(term, 0)
      } else {
        let shared = 0
        while (shared < previous.length && previous.charCodeAt(shared) === term.charCodeAt(shared)) shared++
        units[unitLength++] = (shared << 8) | (term.length - shared)
        put(term, shared)
      }
      previous = term
      if (to - from === 1) {
        pointers.push((list[from]! | inlineFlag) >>> 0)
        return
      }
      pointers.push(bytes.length)
      if ((to - from) * denseShare > universe) putDense(bytes, list, from, to, universe)
      else putList(bytes, list, from, to)
    },
    finish: () => ({
      size: pointers.length,
      universe,
      units: units.slice(0, unitLength),
      blocks: Uint32Array.from(blocks),
      pointers: Uint32Array.from(pointers),
      postings: bytes.data.slice(0, bytes.length),
    }),
  }
}
