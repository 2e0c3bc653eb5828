import { type TokenSink, tokenise, wordUnits } from './tokens.ts'

/**
 * Gives every distinct token a number while a segment is built. Single ideographs go through a table
 * and pairs through an open hash of integers: most tokens of a Chinese catalogue never become strings.
 */
export interface TermCollector {
  /** Puts the number of each token of a normalised text, repetitions included, into `found`; returns how many. */
  collect(text: string): number
  /** The numbers of the last text; valid until the next. */
  readonly found: Uint32Array
  /** Distinct tokens so far. */
  readonly size: number
  /** Every token in ascending order of its UTF-16 units, with its number. */
  sorted(): { text: string; term: number }[]
}

/** Slots of the hash of pairs to begin with; doubled when 60 % full. */
const firstSlots = 1 << 16

export function createTermCollector(): TermCollector {
  const chars = new Int32Array(65536).fill(-1)
  const words = createWordTable()
  let keys = new Uint32Array(firstSlots)
  let numbers = new Int32Array(firstSlots)
  let used = 0
  let size = 0
  let found = new Uint32Array(4096)
  let count = 0

  const put = (term: number) => {
    if (count === found.length) {
      const grown = new Uint32Array(count * 2)
      grown.set(found)
      found = grown
    }
    found[count++] = term
  }
  const slotOf = (key: number) => {
    let slot = Math.imul(key ^ (key >>> 15), 0x9e3779b1) >>> 0
    slot = (slot ^ (slot >>> 13)) & (keys.length - 1)
    while (keys[slot] !== key && keys[slot] !== 0) slot = (slot + 1) & (keys.length - 1)
    return slot
  }
  const grow = () => {
    const oldKeys = keys
    const oldNumbers = numbers
    keys = new Uint32Array(oldKeys.length * 2)
    numbers = new Int32Array(oldKeys.length * 2)
    for (let i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] === 0) continue
      const slot = slotOf(oldKeys[i]!)
      keys[slot] = oldKeys[i]!
      numbers[slot] = oldNumbers[i]!
    }
  }
  const sink: TokenSink = {
    ideograph(code, previous) {
      let term = chars[code]!
      if (term < 0) {
        term = size++
        chars[code] = term
      }
      put(term)
      if (previous === 0) return
      const key = ((previous << 16) | code) >>> 0
      let slot = slotOf(key)
      if (keys[slot] === 0) {
        if (used * 5 > keys.length * 3) {
          grow()
          slot = slotOf(key)
        }
        keys[slot] = key
        numbers[slot] = size++
        used++
      }
      put(numbers[slot]!)
    },
    word(length) {
      const term = words.numberOf(length, size)
      if (term === size) size++
      put(term)
    },
  }
  return {
    collect(text) {
      count = 0
      tokenise(text, sink)
      return count
    },
    get found() {
      return found
    },
    get size() {
      return size
    },
    sorted() {
      const fixed: { text: string; term: number }[] = []
      const sortedKeys = keys.filter((key) => key !== 0)
      const singles: number[] = []
      for (let code = 0; code < 65536; code++) if (chars[code]! >= 0) singles.push(code)
      // Units of a single sort as (unit, 0): before every pair that begins with it.
      const order = new Float64Array(sortedKeys.length + singles.length)
      for (let i = 0; i < sortedKeys.length; i++) order[i] = sortedKeys[i]!
      for (let i = 0; i < singles.length; i++) order[sortedKeys.length + i] = singles[i]! * 65536
      order.sort()
      for (const key of order) {
        const low = key % 65536
        const high = (key - low) / 65536
        if (low === 0) fixed.push({ text: String.fromCharCode(high), term: chars[high]! })
        else fixed.push({ text: String.fromCharCode(high, low), term: numbers[slotOf(key)]! })
      }
      return mergeByText(words.sorted(), fixed)
    },
  }
}

/** Words of letters or digits by their units, without making a string of each: an open hash over one pool of units. */
function createWordTable() {
  let slots = new Int32Array(firstSlots).fill(-1)
  let hashes = new Uint32Array(1024)
  let starts = new Uint32Array(1025)
  let terms = new Uint32Array(1024)
  let units = new Uint16Array(8192)
  let entries = 0

  const same = (entry: number, length: number) => {
    const from = starts[entry]!
    if (starts[entry + 1]! - from !== length) return false
    for (let i = 0; i < length; i++) if (units[from + i] !== wordUnits[i]) return false
    return true
  }
  const rehash = () => {
    slots = new Int32Array(slots.length * 2).fill(-1)
    for (let e = 0; e < entries; e++) {
      let slot = hashes[e]! & (slots.length - 1)
      while (slots[slot]! >= 0) slot = (slot + 1) & (slots.length - 1)
      slots[slot] = e
    }
  }
  const grown = <T extends Uint16Array | Uint32Array>(old: T, length: number): T => {
    if (length <= old.length) return old
    const larger = new (old.constructor as new (n: number) => T)(Math.max(length, old.length * 2))
    larger.set(old)
    return larger
  }
  return {
    /** The number of the word in `wordUnits`, `fresh` when it is new. */
    numberOf(length: number, fresh: number): number {
      let hash = 0x811c9dc5
      for (let i = 0; i < length; i++) hash = Math.imul(hash ^ wordUnits[i]!, 0x01000193)
      hash = (hash ^ (hash >>> 15)) >>> 0
      let slot = hash & (slots.length - 1)
      for (let e = slots[slot]!; e >= 0; e = slots[slot]!) {
        if (hashes[e] === hash && same(e, length)) return terms[e]!
        slot = (slot + 1) & (slots.length - 1)
      }
      const from = starts[entries]!
      units = grown(units, from + length)
      hashes = grown(hashes, entries + 1)
      terms = grown(terms, entries + 1)
      starts = grown(starts, entries + 2)
      for (let i = 0; i < length; i++) units[from + i] = wordUnits[i]!
      hashes[entries] = hash
      terms[entries] = fresh
      starts[entries + 1] = from + length
      slots[slot] = entries++
      if (entries * 2 > slots.length) rehash()
      return fresh
    },
    sorted(): { text: string; term: number }[] {
      const texts: string[] = []
      const numbers = new Map<string, number>()
      for (let e = 0; e < entries; e++) {
        const text = String.fromCharCode.apply(
          undefined,
          units.subarray(starts[e]!, starts[e + 1]!) as unknown as number[],
        )
        texts.push(text)
        numbers.set(text, terms[e]!)
      }
      return texts.sort().map((text) => ({ text, term: numbers.get(text)! }))
    },
  }
}

const byText = (a: { text: string }, b: { text: string }) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)

function mergeByText<T extends { text: string }>(a: T[], b: T[]): T[] {
  const merged: T[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) merged.push(byText(a[i]!, b[j]!) <= 0 ? a[i++]! : b[j++]!)
  while (i < a.length) merged.push(a[i++]!)
  while (j < b.length) merged.push(b[j++]!)
  return merged
}
