import { join } from 'node:path'
import type { Config } from '../platform/config.ts'
import type { App } from '../platform/http.ts'
import type { Logger } from '../platform/log.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { openVault } from '../security/index.ts'
import { importRoutes } from './import.routes.ts'
import { importSchemas } from './import.schema.ts'
import { createImportRunner } from './import-runner.ts'
import { openPeer, openRemote } from './remote/index.ts'
import { createFollower, type Follower } from './source/follow.ts'
import { registryRoutes } from './source/registry.routes.ts'
import { harvestRunRoutes } from './source/run.routes.ts'
import { createHarvestRunner, type HarvestNode } from './source/runner.ts'
import { sourceRoutes } from './source/source.routes.ts'
import { sourceSchemas } from './source/source.schema.ts'

export { parseCsvRecord, sniffDelimiter } from './csv-record.ts'
export { type ImportFileOptions, type ImportSummary, importFile } from './import-file.ts'
export type { Progress as ImportProgress } from './import-run.ts'
export { encodingFault, openSource, type Source } from './reader-bytes.ts'
export { DamagedFile } from './reader-gzip.ts'
export { addressAnswers } from './remote/reach.ts'
export { harvestNamed, removeNamed } from './source/command.ts'
export { listSources } from './source/list.ts'
export { importRegistry, openRegistry } from './source/registry.ts'
export { sourceJobs } from './source/source.jobs.ts'
export { type HarvestRun, SourceInput } from './source/source.schema.ts'
export { createSource } from './source/source.ts'

/** What harvesting needs of its node. */
export const harvestNode = (of: {
  db: Db
  profile: Profile
  config: Pick<Config, 'publicUrl' | 'harvestAllow' | 'dataDir' | 'CONCORD_SECRET_KEY'>
  log: Logger
}): HarvestNode => ({
  db: of.db,
  profile: of.profile,
  log: of.log,
  vault: openVault(of.config),
  access: {
    contact: of.config.publicUrl,
    allow: of.config.harvestAllow,
    spoolDir: join(of.config.dataDir, 'harvest'),
  },
  open: openRemote,
  peer: openPeer,
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
    config: Pick<Config, 'publicUrl' | 'harvestAllow' | 'dataDir' | 'CONCORD_SECRET_KEY'>
    log: Logger
  },
): Promise<void> {
  const files = { ...options, dataDir: options.config.dataDir }
  const runner = createImportRunner(files)
  const node = harvestNode(options)
  const harvests = createHarvestRunner(node)
  for (const schema of [...importSchemas, ...sourceSchemas]) app.addSchema(schema)
  const routes = { ...node, runner: harvests }
  sourceRoutes(app, routes)
  harvestRunRoutes(app, routes)
  await app.register(async (scope) => registryRoutes(scope as App, node))
  await app.register(async (scope) => importRoutes(scope as App, { ...files, runner }))
  let follower: Follower | undefined
  app.addHook('onReady', async () => {
    harvests.wake()
    follower = createFollower(node, harvests.wake)
    await runner.resume()
  })
  app.addHook('preClose', async () => {
    await follower?.close()
    await Promise.all([runner.close(), harvests.close()])
  })
}
