import type { App } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { changeRoutes } from './feed/change.routes.ts'
import { ldesRoutes } from './feed/ldes.routes.ts'

/** Every door of the catalogue for outside programs. */
export async function interopRoutes(
  app: App,
  options: { db: Db; profile: Profile; publicUrl: string },
): Promise<void> {
  const { db, profile, publicUrl: base } = options
  const title = profile.name[profile.language] ?? Object.values(profile.name)[0]!
  changeRoutes(app, { db })
  ldesRoutes(app, { db, profile, base, title })
}
