import { keepPreviousData } from '@tanstack/react-query'
import type { ItemSearchResult, SearchResult, Suggestion } from '../../src/search/search.schema.ts'
import { call } from '../platform/client.ts'
import type { SearchState } from './names.ts'
import { toQuery } from './state.ts'

/** Suggestions shown under the box. */
const suggestLimit = 8

export const entriesQuery = (state: SearchState) => ({
  queryKey: ['search', 'entries', toQuery(state)],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    call<SearchResult>('/search', { query: toQuery(state), signal }),
  placeholderData: keepPreviousData<SearchResult>,
})

export const itemsQuery = (state: SearchState) => ({
  queryKey: ['search', 'items', toQuery(state)],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    call<ItemSearchResult>('/search/items', { query: { ...toQuery(state), sort: undefined }, signal }),
  placeholderData: keepPreviousData<ItemSearchResult>,
})

export const suggestQuery = (q: string) => ({
  queryKey: ['search', 'suggest', q],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    call<{ suggestions: Suggestion[] }>('/search/suggest', { query: { q, limit: suggestLimit }, signal }),
})

/** Entries on a short list of the home page. */
const shortListLength = 6

export const topQuery = (sort: 'updated' | 'use') => ({
  queryKey: ['search', 'top', sort],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    call<SearchResult>('/search', { query: { sort, limit: shortListLength, facets: false }, signal }),
})
