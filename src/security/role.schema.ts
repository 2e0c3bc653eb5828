/** Every role. The three administrators are different people. */
export const roles = [
  'system_admin',
  'security_admin',
  'audit_admin',
  'steward',
  'department_reviewer',
  'data_office_reviewer',
  'viewer',
] as const
export type Role = (typeof roles)[number]

/** One person holds at most one of these, so that nobody both grants and audits. */
export const administratorRoles: readonly Role[] = ['system_admin', 'security_admin', 'audit_admin']

/** True when a person's role is known; text from outside is checked with it. */
export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text)
