import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleRecord } from '../../test/support/catalog-app.ts'
import { sql } from '../platform/postgres.ts'
import type { Actor } from '../security/index.ts'
import { foldFigureChanges, recountFigures, selectFigures } from './figure.queries.ts'
import { type CatalogContext, type UpsertRecord, unchangedRecords, upsertDatasets } from './index.ts'

let s: CatalogApp
let ctx: CatalogContext
beforeAll(async () => {
  s = await createCatalogApp()
  ctx = s.system
})
afterAll(() => s?.close())

const upsert = (records: UpsertRecord[], publish = true, as = ctx) =>
  upsertDatasets(s.db, as, records, { publish })
const kinds = (outcomes: { outcome: string }[]) => outcomes.map((o) => o.outcome)
const rowOf = async (sourceId: string) => {
  const { rows } = await s.database.pool.query('select * from catalog.dataset where source_id = $1', [
    sourceId,
  ])
  return rows[0]
}
const lastSeq = async () =>
  (await s.database.pool.query('select coalesce(max(seq), 0) as seq from platform.outbox')).rows[0].seq
const eventsAfter = async (seq: number) =>
  (
    await s.database.pool.query(
      `select payload from platform.outbox where topic = 'catalog.dataset' and seq > $1 order by seq`,
      [seq],
    )
  ).rows.map((r) => r.payload)
const contentOf = async (uid: string, version?: number) =>
  (await s.app.inject({ url: `/api/v1/datasets/${uid}${version ? `?version=${version}` : ''}` })).json()
    .content

describe('outcomes', () => {
  test('added, unchanged, changed; one event and one audit event a call', async () => {
    const before = await lastSeq()
    const audits = async () =>
      (
        await s.database.pool.query(`select detail from security.audit_intake where action = 'dataset:import'
        union all select detail from security.audit_event where action = 'dataset:import'`)
      ).rows
    const auditsBefore = (await audits()).length
    const first = await upsert([sampleRecord('a'), sampleRecord('b')])
    expect(kinds(first)).toEqual(['added', 'added'])
    const again = await upsert([sampleRecord('a'), sampleRecord('b', { title: 'Other' })])
    expect(kinds(again)).toEqual(['unchanged', 'changed'])
    expect(again.map((o) => o.uid)).toEqual(first.map((o) => o.uid))
    const a = await rowOf('a')
    const b = await rowOf('b')
    expect([a.version, b.version, b.latest_version, b.title, b.item_count]).toEqual([1, 2, 2, 'Other', 2])
    expect(await eventsAfter(before)).toEqual([{ ids: [a.id, b.id] }, { ids: [b.id] }])
    expect((await audits()).length - auditsBefore).toBe(2)
    expect((await contentOf(b.uid, 1)).title).toBe('Road accidents')
  })

  test('nothing to write: no event', async () => {
    await upsert([sampleRecord('a0')])
    const before = await lastSeq()
    await upsert([sampleRecord('a0')])
    expect(await eventsAfter(before)).toEqual([])
    const { sourceId, hash } = sampleRecord('a0')
    expect(
      await unchangedRecords(s.db, 'test', [
        { sourceId, hash },
        { sourceId: 'nobody', hash },
        { sourceId: '\u0000', hash },
      ]),
    ).toEqual(new Set(['a0']))
    expect(await unchangedRecords(s.db, 'elsewhere', [{ sourceId, hash }])).toEqual(new Set())
  })

  test('of duplicates in a batch the first wins', async () => {
    const outcomes = await upsert([
      sampleRecord('d', { title: 'First' }),
      sampleRecord('d', { title: 'Second' }),
    ])
    expect(kinds(outcomes)).toEqual(['added', 'rejected'])
    expect(outcomes[1]!.faults).toMatchObject([{ rule: 'duplicate_identifier' }])
    expect((await rowOf('d')).title).toBe('First')
  })

  test('bad records are rejected with place and reason; the good ones are in', async () => {
    const outcomes = await upsert([
      sampleRecord('bad1', { title: '' }),
      sampleRecord('good'),
      sampleRecord('bad2', { body: 'nobody' }),
      sampleRecord('bad3', { items: [{ name: 'x', body: 'nobody' }] }),
      sampleRecord('bad4', { keyword: Array.from({ length: 35_000 }, (_, i) => `k${i}`) }),
      sampleRecord('x'.repeat(501)),
      sampleRecord('nul\u0000'),
      sampleRecord(''),
      sampleRecord('half\ud800'),
      { ...sampleRecord('bad5'), content: 'text' },
    ])
    expect(kinds(outcomes)).toEqual(['rejected', 'added', ...Array(8).fill('rejected')])
    expect(outcomes.map((o) => o.faults?.map((f) => `${f.path} ${f.rule}`))).toEqual([
      ['/title required'],
      undefined,
      ['/body unknown_body'],
      ['/items/0/body unknown_body'],
      ['/keyword maxItems'],
      ['/sourceId identifier'],
      ['/sourceId identifier'],
      ['/sourceId identifier'],
      ['/sourceId identifier'],
      [' type'],
    ])
  })

  test('a resource code belongs to one entry, inside a batch and after it', async () => {
    const code = { classification: ['B01'], resourceCode: ['B01/000001'] }
    const outcomes = await upsert([sampleRecord('r1', code), sampleRecord('r2', code)])
    expect(kinds(outcomes)).toEqual(['added', 'rejected'])
    expect(kinds(await upsert([sampleRecord('r3', code)]))).toEqual(['rejected'])
    expect(kinds(await upsert([sampleRecord('r1', { ...code, title: 'Again' })]))).toEqual(['changed'])
    expect(kinds(await upsert([sampleRecord('r1', {})]))).toEqual(['changed'])
    expect(kinds(await upsert([sampleRecord('r3', code)]))).toEqual(['added'])
  })
})

