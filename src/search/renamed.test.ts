import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleRecord } from '../../test/support/catalog-app.ts'
import { upsertDatasets } from '../catalog/index.ts'
import { createLogger } from '../platform/log.ts'
import { createWork } from './index-work.ts'
import { readManifest } from './manifest.ts'
import { readNames } from './names.ts'
import { rebuildIndex } from './rebuild.ts'

const log = createLogger(process.env.LOG_LEVEL ?? 'silent')
let s: CatalogApp
let folder: string
beforeAll(async () => {
  s = await createCatalogApp()
  folder = mkdtempSync(join(tmpdir(), 'concord-renamed-'))
})
afterAll(async () => {
  await s.close()
  rmSync(folder, { recursive: true, force: true })
})

const put = (...ids: string[]) =>
  upsertDatasets(
    s.db,
    s.system,
    ids.map((id) => sampleRecord(id)),
    { publish: true },
  )

test('entries of a renamed body are written anew once: those that come meanwhile come by their news', async () => {
  await put('a', 'b', 'c')
  const options = { ...s.database, databaseUrl: s.database.url, folder, log }
  await rebuildIndex({ ...options, names: await readNames(s.db, s.profile) })
  await put('d', 'e')
  await s.database.pool.query(`update security.organisation set name = 'Another name' where code = 'county'`)
  const names = await readNames(s.db, s.profile)
  const postgres = { ...s.database, close: async () => {} }
  const work = createWork({ postgres, names, folder, log, onChange() {} }, () => names)
  const documents = () => readManifest(folder)!.segments.map((segment) => segment.documents)
  expect(work.load()).toBe(true)
  expect(documents()).toEqual([3])
  await work.applyNames()
  expect(documents()).toEqual([3, 3])
  await work.applyNames()
  expect(documents()).toEqual([3, 3])
  await work.apply()
  expect(documents()).toEqual([3, 3, 2])
  await work.end()
})
