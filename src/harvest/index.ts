import type { App } from '../platform/http.ts'
import type { Logger } from '../platform/log.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { importRoutes } from './import.routes.ts'
import { importSchemas } from './import.schema.ts'
import { createImportRunner } from './import-runner.ts'

export { type ImportFileOptions, type ImportSummary, importFile } from './import-file.ts'
export type { Progress as ImportProgress } from './import-run.ts'

/**
 * Registers every route of the capability under /api/v1, takes up imports that a former process left when the
 * application is ready, and ends those at work in good order when it closes.
 */
export async function harvestRoutes(
  app: App,
  options: { db: Db; profile: Profile; dataDir: string; log: Logger },
): Promise<void> {
  const runner = createImportRunner(options)
  for (const schema of importSchemas) app.addSchema(schema)
  await app.register(async (scope) => importRoutes(scope as App, { ...options, runner }))
  app.addHook('onReady', () => runner.resume())
  app.addHook('preClose', () => runner.close())
}
