/** Bit sets over document numbers: `Uint32Array` words, bit `d & 31` of word `d >>> 5`. */

/** Words that hold `size` bits. */
export const wordsFor = (size: number): number => (size + 31) >>> 5

export function popcount32(v: number): number {
  let x = v - ((v >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return (((x + (x >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}

export const hasBit = (bits: Uint32Array, at: number): boolean => (bits[at >>> 5]! & (1 << (at & 31))) !== 0

export function setBit(bits: Uint32Array, at: number): void {
  bits[at >>> 5]! |= 1 << (at & 31)
}

export function clearBit(bits: Uint32Array, at: number): void {
  bits[at >>> 5]! &= ~(1 << (at & 31))
}

/** Bits set among the first `end` ones, from bit `start`. */
export function countBits(bits: Uint32Array, start = 0, end = bits.length * 32): number {
  if (end <= start) return 0
  const first = start >>> 5
  const last = (end - 1) >>> 5
  const head = -1 << (start & 31)
  const tail = -1 >>> (31 - ((end - 1) & 31))
  if (first === last) return popcount32(bits[first]! & head & tail)
  let n = popcount32(bits[first]! & head) + popcount32(bits[last]! & tail)
  for (let w = first + 1; w < last; w++) n += popcount32(bits[w]!)
  return n
}

/** Sets the first `size` bits and clears the rest. */
export function fillBits(bits: Uint32Array, size: number): void {
  bits.fill(0)
  bits.fill(0xffffffff, 0, size >>> 5)
  if (size & 31) bits[size >>> 5] = (1 << (size & 31)) - 1
}

/** Appends the places of set bits from `start`, at most `max`, to `out`; returns how many. */
export function collectBits(bits: Uint32Array, start: number, max: number, out: number[]): number {
  let found = 0
  for (let w = start >>> 5; w < bits.length && found < max; w++) {
    let word = bits[w]!
    if (w === start >>> 5) word &= -1 << (start & 31)
    while (word !== 0 && found < max) {
      const low = word & -word
      out.push((w << 5) + 31 - Math.clz32(low))
      word ^= low
      found++
    }
  }
  return found
}

/**
 * Memory for one query's bit sets and posting lists, handed out in order and taken back all at once, so that
 * a broad query leaves no garbage behind.
 */
export interface Arena {
  /** A cleared bit set. */
  bits(words: number): Uint32Array
  /** Room for numbers; what was there before is there still. */
  list(size: number): Uint32Array
  /** Takes everything back that was given out since the last call. */
  release(): void
}

/** Numbers of one block (4 MB). */
const blockSize = 1 << 20
/** Blocks kept for the next query (64 MB); more are given back to the system. */
const blocksKept = 16

export function createArena(): Arena {
  let blocks: Uint32Array[] = []
  let block = 0
  let used = 0
  const list = (size: number): Uint32Array => {
    while (block < blocks.length && used + size > blocks[block]!.length) {
      block++
      used = 0
    }
    if (block === blocks.length) blocks.push(new Uint32Array(Math.max(blockSize, size)))
    const from = used
    used += size
    return blocks[block]!.subarray(from, used)
  }
  return {
    list,
    bits: (words) => list(words).fill(0),
    release() {
      if (blocks.length > blocksKept)
        blocks = blocks.filter((b) => b.length === blockSize).slice(0, blocksKept)
      block = 0
      used = 0
    },
  }
}
