import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { notFound } from '../../platform/errors.ts'
import { type App, problems } from '../../platform/http.ts'
import { serialiseQuads } from '../dcat/serialise.ts'
import { pageSize, type StreamOptions, streamPage } from './ldes.ts'

/** Seconds: a page that later ones follow never changes; the last one grows. */
const forever = 31_536_000
const newest = 5

const PageParams = Type.Object({ page: Type.Integer({ minimum: 1, maximum: 100_000_000 }) })

/** The change feed as a Linked Data Event Stream. */
export function ldesRoutes(app: App, options: StreamOptions): void {
  const schema = {
    tags: ['followers'],
    description: `TriG, or N-Quads where the Accept header prefers them. ${pageSize} members a page, each in a graph of its own; a page that later ones follow never changes.`,
    produces: ['application/trig', 'application/n-quads'],
    response: { 200: Type.String(), ...problems },
  }
  app.get(
    '/ldes',
    {
      config: { action: 'dataset:read', anyOrigin: true },
      schema: {
        ...schema,
        operationId: 'getStream',
        summary: 'The event stream of published entries, first page',
      },
    },
    (request, reply) => send(request.headers, reply, options, 1),
  )
  app.get(
    '/ldes/:page',
    {
      config: { action: 'dataset:read', anyOrigin: true },
      schema: {
        ...schema,
        operationId: 'getStreamPage',
        summary: 'A later page of the event stream',
        params: PageParams,
      },
    },
    (request, reply) => send(request.headers, reply, options, request.params.page),
  )
}

async function send(
  headers: { accept?: string; 'if-none-match'?: string },
  reply: FastifyReply,
  options: StreamOptions,
  number: number,
) {
  const page = await streamPage(options, number)
  if (!page) throw notFound(`Page ${number} of the event stream`)
  const lines =
    /application\/n-quads/.test(headers.accept ?? '') && !/application\/trig/.test(headers.accept ?? '')
  const format = lines ? 'application/n-quads' : 'application/trig'
  const etag = `"${page.complete ? 'full' : page.last}-${lines ? 'q' : 't'}"`
  reply
    .header('etag', etag)
    .header('vary', 'accept')
    .header(
      'cache-control',
      page.complete ? `public, max-age=${forever}, immutable` : `public, max-age=${newest}`,
    )
  if (headers['if-none-match'] === etag) return reply.code(304).send()
  return reply.type(format).send(serialiseQuads(page.quads, format))
}
