/**
 * The entries of a source that a run has met, one bit for each row id: no list of identifiers is held. A catalogue of
 * 3,000,000 entries has 375 KB of bits at most; a batch writes the blocks it touched (1 KB each), one to ten of them when
 * a source lists its records in about the order they came in first.
 */
export interface SeenEntries {
  has(id: number): boolean
  /** The blocks as they will be once these entries are added; nothing is changed yet. */
  with(ids: Iterable<number>): SeenBlocks
  /** Takes over what `with` gave, once it is committed. */
  take(blocks: SeenBlocks): void
}

export type SeenBlocks = Map<number, Uint8Array>

/** Row ids of one block: its bits are 1 KB. */
const blockIds = 8_192

/** Holds the blocks that an earlier process wrote. */
export function createSeenEntries(stored: Iterable<[number, Uint8Array]> = []): SeenEntries {
  const blocks: SeenBlocks = new Map(stored)
  return {
    has(id) {
      const bits = blocks.get(Math.floor(id / blockIds))
      return bits !== undefined && (bits[(id % blockIds) >> 3]! & (1 << (id & 7))) !== 0
    },
    with(ids) {
      const touched: SeenBlocks = new Map()
      for (const id of ids) {
        const block = Math.floor(id / blockIds)
        let bits = touched.get(block)
        if (!bits) {
          const before = blocks.get(block)
          bits = before ? Uint8Array.from(before) : new Uint8Array(blockIds / 8)
          touched.set(block, bits)
        }
        bits[(id % blockIds) >> 3]! |= 1 << (id & 7)
      }
      return touched
    },
    take(touched) {
      for (const [block, bits] of touched) blocks.set(block, bits)
    },
  }
}
