import type { App } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { bulkRoutes } from './bulk.routes.ts'
import { datasetRoutes } from './dataset.routes.ts'
import { Dataset, DatasetContent, Item, VersionInfo } from './dataset.schema.ts'
import { DatasetList } from './dataset-list.schema.ts'
import { DatasetCheck, DatasetCheckResult, DatasetWrite, Fault, ItemPage } from './dataset-request.schema.ts'
import { figureRoutes } from './figure.routes.ts'
import { BodiesFigures, BodyFigures, Figures, Themes } from './figure.schema.ts'
import { addSchemas } from './route-schemas.ts'
import { updateDueRoutes } from './update-due.routes.ts'
import { OverdueList } from './update-due.schema.ts'
import { startUseCounter } from './use.ts'
import { versionRoutes } from './version.routes.ts'
import { VersionDiff, Versions } from './version.schema.ts'

/** Registers every route of the catalogue under /api/v1. */
export async function catalogRoutes(
  app: App,
  options: { db: Db; profile: Profile; now?: () => Date },
): Promise<void> {
  addSchemas(app, [
    ...[Item, DatasetContent, Dataset, DatasetList, DatasetWrite, DatasetCheck, DatasetCheckResult, Fault],
    ...[
      ItemPage,
      VersionInfo,
      Versions,
      VersionDiff,
      Figures,
      Themes,
      BodyFigures,
      BodiesFigures,
      OverdueList,
    ],
  ])
  const use = startUseCounter(options.db, (error) => app.log.warn({ err: error }, 'use could not be counted'))
  app.addHook('onClose', () => use.stop())
  datasetRoutes(app, { ...options, use })
  versionRoutes(app, options)
  figureRoutes(app, options)
  bulkRoutes(app, options)
  updateDueRoutes(app, { ...options, now: options.now ?? (() => new Date()) })
}
