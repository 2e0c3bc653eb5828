import type { App } from '../platform/http.ts'
import { type CkanOptions, ckanRoutes } from './ckan/ckan.routes.ts'
import { changeRoutes } from './feed/change.routes.ts'
import { ldesRoutes } from './feed/ldes.routes.ts'

/** Every door of the catalogue for outside programs. */
export async function interopRoutes(app: App, options: CkanOptions): Promise<void> {
  const { db, profile, publicUrl: base } = options
  const title = profile.name[profile.language] ?? Object.values(profile.name)[0]!
  changeRoutes(app, { db })
  ldesRoutes(app, { db, profile, base, title })
  await ckanRoutes(app, options)
}
