import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import * as client from 'openid-client'
import type { Config } from '../platform/config.ts'
import { ConcordError } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { anonymous, systemActor } from './actor.ts'
import { audit } from './audit.ts'
import { bindOidc, type CredentialRow, selectByEmail, selectByOidc } from './person.queries.ts'
import { sameSecret } from './secret.ts'
import { beginSession, type NewSession, type Visitor } from './session.ts'

/** Where the sign-in service sends people back to; register it there. */
export const callbackPath = '/api/v1/session/oidc/callback'
/** Time to sign in over there (s). */
export const flowSeconds = 600
/** The sign-in service answers within this (s). */
const timeoutSeconds = 10

/** What must be remembered between leaving and coming back. */
interface Flow {
  state: string
  nonce: string
  verifier: string
  returnTo: string
  /** Milliseconds. */
  until: number
}

/** Why a sign-in from outside failed, as the sign-in page is told. */
export type OidcProblem = 'oidc_expired' | 'oidc_failed' | 'oidc_unknown_person' | 'oidc_disabled'

export interface Oidc {
  label: string
  /** The address to send the browser to, and the cookie to send with it. */
  start(returnTo: string): Promise<{ address: string; cookie: string }>
  /** Who came back. @throws ConcordError sign_in_failed with `problem` */
  finish(query: string, cookie: string | undefined): Promise<{ identity: Identity; returnTo: string }>
}

interface Identity {
  issuer: string
  subject: string
  /** Only when the service vouches for it. */
  verifiedEmail: string | undefined
}

const oidcFailure = (problem: OidcProblem, cause?: unknown) =>
  new ConcordError('sign_in_failed', 'Signing in through the sign-in service did not work.', {
    more: { problem },
    cause,
  })

/** The sign-in service of the settings; undefined when there is none. It is asked for its description on first use. */
export function openOidc(
  config: Pick<Config, 'publicUrl' | 'OIDC_ISSUER' | 'OIDC_CLIENT_ID' | 'OIDC_CLIENT_SECRET' | 'OIDC_LABEL'>,
): Oidc | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config
  if (issuer === undefined || clientId === undefined) return undefined
  const redirectUri = config.publicUrl + callbackPath
  // All nodes share the client's secret, so any of them can finish what another began.
  const key = clientSecret
    ? Buffer.from(hkdfSync('sha256', clientSecret, 'concord', 'oidc flow cookie', 32))
    : randomBytes(32)
  let known: Promise<client.Configuration> | undefined
  const discover = () => {
    known ??= discoverIssuer(issuer, clientId, clientSecret).catch((cause) => {
      known = undefined
      throw new ConcordError('unavailable', 'The sign-in service does not answer. Try again later.', {
        cause,
      })
    })
    return known
  }
  return {
    label: config.OIDC_LABEL ?? new URL(issuer).host,
    start: async (returnTo) => {
      const service = await discover()
      const flow: Flow = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
        returnTo: safeReturn(returnTo),
        until: Date.now() + flowSeconds * 1000,
      }
      const address = client.buildAuthorizationUrl(service, {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
        state: flow.state,
        nonce: flow.nonce,
      })
      return { address: address.href, cookie: seal(flow, key) }
    },
    finish: async (query, cookie) => {
      const flow = unseal(cookie, key)
      if (!flow || flow.until < Date.now()) throw oidcFailure('oidc_expired')
      const service = await discover()
      try {
        return { identity: await exchange(service, redirectUri + query, flow), returnTo: flow.returnTo }
      } catch (cause) {
        throw oidcFailure('oidc_failed', cause)
      }
    },
  }
}

async function discoverIssuer(issuer: string, clientId: string, clientSecret: string | undefined) {
  const address = new URL(issuer)
  // Without TLS only on this machine: tests and trials.
  const local = address.protocol === 'http:' && /^(localhost|127\.|\[::1\])/.test(address.hostname)
  const service = await client.discovery(
    address,
    clientId,
    clientSecret,
    clientSecret === undefined ? client.None() : undefined,
    { timeout: timeoutSeconds, execute: local ? [client.allowInsecureRequests] : [] },
  )
  client.enableNonRepudiationChecks(service)
  return service
}

