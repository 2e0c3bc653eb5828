import cookie from '@fastify/cookie'
import rateLimit from '@fastify/rate-limit'
import fp from 'fastify-plugin'
import type { Static } from 'typebox'
import type { Config } from '../platform/config.ts'
import { ConcordError } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import { addressKey } from './address.ts'
import { auditRoutes } from './audit.routes.ts'
import { addGuards } from './guard.ts'
import { addIdempotency } from './idempotency.ts'
import { openOidc } from './oidc.ts'
import { organisationRoutes } from './organisation.routes.ts'
import { personRoutes } from './person.routes.ts'
import { sessionRoutes } from './session.routes.ts'
import type { DemoAccount } from './session.schema.ts'
import { addTextGuard } from './text-guard.ts'
import { tokenRoutes } from './token.routes.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Clients ask for one thing after another here: the rate limit is wider. */
    oneByOne?: boolean
  }
}

export interface SecurityOptions {
  db: Db
  config: Pick<
    Config,
    'publicUrl' | 'dataDir' | 'OIDC_ISSUER' | 'OIDC_CLIENT_ID' | 'OIDC_CLIENT_SECRET' | 'OIDC_LABEL'
  >
  /** False switches rate limits off (benchmarks). Sign-in throttling stays. Default true. */
  rateLimits?: boolean
  /** Codes of the profile's list `tier`. */
  tiers?: ReadonlySet<string>
  /** Accounts of a demo node, shown on the sign-in page. */
  demo?: Static<typeof DemoAccount>[]
}

/** Requests a minute. The public by address: X-Road's default; signed in by person: five times that. */
const anonymousPerMinute = 600
const signedInPerMinute = 3_000
/**
 * Loaders of other products ask for one thing after another, some 60 a second, and know no "later": where a route says
 * so (`oneByOne`), they may ask this many times as often. Such routes answer from memory.
 */
const oneByOneFactor = 10
const minuteMs = 60_000
/** Keys (addresses, people) whose requests are counted in memory at once. */
const countedKeys = 20_000

/**
 * Everything about who may do what: cookies, actors, rate limits, guards before every route, the `Idempotency-Key`,
 * and the routes of sessions, bodies, people, tokens and the audit log. Register it before any other route.
 */
export const securityPlugin = fp(
  async (instance, options: SecurityOptions) => {
    const app = instance as unknown as App
    const { db, config } = options
    await app.register(cookie)
    addGuards(app, { db, publicUrl: config.publicUrl })
    if (options.rateLimits !== false)
      await app.register(rateLimit, {
        cache: countedKeys,
        timeWindow: minuteMs,
        max: (request) =>
          (request.actor.kind === 'anonymous' ? anonymousPerMinute : signedInPerMinute) *
          (request.routeOptions.config.oneByOne ? oneByOneFactor : 1),
        // Counted by themselves, so that a loader does not use up what its person may ask elsewhere.
        keyGenerator: (request) =>
          `${request.routeOptions.config.oneByOne ? 'one by one ' : ''}${request.actor.uid ?? addressKey(request.ip)}`,
        allowList: (request) => request.routeOptions.config.action === 'public:read',
        errorResponseBuilder: (_request, context) =>
          new ConcordError('too_many_requests', `More than ${context.max} requests in a minute.`, {
            more: { retryAfter: Math.ceil(context.ttl / 1000) },
          }),
      })
    addTextGuard(app)
    addIdempotency(app, db)
    const secure = config.publicUrl.startsWith('https:')
    sessionRoutes(app, { db, secure, oidc: openOidc(config), demo: options.demo ?? [] })
    organisationRoutes(app, { db, tiers: options.tiers })
    personRoutes(app, { db })
    tokenRoutes(app, { db })
    auditRoutes(app, { db, dataDir: config.dataDir })
  },
  { name: 'concord-security', fastify: '5.x' },
)
