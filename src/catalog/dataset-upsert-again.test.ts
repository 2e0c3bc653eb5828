import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleRecord } from '../../test/support/catalog-app.ts'
import { checkDataset, saveDataset } from './dataset.ts'
import { discardDraft, publishDataset } from './dataset-state.ts'
import { type CatalogContext, type UpsertRecord, unchangedRecords, upsertDatasets } from './index.ts'

// What a record does that comes a second time: with another wish, another hash, or after somebody's own change.

let s: CatalogApp
let steward: CatalogContext
beforeAll(async () => {
  s = await createCatalogApp()
  const actor = { ...s.system.actor, name: 'Somebody' }
  steward = { ...s.system, actor }
})
afterAll(() => s?.close())

const upsert = async (record: UpsertRecord, publish: boolean) =>
  (await upsertDatasets(s.db, s.system, [record], { publish }))[0]!
const rowOf = async (sourceId: string) =>
  (
    await s.database.pool.query(
      `select state, version, latest_version as latest, title, encode(source_hash, 'hex') as hash,
         (select array_agg(v.state order by v.version) from catalog.dataset_version v where v.dataset_id = d.id) as kept
       from catalog.dataset d where source_id = $1`,
      [sourceId],
    )
  ).rows[0]
const isUnchanged = async (record: UpsertRecord, publish?: boolean) =>
  (await unchangedRecords(s.db, 'test', [record], { publish })).size === 1

describe('a record that waits as a draft', () => {
  test('is published by the same record with that wish, then unchanged', async () => {
    const record = sampleRecord('p1')
    await upsert(record, false)
    expect([
      await isUnchanged(record, false),
      await isUnchanged(record, true),
      await isUnchanged(record),
    ]).toEqual([true, false, false])
    expect((await upsert(record, false)).outcome).toBe('unchanged')
    expect((await upsert(record, true)).outcome).toBe('changed')
    expect(await rowOf('p1')).toMatchObject({ state: 'published', version: 2 })
    expect((await upsert(record, true)).outcome).toBe('unchanged')
    expect([
      await isUnchanged(record, false),
      await isUnchanged(record, true),
      await isUnchanged(record),
    ]).toEqual([true, true, true])
  })

  test('beside a published entry as well', async () => {
    const second = sampleRecord('p2', { title: 'Second' })
    await upsert(sampleRecord('p2'), true)
    await upsert(second, false)
    expect(await isUnchanged(second, true)).toBe(false)
    expect((await upsert(second, false)).outcome).toBe('unchanged')
    const published = await upsert(second, true)
    expect([published.outcome, published.faults]).toEqual(['changed', undefined])
    expect(await rowOf('p2')).toMatchObject({ title: 'Second', state: 'published', version: 3, latest: 3 })
    expect((await upsert(second, true)).outcome).toBe('unchanged')
  })

  test('is unchanged once somebody published it by hand', async () => {
    const second = sampleRecord('p3', { title: 'Second' })
    const { uid } = await upsert(sampleRecord('p3'), true)
    await upsert(second, false)
    await publishDataset(s.db, steward, uid!, {})
    expect((await upsert(second, true)).outcome).toBe('unchanged')
    expect((await upsert(sampleRecord('p3'), true)).outcome).toBe('changed')
  })

  test('comes again after its draft was discarded', async () => {
    const second = sampleRecord('p4', { title: 'Second' })
    const { uid } = await upsert(sampleRecord('p4'), true)
    await upsert(second, false)
    await discardDraft(s.db, steward, uid!, {})
    expect(await isUnchanged(second)).toBe(false)
    expect((await upsert(sampleRecord('p4'), true)).outcome).toBe('unchanged')
    expect((await upsert(second, false)).outcome).toBe('changed')
    expect(await rowOf('p4')).toMatchObject({ title: 'Road accidents', latest: 4 })
    await discardDraft(s.db, steward, uid!, {})
    expect((await upsert(second, true)).outcome).toBe('changed')
    expect(await rowOf('p4')).toMatchObject({ title: 'Second', state: 'published' })
  })

  test("somebody's own draft does not make a published record one that waits", async () => {
    const record = sampleRecord('p5')
    const { uid } = await upsert(record, true)
    await saveDataset(s.db, steward, uid!, { ...record.content, title: 'By hand' }, {})
    expect([await isUnchanged(record, true), await isUnchanged(record, false)]).toEqual([true, true])
    expect((await upsert(record, true)).outcome).toBe('unchanged')
    expect(await rowOf('p5')).toMatchObject({ version: 1, latest: 2, kept: ['draft'] })
  })
})

