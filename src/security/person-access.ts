import { ConcordError, notFound } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import type { Actor } from './actor.ts'
import { hashPassword, verifyPassword } from './password.ts'
import {
  deleteRole,
  insertRole,
  lockPerson,
  type PersonRow,
  selectCredential,
  selectPerson,
  updateDisabled,
  updatePasswordHash,
} from './person.queries.ts'
import { checkPassword, loadPerson, note, refuseTakeOver, type Via } from './person-rules.ts'
import { administratorRoles, isRole } from './role.schema.ts'
import { deleteSessionsOf } from './session.queries.ts'
import { beginAttempt } from './throttle.ts'
import { revokeTokensOf } from './token.queries.ts'

/** Whether and how somebody gets in, and what they may do then. */

/** Disables an account at once, its sessions and tokens with it, or lets it in again. */
export async function setPersonDisabled(
  db: Db,
  actor: Actor,
  uid: string,
  disabled: boolean,
  via: Via = {},
): Promise<PersonRow> {
  return inTransaction(db, async (tx) => {
    const person = await loadPerson(tx, actor, 'person:disable', uid)
    if (disabled && person.id === actor.personId)
      throw new ConcordError('separation_of_duties', 'Nobody can lock themselves out.')
    await updateDisabled(tx, person.id, disabled)
    if (disabled) await endAccess(tx, person.id)
    await note(tx, actor, 'person:disable', person, via, { disabled })
    return (await selectPerson(tx, { id: person.id }))!
  })
}

/**
 * Sets a password: one's own with the present one, or that of another as system administrator. That of an
 * administrator is set by themselves or on the command line only, or one of the three could become another.
 * Sessions end, but the one it was asked from; with another's password also their tokens.
 * @throws too_many_requests with `retryAfter` when the present password was guessed too often.
 */
export async function setPassword(
  db: Db,
  actor: Actor,
  uid: string,
  input: { password: string; currentPassword?: string },
  via: Via & { keepSession?: Buffer } = {},
): Promise<void> {
  const person = await loadPerson(db, actor, 'password:set', uid)
  checkPassword(input.password)
  if (person.id === actor.personId) {
    const credential = await selectCredential(db, { id: person.id })
    const known = credential?.passwordHash ?? null
    if (known !== null) await provePassword(db, actor, person, known, input.currentPassword ?? '', via)
  } else refuseTakeOver(actor, person)
  const passwordHash = await hashPassword(input.password)
  await inTransaction(db, async (tx) => {
    await updatePasswordHash(tx, person.id, passwordHash)
    await deleteSessionsOf(tx, person.id, via.keepSession)
    // Who had got in may have made a key for later; one's own keys stay when one changes the own password.
    if (person.id !== actor.personId) await revokeTokensOf(tx, person.id)
    await note(tx, actor, 'password:set', person, via)
  })
}

/** Guesses at the present password are throttled and kept like those at sign-in: a stolen session opens no account. */
async function provePassword(
  db: Db,
  actor: Actor,
  person: PersonRow,
  known: string,
  given: string,
  via: Via,
): Promise<void> {
  const attempt = await beginAttempt(db, person.login, via.address ?? 'none')
  if (await verifyPassword(known, given)) return attempt.succeeded()
  await note(db, actor, 'password:set', person, via, { fault: 'wrong present password' }, 'deny')
  throw new ConcordError('invalid_content', 'The present password is wrong.', {
    faults: [{ path: '/currentPassword', rule: 'wrong', message: 'This is not the present password.' }],
  })
}

/**
 * Grants a role. One person holds at most one of the three administrator roles; nobody grants themselves. Who becomes
 * an administrator signs in anew: sessions and tokens from before end.
 * @throws separation_of_duties when it would join two administrators in one person.
 */
export async function grantRole(
  db: Db,
  actor: Actor,
  uid: string,
  role: string,
  via: Via = {},
): Promise<void> {
  if (!isRole(role)) throw notFound(`The role ${role}`)
  await inTransaction(db, async (tx) => {
    const person = await loadPerson(tx, actor, 'role:grant', uid)
    await lockPerson(tx, person.id)
    const held = (await selectPerson(tx, { id: person.id }))!.roles
    if (held.includes(role)) return
    const other = administratorRoles.find((r) => r !== role && held.includes(r))
    if (administratorRoles.includes(role) && other)
      throw new ConcordError(
        'separation_of_duties',
        `System, security and audit administrators are different people: ${person.login} is ${other}.`,
      )
    await insertRole(tx, person.id, role, actor.personId)
    // Somebody else may sit in a session that was opened when the account was worth less.
    if (administratorRoles.includes(role)) await endAccess(tx, person.id)
    await note(tx, actor, 'role:grant', person, via, { role, granted: true })
  })
}

/** Takes a role back. */
export async function revokeRole(
  db: Db,
  actor: Actor,
  uid: string,
  role: string,
  via: Via = {},
): Promise<void> {
  if (!isRole(role)) throw notFound(`The role ${role}`)
  await inTransaction(db, async (tx) => {
    const person = await loadPerson(tx, actor, 'role:grant', uid)
    await lockPerson(tx, person.id)
    await deleteRole(tx, person.id, role)
    await note(tx, actor, 'role:grant', person, via, { role, granted: false })
  })
}

async function endAccess(tx: Db, id: number): Promise<void> {
  await deleteSessionsOf(tx, id)
  await revokeTokensOf(tx, id)
}
