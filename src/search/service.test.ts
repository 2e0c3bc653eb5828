import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleRecord } from '../../test/support/catalog-app.ts'
import { upsertDatasets } from '../catalog/index.ts'
import { createLogger } from '../platform/log.ts'
import { checkIndex } from './check.ts'
import { holdLock } from './lock.ts'
import { generationFolder, readManifest, searchFolder, segmentPath } from './manifest.ts'
import { readNames } from './names.ts'
import { rebuildIndex } from './rebuild.ts'
import type { SearchResult } from './search.schema.ts'
import { type SearchService, searchReady, startSearch } from './start.ts'

// Child processes take seconds to start on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const log = createLogger(process.env.LOG_LEVEL ?? 'silent')
let s: CatalogApp
let service: SearchService
let dataDir: string
let folder: string

const start = async () => {
  service = await startSearch({ postgres: postgres(), profile: s.profile, dataDir, replicas: 2, log })
  expect(await searchReady(service)).toBe(true)
}
const postgres = () => ({ ...s.database, close: async () => {} })
const rebuild = async (more: { maxDocuments?: number; ownProcessAbove?: number } = {}) =>
  rebuildIndex({
    db: s.db,
    pool: s.database.pool,
    databaseUrl: s.database.url,
    names: await readNames(s.db, s.profile),
    folder,
    log,
    ...more,
  })
const put = (id: string, content: Record<string, unknown> = {}, publish = true) =>
  upsertDatasets(s.db, s.system, [sampleRecord(id, content)], { publish })
const find = (q: string) => service.search.searchEntries({ q, limit: 100 })
const titles = (result: SearchResult) => result.hits.map((h) => h.title).sort()

/** Waits until `look` gives what is expected; fails with the last difference after a minute. */
async function eventually<T>(look: () => Promise<T>, expected: T): Promise<void> {
  const end = Date.now() + 60_000
  let last = await look()
  while (Date.now() < end && JSON.stringify(last) !== JSON.stringify(expected)) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    last = await look()
  }
  expect(last).toEqual(expected)
}

beforeAll(async () => {
  s = await createCatalogApp()
  dataDir = join(process.env.TMPDIR ?? '/tmp', `concord-search-${process.pid}-${Date.now()}`)
  folder = searchFolder(dataDir)
  const records = Array.from({ length: 60 }, (_, i) =>
    sampleRecord(`base${i}`, { title: `水库 ${i}`, items: [{ name: `水位 ${i % 7}` }] }),
  )
  await upsertDatasets(s.db, s.system, records, { publish: true })
  await start()
})
afterAll(async () => {
  await service?.stop()
  await s?.close()
  if (dataDir) rmSync(dataDir, { recursive: true, force: true })
})

