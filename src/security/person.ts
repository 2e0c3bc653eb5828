import { ConcordError, notFound } from '../platform/errors.ts'
import { type Db, inTransaction, isUniqueViolation } from '../platform/postgres.ts'
import type { Actor } from './actor.ts'
import { audit } from './audit.ts'
import { findOrganisation } from './organisation.ts'
import { subtree } from './organisation-tree.ts'
import { hashPassword, verifyPassword } from './password.ts'
import {
  deleteRole,
  insertPerson,
  insertRole,
  lockPerson,
  type PersonRow,
  selectCredential,
  selectPeople,
  selectPerson,
  updateDisabled,
  updatePasswordHash,
  updatePersonRow,
} from './person.queries.ts'
import { type PersonInput, type PersonPatch, personLimits } from './person.schema.ts'
import { authorize } from './policy.ts'
import { administratorRoles, isRole, type Role } from './role.schema.ts'
import { deleteSessionsOf } from './session.queries.ts'
import { revokeTokensOf } from './token.queries.ts'

export interface Via {
  requestId?: string
}

/** The person with this uid or login. @throws not_found */
export async function getPerson(db: Db, actor: Actor, uidOrLogin: string): Promise<PersonRow> {
  const found = await selectPerson(
    db,
    /^[0-9a-f-]{36}$/i.test(uidOrLogin) ? { uid: uidOrLogin } : { login: uidOrLogin },
  )
  if (!found) throw notFound(`The person ${uidOrLogin}`)
  if (found.id !== actor.personId) authorize(actor, 'person:read', { kind: 'person', ownerId: found.id })
  return found
}

/** People in the order of their making; a body means it and all below it. */
export async function listPeople(
  db: Db,
  actor: Actor,
  filter: { after?: number; limit: number; q?: string; role?: Role; organisationUid?: string },
): Promise<PersonRow[]> {
  authorize(actor, 'person:read', { kind: 'person' })
  const { organisationUid, ...rest } = filter
  if (organisationUid === undefined) return selectPeople(db, rest)
  const organisation = await findOrganisation(db, { uid: organisationUid })
  return selectPeople(db, { ...rest, organisationIds: organisation ? subtree(organisation.id) : [] })
}

/**
 * Makes an account. Roles may be given by who may both make accounts and grant (the program: seed, command line).
 * @throws conflict when the login is taken; invalid_content for an unknown body or a weak password.
 */
export async function createPerson(
  db: Db,
  actor: Actor,
  input: PersonInput & { roles?: Role[] },
  via: Via = {},
): Promise<PersonRow> {
  authorize(actor, 'person:create', { kind: 'person' })
  checkPassword(input.password)
  // Outside the transaction: hashing takes long, and no lock need wait for it.
  const passwordHash = input.password == null ? null : await hashPassword(input.password)
  return inTransaction(db, async (tx) => {
    const organisation = await findOrganisation(tx, { uid: input.organisationUid })
    if (!organisation) throw unknownBody()
    const id = await insertPerson(tx, {
      login: input.login.toLowerCase(),
      name: input.name,
      email: input.email ?? null,
      organisationId: organisation.id,
      passwordHash,
      language: input.language ?? null,
    }).catch((error) => {
      if (isUniqueViolation(error, 'person_login_key'))
        throw new ConcordError('conflict', 'Another account has this login.')
      throw error
    })
    const person = (await selectPerson(tx, { id }))!
    await note(tx, actor, 'person:create', person, via)
    for (const role of input.roles ?? []) await grantRole(tx, actor, person.uid, role, via)
    return (await selectPerson(tx, { id }))!
  })
}

/** Changes an account. The e-mail of an administrator opens the way in by outside sign-in: only the program changes it. */
export async function updatePerson(
  db: Db,
  actor: Actor,
  uid: string,
  patch: PersonPatch,
  via: Via = {},
): Promise<PersonRow> {
  return inTransaction(db, async (tx) => {
    const person = await load(tx, actor, 'person:update', uid)
    if (patch.email !== undefined && patch.email !== person.email) refuseTakeOver(actor, person)
    const organisation =
      patch.organisationUid === undefined
        ? undefined
        : await findOrganisation(tx, { uid: patch.organisationUid })
    if (patch.organisationUid !== undefined && !organisation) throw unknownBody()
    await updatePersonRow(tx, person.id, {
      name: patch.name ?? person.name,
      email: patch.email === undefined ? person.email : patch.email,
      organisationId: organisation?.id ?? person.organisationId,
      language: patch.language === undefined ? person.language : patch.language,
    })
    await note(tx, actor, 'person:update', person, via, { changed: Object.keys(patch) })
    return (await selectPerson(tx, { id: person.id }))!
  })
}

