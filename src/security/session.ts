import { ConcordError } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { actionNames } from './action.schema.ts'
import { type Actor, anonymous } from './actor.ts'
import { audit } from './audit.ts'
import { trimAnswers } from './idempotency.queries.ts'
import { verifyPassword } from './password.ts'
import { type CredentialRow, selectCredential } from './person.queries.ts'
import { isAllowed } from './policy.ts'
import { newSecret, secretHash } from './secret.ts'
import {
  deleteSession,
  insertSession,
  type SessionRow,
  type SignedInRow,
  selectSession,
  touchSession,
  trimSessions,
} from './session.queries.ts'
import { beginAttempt, failureWindowSeconds } from './throttle.ts'

/** A session ends after this (s) whatever happens, and after this long without use. A working day; a long lunch. */
export const sessionLifetimeSeconds = 12 * 3600
const sessionIdleSeconds = 2 * 3600
/** Its use is noted at most this often (s): a write for each request would be waste. */
const touchEverySeconds = 60
/** Characters kept of a browser's self-description. */
const maxAgent = 300

export interface Visitor {
  address: string
  agent?: string
  requestId?: string
}

/** A session that has just begun; the token goes into the cookie and is not stored. */
export interface NewSession {
  token: string
  csrfToken: string
}

/** A request's session: who, and what a change must bring along. */
export interface Session {
  tokenHash: Buffer
  csrfToken: string
  expiresAt: string
  person: SignedInRow
}

/**
 * Signs in with a password. The same time is taken and the same answer given whether the login is unknown,
 * the password wrong, or the account disabled.
 * @throws sign_in_failed; too_many_requests with `retryAfter`
 */
export async function signIn(
  db: Db,
  input: { login: string; password: string },
  visitor: Visitor,
): Promise<NewSession> {
  const login = input.login.trim().toLowerCase()
  const attempt = await beginAttempt(db, login, visitor.address)
  const credential = await selectCredential(db, { login })
  const right = await verifyPassword(credential?.passwordHash ?? null, input.password)
  if (!right || !credential || credential.disabledAt !== null) {
    await audit(db, {
      actor: anonymous,
      action: 'session:create',
      objectKind: 'person',
      objectId: credential?.uid,
      decision: 'deny',
      requestId: visitor.requestId,
      detail: { address: visitor.address, method: 'password' },
    })
    throw new ConcordError('sign_in_failed', 'This name and password do not fit together.')
  }
  await attempt.succeeded()
  return beginSession(db, credential, visitor, 'password')
}

/** Begins a session for a person whose identity is proved. */
export async function beginSession(
  db: Db,
  credential: CredentialRow,
  visitor: Visitor,
  method: string,
): Promise<NewSession> {
  const token = newSecret()
  const csrfToken = newSecret()
  await inTransaction(db, async (tx) => {
    await insertSession(tx, {
      tokenHash: secretHash(token),
      personId: credential.id,
      csrfToken,
      lifetimeSeconds: sessionLifetimeSeconds,
      address: visitor.address,
      agent: visitor.agent?.slice(0, maxAgent) ?? null,
    })
    await audit(tx, {
      actor: { ...anonymous, kind: 'person', personId: credential.id, uid: credential.uid },
      action: 'session:create',
      objectKind: 'person',
      objectId: credential.uid,
      decision: 'allow',
      requestId: visitor.requestId,
      detail: { address: visitor.address, method },
    })
  })
  return { token, csrfToken }
}

/** The session of a cookie; undefined when it is unknown, over, or its person is disabled. Reading it is using it, unless told otherwise. */
export async function readSession(
  db: Db,
  token: string,
  { touch = true } = {},
): Promise<Session | undefined> {
  const tokenHash = secretHash(token)
  const row: SessionRow | undefined = await selectSession(db, tokenHash, sessionIdleSeconds)
  if (!row) return undefined
  if (touch && row.idle > touchEverySeconds) await touchSession(db, tokenHash)
  const { csrfToken, expiresAt, createdAt: _, idle: __, ...person } = row
  return { tokenHash, csrfToken, expiresAt, person }
}

/** The actor of a session. */
export const sessionActor = ({ person }: Session): Actor => ({
  kind: 'person',
  personId: person.personId,
  uid: person.uid,
  name: person.name,
  organisationId: person.organisationId,
  roles: person.roles,
  scopes: null,
})

/** Ends a session. */
export async function signOut(db: Db, session: Session, via: { requestId?: string } = {}): Promise<void> {
  await inTransaction(db, async (tx) => {
    await deleteSession(tx, session.tokenHash)
    await audit(tx, {
      actor: sessionActor(session),
      action: 'session:delete',
      objectKind: 'person',
      objectId: session.person.uid,
      decision: 'allow',
      requestId: via.requestId,
    })
  })
}

/** What the actor may do on at least something: a page shows only what can be used. */
export const allowedActions = (actor: Actor): string[] => actionNames.filter((a) => isAllowed(actor, a))

/** Removes ended sessions, forgotten failures and kept answers; a daily job calls it. */
export async function trimSecurity(db: Db): Promise<void> {
  await trimSessions(db, failureWindowSeconds)
  await trimAnswers(db)
}
