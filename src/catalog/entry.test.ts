import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleRecord } from '../../test/support/catalog-app.ts'
import { saveDataset } from './dataset.ts'
import { publishDataset, retireDataset } from './dataset-state.ts'
import {
  getChanges,
  getEntries,
  getEntriesByUid,
  retireBySource,
  sequenceChanges,
  streamEntries,
  type UpsertOptions,
  type UpsertRecord,
  unchangedRecords,
  upsertDatasets,
} from './index.ts'

// What every door of the catalogue reads: whole entries, and what happened to them.

let s: CatalogApp
beforeAll(async () => {
  s = await createCatalogApp()
})
afterAll(() => s?.close())

const upsert = (records: UpsertRecord[], options: Partial<UpsertOptions> = {}) =>
  upsertDatasets(s.db, s.system, records, { publish: true, ...options })
/** Everything there is: transactions of other tests in the same server may still hold some of it back. */
const allChanges = () =>
  vi.waitFor(async () => {
    await sequenceChanges(s.db)
    const { rows } = await s.database.pool.query('select count(*)::int as count from catalog.change_intake')
    expect(rows[0].count).toBe(0)
    return getChanges(s.db, 0, 10_000)
  }, 20_000)
const changesOf = async (uid: string) =>
  (await allChanges()).filter((c) => c.uid === uid).map((c) => [c.kind, c.version])

/** Every field that an item can have. */
const fullItem = {
  code: '001',
  name: 'date of birth',
  dataType: 'date',
  dataElement: 'DE00012',
  shareMethod: 'file_download',
  secret: true,
  requiredInExchange: true,
  dateFormat: 'YYYYMMDD',
  boundColumn: 'person.born',
  boundType: 'date',
  body: 'province',
}

describe('entries', () => {
  test('are read whole, by row, by address and one after another', async () => {
    const content = { items: [fullItem], identifier: ['https://example.org/set/1', 'doi:10.1/x'] }
    const [one, two] = await upsert([sampleRecord('e1', content), sampleRecord('e2')])
    await upsert([sampleRecord('e3')], { publish: false })
    const [entry] = await getEntriesByUid(s.db, [one!.uid!])
    expect(entry).toMatchObject({
      uid: one!.uid,
      version: 1,
      source: 'test',
      sourceId: 'e1',
      body: { code: 'county' },
    })
    expect(entry!.content).toMatchObject({ body: 'county', ...content })
    expect((await getEntries(s.db, [entry!.id]))[0]).toEqual(entry)
    const all: string[] = []
    for await (const batch of streamEntries(s.db, { batch: 1 })) all.push(...batch.map((e) => e.uid))
    expect(all).toEqual([one!.uid, two!.uid])
    expect(await getEntries(s.db, [])).toEqual([])
  })

  test('keep the address wished for, unless somebody has it', async () => {
    const uid = '11111111-2222-4333-8444-555555555555'
    const [first] = await upsert([{ ...sampleRecord('u1'), uid }])
    expect(first!.uid).toBe(uid)
    const [second, third] = await upsert([
      { ...sampleRecord('u2'), uid },
      { ...sampleRecord('u3'), uid: '21111111-2222-4333-8444-555555555555' },
    ])
    expect(second!.uid).not.toBe(uid)
    expect(third!.uid).toBe('21111111-2222-4333-8444-555555555555')
    const twice = '31111111-2222-4333-8444-555555555555'
    const both = await upsert([
      { ...sampleRecord('u4'), uid: twice },
      { ...sampleRecord('u5'), uid: twice },
    ])
    expect(both.map((o) => o.outcome)).toEqual(['added', 'added'])
  })
})

describe('an entry that its source has no more', () => {
  test('is retired, and comes back with its source', async () => {
    const record = sampleRecord('g1')
    const [added] = await upsert([record])
    expect(await retireBySource(s.db, s.system, 'test', ['g1', 'unknown'], 'gone from the source')).toBe(1)
    expect(await retireBySource(s.db, s.system, 'test', ['g1'], 'again')).toBe(0)
    expect(await getEntriesByUid(s.db, [added!.uid!])).toEqual([])
    expect((await upsert([record]))[0]!.outcome).toBe('unchanged')
    expect((await unchangedRecords(s.db, 'test', [record], { publish: true, revive: true })).size).toBe(0)
    expect((await upsert([record], { revive: true }))[0]).toMatchObject({
      outcome: 'changed',
      uid: added!.uid,
    })
    expect((await getEntriesByUid(s.db, [added!.uid!]))[0]).toMatchObject({ version: 3 })
    expect(await changesOf(added!.uid!)).toEqual([
      ['create', 1],
      ['delete', 2],
      ['create', 3],
    ])
  })

  test('stays retired where a person retired it', async () => {
    const [added] = await upsert([sampleRecord('g2')])
    await retireDataset(s.db, s.system, added!.uid!, {})
    const [again] = await upsert([sampleRecord('g2', { title: 'Another' })], { revive: true })
    expect(again).toMatchObject({ outcome: 'rejected', faults: [{ rule: 'retired' }] })
  })

  test('is not for everybody to retire', async () => {
    await upsert([sampleRecord('g3')])
    const actor = { ...s.system.actor, kind: 'person' as const, roles: [], personId: 1, uid: 'u' }
    await expect(retireBySource(s.db, { ...s.system, actor }, 'test', ['g3'], 'x')).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

describe('changes', () => {
  test('tell what the public sees: no drafts, no counters', async () => {
    const [added] = await upsert([sampleRecord('c1')], { publish: false })
    const uid = added!.uid!
    expect(await changesOf(uid)).toEqual([])
    await publishDataset(s.db, s.system, uid, {})
    await saveDataset(s.db, s.system, uid, sampleRecord('c1', { title: 'Draft' }).content, {})
    await s.database.pool.query('update catalog.dataset set use_count = use_count + 1 where uid = $1', [uid])
    expect(await changesOf(uid)).toEqual([['create', 2]])
    await publishDataset(s.db, s.system, uid, {})
    await retireDataset(s.db, s.system, uid, {})
    expect(await changesOf(uid)).toEqual([
      ['create', 2],
      ['update', 4],
      ['delete', 5],
    ])
  })

  test('of a transaction that still runs hold back what came after it; numbers have no gap and times go on', async () => {
    const { length } = await allChanges()
    const slow = await s.database.pool.connect()
    try {
      await slow.query('begin')
      await slow.query(`update catalog.dataset set version = version + 1, latest_version = latest_version + 1
        where source_id = 'e2'`)
      await upsert([sampleRecord('c2')])
      await sequenceChanges(s.db)
      expect(await getChanges(s.db, length, 100)).toEqual([])
      await slow.query('commit')
    } finally {
      slow.release()
    }
    const all = await allChanges()
    expect(all.slice(length).map((c) => c.kind)).toEqual(['update', 'create'])
    expect(all.map((c) => c.ordinal)).toEqual(all.map((_, i) => i + 1))
    expect(all.map((c) => c.at)).toEqual(all.map((c) => c.at).sort())
  })
})
