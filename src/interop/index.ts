import type { App } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import { changeRoutes } from './feed/change.routes.ts'

/** Every door of the catalogue for outside programs. */
export async function interopRoutes(app: App, options: { db: Db }): Promise<void> {
  changeRoutes(app, options)
}
