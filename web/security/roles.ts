import type { Role } from '../../src/security/role.schema.ts'

/** One person holds at most one of these; the server says so too. */
export const administratorRoles: readonly Role[] = ['system_admin', 'security_admin', 'audit_admin']
