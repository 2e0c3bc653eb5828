/**
 * A sorted dictionary of terms with a posting list each, written once and read in place.
 *
 * Terms are UTF-16 units in code unit order, in blocks of 16: the first whole, the others as
 * (units shared with the one before, rest). A pointer per term leads to its postings, or holds the only
 * one itself. A posting is `document << 2 | tier`; tiers are 0 title, 1 item name, 2 elsewhere.
 */

/** Terms of a block: a longer block saves memory, a shorter one time. */
export const blockSize = 16
/** Units of a term; both lengths of a shared term fit one unit. */
export const maxTermLength = 255
/** A list with more than one document in this many is a bit set: about equal in size, far faster to combine. */
export const denseShare = 16
/** Pointer flag: the pointer is the posting. Documents per segment stay below 2^29. */
export const inlineFlag = 0x80000000

export const modeMixed = 0
// 1, 2, 3: every posting has tier mode - 1, not repeated.
export const modeDense = 4

/** The sections of a table as they lie in the file. */
export interface TermTable {
  /** Number of terms. */
  size: number
  /** Documents that postings speak of. */
  universe: number
  units: Uint16Array
  /** Place of each block in `units`. */
  blocks: Uint32Array
  pointers: Uint32Array
  postings: Uint8Array
}

/** Compares a query's term with the term at a block's start: negative when `term` comes first. */
function compareBlock(table: TermTable, block: number, term: string): number {
  const at = table.blocks[block]!
  const length = table.units[at]!
  const common = Math.min(length, term.length)
  for (let i = 0; i < common; i++) {
    const difference = term.charCodeAt(i) - table.units[at + 1 + i]!
    if (difference !== 0) return difference
  }
  return term.length - length
}

/** Calls `visit(term, index)` for the terms from `index` on until it returns false. */
export function walkTerms(
  table: TermTable,
  index: number,
  visit: (term: string, index: number) => boolean,
): void {
  const { units, blocks } = table
  let at = 0
  let text = ''
  for (let i = index - (index % blockSize); i < table.size; i++) {
    if (i % blockSize === 0) {
      at = blocks[i / blockSize]!
      const length = units[at]!
      text = unitsToString(units, at + 1, length)
      at += 1 + length
    } else {
      const head = units[at]!
      const rest = head & 255
      text = text.slice(0, head >>> 8) + unitsToString(units, at + 1, rest)
      at += 1 + rest
    }
    if (i >= index && !visit(text, i)) return
  }
}

function unitsToString(units: Uint16Array, at: number, length: number): string {
  if (length < 24) {
    let text = ''
    for (let i = 0; i < length; i++) text += String.fromCharCode(units[at + i]!)
    return text
  }
  return String.fromCharCode.apply(undefined, units.subarray(at, at + length) as unknown as number[])
}

/** The term at an index. */
export function termAt(table: TermTable, index: number): string {
  let found = ''
  walkTerms(table, index, (term) => {
    found = term
    return false
  })
  return found
}

/** The term being looked at by `seek`, and whether it is the one sought. */
const seekUnits = new Uint16Array(maxTermLength + 1)
let seekExact = false

/** Index of the first term that is not before `term`; `size` when all are. */
export function lowerBound(table: TermTable, term: string): number {
  seekExact = false
  if (table.size === 0) return 0
  let low = 0
  let high = table.blocks.length
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (compareBlock(table, middle, term) >= 0) low = middle
    else high = middle
  }
  return seek(table, low, term)
}

/** Reads a block, and the beginning of the next, until a term is not before the one sought. */
function seek(table: TermTable, block: number, term: string): number {
  const { units, size } = table
  let at = table.blocks[block]!
  const last = Math.min(size, (block + 1) * blockSize)
  let length = 0
  for (let i = block * blockSize; i < last; i++) {
    const head = units[at]!
    const shared = i % blockSize === 0 ? 0 : head >>> 8
    const rest = i % blockSize === 0 ? head : head & 255
    for (let k = 0; k < rest; k++) seekUnits[shared + k] = units[at + 1 + k]!
    length = shared + rest
    at += 1 + rest
    const order = compareSought(term, length)
    if (order > 0) continue
    seekExact = order === 0
    return i
  }
  return last
}

/** Positive when the term sought comes after the one in `seekUnits`. */
function compareSought(term: string, length: number): number {
  const common = Math.min(term.length, length)
  for (let k = 0; k < common; k++) {
    const difference = term.charCodeAt(k) - seekUnits[k]!
    if (difference !== 0) return difference
  }
  return term.length - length
}

/** True when the term at an index is this text. */
export function isTermAt(table: TermTable, index: number, text: string): boolean {
  return findTerm(table, text) === index
}

/** Index of a term, or -1. */
export function findTerm(table: TermTable, term: string): number {
  const index = lowerBound(table, term)
  return seekExact ? index : -1
}

/** Half-open range of the indexes whose terms begin with `prefix`. */
export function prefixRange(table: TermTable, prefix: string): [number, number] {
  return [lowerBound(table, prefix), lowerBound(table, `${prefix}\uffff`)]
}
