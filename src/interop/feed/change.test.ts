import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleRecord } from '../../../test/support/catalog-app.ts'
import { retireBySource, sequenceChanges, upsertDatasets } from '../../catalog/index.ts'
import { changesPage } from './change.ts'

let s: CatalogApp
beforeAll(async () => {
  s = await createCatalogApp()
})
afterAll(() => s?.close())

const never = new AbortController().signal
const upsert = (...records: ReturnType<typeof sampleRecord>[]) =>
  upsertDatasets(s.db, s.system, records, { publish: true })
const settle = () =>
  vi.waitFor(async () => {
    await sequenceChanges(s.db)
    const { rows } = await s.database.pool.query('select count(*)::int as count from catalog.change_intake')
    expect(rows[0].count).toBe(0)
  }, 20_000)
const page = async (query: object) => JSON.parse(await changesPage(s.db, query, never))

test('a follower that applies the pages in order holds what the catalogue holds', async () => {
  await upsert(...Array.from({ length: 30 }, (_, i) => sampleRecord(`r${i}`, { title: `Entry ${i}` })))
  await upsert(...Array.from({ length: 10 }, (_, i) => sampleRecord(`r${i}`, { title: `Changed ${i}` })))
  await retireBySource(s.db, s.system, 'test', ['r3', 'r4'], 'gone')
  await settle()
  const held = new Map<string, string>()
  let after = 0
  for (let pages = 1; ; pages++) {
    const { changes, next, end, last } = await page({ after, limit: 7 })
    for (const { kind, uid, entry } of changes) {
      if (kind === 'delete') held.delete(uid)
      else if (entry) held.set(uid, entry.content.title)
    }
    after = next
    expect(last).toBe(42)
    if (!end) continue
    expect(pages).toBe(6)
    break
  }
  const { rows } = await s.database.pool.query(
    `select uid, title from catalog.dataset where state = 'published'`,
  )
  expect([...held].sort()).toEqual(rows.map((r) => [r.uid, r.title]).sort())
})

test('an entry stands once, with the last change of it, whole', async () => {
  const { changes } = await page({ limit: 1000 })
  const of = changes.filter((c: { uid: string }) => c.uid === changes[0].uid)
  expect(of.map((c: { kind: string; entry?: object }) => [c.kind, c.entry !== undefined])).toEqual([
    ['create', false],
    ['update', true],
  ])
  expect(of[1].entry).toMatchObject({
    version: 2,
    body: { code: 'county' },
    content: { body: 'county', items: [{}, {}] },
  })
  const bare = await page({ limit: 1000, entries: false })
  expect(bare.changes.some((c: object) => 'entry' in c)).toBe(false)
})

test('a request may wait for news', async () => {
  const { last } = await page({ limit: 1 })
  expect(await page({ after: last, wait: 1 })).toEqual({ changes: [], next: last, end: true, last })
  const waiting = page({ after: last, wait: 20 })
  await upsert(sampleRecord('late'))
  await settle()
  expect((await waiting).changes).toMatchObject([{ ordinal: last + 1, kind: 'create' }])
})
