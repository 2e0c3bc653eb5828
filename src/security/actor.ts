import { userInfo } from 'node:os'
import type { Role } from './role.schema.ts'

/** Who acts. Everything a rule needs to decide; never a password, key or token. */
export interface Actor {
  kind: 'anonymous' | 'person' | 'token' | 'system'
  /** Row of the person; null for the public and for the system. */
  personId: number | null
  uid: string | null
  name: string
  organisationId: number | null
  roles: Role[]
  /** Actions an API token is limited to; null when nothing limits the roles. */
  scopes: string[] | null
}

/** The public: no sign-in, may find what is published. */
export const anonymous: Actor = Object.freeze({
  kind: 'anonymous',
  personId: null,
  uid: null,
  name: 'anonymous',
  organisationId: null,
  roles: [],
  scopes: null,
})

/** The program itself: seeds, jobs and the command line of the machine's operator. The name says which. */
export const systemActor = (name: string): Actor => ({ ...anonymous, kind: 'system', name })

/**
 * The program at work for a body: it may do there and below what these roles may, and nothing else. A source that a body
 * registered must not write the entries of another.
 */
export const actingFor = (name: string, organisationId: number | null, roles: Role[]): Actor => ({
  ...systemActor(name),
  organisationId,
  roles,
})

/** Who works on the command line: the program, with the name of the machine's account behind it. */
export function operatorActor(): Actor {
  let user: string
  try {
    user = userInfo().username
  } catch {
    // A container may run as a number without a name.
    user = `account ${process.getuid?.() ?? 'unknown'}`
  }
  return systemActor(`command line: ${user}`)
}