/** Code flow with PKCE, state and nonce; the ID token's signature is checked too. */
async function exchange(service: client.Configuration, address: string, flow: Flow): Promise<Identity> {
  const tokens = await client.authorizationCodeGrant(service, new URL(address), {
    pkceCodeVerifier: flow.verifier,
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    idTokenExpected: true,
  })
  const claims = tokens.claims()!
  let { email, email_verified: verified } = claims as { email?: unknown; email_verified?: unknown }
  if (email === undefined && service.serverMetadata().userinfo_endpoint) {
    const info = await client.fetchUserInfo(service, tokens.access_token, claims.sub)
    email = info.email
    verified = info.email_verified
  }
  return {
    issuer: claims.iss,
    subject: claims.sub,
    verifiedEmail: typeof email === 'string' && verified === true ? email : undefined,
  }
}

/**
 * The person of an identity: bound before, or, the first time, the only account with the e-mail the service vouches for.
 * @throws sign_in_failed with problem `oidc_unknown_person` or `oidc_disabled`
 */
async function personOfIdentity(
  db: Db,
  identity: Identity,
  via: { requestId?: string },
): Promise<CredentialRow> {
  return inTransaction(db, async (tx) => {
    const bound = await selectByOidc(tx, identity.issuer, identity.subject)
    if (bound?.disabledAt) throw oidcFailure('oidc_disabled')
    if (bound) return bound
    const [first, ...others] =
      identity.verifiedEmail === undefined ? [] : await selectByEmail(tx, identity.verifiedEmail)
    if (!first || others.length > 0 || first.oidcSubject !== null) throw oidcFailure('oidc_unknown_person')
    if (first.disabledAt) throw oidcFailure('oidc_disabled')
    if (!(await bindOidc(tx, first.id, identity.issuer, identity.subject)))
      throw oidcFailure('oidc_unknown_person')
    await audit(tx, {
      actor: systemActor('sign-in'),
      action: 'person:update',
      objectKind: 'person',
      objectId: first.uid,
      decision: 'allow',
      requestId: via.requestId,
      detail: { bound: identity.issuer },
    })
    return first
  })
}

/**
 * Ends the way back from the sign-in service: a session for the person, or the problem the sign-in page tells.
 * @throws unavailable when the service does not answer
 */
export async function signInFromOutside(
  db: Db,
  oidc: Oidc,
  back: { query: string; cookie: string | undefined },
  visitor: Visitor,
): Promise<{ session: NewSession; returnTo: string } | { problem: OidcProblem; cause: unknown }> {
  try {
    const { identity, returnTo } = await oidc.finish(back.query, back.cookie)
    const person = await personOfIdentity(db, identity, { requestId: visitor.requestId })
    return { session: await beginSession(db, person, visitor, 'oidc'), returnTo }
  } catch (error) {
    if (!(error instanceof ConcordError) || error.code !== 'sign_in_failed') throw error
    const problem = error.more.problem as OidcProblem
    await audit(db, {
      actor: anonymous,
      action: 'session:create',
      objectKind: 'person',
      decision: 'deny',
      requestId: visitor.requestId,
      detail: { address: visitor.address, method: 'oidc', problem },
    })
    return { problem, cause: error.cause }
  }
}

/** Only paths of our own site: an address elsewhere would turn sign-in into a lure. */
export const safeReturn = (path: string): string =>
  /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && !path.includes('\\') ? path : '/'

const mac = (text: string, key: Buffer) => createHmac('sha256', key).update(text).digest('base64url')

function seal(flow: Flow, key: Buffer): string {
  const text = Buffer.from(JSON.stringify(flow)).toString('base64url')
  return `${text}.${mac(text, key)}`
}

function unseal(cookie: string | undefined, key: Buffer): Flow | undefined {
  const [text, signature] = (cookie ?? '').split('.')
  if (!text || !signature || !sameSecret(signature, mac(text, key))) return undefined
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Flow
}
