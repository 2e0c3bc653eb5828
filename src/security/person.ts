import { ConcordError, notFound } from '../platform/errors.ts'
import { type Db, inTransaction, isUniqueViolation } from '../platform/postgres.ts'
import type { Actor } from './actor.ts'
import { findOrganisation } from './organisation.ts'
import { isWithin, subtree } from './organisation-tree.ts'
import { hashPassword } from './password.ts'
import {
  deleteRole,
  insertPerson,
  type PersonRow,
  selectPeople,
  selectPeopleWithRole,
  selectPerson,
  updatePersonRow,
} from './person.queries.ts'
import type { PersonInput, PersonPatch } from './person.schema.ts'
import { grantRole } from './person-access.ts'
import { checkPassword, loadPerson, note, refuseTakeOver, type Via } from './person-rules.ts'
import { authorize } from './policy.ts'
import { administratorRoles, type Role } from './role.schema.ts'

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

/** The person as who acts: for programs that do on somebody's behalf what the person would do (seeds, tests). */
export const personActor = (person: PersonRow): Actor => ({
  kind: 'person',
  personId: person.id,
  uid: person.uid,
  name: person.name,
  organisationId: person.organisationId,
  roles: person.roles,
  scopes: null,
})

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

/** Reviewers act for the bodies below theirs, so those of a body above count, too. */
const rolesFromAbove: readonly Role[] = ['department_reviewer', 'data_office_reviewer']
/** People told of one thing at one time; a body with more reviewers has a queue to look at. */
const maxHolders = 500

/**
 * Rows of the enabled people who hold the role at the body or, for reviewers, at one above it, nearest first.
 * @param options.nearest only those of the nearest body where somebody does: who is told first, before it escalates.
 */
export async function peopleWithRole(
  db: Db,
  role: Role,
  organisationId: number,
  options: { nearest?: boolean } = {},
): Promise<number[]> {
  const above = rolesFromAbove.includes(role)
  const holders = await selectPeopleWithRole(db, { role, organisationId, above, limit: maxHolders })
  const near = options.nearest ? holders.filter((h) => h.distance === holders[0]!.distance) : holders
  return near.map((h) => h.id)
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

/**
 * Changes an account. The e-mail of an administrator opens the way in by outside sign-in: only the program changes it.
 * Roles reach over the body and below, so nobody moves themselves, and who is moved out of the present body loses the
 * roles that were granted for it.
 */
export async function updatePerson(
  db: Db,
  actor: Actor,
  uid: string,
  patch: PersonPatch,
  via: Via = {},
): Promise<PersonRow> {
  return inTransaction(db, async (tx) => {
    const person = await loadPerson(tx, actor, 'person:update', uid)
    if (patch.email !== undefined && patch.email !== person.email) refuseTakeOver(actor, person)
    const organisation =
      patch.organisationUid === undefined
        ? undefined
        : await findOrganisation(tx, { uid: patch.organisationUid })
    if (patch.organisationUid !== undefined && !organisation) throw unknownBody()
    if (organisation && organisation.id !== person.organisationId)
      await leaveBody(tx, actor, person, organisation.id, via)
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

/** Moving must not widen what somebody may do: that is granted by the security administrator, not by who keeps accounts. */
async function leaveBody(tx: Db, actor: Actor, person: PersonRow, to: number, via: Via): Promise<void> {
  if (person.id === actor.personId)
    throw new ConcordError('forbidden', 'Nobody moves themselves to another body.')
  if (actor.kind === 'system' || isWithin(to, person.organisationId)) return
  for (const role of person.roles.filter((r) => !administratorRoles.includes(r))) {
    await deleteRole(tx, person.id, role)
    await note(tx, actor, 'role:grant', person, via, {
      role,
      granted: false,
      reason: 'moved to another body',
    })
  }
}

const unknownBody = () =>
  new ConcordError('invalid_content', 'The account breaks a rule.', {
    faults: [{ path: '/organisationUid', rule: 'unknown', message: 'There is no body with this uid.' }],
  })
