import type { Role } from '../security/index.ts'

/** An account of the demo. The password is public: the demo holds no real data. */
interface DemoLogin {
  login: string
  password: string
  role: Role
  /** Department whose national body it belongs to; undefined: the top of the tree. */
  dept: string | undefined
  /** What the person does: [English, Chinese]. */
  does: [string, string]
}

const person = (login: string, role: Role, dept: string | undefined, does: [string, string]): DemoLogin => ({
  login,
  password: `${login}-demo-2026`,
  role,
  dept,
  does,
})

/** One account for each role, and a second steward in another body. Shown at start and on the sign-in page. */
export const demoLogins: readonly DemoLogin[] = [
  person('steward', 'steward', 'int', ['Steward, population and vehicles', '数据管理员（人口与车辆）']),
  person('steward2', 'steward', 'hea', ['Steward, health', '数据管理员（卫生健康）']),
  person('reviewer', 'department_reviewer', 'int', ['Department reviewer', '部门审核员']),
  person('dataoffice', 'data_office_reviewer', undefined, ['Data-office reviewer', '数据主管部门审核员']),
  person('sysadmin', 'system_admin', undefined, ['System administrator', '系统管理员']),
  person('secadmin', 'security_admin', undefined, ['Security administrator', '安全管理员']),
  person('auditor', 'audit_admin', undefined, ['Audit administrator', '审计管理员']),
  person('viewer', 'viewer', 'mkt', ['Viewer', '查看人员']),
]