describe('the index follows the catalogue', () => {
  test('a new node builds its first index', async () => {
    const result = await find('水库')
    expect(result).toMatchObject({ total: 60, relaxed: false, estimated: false })
    expect(result.hits[0]).toMatchObject({ why: 'title', body: { code: 'county' }, itemCount: 1 })
    expect(result.hits[0]!.titleHighlight).toEqual([[0, 2]])
    expect(result.facets.body).toEqual([
      expect.objectContaining({ value: 'county', count: 60, selected: false }),
    ])
  })

  test('added, changed and withdrawn entries show', async () => {
    await put('new', { title: '桥梁名录', translations: { en: { title: 'Bridges' } } })
    await eventually(async () => titles(await find('桥梁')), ['桥梁名录'])
    await put('new', { title: '隧道名录' })
    await eventually(async () => [titles(await find('桥梁')), titles(await find('隧道'))], [[], ['隧道名录']])
    await s.database.pool.query(`update catalog.dataset set state = 'retired' where source_id = 'new'`)
    // Hidden at once, before the index knows.
    expect(titles(await find('隧道'))).toEqual([])
  })

  test('the address of an entry finds it', async () => {
    const { uid } = (await find('"水库 7"')).hits[0]!
    for (const q of [uid, ` http://localhost:8080/dataset/${uid} `])
      expect(await find(q)).toMatchObject({ total: 1, hits: [{ uid, why: 'code' }] })
    expect((await find(randomUUID())).total).toBe(0)
  })

  test('the item view names the entries, the names and the source', async () => {
    const result = await service.search.searchItems({ q: '水位 3', limit: 5 })
    expect(result.total).toBe(9)
    expect(result.names).toEqual([{ name: '水位 3', count: 9 }])
    expect(result.hits[0]).toMatchObject({ name: '水位 3', atSource: true, source: { code: 'county' } })
  })

  test('proposals come from items, titles and bodies', async () => {
    const kinds = async (text: string) => (await service.search.suggest(text, 10)).map((p) => p.kind)
    expect(await kinds('水')).toEqual(expect.arrayContaining(['item', 'title']))
    expect(await kinds('Body cou')).toEqual(['body'])
    expect(await kinds('\u0000"')).toEqual([])
    await put('translated', {
      title: '绿地名录',
      translations: { en: { title: 'Register of green spaces' } },
    })
    const shown = async (text: string) => (await service.search.suggest(text, 10)).map((p) => p.text)
    // A word inside a title, and the title in the language it was typed in.
    await eventually(async () => (await shown('green spa')).join(), 'Register of green spaces')
    expect(await shown('名录')).toContain('绿地名录')
  })

  test('a body is found by its new name, also in entries that were there before', async () => {
    const rename = async (name: string) => {
      await s.database.pool.query(`update security.organisation set name = $1 where code = 'county'`, [name])
      service.processes.setNames(await readNames(s.db, s.profile))
    }
    const { rows } = await s.database.pool.query(
      `select name from security.organisation where code = 'county'`,
    )
    const before = (await find('水库')).total
    await rename('Lakeside district')
    await eventually(async () => (await find('lakeside 水库')).total, before)
    await rename(rows[0].name)
    await eventually(async () => {
      const { total, relaxed } = await find('lakeside 水库')
      return relaxed ? 0 : total
    }, 0)
  })

  test('both stores agree, and a difference is found', async () => {
    const check = async () => {
      const { published, indexed, missing, surplus, different } = (await checkIndex(postgres(), folder))!
      return { published, indexed, missing, surplus, different }
    }
    // One entry was retired behind the catalogue's back above.
    await eventually(check, { published: 61, indexed: 62, missing: 0, surplus: 1, different: 0 })
    await s.database.pool.query(
      `update catalog.dataset set version = 9, latest_version = 9 where source_id = 'base1'`,
    )
    await s.database.pool.query(`update catalog.dataset set state = 'published' where source_id = 'new'`)
    expect(await check()).toMatchObject({ missing: 0, surplus: 0, different: 1 })
  })

  test('many small changes are merged and nothing is lost', async () => {
    for (let round = 0; round < 12; round++) {
      await put('moving', { title: `巡查 ${round}` })
      await put(`still${round}`, { title: `巡查 静 ${round}` })
      await eventually(async () => (await find('巡查')).total, round + 2)
    }
    await eventually(async () => titles(await find('巡查')).filter((t) => !t.includes('静')), ['巡查 11'])
    const changes = () => readManifest(folder)!.segments.filter((x) => !x.name.startsWith('r')).length
    await eventually(async () => changes() < 10, true)
    expect((await find('巡查')).total).toBe(13)
  })
})

