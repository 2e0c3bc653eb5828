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

/** Those that the index can filter by and count: people's, and what only programs ask for. */
export const indexFacets = [...facetNames, 'license'] as const
export type IndexFacet = (typeof indexFacets)[number]
