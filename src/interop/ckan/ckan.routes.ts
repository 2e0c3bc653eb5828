import type { FastifyReply, FastifyRequest } from 'fastify'
import { ConcordError } from '../../platform/errors.ts'
import { type App, bodyLimit } from '../../platform/http.ts'
import type { Db } from '../../platform/postgres.ts'
import type { Profile } from '../../platform/profile.ts'
import type { SearchPort } from '../../search/index.ts'
import { anonymous, authorize } from '../../security/index.ts'
import type { Ckan, CkanAction } from './action.ts'
import { actions } from './actions.ts'
import { helpUrl, isCallback, sendFailure, sendResult } from './answer.ts'
import { CkanFailure, CkanPackage, ckanProblems, described } from './ckan.schema.ts'
import { createCounts } from './counts.ts'
import { BadRequest, CkanError, searchFailed, toCkanError } from './errors.ts'
import { feedRoutes } from './feed.routes.ts'
import { createPackages } from './packages.ts'
import { fromBody, fromQuery } from './params.ts'
import type { Loose } from './resource.ts'
import { utilRoutes } from './util.routes.ts'

export interface CkanOptions {
  db: Db
  profile: Profile
  port: SearchPort
  publicUrl: string
  now?: () => Date
}

/** The version path and the one without, both for good: scripts of many years use one or the other. */
const prefixes = ['/api/3/action', '/api/action'] as const

/** CKAN's Action API, its helpers for input fields and its feeds; errors in CKAN's form for these routes only. */
export async function ckanRoutes(app: App, options: CkanOptions): Promise<void> {
  const { db, profile, publicUrl, now = () => new Date() } = options
  const port = inCkanWords(options.port)
  const packages = createPackages(db, profile)
  const ckan: Ckan = { db, profile, port, publicUrl, now, packages, counts: createCounts(port) }
  for (const schema of [CkanFailure, CkanPackage]) app.addSchema(schema)
  await app.register(async (instance) => {
    const scope = instance as unknown as App
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit },
      (request: FastifyRequest, body: unknown) =>
        fromBody(body as Buffer, request.headers['content-type'] ?? ''),
    )
    scope.setErrorHandler((error, request, reply) => fail(ckan, error, request, reply))
    for (const [name, action] of Object.entries(actions)) actionRoutes(scope, ckan, name, action)
    unknownAction(scope)
    utilRoutes(scope, ckan)
    feedRoutes(scope, ckan)
  })
}

/** A search that failed is told apart from one that could not be asked. */
const inCkanWords = (port: SearchPort): Pick<SearchPort, 'search'> => ({
  search: (question) =>
    port.search(question).catch((error) => {
      throw error instanceof ConcordError ? error : searchFailed(error)
    }),
})

/** Written answers go out as they are; nobody asks for their head alone. */
const plain = {
  exposeHeadRoute: false,
  serializerCompiler: () => (value: unknown) => String(value),
}
/** Parameters are of any type, and each action reads its own. */
const anyInput = { validatorCompiler: () => () => true }

function actionRoutes(app: App, ckan: Ckan, name: string, action: CkanAction): void {
  const read = (request: FastifyRequest, reply: FastifyReply) => {
    if (action.writes)
      throw new BadRequest('JSON Error: Invalid request. Please use POST method for your request')
    return perform(ckan, name, action, request, reply, queryOf(request))
  }
  const write = (request: FastifyRequest, reply: FastifyReply) => {
    const body = (request.body ?? {}) as Loose
    // Reads take parameters of the address too.
    const params = action.writes || Object.keys(body).length > 0 ? body : queryOf(request)
    return perform(ckan, name, action, request, reply, params)
  }
  for (const prefix of prefixes)
    for (const url of [`${prefix}/${name}`, `${prefix}/${name}/`]) {
      const shown = url === `${prefixes[0]}/${name}`
      // A GET of an action that writes says to use POST, whoever asks.
      const needs = action.writes ? 'dataset:read' : action.needs
      const common = { bareToken: true, ckanAction: name, ...(action.oneByOne ? { oneByOne: true } : {}) }
      const get = { ...common, action: needs }
      const post = { ...common, action: action.needs }
      const ofGet = { ...schemaOf(name, action, shown && !action.writes) }
      app.get(url, { config: get, ...plain, ...anyInput, schema: ofGet }, read as never)
      app.post(
        url,
        { config: post, ...plain, ...anyInput, schema: schemaOf(name, action, shown && action.writes) },
        write as never,
      )
    }
}

function schemaOf(name: string, action: CkanAction, shown: boolean | undefined) {
  const known = (described as Record<string, { querystring?: object; body?: object; answer: object }>)[name]
  if (!known || !shown) return { hide: true, response: { ...ckanProblems } }
  return {
    tags: ['ckan'],
    operationId: `ckan_${name}`,
    summary: `CKAN: ${action.help}`,
    description: `One of ${Object.keys(actions).length} actions of CKAN's Action API v3: ${Object.keys(actions).join(', ')}.`,
    ...(known.querystring ? { querystring: known.querystring } : {}),
    ...(known.body ? { body: known.body } : {}),
    response: { 200: known.answer, ...ckanProblems },
  }
}

function unknownAction(app: App): void {
  for (const prefix of prefixes)
    for (const method of ['GET', 'POST'] as const)
      app.route({
        method,
        url: `${prefix}/*`,
        config: { action: 'dataset:read', bareToken: true },
        schema: { hide: true, response: { ...ckanProblems } },
        handler: (request) => {
          const name = (request.params as { '*': string })['*'].replace(/\/$/, '')
          throw new BadRequest(`Action name not known: ${name.slice(0, 100)}`)
        },
      })
}

const queryOf = (request: FastifyRequest): Loose => {
  const mark = request.url.indexOf('?')
  return mark < 0 ? {} : fromQuery(new URLSearchParams(request.url.slice(mark + 1)))
}

async function perform(
  ckan: Ckan,
  name: string,
  action: CkanAction,
  request: FastifyRequest,
  reply: FastifyReply,
  given: Loose,
): Promise<FastifyReply> {
  let { actor } = request
  const params = { ...given }
  if (Object.hasOwn(params, 'callback')) {
    // Any page can make a browser send this: it is nobody's request.
    delete params.callback
    actor = anonymous
    authorize(actor, action.needs)
  }
  const callback = request.method === 'GET' ? given.callback : undefined
  if (callback !== undefined && !isCallback(callback))
    throw new BadRequest('callback is the name of a function: letters, digits, _, $ and dots')
  const result = await action.run(ckan, {
    ctx: { actor, requestId: request.id, profile: ckan.profile },
    params,
  })
  return sendResult(reply, { help: helpUrl(ckan.publicUrl, name), result, callback })
}

function fail(ckan: Ckan, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const told = toCkanError(error)
  if (told instanceof CkanError && (told.status >= 500 || told.cause))
    request.log.error({ err: error }, 'request failed')
  const retryAfter = error instanceof ConcordError ? error.more.retryAfter : undefined
  if (typeof retryAfter === 'number') reply.header('retry-after', Math.ceil(retryAfter))
  return sendFailure(reply, helpUrl(ckan.publicUrl, request.routeOptions.config.ckanAction ?? ''), told)
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The action of CKAN's API that the route is, for the `help` of its answers. */
    ckanAction?: string
  }
}
