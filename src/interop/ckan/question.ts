import type { IndexQuery, MoreQuestion } from '../../search/index.ts'

/** A question to the search index about published entries; by default for no hits and no counts, in a lasting order. */
export const question = (
  more: Partial<MoreQuestion>,
  rest: Partial<Pick<IndexQuery, 'filters' | 'sort' | 'offset' | 'limit'>> = {},
): IndexQuery => ({
  view: 'entries',
  text: '',
  filters: {},
  sort: 'created',
  offset: 0,
  limit: 0,
  ...rest,
  facets: (more.facets?.length ?? 0) > 0,
  more: {
    clauses: [],
    reverse: false,
    relax: false,
    facets: [],
    tags: false,
    facetLimit: allValues,
    ...more,
  },
})

/** Values of a facet where no limit is wished for. */
export const allValues = 2 ** 31 - 1
