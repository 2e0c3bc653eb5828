import type { FastifyRequest } from 'fastify'
import { ConcordError } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import { type Action, actions, isAction } from './action.schema.ts'
import { type Actor, anonymous } from './actor.ts'
import type { AuditInput } from './audit.ts'
import { freshOrganisationTree } from './organisation-tree.ts'
import { authorize } from './policy.ts'
import { startRefusalLog } from './refusal-log.ts'
import { sameSecret } from './secret.ts'
import { readSession, type Session, sessionActor } from './session.ts'
import { tokenActor } from './token.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Programs made for another product call here: a token comes without the word Bearer, or in `X-CKAN-API-Key`, and
     * a request with `callback` is the public's, whoever sends it, because any page can make a browser send it.
     */
    bareToken?: boolean
  }
  interface FastifyInstance {
    /** Every route with the action it needs, for the test that walks them. */
    guardedRoutes: GuardedRoute[]
  }
  interface FastifyRequest {
    /** Who asks; the public when nobody is signed in. */
    actor: Actor
    /** The session of the cookie, when that is how the actor came. */
    signedIn: Session | null
    /** A token was sent that opens nothing: refused once the rate limit has counted the request. */
    badToken: boolean
  }
}

interface GuardedRoute {
  method: string
  url: string
  action: string
}

export const sessionCookie = 'concord_session'
const safe = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Refusals that the audit log keeps. */
const refusals = new Set(['not_signed_in', 'forbidden', 'separation_of_duties', 'four_eyes', 'csrf'])
/** Characters of a path in an audit event. */
const maxPath = 300

/**
 * Puts the guards before every route, in this order: who is it (onRequest), then rate limits, then, before the body
 * is read, is the token good, does it come from our pages and may it. Nothing is refused before it is counted. Refusals, here or by a rule, are audited.
 */
export function addGuards(app: App, options: { db: Db; publicUrl: string }): void {
  const { db } = options
  const publicOrigin = new URL(options.publicUrl).origin
  app.decorateRequest('actor', null as never)
  app.decorateRequest('signedIn', null)
  app.decorateRequest('badToken', false)
  app.decorate('guardedRoutes', [])
  app.addHook('onRoute', (route) => {
    const action = route.config?.action
    for (const method of [route.method].flat())
      app.guardedRoutes.push({ method, url: route.url, action: action ?? '' })
    if (action !== undefined && !isAction(action))
      throw new Error(
        `Route ${route.method} ${route.url} names ${action}, which is not in security/action.schema.ts.`,
      )
    if (action !== undefined && route.schema)
      route.schema = { ...route.schema, security: securityOf(action, [route.method].flat()) }
  })
  app.addHook('onRequest', async (request) => {
    request.actor = anonymous
    // Health, files and what is not there are the same for everybody, also while the database is away.
    if (request.is404 || request.routeOptions.config.action === 'public:read') return
    await resolveActor(db, request)
    await freshOrganisationTree(db)
  })
  app.addHook('preParsing', async (request) => {
    if (request.is404) return
    const action = request.routeOptions.config.action
    if (request.badToken && action !== 'public:read')
      throw new ConcordError('not_signed_in', 'This token is unknown, has ended or was revoked.')
    if (!safe.has(request.method)) checkOrigin(request, publicOrigin)
    if (action === 'metrics:read' && isFromThisMachine(request)) return
    // A route that says nothing is refused at start; should one slip through, this refuses it too.
    authorize(request.actor, action ?? '')
  })
  auditRefusals(app, db)
}

function auditRefusals(app: App, db: Db): void {
  const refused = startRefusalLog(db, app.log)
  app.addHook('onClose', async () => {
    await refused.stop().catch((error) => app.log.error({ err: error }, 'refusals could not be audited'))
  })
  app.addHook('onError', async (request, _reply, error) => {
    if (!(error instanceof ConcordError) || !refusals.has(error.code)) return
    const event: AuditInput = {
      actor: request.actor ?? anonymous,
      action: request.routeOptions.config.action ?? 'public:read',
      objectKind: 'route',
      objectId: `${request.method} ${request.url.split('?')[0]}`.slice(0, maxPath),
      decision: 'deny',
      requestId: request.id,
      detail: { code: error.code, address: request.ip },
    }
    await refused
      .note(event, request.ip)
      .catch((cause) => request.log.error({ err: cause }, 'a refusal could not be audited'))
  })
}

/** How a caller shows who they are, in the words of the OpenAPI document. A changing request by cookie needs the session's token too. */
function securityOf(action: Action, methods: string[]): Record<string, string[]>[] {
  if (action === 'public:read') return []
  const cookie: Record<string, string[]> = { session: [] }
  if (!methods.every((m) => safe.has(m))) cookie.csrf = []
  // A public route shows more to who is known, such as drafts; an empty choice says that nobody must be.
  return [...(actions[action][0] === 'public' ? [{}] : []), { token: [] }, cookie]
}

async function resolveActor(db: Db, request: FastifyRequest): Promise<void> {
  const { bareToken } = request.routeOptions.config
  if (bareToken && Object.hasOwn(request.query as object, 'callback')) return
  const header = request.headers.authorization ?? (bareToken ? request.headers['x-ckan-api-key'] : undefined)
  if (header !== undefined) {
    const form = bareToken ? /^(?:Bearer )?([\x21-\x7e]{1,200})$/i : /^Bearer ([\x21-\x7e]{1,200})$/i
    const secret = form.exec(String(header))?.[1]
    const actor = secret === undefined ? undefined : await tokenActor(db, secret)
    if (actor) request.actor = actor
    else request.badToken = true
    return
  }
  const cookie = request.cookies[sessionCookie]
  if (cookie === undefined || cookie.length > 200) return
  const session = await readSession(db, cookie, { touch: !request.routeOptions.config.background })
  if (!session) return
  request.signedIn = session
  request.actor = sessionActor(session)
}

/**
 * A change asked for by a browser must come from our own pages: the browser says so (Origin, Sec-Fetch-Site), and
 * a page of ours knows the session's token. A program with a bearer token has nothing a foreign page could use.
 */
function checkOrigin(request: FastifyRequest, publicOrigin: string): void {
  if (request.actor.kind === 'token') return
  const site = request.headers['sec-fetch-site']
  const origin = request.headers.origin
  const own =
    origin === undefined || origin === publicOrigin || hostOf(origin) === (request.headers.host ?? '')
  if (!own || site === 'cross-site' || site === 'same-site')
    throw new ConcordError('csrf', 'This change was asked for by a page of another site.')
  if (request.signedIn === null) return
  const token = request.headers['x-csrf-token']
  if (typeof token !== 'string' || !sameSecret(token, request.signedIn.csrfToken))
    throw new ConcordError(
      'csrf',
      'The header X-CSRF-Token is missing or not that of this session (GET /api/v1/session tells it).',
    )
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}

/** True for a direct request from this machine; behind a proxy everybody would seem to be. */
function isFromThisMachine(request: FastifyRequest): boolean {
  if (request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined)
    return false
  return /^(::ffff:)?127\./.test(request.ip) || request.ip === '::1'
}