describe('rebuild', () => {
  test('switches at once while searches go on, changes during it included', async () => {
    let failures = 0
    let going = true
    const searching = (async () => {
      while (going) {
        const { total } = await find('水库').catch(() => ({ total: -1 }))
        if (total !== 60) failures++
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })()
    const before = readManifest(folder)!.generation
    const building = rebuild({ maxDocuments: 25, ownProcessAbove: 0 })
    await put('during', { title: '施工许可' })
    const result = await building
    expect(readManifest(folder)!.generation).toBe(before + 1)
    expect(result.segments).toBeGreaterThan(2)
    await eventually(async () => titles(await find('施工许可')), ['施工许可'])
    await eventually(async () => (await find('巡查')).total, 13)
    await put('after', { title: '施工监理' })
    await eventually(async () => titles(await find('施工监理')), ['施工监理'])
    going = false
    await searching
    expect(failures).toBe(0)
    expect(await checkIndex(postgres(), folder)).toMatchObject({ missing: 0, surplus: 0, different: 0 })
  })

  test('an attempt that was cut off is continued with what it finished', async () => {
    const manifest = readManifest(folder)!
    // What kill -9 leaves: a plan, one finished range, a file in the making.
    const home = generationFolder(folder, manifest.generation + 1)
    await rebuild({ maxDocuments: 25 })
    const made = readManifest(folder)!
    const ranges = new Map<string, typeof made.segments>()
    for (const segment of made.segments) {
      const range = /^r(\d+)-/.exec(segment.name)?.[1]
      if (range) ranges.set(range, [...(ranges.get(range) ?? []), segment])
    }
    const plan = {
      segmentFormat: made.segmentFormat,
      tokeniser: made.tokeniser,
      position: made.position,
      startedAt: Date.now(),
      ranges: [
        { fromId: 1, toId: 26 },
        { fromId: 26, toId: 100_000 },
      ],
    }
    writeFileSync(join(home, 'plan.json'), JSON.stringify(plan))
    writeFileSync(join(home, 'range-0.json'), JSON.stringify(ranges.get('0')))
    writeFileSync(join(home, 'r1-0.segment.part'), 'half')
    writeFileSync(join(folder, 'current'), JSON.stringify({ generation: 0 }))
    const result = await rebuild({ maxDocuments: 25 })
    expect(result.resumed).toBe(1)
    expect(readdirSync(home).filter((f) => f.endsWith('.part'))).toEqual([])
    await eventually(async () => (await find('水库')).total, 60)
    expect(await checkIndex(postgres(), folder)).toMatchObject({ missing: 0, surplus: 0, different: 0 })
  })

  test('two at a time are refused', async () => {
    const release = holdLock(join(folder, 'rebuild.lock'), 'Another rebuild runs.')
    await expect(rebuild()).rejects.toMatchObject({ code: 'conflict' })
    release()
    expect(await rebuild()).toMatchObject({ resumed: 0 })
  })

  test('a lock of a process that ended does not count, though another has its number now', async () => {
    writeFileSync(join(folder, 'rebuild.lock'), `${process.pid}-1`)
    expect(await rebuild()).toMatchObject({ resumed: 0 })
    expect(existsSync(join(folder, 'rebuild.lock'))).toBe(false)
  })
})

describe('failures', () => {
  test('a replica that is killed is replaced and no question is lost', async () => {
    const pids = readdirSync('/proc')
      .filter((p) => /^\d+$/.test(p))
      .filter((p) => {
        try {
          const command = readFileSync(`/proc/${p}/cmdline`, 'utf8')
          return (
            command.includes('replica-process') &&
            readFileSync(`/proc/${p}/stat`, 'utf8').split(' ')[3] === String(process.pid)
          )
        } catch {
          return false
        }
      })
    expect(pids.length).toBe(2)
    const questions = Array.from({ length: 40 }, () => find('水库'))
    process.kill(Number(pids[0]), 'SIGKILL')
    const answers = await Promise.all([...questions, ...Array.from({ length: 20 }, () => find('水库'))])
    expect(answers.map((a) => a.total)).toEqual(answers.map(() => 60))
  })

  test.each(['cut short', 'altered', 'text lost'])(
    'a segment file %s leads to a new index',
    async (damage) => {
      await service.stop()
      const manifest = readManifest(folder)!
      const path = segmentPath(folder, manifest.generation, manifest.segments[0]!.name)
      if (damage === 'cut short') truncateSync(path, 1000)
      if (damage === 'text lost') rmSync(`${path}.text`)
      if (damage === 'altered') {
        const bytes = readFileSync(path)
        bytes[bytes.length - 9]! ^= 255
        writeFileSync(path, bytes)
        await expect(checkIndex(postgres(), folder)).rejects.toThrow('checksum')
      }
      await start()
      await eventually(async () => (await find('水库')).total, 60)
      expect(readManifest(folder)!.generation).toBeGreaterThan(manifest.generation)
    },
  )

  test('an index of an older program is built anew', async () => {
    await service.stop()
    const manifest = readManifest(folder)!
    const path = join(generationFolder(folder, manifest.generation), 'manifest.json')
    writeFileSync(path, JSON.stringify({ ...manifest, tokeniser: 0 }))
    expect(readManifest(folder)).toBeUndefined()
    await start()
    await eventually(async () => (await find('水库')).total, 60)
  })
})