describe('without publication', () => {
  test('new records are drafts; of a published entry the content goes beside it', async () => {
    const before = await lastSeq()
    const [added] = await upsert([sampleRecord('draft')], false)
    expect((await rowOf('draft')).state).toBe('draft')
    expect(await eventsAfter(before)).toEqual([])
    expect((await s.app.inject({ url: `/api/v1/datasets/${added!.uid}` })).statusCode).toBe(404)
    expect(kinds(await upsert([sampleRecord('draft', { title: 'Second' })], false))).toEqual(['changed'])
    expect(await rowOf('draft')).toMatchObject({
      version: 2,
      latest_version: 2,
      state: 'draft',
      title: 'Second',
    })
    expect(kinds(await upsert([sampleRecord('draft', { title: 'Third' })], true))).toEqual(['changed'])
    expect(await rowOf('draft')).toMatchObject({ version: 3, state: 'published', title: 'Third' })
    expect(kinds(await upsert([sampleRecord('draft', { title: 'Fourth' })], false))).toEqual(['changed'])
    expect(await rowOf('draft')).toMatchObject({
      version: 3,
      latest_version: 4,
      state: 'published',
      title: 'Third',
    })
    expect(kinds(await upsert([sampleRecord('draft', { title: 'Fourth' })], false))).toEqual(['unchanged'])
  })
  test('a published import gives up an open draft, which stays in the history', async () => {
    await upsert([sampleRecord('open')])
    await upsert([sampleRecord('open', { title: 'Draft' })], false)
    await upsert([sampleRecord('open', { title: 'New' })])
    expect(await rowOf('open')).toMatchObject({ version: 3, latest_version: 3, title: 'New' })
    const { rows } = await s.database.pool.query(
      'select version, state from catalog.dataset_version where dataset_id = $1 order by version',
      [(await rowOf('open')).id],
    )
    expect(rows).toEqual([
      { version: 1, state: 'published' },
      { version: 2, state: 'discarded' },
    ])
  })
})

describe('rights', () => {
  const steward = (
    body: string,
    roles: Actor['roles'] = ['steward', 'data_office_reviewer'],
  ): CatalogContext => ({
    ...ctx,
    actor: {
      kind: 'person',
      personId: null,
      uid: 'u',
      name: 'Steward',
      organisationId: s.bodies[body]!.id,
      roles,
      scopes: null,
    },
  })
  test('a record for another body is rejected, also when it would take an entry away', async () => {
    const mine = steward('county')
    expect(
      kinds(await upsert([sampleRecord('w1'), sampleRecord('w2', { body: 'other' })], true, mine)),
    ).toEqual(['added', 'rejected'])
    await upsert([sampleRecord('w3', { body: 'other' })])
    const [taken] = await upsert([sampleRecord('w3')], true, mine)
    expect(taken).toMatchObject({ outcome: 'rejected', faults: [{ rule: 'forbidden', path: '/body' }] })
    expect(kinds(await upsert([sampleRecord('w4')], true, steward('province')))).toEqual(['added'])
    expect(kinds(await upsert([sampleRecord('w5')], true, steward('county', ['viewer'])))).toEqual([
      'rejected',
    ])
  })
})

describe('concurrency', () => {
  test('two importers with the same records: each record is one entry', async () => {
    const records = Array.from({ length: 50 }, (_, i) => sampleRecord(`c${i}`))
    const both = await Promise.all([upsert(records), upsert([...records].reverse())])
    const { rows } = await s.database.pool.query(
      `select count(*) from catalog.dataset where source_id ~ '^c\\d'`,
    )
    expect(rows[0].count).toBe(50)
    expect(both.flat().filter((o) => o.outcome === 'added')).toHaveLength(50)
    expect(both.flat().filter((o) => o.outcome === 'unchanged')).toHaveLength(50)
  })
  test('in the caller’s transaction nothing is left when it is undone', async () => {
    await s.db
      .transaction()
      .execute(async (tx) => {
        expect(kinds(await upsertDatasets(tx, ctx, [sampleRecord('undone')], { publish: true }))).toEqual([
          'added',
        ])
        throw new Error('undo')
      })
      .catch(() => {})
    expect(await rowOf('undone')).toBeUndefined()
  })
})

describe('figures', () => {
  const counted = async () => {
    const rows = (await selectFigures(s.db, 0)).map((r) => [r.scope, r.value, r.entries, r.items].join(' '))
    return rows.sort()
  }
  test('the counters are what counting gives, folded or not', async () => {
    const truth = (await recountFigures(s.db))
      .filter((r) => r.organisationId === 0 && r.scope !== 'hour')
      .map((r) => [r.scope, r.value, r.entries, r.items].join(' '))
      .sort()
    expect(await counted()).toEqual(truth)
    expect(await foldFigureChanges(s.db)).toBeGreaterThan(0)
    expect(await counted()).toEqual(truth)
    expect(await foldFigureChanges(s.db)).toBe(0)
    const { rows } = await sql<{ n: number }>`select count(*) as n from catalog.figure_change`.execute(s.db)
    expect(rows[0]!.n).toBe(0)
  })
})
