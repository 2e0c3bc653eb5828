import { harvestRoutes, importFile } from '../../src/harvest/index.ts'
import { createHttp } from '../../src/platform/http.ts'
import { createLogger } from '../../src/platform/log.ts'
import { openPostgres } from '../../src/platform/postgres.ts'
import { loadProfile } from '../../src/platform/profile.ts'

/**
 * The process that tests kill at random moments. `file URL PATH FORMAT` imports one file as the command does, and ends;
 * `node URL FOLDER` takes up the imports that were started in the web, as a node does, until it is killed.
 */
const [mode, url, where, format] = process.argv.slice(2)
const postgres = openPostgres(url!, { max: 4 })
const { db } = postgres
const profile = loadProfile('neutral')
if (mode === 'node') {
  const log = createLogger('error')
  const app = await createHttp({ log, version: '0' })
  const config = { publicUrl: 'http://localhost', harvestAllow: ['127.0.0.0/8'], dataDir: where! }
  await harvestRoutes(app, { db, profile, config, log })
  await app.ready()
} else {
  process.send?.(await importFile({ db, profile, file: where!, format }))
  await postgres.close()
  process.disconnect?.()
}
