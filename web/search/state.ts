import { type FacetName, facetNames, type SearchState, sortNames } from './names.ts'

/** Entries on one page of results. */
export const pageSize = 20

export type RawSearch = Record<string, unknown>

const asList = (value: unknown): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).filter(
    (one): one is string => typeof one === 'string' && one !== '',
  )
const asText = (value: unknown): string | undefined => asList(value)[0]

/** Reads the results page's state from an address; what is not understood is left out. */
export function readSearch(raw: RawSearch): SearchState {
  const page = Number(asText(raw.page) ?? 1)
  const state: SearchState = {}
  const q = asText(raw.q)
  if (q) state.q = q
  if (asText(raw.view) === 'items') state.view = 'items'
  const sort = sortNames.find((name) => name === asText(raw.sort))
  if (sort && sort !== 'relevance') state.sort = sort
  if (Number.isInteger(page) && page > 1) state.page = page
  for (const name of facetNames) {
    const values = asList(raw[name])
    if (values.length > 0) state[name] = values
  }
  return state
}

/** The item view answers "who holds this item?": without a name there is no question. */
export const asksNothing = (state: SearchState): boolean => state.view === 'items' && !state.q

/** The state with one facet value switched; the page starts over. */
export function toggleFacet(state: SearchState, facet: FacetName, value: string): SearchState {
  const values = state[facet] ?? []
  const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value]
  return { ...state, [facet]: next.length > 0 ? next : undefined, page: undefined }
}

export function withoutFacets(state: SearchState): SearchState {
  const next: SearchState = { ...state, page: undefined }
  for (const name of facetNames) delete next[name]
  return next
}

export function selectedFacets(state: SearchState): { facet: FacetName; value: string }[] {
  return facetNames.flatMap((facet) => (state[facet] ?? []).map((value) => ({ facet, value })))
}

/** The call's parameters for a state of the page. */
export function toQuery(state: SearchState): Record<string, string | number | readonly string[] | undefined> {
  const { q, sort, page, view: _view, ...facets } = state
  return { q, ...facets, sort, offset: ((page ?? 1) - 1) * pageSize || undefined, limit: pageSize }
}
