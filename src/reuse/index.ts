import type { App } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { createReuseContext, type NamePort } from './context.ts'
import { reuseRoutes as routes } from './reuse.routes.ts'

export { reuseJobs } from './report.jobs.ts'
export { buildReport } from './report-build.ts'

/** Adds every route of the capability. */
export const reuseRoutes = (app: App, options: { db: Db; profile: Profile; port: NamePort }): void =>
  routes(app, createReuseContext(options))
