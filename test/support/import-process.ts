import { importFile } from '../../src/harvest/index.ts'
import { openPostgres } from '../../src/platform/postgres.ts'
import { loadProfile } from '../../src/platform/profile.ts'

/** Imports one file and ends: the process that tests kill at random moments. */
const [url, file] = process.argv.slice(2)
const postgres = openPostgres(url!, { max: 4 })
const summary = await importFile({
  db: postgres.db,
  profile: loadProfile('neutral'),
  file: file!,
  format: 'ckan',
})
process.send?.(summary)
await postgres.close()
process.disconnect?.()
