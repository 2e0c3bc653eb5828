import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './http.ts'

/** Where the build puts the web UI; the same folder seen from src/ and from dist/. */
const webRoot = fileURLToPath(new URL('../../dist/web/', import.meta.url))

/** Paths that belong to programs: an unknown one is an error there, never a page. */
const programPaths = /^\/(api|feeds|metrics|healthz|readyz|assets)(\/|$|\?)/

/** Serves the built web UI: hashed assets for ever, `index.html` for every page address (`webPage`). */
export async function serveWeb(app: App): Promise<void> {
  await app.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: false })
  if (!existsSync(webRoot)) return
  await app.register(fastifyStatic, { root: webRoot, serve: false, preCompressed: true })
  app.get(
    '/assets/*',
    { config: { action: 'public:read' }, schema: { hide: true } },
    async (request, reply) => {
      const file = `assets/${(request.params as { '*': string })['*']}`
      return reply.sendFile(file, { maxAge: '365d', immutable: true })
    },
  )
}

/** The page of an address, for `createHttp`: `index.html`, or a file beside it; undefined for addresses of programs. */
export function webPage(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  // Without the function the web UI was not there when the node started.
  if (request.method !== 'GET' || programPaths.test(request.url) || !reply.sendFile || !existsSync(webRoot))
    return undefined
  const file = /^\/[a-z0-9-]+\.(svg|ico|png|txt|webmanifest)$/.exec(request.url)?.[0].slice(1)
  return file && existsSync(webRoot + file)
    ? reply.sendFile(file, { maxAge: '1d' })
    : reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false })
}