describe('another hash of the same content', () => {
  const other = (record: UpsertRecord) => ({
    ...record,
    hash: createHash('sha256').update(record.hash).digest(),
  })
  test('is unchanged and only the hash is kept: published, draft, and draft beside', async () => {
    for (const [id, wishes] of [
      ['h1', [true]],
      ['h2', [false]],
      ['h3', [true, false]],
    ] as const) {
      let record = sampleRecord(id)
      for (const [i, publish] of wishes.entries()) {
        record = sampleRecord(id, { title: `Title ${i}` })
        await upsert(record, publish)
      }
      const before = await rowOf(id)
      const again = other(record)
      expect(await upsert(again, wishes.at(-1)!)).toMatchObject({ outcome: 'unchanged' })
      expect(await isUnchanged(again, wishes.at(-1)!)).toBe(true)
      expect(await isUnchanged(record, wishes.at(-1)!)).toBe(false)
      const after = await rowOf(id)
      expect({ ...after, hash: '' }).toEqual({ ...before, hash: '' })
    }
  })
  test('with another wish it is published', async () => {
    const record = sampleRecord('h4')
    await upsert(record, false)
    expect((await upsert(other(record), true)).outcome).toBe('changed')
    expect(await rowOf('h4')).toMatchObject({ state: 'published', version: 2 })
  })
})

describe("somebody's work that a record replaces is named in the report", () => {
  const note = { rule: 'draft_replaced', message: expect.stringMatching(/version 2.*Somebody/i) }
  test('a draft beside, by a published record and by a draft', async () => {
    for (const publish of [true, false]) {
      const record = sampleRecord(`n${publish}`)
      const { uid } = await upsert(record, true)
      await saveDataset(s.db, steward, uid!, { ...record.content, title: 'By hand' }, {})
      const again = await upsert(sampleRecord(`n${publish}`, { title: 'Second' }), publish)
      expect(again).toMatchObject({ outcome: 'changed', faults: [note] })
    }
  })
  test('an imported draft that somebody worked on', async () => {
    const record = sampleRecord('n3')
    const { uid } = await upsert(record, false)
    await saveDataset(s.db, steward, uid!, { ...record.content, title: 'By hand' }, {})
    expect(await upsert(sampleRecord('n3', { title: 'Second' }), false)).toMatchObject({
      outcome: 'changed',
      faults: [note],
    })
  })
  test('an own earlier draft, and a draft with the same content, are not worth a word', async () => {
    const record = sampleRecord('n4')
    const { uid } = await upsert(record, true)
    await upsert(sampleRecord('n4', { title: 'Own' }), false)
    expect((await upsert(sampleRecord('n4', { title: 'Second' }), true)).faults).toBeUndefined()
    const third = sampleRecord('n4', { title: 'Third' })
    await saveDataset(s.db, steward, uid!, third.content, {})
    const published = await upsert(third, true)
    expect([published.outcome, published.faults]).toEqual(['changed', undefined])
  })
})

describe('every fault at once', () => {
  test('of the content, of its bodies and of its codes', async () => {
    const code = { classification: ['B01'], resourceCode: ['B01/000077'] }
    await upsert(sampleRecord('f1', code), true)
    const bad = sampleRecord('f2', {
      ...code,
      body: 'nobody',
      title: '',
      items: [{ name: 'x', body: 'nobody either' }, { name: 'y', body: 7 }, 'z'],
    })
    const { outcome, faults } = await upsert(bad, true)
    expect(outcome).toBe('rejected')
    expect(faults!.map((f) => `${f.path} ${f.rule}`).sort()).toEqual(
      [
        '/title required',
        '/body unknown_body',
        '/items/0/body unknown_body',
        '/items/1/body type',
        '/items/2 type',
        '/resourceCode/0 duplicate_identifier',
      ].sort(),
    )
  })
  test('of a single entry, and hostile codes reach no statement', async () => {
    const { content } = sampleRecord('f3', {
      title: '',
      body: 'nobody',
      classification: ['B01'],
      resourceCode: ['B01/000077', 'B01/\u0000', '\ud800', 'x'.repeat(5_000)],
    })
    const { faults } = await checkDataset(s.db, s.system, content)
    expect(faults.map((f) => `${f.path} ${f.rule}`)).toEqual(
      expect.arrayContaining([
        '/title required',
        '/body unknown_body',
        '/resourceCode/0 duplicate_identifier',
      ]),
    )
  })
})