/** Disables an account at once, its sessions and tokens with it, or lets it in again. */
export async function setPersonDisabled(
  db: Db,
  actor: Actor,
  uid: string,
  disabled: boolean,
  via: Via = {},
): Promise<PersonRow> {
  return inTransaction(db, async (tx) => {
    const person = await load(tx, actor, 'person:disable', uid)
    if (disabled && person.id === actor.personId)
      throw new ConcordError('conflict', 'Nobody can lock themselves out.')
    await updateDisabled(tx, person.id, disabled)
    if (disabled) await endAccess(tx, person.id)
    await note(tx, actor, 'person:disable', person, via, { disabled })
    return (await selectPerson(tx, { id: person.id }))!
  })
}

/**
 * Sets a password: one's own with the present one, or that of another as system administrator. That of an
 * administrator is set by themselves or on the command line only, or one of the three could become another.
 */
export async function setPassword(
  db: Db,
  actor: Actor,
  uid: string,
  input: { password: string; currentPassword?: string },
  via: Via & { keepSession?: Buffer } = {},
): Promise<void> {
  const person = await load(db, actor, 'password:set', uid)
  checkPassword(input.password)
  if (person.id === actor.personId) {
    const credential = await selectCredential(db, { id: person.id })
    const known = credential?.passwordHash ?? null
    if (known !== null && !(await verifyPassword(known, input.currentPassword ?? '')))
      throw new ConcordError('invalid_content', 'The present password is wrong.', {
        faults: [{ path: '/currentPassword', rule: 'wrong', message: 'This is not the present password.' }],
      })
  } else refuseTakeOver(actor, person)
  const passwordHash = await hashPassword(input.password)
  await inTransaction(db, async (tx) => {
    await updatePasswordHash(tx, person.id, passwordHash)
    await deleteSessionsOf(tx, person.id, via.keepSession)
    await note(tx, actor, 'password:set', person, via)
  })
}

/**
 * Grants a role. One person holds at most one of the three administrator roles; nobody grants themselves.
 * @throws conflict when it would join two administrators in one person.
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
    const person = await load(tx, actor, 'role:grant', uid)
    await lockPerson(tx, person.id)
    const held = (await selectPerson(tx, { id: person.id }))!.roles
    if (held.includes(role)) return
    const other = administratorRoles.find((r) => r !== role && held.includes(r))
    if (administratorRoles.includes(role) && other)
      throw new ConcordError(
        'conflict',
        `System, security and audit administrators are different people: ${person.login} is ${other}.`,
      )
    await insertRole(tx, person.id, role, actor.personId)
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
    const person = await load(tx, actor, 'role:grant', uid)
    await lockPerson(tx, person.id)
    await deleteRole(tx, person.id, role)
    await note(tx, actor, 'role:grant', person, via, { role, granted: false })
  })
}

async function load(db: Db, actor: Actor, action: string, uid: string): Promise<PersonRow> {
  const person = await selectPerson(db, { uid })
  // Who may not do it to anybody learns nothing about who exists.
  authorize(actor, action, {
    kind: 'person',
    ownerId: person?.id ?? null,
    organisationId: person?.organisationId,
  })
  if (!person) throw notFound('The person')
  return person
}

function refuseTakeOver(actor: Actor, person: PersonRow): void {
  if (actor.kind === 'system' || person.id === actor.personId) return
  if (person.roles.some((r) => administratorRoles.includes(r)))
    throw new ConcordError(
      'forbidden',
      `${person.login} is an administrator: this is done by themselves, or on the command line.`,
    )
}

async function endAccess(tx: Db, id: number): Promise<void> {
  await deleteSessionsOf(tx, id)
  await revokeTokensOf(tx, id)
}

function checkPassword(password: string | null | undefined): void {
  if (password == null) return
  if (password.length >= personLimits.passwordMin && password.length <= personLimits.passwordMax) return
  throw new ConcordError('invalid_content', 'The password is too short or too long.', {
    faults: [
      {
        path: '/password',
        rule: 'length',
        message: `A password has ${personLimits.passwordMin} to ${personLimits.passwordMax} characters.`,
        remedy: 'Take a few words that only you would put together.',
      },
    ],
  })
}

const unknownBody = () =>
  new ConcordError('invalid_content', 'The account breaks a rule.', {
    faults: [{ path: '/organisationUid', rule: 'unknown', message: 'There is no body with this uid.' }],
  })

const note = (
  tx: Db,
  actor: Actor,
  action: string,
  person: PersonRow,
  via: Via,
  detail: Record<string, unknown> = {},
) =>
  audit(tx, {
    actor,
    action,
    objectKind: 'person',
    objectId: person.uid,
    organisationId: person.organisationId,
    decision: 'allow',
    requestId: via.requestId,
    detail: { login: person.login, ...detail },
  })
