/** What the index takes in about one published entry. Texts are raw; the builder folds them. */
export interface IndexDocument {
  /** `catalog.dataset.id`, at most 2^32 − 1. */
  id: number
  version: number
  /** `security.organisation.id`. */
  bodyId: number
  /** The title, then its translations. */
  titles: string[]
  /** Item names in order, translated names after them; `itemOrdinals` says which item each belongs to. */
  itemNames: string[]
  itemOrdinals: number[]
  abstracts: string[]
  keywords: string[]
  codes: string[]
  /** Other text to be found: duty, places, names of classifications. */
  more: string[]
  themes: string[]
  formats: string[]
  sharing: string
  open: string
  cycle: string
  /** Empty where the entry has none. */
  grade: string
  /** Empty where the entry belongs to none. */
  database: string
  /** 0 to 1000. */
  quality: number
  useCount: number
  /** When the data, else the entry, last changed: seconds since 1970. */
  updated: number
  uid: string
  /** When the entry was last changed and when it was made: milliseconds since 1970. */
  changedMs: number
  createdMs: number
  /** Empty where the entry names none. */
  license: string
}

/** Caps of one entry in the index: a fat record is found by its beginning and never dominates (interop.md R1, R14). */
export const documentLimits = {
  /** Distinct tokens. */
  terms: 4000,
  items: 2000,
  /** UTF-16 units of one title or item name. */
  name: 500,
  /** UTF-16 units of one item name in the list of distinct names. */
  distinctName: 120,
  abstract: 4000,
  keywords: 200,
  formats: 8,
  themes: 8,
  /** UTF-16 units; real ones are addresses or short names. */
  license: 200,
} as const

/** The facets with few values that are packed together, in this order. */
export const packedFacets = ['sharing', 'open', 'cycle', 'grade', 'database', 'license'] as const
export type PackedFacet = (typeof packedFacets)[number]

/**
 * Order of entries that match equally well, 0 to 65535, higher first: how complete the description is, then use;
 * doubling the use of a complete entry counts about as much as 4 % of completeness.
 */
export function staticScore(quality: number, useCount: number): number {
  const q = Math.min(1000, Math.max(0, quality))
  return Math.min(65535, Math.round(q * 40 + Math.log2(1 + Math.max(0, useCount)) * 1500))
}
