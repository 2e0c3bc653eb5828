import { addSchemas, ref } from '../../catalog/index.ts'
import { type App, problems } from '../../platform/http.ts'
import type { Db } from '../../platform/postgres.ts'
import { Changes, ChangesQuery } from './change.schema.ts'
import { changesPage } from './change.ts'

/** The change feed as JSON. */
export function changeRoutes(app: App, { db }: { db: Db }): void {
  addSchemas(app, [Changes])
  app.get(
    '/api/v1/changes',
    {
      config: { action: 'dataset:read', anyOrigin: true },
      schema: {
        tags: ['followers'],
        operationId: 'listChanges',
        summary: 'What happened to published entries, in order: create, update, delete',
        querystring: ChangesQuery,
        response: { 200: ref(Changes), ...problems },
      },
    },
    async (request, reply) => {
      const left = new AbortController()
      reply.raw.once('close', () => left.abort())
      const page = await changesPage(db, request.query, left.signal)
      return reply
        .type('application/json; charset=utf-8')
        .header('cache-control', 'no-cache')
        .serializer((text: unknown) => String(text))
        .send(page)
    },
  )
}
