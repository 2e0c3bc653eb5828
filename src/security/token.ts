import { ConcordError, type Fault, notFound } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import type { Actor } from './actor.ts'
import { audit } from './audit.ts'
import { lockPerson } from './person.queries.ts'
import { authorize, isAllowed } from './policy.ts'
import { newSecret, secretHash } from './secret.ts'
import {
  countLivingTokens,
  insertToken,
  revokeTokenRow,
  selectTokenActor,
  selectTokenOwner,
  selectTokensOf,
  touchToken,
} from './token.queries.ts'
import { type Token, type TokenInput, tokenLimits } from './token.schema.ts'

/** Says in logs and leak scanners what it is. */
const marker = 'concord_'
/** Characters shown to recognise a token. */
const shownCharacters = 14
const dayMs = 86_400_000

/**
 * Makes an API token for the actor; the secret is in the answer and nowhere else.
 * Its scopes are actions the actor may do now; when its owner loses a role, so does the token.
 * @throws invalid_content with every fault; conflict when the person has too many.
 */
export async function createToken(
  db: Db,
  actor: Actor,
  input: TokenInput,
  via: { requestId?: string } = {},
): Promise<Token & { token: string }> {
  authorize(actor, 'token:create', { kind: 'token', ownerId: actor.personId })
  const faults: Fault[] = []
  for (const [i, scope] of input.scopes.entries())
    if (!isAllowed(actor, scope))
      faults.push({
        path: `/scopes/${i}`,
        rule: 'not_yours',
        message: `You may not do ${scope}, so your token may not either.`,
      })
  const lifetime = Date.parse(input.expiresAt) - Date.now()
  if (!(lifetime > 0 && lifetime <= tokenLimits.maxDays * dayMs))
    faults.push({
      path: '/expiresAt',
      rule: 'lifetime',
      message: 'A token ends in the future, at most one year from now.',
    })
  if (faults.length > 0) throw new ConcordError('invalid_content', 'The token breaks a rule.', { faults })
  const secret = marker + newSecret()
  return inTransaction(db, async (tx) => {
    const personId = actor.personId!
    await lockPerson(tx, personId)
    if ((await countLivingTokens(tx, personId)) >= tokenLimits.perPerson)
      throw new ConcordError(
        'conflict',
        `You have ${tokenLimits.perPerson} tokens. Revoke one that is not used.`,
      )
    const token = await insertToken(tx, {
      tokenHash: secretHash(secret),
      prefix: secret.slice(0, shownCharacters),
      personId,
      name: input.name,
      scopes: input.scopes,
      expiresAt: input.expiresAt,
    })
    await audit(tx, {
      actor,
      action: 'token:create',
      objectKind: 'token',
      objectId: token.uid,
      organisationId: actor.organisationId,
      decision: 'allow',
      requestId: via.requestId,
      detail: { scopes: input.scopes, expiresAt: token.expiresAt },
    })
    return { ...token, token: secret }
  })
}

/** The actor's own tokens, newest first; at most 200, revoked and ended ones included. */
export async function listTokens(db: Db, actor: Actor): Promise<Token[]> {
  authorize(actor, 'token:read', { kind: 'token', ownerId: actor.personId })
  return selectTokensOf(db, actor.personId!, 200)
}

/** Revokes a token at once. @throws not_found; also for tokens of others, unless one is security administrator */
export async function revokeToken(
  db: Db,
  actor: Actor,
  uid: string,
  via: { requestId?: string } = {},
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const owner = await selectTokenOwner(tx, uid)
    if (!owner) throw notFound('The token')
    authorize(actor, 'token:revoke', {
      kind: 'token',
      ownerId: owner.personId,
      organisationId: owner.organisationId,
    })
    await revokeTokenRow(tx, uid)
    await audit(tx, {
      actor,
      action: 'token:revoke',
      objectKind: 'token',
      objectId: uid,
      organisationId: owner.organisationId,
      decision: 'allow',
      requestId: via.requestId,
      detail: { owner: owner.personUid },
    })
  })
}

/** The actor of a bearer token; undefined when it is unknown, ended, revoked, or its owner is disabled. */
export async function tokenActor(db: Db, secret: string): Promise<Actor | undefined> {
  if (!secret.startsWith(marker)) return undefined
  const row = await selectTokenActor(db, secretHash(secret))
  if (!row) return undefined
  if (row.stale) await touchToken(db, row.tokenId)
  return {
    kind: 'token',
    personId: row.personId,
    uid: row.uid,
    name: row.name,
    organisationId: row.organisationId,
    roles: row.roles,
    scopes: row.scopes,
  }
}
