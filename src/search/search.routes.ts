import Type from 'typebox'
import { type App, problems } from '../platform/http.ts'
import { ItemSearchResult, SearchQuery, SearchResult, SuggestQuery, SuggestResult } from './search.schema.ts'
import type { Search } from './search.ts'
import type { UseLog } from './use-log.ts'

const tags = ['search']

/** Search, the item view and proposals over published entries. */
export function searchRoutes(app: App, { search, useLog }: { search: Search; useLog?: UseLog }): void {
  for (const schema of [SearchResult, ItemSearchResult, SuggestResult]) app.addSchema(schema)
  app.get(
    '/api/v1/search',
    {
      config: { action: 'search:read', anyOrigin: true },
      schema: {
        tags,
        operationId: 'searchEntries',
        summary: 'Entries that match, with facets',
        querystring: SearchQuery,
        response: { 200: Type.Unsafe<SearchResult>(Type.Ref('SearchResult')), ...problems },
      },
    },
    async (request) => {
      const result = await search.searchEntries(request.query)
      const { q, offset } = request.query
      if (q && !offset) note(request.id, q, result.total)
      return result
    },
  )
  app.get(
    '/api/v1/search/items',
    {
      config: { action: 'search:read', anyOrigin: true },
      schema: {
        tags,
        operationId: 'searchItems',
        summary: 'Information items that match: which entries hold them, and who is the source',
        querystring: SearchQuery,
        response: { 200: Type.Unsafe<ItemSearchResult>(Type.Ref('ItemSearchResult')), ...problems },
      },
    },
    async (request) => {
      const result = await search.searchItems(request.query)
      const { q, offset } = request.query
      if (q && !offset) note(request.id, q, result.total)
      return result
    },
  )
  app.get(
    '/api/v1/search/suggest',
    {
      config: { action: 'search:read', anyOrigin: true },
      schema: {
        tags,
        operationId: 'suggest',
        summary: 'Proposals while somebody types',
        querystring: SuggestQuery,
        response: { 200: Type.Unsafe<SuggestResult>(Type.Ref('SuggestResult')), ...problems },
      },
    },
    async (request) => ({ suggestions: await search.suggest(request.query.q, request.query.limit ?? 10) }),
  )

  function note(requestId: string, query: string, results: number): void {
    useLog?.note({ kind: 'search', query, datasetId: 0, results, language: '', requestId, at: Date.now() })
  }
}
