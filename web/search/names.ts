import type { facetNames as serverFacets, sortNames as serverSorts } from '../../src/search/search.schema.ts'

/** The same lists as in src/search/search.schema.ts, written again so that its library stays out of the bundle. */
export const facetNames = [
  'theme',
  'body',
  'region',
  'tier',
  'sharing',
  'open',
  'format',
  'cycle',
  'grade',
  'database',
] as const satisfies typeof serverFacets
export type FacetName = (typeof facetNames)[number]

export const sortNames = ['relevance', 'updated', 'name', 'use'] as const satisfies typeof serverSorts
export type SortName = (typeof sortNames)[number]

/** What the address of the results page holds. */
export type SearchState = {
  q?: string
  /** `items` shows information items instead of entries. */
  view?: 'items'
  sort?: SortName
  page?: number
} & Partial<Record<FacetName, string[]>>
