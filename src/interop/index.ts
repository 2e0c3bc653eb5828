import type { App } from '../platform/http.ts'
import { type CkanOptions, ckanRoutes } from './ckan/ckan.routes.ts'
import { catalogueRoutes } from './dcat/catalogue.routes.ts'
import { describeCatalogue, mainTitle } from './dcat/catalogue.ts'
import { datasetGraphRoutes } from './dcat/dataset.routes.ts'
import { dcatUsRoutes } from './dcat/dcat-us.routes.ts'
import { vocabularyRoutes } from './dcat/ns.routes.ts'
import { shaclRoutes } from './dcat/shacl.routes.ts'
import type { ShaclChecks } from './dcat/shacl.ts'
import { sitemapRoutes } from './dcat/sitemap.routes.ts'
import { changeRoutes } from './feed/change.routes.ts'
import { ldesRoutes } from './feed/ldes.routes.ts'

export { type ShaclChecks, startShaclChecks } from './dcat/shacl.ts'

export interface InteropOptions extends CkanOptions {
  /** What the operator calls the catalogue, and the e-mail of whoever answers for it. */
  title?: string
  contact?: string
  /** The shapes that entries are checked with. */
  shapes?: ShaclChecks['shapes']
}

/** Every door of the catalogue for outside programs. */
export async function interopRoutes(app: App, options: InteropOptions): Promise<void> {
  const { db, profile, publicUrl: base, port: search } = options
  const catalogue = describeCatalogue({ ...options, base })
  changeRoutes(app, { db })
  ldesRoutes(app, { db, profile, base, title: mainTitle(catalogue) })
  datasetGraphRoutes(app, { db, catalogue })
  catalogueRoutes(app, { db, catalogue, search })
  dcatUsRoutes(app, { db, catalogue, search })
  vocabularyRoutes(app, catalogue)
  sitemapRoutes(app, { db, base })
  shaclRoutes(app, { db, shapes: options.shapes })
  await ckanRoutes(app, options)
}
