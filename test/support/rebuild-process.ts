import { openPostgres } from '../../src/platform/postgres.ts'
import { loadProfile } from '../../src/platform/profile.ts'
import { readNames } from '../../src/search/names.ts'
import { rebuildIndex } from '../../src/search/rebuild.ts'

/** Rebuilds a search index with builders in processes of their own, and ends: the process that tests kill at random moments. */
const [url, folder, maxDocuments] = process.argv.slice(2)
const postgres = openPostgres(url!, { max: 4 })
const result = await rebuildIndex({
  db: postgres.db,
  pool: postgres.pool,
  databaseUrl: url!,
  names: await readNames(postgres.db, loadProfile('neutral')),
  folder: folder!,
  log: { info() {}, warn: console.error, error: console.error },
  maxDocuments: Number(maxDocuments),
  ownProcessAbove: 0,
  onProgress: (progress) => process.send?.({ progress }),
})
process.send?.({ result })
await postgres.close()
process.disconnect?.()
