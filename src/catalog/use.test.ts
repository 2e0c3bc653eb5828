import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleRecord } from '../../test/support/catalog-app.ts'
import { upsertDatasets } from './index.ts'
import { startUseCounter } from './use.ts'

let s: CatalogApp
beforeAll(async () => {
  s = await createCatalogApp()
})
afterAll(() => s?.close())

test('looks are added up; search is told when a count has doubled', async () => {
  const made = await upsertDatasets(s.db, s.system, [sampleRecord('a'), sampleRecord('b')], { publish: true })
  await upsertDatasets(s.db, s.system, [sampleRecord('draft')], { publish: false })
  const [a, b] = made.map((o) => o.uid!)
  const use = startUseCounter(s.db, (error) => {
    throw error
  })
  const counts = async () =>
    (
      await s.database.pool.query(`select use_count from catalog.dataset where source = 'test' order by id`)
    ).rows.map((r) => r.use_count)
  const events = async () =>
    (
      await s.database.pool.query(
        `select payload from platform.outbox where topic = 'catalog.dataset' order by seq`,
      )
    ).rows.length
  const before = await events()
  for (let i = 0; i < 4; i++) use.count(a!)
  use.count('00000000-0000-4000-8000-000000000000')
  await use.flush()
  expect([await counts(), (await events()) - before]).toEqual([[4, 0, 0], 1])
  use.count(a!)
  use.count(b!)
  await use.stop()
  expect([await counts(), (await events()) - before]).toEqual([[5, 1, 0], 2])
  const { rows } = await s.database.pool.query('select count(*) as n from catalog.figure_change')
  await use.flush()
  expect((await s.database.pool.query('select count(*) as n from catalog.figure_change')).rows).toEqual(rows)
})
