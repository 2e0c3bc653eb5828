export type { Action } from './action.schema.ts'
export { type Actor, actingFor, anonymous, operatorActor, systemActor } from './actor.ts'
export { type AuditInput, audit } from './audit.ts'
export { acceptRestore } from './audit-restore.ts'
export { type AuditSequencer, startAuditSequencer } from './audit-sequencer.ts'
export { type AuditVerification, verifyAudit } from './audit-verify.ts'
export { canonicalJson } from './canonical-json.ts'
export { Cursor, decodeNumberCursor, decodeTextCursor, page } from './cursor.ts'
export type { CopiedOrganisation, DivisionRow, OrganisationRow } from './organisation.queries.ts'
export { OrganisationInput } from './organisation.schema.ts'
export {
  copyOrganisations,
  createOrganisation,
  findOrganisation,
  listDivisions,
  listOrganisations,
  putDivisions,
  updateOrganisation,
} from './organisation.ts'
export {
  freshOrganisationTree,
  organisationRevision,
  pathToRoot,
  reloadOrganisationTree,
  subtree,
} from './organisation-tree.ts'
export { PersonInput } from './person.schema.ts'
export { createPerson, getPerson, listPeople, peopleWithRole, personActor } from './person.ts'
export { grantRole, revokeRole, setPassword } from './person-access.ts'
export { type SecurityOptions, securityPlugin } from './plugin.ts'
export { authorize, isAllowed, type Resource } from './policy.ts'
export { type Role, roles } from './role.schema.ts'
export { trimSecurity } from './session.ts'
export { openVault, type Vault } from './vault.ts'
