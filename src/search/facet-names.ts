/** The facets of search, in the order they are shown; apart from the schemas so that the index does not load their library. */
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
] as const
export type FacetName = (typeof facetNames)[number]
