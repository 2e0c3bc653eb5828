import { ConcordError, notFound } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import type { Actor } from './actor.ts'
import { audit } from './audit.ts'
import { type PersonRow, selectPerson } from './person.queries.ts'
import { personLimits } from './person.schema.ts'
import { authorize } from './policy.ts'
import { administratorRoles } from './role.schema.ts'

/** What the rules of accounts share. */

export interface Via {
  requestId?: string
  /** Where the request comes from, for the throttle of guessed passwords. */
  address?: string
}

/** The person, when the actor may do the action to them. @throws forbidden, not_found */
export async function loadPerson(db: Db, actor: Actor, action: string, uid: string): Promise<PersonRow> {
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

/** No administrator opens the way into another's account. @throws forbidden */
export function refuseTakeOver(actor: Actor, person: PersonRow): void {
  if (actor.kind === 'system' || person.id === actor.personId) return
  if (person.roles.some((r) => administratorRoles.includes(r)))
    throw new ConcordError(
      'forbidden',
      `${person.login} is an administrator: this is done by themselves, or on the command line.`,
    )
}

/** @throws invalid_content */
export function checkPassword(password: string | null | undefined): void {
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

/** Writes that something was done to a person, or refused. */
export const note = (
  tx: Db,
  actor: Actor,
  action: string,
  person: PersonRow,
  via: Via,
  detail: Record<string, unknown> = {},
  decision: 'allow' | 'deny' = 'allow',
) =>
  audit(tx, {
    actor,
    action,
    objectKind: 'person',
    objectId: person.uid,
    organisationId: person.organisationId,
    decision,
    requestId: via.requestId,
    detail: { login: person.login, ...detail },
  })
