import type { DatasetContent } from '../catalog/index.ts'
import type { Fault } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { createReuseContext, type NamePort } from './context.ts'
import { undecidedFaults } from './decision.ts'
import { reuseRoutes as routes } from './reuse.routes.ts'

export { reuseJobs } from './report.jobs.ts'
export { buildReport } from './report-build.ts'

type ReuseOptions = { db: Db; profile: Profile; port: NamePort }

/** Adds every route of the capability. */
export const reuseRoutes = (app: App, options: ReuseOptions): void => routes(app, createReuseContext(options))

/**
 * What must be decided before an entry is published, where the profile asks for it (`reuse.required`): a fault for each
 * item that others hold and nobody has decided about.
 */
export function undecidedItems(
  options: ReuseOptions,
): ((tx: Db, entry: { id: number; content: DatasetContent }) => Promise<Fault[]>) | undefined {
  if (!options.profile.reuse.required) return undefined
  const ctx = createReuseContext(options)
  return (tx, { id, content }) => undecidedFaults({ ...ctx, db: tx }, id, content)
}
