import Type from 'typebox'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import { NewToken, Token, TokenInput } from './token.schema.ts'
import { createToken, listTokens, revokeToken } from './token.ts'

const tags = ['tokens']

/** Keys for programs, made by and for the signed-in person. */
export function tokenRoutes(app: App, { db }: { db: Db }): void {
  app.get(
    '/api/v1/tokens',
    {
      config: { action: 'token:read' },
      schema: {
        tags,
        operationId: 'listTokens',
        summary: 'Own tokens, newest first',
        response: { 200: Type.Object({ items: Type.Array(Token, { maxItems: 200 }) }), ...problems },
      },
    },
    async ({ actor }) => ({ items: await listTokens(db, actor) }),
  )
  app.post(
    '/api/v1/tokens',
    {
      config: { action: 'token:create', idempotency: false },
      schema: {
        tags,
        operationId: 'createToken',
        summary: 'Make a token; its secret is shown this once',
        body: TokenInput,
        response: { 201: NewToken, ...problems },
      },
    },
    async (request, reply) => {
      reply.code(201).header('cache-control', 'no-store')
      return createToken(db, request.actor, request.body, { requestId: request.id })
    },
  )
  app.delete(
    '/api/v1/tokens/:uid',
    {
      config: { action: 'token:revoke' },
      schema: {
        tags,
        operationId: 'revokeToken',
        summary: 'Revoke a token at once',
        params: Type.Object({ uid: Type.String({ format: 'uuid' }) }),
        response: { 204: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      await revokeToken(db, request.actor, request.params.uid, { requestId: request.id })
      return reply.code(204).send(null)
    },
  )
}
