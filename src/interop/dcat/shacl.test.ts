import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  type CatalogApp,
  createCatalogApp,
  noSearch,
  sampleRecord,
} from '../../../test/support/catalog-app.ts'
import { getEntries, retireBySource, sequenceChanges, upsertDatasets } from '../../catalog/index.ts'
import { createLogger } from '../../platform/log.ts'
import { loadProfile } from '../../platform/profile.ts'
import { childRestarts } from '../../platform/supervise.ts'
import { interopRoutes } from '../index.ts'
import { type ShaclChecks, startShaclChecks } from './shacl.ts'
import { startShaclWorker } from './shacl-worker.ts'

/** Other tests of the server hold changes back; a process takes its time to start (ms). */
vi.setConfig({ testTimeout: 120_000 })

const base = 'https://data.example.org'
const shape = (rule: string) => `
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
<https://example.org/shape> a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property ${rule} .
`
const wantsKeyword = shape('[ sh:path dcat:keyword ; sh:minCount 1 ; sh:message "A keyword is needed."@en ]')
const wantsTheme = shape('[ sh:path dcat:theme ; sh:minCount 1 ; sh:severity sh:Warning ]')

let s: CatalogApp
let folder: string
let checks: ShaclChecks | undefined
const log = createLogger('silent')
const shapesFile = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const start = async (name: string, text: string) => {
  checks = await startShaclChecks({
    db: s.db,
    log,
    shapesFile: shapesFile(name, text),
    profile: loadProfile('neutral'),
    base,
  })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'concord-shapes-'))
  s = await createCatalogApp((app, db) =>
    interopRoutes(app, {
      db,
      port: noSearch,
      profile: loadProfile('neutral'),
      publicUrl: base,
      shapes: { file: 'keyword.ttl', sha256: 'other' },
    }),
  )
})
afterAll(async () => {
  await checks?.stop()
  await s?.close()
  rmSync(folder, { recursive: true, force: true })
})

const upsert = (id: string, more: object = {}) =>
  upsertDatasets(s.db, s.system, [sampleRecord(id, { title: id, ...more })], { publish: true })

interface Row {
  title: string
  version: number
  conforms: boolean | null
  violations: number
  warnings: number
  findings: { path: string; rule: string; message: string; node: string }[]
  shapes_file: string
  checked_at: Date
}
/** Results by title, once everything that happened is checked. */
async function results(): Promise<Map<string, Row>> {
  await vi.waitFor(
    async () => {
      await sequenceChanges(s.db)
      const { rows } = await s.database.pool.query(
        `select ordinal = (select max(ordinal) from catalog.change) and shapes_sha256 = $1 as done,
          (select count(*)::int from catalog.change_intake) as waiting from interop.shacl_cursor`,
        [checks!.shapes.sha256],
      )
      expect(rows[0]).toEqual({ done: true, waiting: 0 })
    },
    { timeout: 60_000, interval: 100 },
  )
  const { rows } = await s.database.pool.query(
    `select d.title, r.* from interop.shacl_result r join catalog.dataset d on d.id = r.dataset_id`,
  )
  return new Map(rows.map((row) => [row.title, row]))
}

test('entries are checked after each change, and forgotten when they are retired', async () => {
  await start('keyword.ttl', wantsKeyword)
  await upsert('bare')
  await upsert('worded', { keyword: ['road'] })
  const first = await results()
  expect(first.get('worded')).toMatchObject({ version: 1, conforms: true, violations: 0, findings: [] })
  expect(first.get('bare')).toMatchObject({
    conforms: false,
    violations: 1,
    findings: [
      {
        severity: 'violation',
        node: '',
        path: 'dcat:keyword',
        rule: 'MinCount',
        message: 'A keyword is needed.',
      },
    ],
    shapes_file: 'keyword.ttl',
  })
  await upsert('bare', { keyword: ['mended'] })
  await retireBySource(s.db, s.system, 'test', ['worded'], 'gone')
  const second = await results()
  expect([...second.keys()]).toEqual(['bare'])
  expect(second.get('bare')).toMatchObject({ version: 2, conforms: true })
  // The quality score hears of it.
  const { rows } = await s.database.pool.query(
    `select o.conforms, o.conforms_version as version from coverage.observation o
     join catalog.dataset d on d.id = o.dataset_id where d.title = 'bare'`,
  )
  expect(rows).toEqual([{ conforms: true, version: 2 }])
})

