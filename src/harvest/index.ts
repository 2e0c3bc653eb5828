import { join } from 'node:path'
import type { Config } from '../platform/config.ts'
import type { App } from '../platform/http.ts'
import type { Logger } from '../platform/log.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import type { Vault } from '../security/index.ts'
import { importRoutes } from './import.routes.ts'
import { importSchemas } from './import.schema.ts'
import { createImportRunner } from './import-runner.ts'
import { openRemote, type RemoteAccess } from './remote/index.ts'
import { sourceRoutes } from './source.routes.ts'
import { sourceSchemas } from './source.schema.ts'
import { harvestRunRoutes } from './source-run.routes.ts'
import { createHarvestRunner } from './source-runner.ts'

export { type ImportFileOptions, type ImportSummary, importFile } from './import-file.ts'
export type { Progress as ImportProgress } from './import-run.ts'
export { sourceJobs } from './source.jobs.ts'

/** What belongs to this node when it reads other ones. */
export const remoteAccess = (
  config: Pick<Config, 'publicUrl' | 'harvestAllow' | 'dataDir'>,
): RemoteAccess => ({
  contact: config.publicUrl,
  allow: config.harvestAllow,
  spoolDir: join(config.dataDir, 'harvest'),
})

/**
 * Registers every route of the capability under /api/v1, takes up imports that a former process left when the
 * application is ready, and ends those at work in good order when it closes.
 */
export async function harvestRoutes(
  app: App,
  options: {
    db: Db
    profile: Profile
    dataDir: string
    log: Logger
    vault: Vault
    access: RemoteAccess
  },
): Promise<void> {
  const runner = createImportRunner(options)
  const node = { ...options, open: openRemote }
  const harvests = createHarvestRunner(node)
  for (const schema of [...importSchemas, ...sourceSchemas]) app.addSchema(schema)
  const routes = { ...node, runner: harvests }
  sourceRoutes(app, routes)
  harvestRunRoutes(app, routes)
  await app.register(async (scope) => importRoutes(scope as App, { ...options, runner }))
  app.addHook('onReady', async () => {
    harvests.wake()
    await runner.resume()
  })
  app.addHook('preClose', async () => {
    await Promise.all([runner.close(), harvests.close()])
  })
}
