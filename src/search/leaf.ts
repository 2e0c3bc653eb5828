import type { Arena } from './bits.ts'
import type { BodyTable } from './bodies.ts'
import type { Clause } from './query.ts'
import type { Segment } from './segment.ts'
import type { TermTable } from './term-table.ts'

/** Distinct item names that have every token asked for: places in the table, and for each 0 the whole name, 1 the text as it stands, 2 its words only. */
export interface NameMatches {
  indexes: number[]
  tiers: number[]
}

/** One condition: documents with their tier, in whichever form is at hand. Bits may be a view of the segment's own. */
export type Leaf =
  | {
      kind: 'bits'
      count: number
      all: Uint32Array
      title: Uint32Array | undefined
      item: Uint32Array | undefined
    }
  | { kind: 'list'; count: number; list: Uint32Array }
  /** Postings of a term that are not read yet: beside a shorter list they need not be written down. */
  | { kind: 'term'; count: number; terms: TermTable; index: number }

export type BitsLeaf = Leaf & { kind: 'bits' }

export interface Evaluation {
  segment: Segment
  arena: Arena
  bodies: BodyTable
  /** False where only membership is asked for: title and item sets are left out. */
  tiers: boolean
  /** Item names found for a clause, where they are asked for twice. */
  names?: Map<Clause, NameMatches>
  /** Set where a limit left documents out: what is found is a part of what there is. */
  cut?: boolean
}

export const emptyLeaf: Leaf = { kind: 'list', count: 0, list: new Uint32Array(0) }