test('the work goes on where it was left off; other shapes begin anew', async () => {
  await checks!.stop()
  const before = await results()
  await upsert('later')
  await start('keyword.ttl', wantsKeyword)
  const after = await results()
  expect(after.get('later')).toMatchObject({ conforms: false })
  expect(after.get('bare')!.checked_at).toEqual(before.get('bare')!.checked_at)
  await checks!.stop()
  await start('theme.ttl', wantsTheme)
  const anew = await results()
  expect(anew.get('bare')).toMatchObject({ shapes_file: 'theme.ttl', violations: 0, warnings: 1 })
  expect([...anew.keys()].sort()).toEqual(['bare', 'later'])
})

test('what another process holds is left to it until it is not heard of any more', async () => {
  await checks!.stop()
  const dead = '00000000-0000-4000-8000-000000000001'
  const hold = (until: string) =>
    s.database.pool.query('update interop.shacl_cursor set holder = $1, held_until = $2', [dead, until])
  await hold('infinity')
  await upsert('waits')
  await sequenceChanges(s.db)
  await start('theme.ttl', wantsTheme)
  await sleep(2_500)
  const { rows } = await s.database.pool.query('select holder from interop.shacl_cursor')
  expect(rows[0].holder).toBe(dead)
  await hold('-infinity')
  expect((await results()).has('waits')).toBe(true)
})

test('an entry whose check takes too long or ends the process is told, and the next one is checked', async () => {
  const options = { shapesFile: shapesFile('keyword.ttl', wantsKeyword), profileId: 'neutral', base, log }
  const { rows } = await s.database.pool.query(`select id from catalog.dataset where title = 'later'`)
  const [entry] = await getEntries(s.db, [rows[0].id])
  const worker = await startShaclWorker({ ...options, limitMs: 1 })
  try {
    const restarts = () => childRestarts().find((child) => child.name === 'shacl' && child.restarts > 0)
    const wide = {
      ...entry!,
      content: { ...entry!.content, items: Array.from({ length: 2_000 }, (_, i) => ({ name: `${i}` })) },
    }
    expect(await worker.check(wide)).toMatchObject({ conforms: null, findings: [{ rule: 'not_checked' }] })
    await vi.waitFor(() => expect(restarts()).toBeDefined(), { timeout: 30_000 })
  } finally {
    await worker.stop()
  }
  await expect(
    startShaclWorker({ ...options, shapesFile: shapesFile('bad.ttl', 'not turtle') }),
  ).rejects.toThrow()
  await expect(startShaclWorker({ ...options, shapesFile: shapesFile('none.ttl', '') })).rejects.toThrow(
    'no SHACL shape',
  )
}, 60_000)

test('the report is for those who may change the entry', async () => {
  await results()
  const { rows } = await s.database.pool.query(`select uid from catalog.dataset where title = 'later'`)
  const url = `/api/v1/datasets/${rows[0].uid}/shacl`
  const mine = await s.signIn('mine', ['steward'], 'county')
  const other = await s.signIn('other', ['steward'], 'other')
  const report = await s.app.inject({ url, headers: mine })
  expect(report.statusCode).toBe(200)
  expect(report.json().result).toMatchObject({
    version: 1,
    warnings: 1,
    current: false,
    shapes: { file: 'theme.ttl' },
  })
  expect((await s.app.inject({ url, headers: other })).statusCode).toBe(403)
  expect((await s.app.inject({ url })).statusCode).toBe(401)
  expect(
    (await s.app.inject({ url: url.replace(/[0-9a-f]{8}-/, '00000000-'), headers: mine })).statusCode,
  ).toBe(404)
})
