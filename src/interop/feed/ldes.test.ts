import { intoConfig, replicateLDES } from 'ldes-client'
import { Parser, Store } from 'n3'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  type CatalogApp,
  createCatalogApp,
  noSearch,
  sampleRecord,
} from '../../../test/support/catalog-app.ts'
import { freePort } from '../../../test/support/program.ts'
import { retireBySource, sequenceChanges, upsertDatasets } from '../../catalog/index.ts'
import { loadProfile } from '../../platform/profile.ts'
import { interopRoutes } from '../index.ts'

// Members beyond three pages, among them changes and deletes.
const entries = 250
const changed = 60
const retired = 10

let s: CatalogApp
let base: string
beforeAll(async () => {
  const port = await freePort()
  base = `http://127.0.0.1:${port}`
  s = await createCatalogApp((app, db) =>
    interopRoutes(app, { db, profile: loadProfile('neutral'), publicUrl: base, port: noSearch }),
  )
  const upsert = (count: number, word: string) =>
    upsertDatasets(
      s.db,
      s.system,
      Array.from({ length: count }, (_, i) => sampleRecord(`r${i}`, { title: `${word} ${i}` })),
      { publish: true },
    )
  await upsert(entries, 'Entry')
  await upsert(changed, 'Changed')
  const gone = Array.from({ length: retired }, (_, i) => `r${i + 30}`)
  await retireBySource(s.db, s.system, 'test', gone, 'gone')
  await settle()
  await s.app.listen({ port, host: '127.0.0.1' })
})
afterAll(() => s?.close())

const settle = () =>
  vi.waitFor(async () => {
    await sequenceChanges(s.db)
    const { rows } = await s.database.pool.query('select count(*)::int as count from catalog.change_intake')
    expect(rows[0].count).toBe(0)
  }, 20_000)

interface Replicated {
  id: string
  version: string
  kind: string
  quads: number
  titles: string[]
  at: string
}

async function replicate(options: object): Promise<Replicated[]> {
  const reader = replicateLDES(intoConfig({ url: `${base}/ldes`, ...options }), undefined, undefined)
    .stream({ highWaterMark: 10 })
    .getReader()
  const members: Replicated[] = []
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return members
    const objects = (name: string) =>
      value.quads.filter((q) => q.predicate.value.endsWith(name)).map((q) => q.object.value)
    members.push({
      id: value.id.value,
      version: objects('isVersionOf')[0]!,
      kind: objects('#type')
        .find((type) => type.includes('activitystreams'))!
        .replace(/.*#/, ''),
      quads: value.quads.length,
      titles: objects('/title'),
      at: objects('generatedAtTime')[0]!,
    })
  }
}

test('a client of event streams replicates every version; by their times they make the catalogue', async () => {
  const members = (await replicate({})).sort((a, b) => (a.at < b.at ? -1 : 1))
  expect(members).toHaveLength(entries + changed + retired)
  const held = new Map<string, string>()
  for (const m of members) {
    if (m.kind === 'Delete') held.delete(m.version)
    else held.set(m.version, m.titles[0]!)
  }
  const { rows } = await s.database.pool.query(
    `select uid, title from catalog.dataset where state = 'published'`,
  )
  expect(rows).toHaveLength(entries - retired)
  expect([...held].sort()).toEqual(rows.map((r) => [`${base}/dataset/${r.uid}`, r.title]).sort())
  // A member is the version it was, not what the entry is now.
  expect(members.filter((m) => m.titles[0]?.startsWith('Entry'))).toHaveLength(entries)
  expect(members.every((m) => m.kind === 'Delete' || m.quads > 20)).toBe(true)
}, 120_000)

test('a full page never changes and says so; the last one is asked for again', async () => {
  const full = await s.app.inject({ url: '/ldes' })
  expect(full.headers['content-type']).toBe('application/trig')
  expect(full.headers['cache-control']).toContain('immutable')
  const store = new Store(new Parser({ format: 'application/trig' }).parse(full.body))
  expect(store.getObjects(null, 'https://w3id.org/tree#member', null)).toHaveLength(100)
  const last = await s.app.inject({ url: '/ldes/4', headers: { accept: 'application/n-quads' } })
  expect(last.headers['content-type']).toBe('application/n-quads')
  expect(last.headers['cache-control']).not.toContain('immutable')
  const again = await s.app.inject({
    url: '/ldes/4',
    headers: { accept: 'application/n-quads', 'if-none-match': String(last.headers.etag) },
  })
  expect([again.statusCode, again.body]).toEqual([304, ''])
  await upsertDatasets(s.db, s.system, [sampleRecord('late')], { publish: true })
  await settle()
  const grown = await s.app.inject({
    url: '/ldes/4',
    headers: { accept: 'application/n-quads', 'if-none-match': String(last.headers.etag) },
  })
  expect(grown.statusCode).toBe(200)
  expect((await s.app.inject({ url: '/ldes' })).body).toBe(full.body)
  expect((await s.app.inject({ url: '/ldes/5' })).statusCode).toBe(404)
  expect((await s.app.inject({ url: '/ldes/x' })).statusCode).toBe(400)
})
