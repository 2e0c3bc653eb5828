import type { BitPool } from './bits.ts'
import type { BodyTable } from './bodies.ts'
import type { Clause } from './query.ts'
import type { Segment } from './segment.ts'

/** Distinct item names that have every token asked for: places in the table, and for each 0 the whole name, 1 the text as it stands, 2 its words only. */
export interface NameMatches {
  indexes: number[]
  tiers: number[]
}

/** One condition: documents with their tier, in whichever form is at hand. */
export type Leaf =
  | {
      kind: 'bits'
      count: number
      all: Uint32Array
      title: Uint32Array | undefined
      item: Uint32Array | undefined
    }
  | { kind: 'list'; count: number; list: Uint32Array }

export interface Evaluation {
  segment: Segment
  pool: BitPool
  bodies: BodyTable
  /** Item names found for a clause, where they are asked for twice. */
  names?: Map<Clause, NameMatches>
}

export const emptyLeaf: Leaf = { kind: 'list', count: 0, list: new Uint32Array(0) }
