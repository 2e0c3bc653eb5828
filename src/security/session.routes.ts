import type { FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import { addressKey } from './address.ts'
import { sessionCookie } from './guard.ts'
import { callbackPath, flowSeconds, type Oidc, signInFromOutside } from './oidc.ts'
import { type DemoAccount, SessionState, SignInInput, SignInMethods } from './session.schema.ts'
import {
  allowedActions,
  type NewSession,
  readSession,
  type Session,
  sessionActor,
  sessionLifetimeSeconds,
  signIn,
  signOut,
} from './session.ts'

const oidcCookie = 'concord_oidc'
const oidcPath = '/api/v1/session/oidc'
/** Sign-ins a minute from one address, behind which a whole ministry may sit; failures are throttled besides. */
const signInsPerMinute = 60

interface Options {
  db: Db
  secure: boolean
  oidc: Oidc | undefined
  demo: Static<typeof DemoAccount>[]
}

const visitor = (request: FastifyRequest) => ({
  address: request.ip,
  agent: request.headers['user-agent'],
  requestId: request.id,
})

function stateOf(request: FastifyRequest, session: Session | null): Static<typeof SessionState> {
  const actor = session ? sessionActor(session) : request.actor
  return {
    actor: {
      kind: actor.kind as 'anonymous' | 'person' | 'token',
      uid: actor.uid,
      login: session?.person.login ?? null,
      name: actor.name,
      language: session?.person.language ?? null,
      organisationUid: session?.person.organisationUid ?? null,
      organisationName: session?.person.organisationName ?? null,
      roles: actor.roles,
    },
    csrfToken: session?.csrfToken ?? null,
    expiresAt: session?.expiresAt ?? null,
    allowed: allowedActions(actor) as Static<typeof SessionState>['allowed'],
  }
}

/** Sign-in by password, who is signed in, sign-out. */
export function sessionRoutes(app: App, options: Options): void {
  const { db, secure, oidc } = options
  const setCookie = (reply: FastifyReply, { token }: NewSession) =>
    reply.setCookie(sessionCookie, token, {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure,
      maxAge: sessionLifetimeSeconds,
    })
  app.post(
    '/api/v1/session',
    {
      config: {
        action: 'session:create',
        idempotency: false,
        rateLimit: {
          max: signInsPerMinute,
          timeWindow: 60_000,
          keyGenerator: (request: FastifyRequest) => addressKey(request.ip),
        },
      },
      schema: {
        tags: ['session'],
        operationId: 'signIn',
        summary: 'Sign in with a password; the session is a cookie',
        body: SignInInput,
        response: { 200: SessionState, ...problems },
      },
    },
    async (request, reply) => {
      const session = await signIn(db, request.body, visitor(request))
      // One browser, one session: the one before is of no use to anybody now.
      if (request.signedIn) await signOut(db, request.signedIn, { requestId: request.id })
      setCookie(reply, session)
      return stateOf(request, (await readSession(db, session.token)) ?? null)
    },
  )
  app.get(
    '/api/v1/session',
    {
      config: { action: 'session:read' },
      schema: {
        tags: ['session'],
        operationId: 'getSession',
        summary: 'Who is signed in and what they may do',
        response: { 200: SessionState, ...problems },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return stateOf(request, request.signedIn)
    },
  )
  leaveRoutes(app, options)
  if (oidc) oidcRoutes(app, { db, secure, oidc, setCookie })
}

/** Sign-out, and what a sign-in page needs to know. */
function leaveRoutes(app: App, { db, oidc, demo }: Options): void {
  app.delete(
    '/api/v1/session',
    {
      config: { action: 'session:delete', idempotency: false },
      schema: {
        tags: ['session'],
        operationId: 'signOut',
        summary: 'Sign out',
        response: { 204: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      if (request.signedIn) await signOut(db, request.signedIn, { requestId: request.id })
      return reply.clearCookie(sessionCookie, { path: '/' }).code(204).send(null)
    },
  )
  app.get(
    '/api/v1/session/methods',
    {
      config: { action: 'session:read' },
      schema: {
        tags: ['session'],
        operationId: 'getSignInMethods',
        summary: 'How one can sign in here',
        response: { 200: SignInMethods, ...problems },
      },
    },
    async () => ({
      password: true,
      oidc: oidc ? { label: oidc.label, start: `${oidcPath}/start` } : null,
      demo,
    }),
  )
}

/** Sign-in through an outside service by OpenID Connect. A failure sends the browser to `/sign-in?problem=…`. */
function oidcRoutes(
  app: App,
  options: {
    db: Db
    secure: boolean
    oidc: Oidc
    setCookie: (reply: FastifyReply, session: NewSession) => FastifyReply
  },
): void {
  const { db, secure, oidc, setCookie } = options
  app.get(
    `${oidcPath}/start`,
    {
      config: { action: 'session:create' },
      schema: {
        tags: ['session'],
        operationId: 'startOidcSignIn',
        summary: 'Go to the sign-in service',
        querystring: Type.Object({
          returnTo: Type.Optional(
            Type.String({ maxLength: 2_000, description: 'Path of this site to come back to.' }),
          ),
        }),
        response: { 302: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      const { address, cookie } = await oidc.start(request.query.returnTo ?? '/')
      reply.setCookie(oidcCookie, cookie, {
        path: oidcPath,
        httpOnly: true,
        sameSite: 'lax',
        secure,
        maxAge: flowSeconds,
      })
      return reply.header('cache-control', 'no-store').redirect(address)
    },
  )
  app.get(
    callbackPath,
    {
      config: { action: 'session:create' },
      schema: {
        tags: ['session'],
        operationId: 'finishOidcSignIn',
        summary: 'Come back from the sign-in service',
        response: { 302: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      reply.clearCookie(oidcCookie, { path: oidcPath }).header('cache-control', 'no-store')
      const at = request.url.indexOf('?')
      const result = await signInFromOutside(
        db,
        oidc,
        { query: at < 0 ? '' : request.url.slice(at), cookie: request.cookies[oidcCookie] },
        visitor(request),
      )
      if ('problem' in result) {
        request.log.info({ problem: result.problem, err: result.cause }, 'sign-in from outside failed')
        return reply.redirect(`/sign-in?problem=${result.problem}`)
      }
      setCookie(reply, result.session)
      return reply.redirect(result.returnTo)
    },
  )
}
