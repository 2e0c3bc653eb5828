import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CatalogApp,
  createCatalogApp,
  sampleContent,
  sampleRecord,
} from '../../test/support/catalog-app.ts'
import { sql } from '../platform/postgres.ts'
import type { Actor } from '../security/index.ts'
import { foldFigureChanges, recountFigures, selectFigures } from './figure.queries.ts'
import {
  type CatalogContext,
  copyDatasetsForIndex,
  datasetRange,
  getDatasetRows,
  getItemNames,
  getItemRows,
  getItemsOf,
  parseIndexLine,
  selectDatasetsForIndex,
  type UpsertRecord,
  unchangedRecords,
  upsertDatasets,
} from './index.ts'

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

describe('what is kept is what was given', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  const date = fc.date({ min: new Date('1000-01-02'), max: new Date('2999-12-30'), noInvalidDate: true })
  const day = date.map((d) => d.toISOString().slice(0, 10))
  const contents = fc.record(
    {
      title: word,
      abstract: fc.string({ unit: 'grapheme', maxLength: 100 }),
      keyword: fc.array(word, { maxLength: 4 }),
      spatial: fc.array(word, { maxLength: 3 }),
      theme: fc.constantFrom(['transport'], ['health', 'land']),
      duty: word,
      temporalStart: day,
      issued: day,
      modified: date.map((d) => d.toISOString()),
      contact: fc.record({ name: word }),
      extension: fc.record(
        { recordCount: fc.double({ noNaN: true, noDefaultInfinity: true }), storageLocation: word },
        { requiredKeys: [] },
      ),
      distributions: fc.array(fc.record({ title: word, byteSize: fc.maxSafeNat() }), { maxLength: 3 }),
      translations: fc.record({ zh: fc.record({ title: word }) }),
      items: fc.array(
        fc.record(
          {
            name: word,
            description: word,
            length: fc.nat(2_000_000_000),
            precision: fc.nat(1000),
            isKey: fc.boolean(),
            personal: fc.boolean(),
            body: fc.constantFrom('county', 'other'),
            translations: fc.record({ zh: fc.record({ name: word }) }),
          },
          { requiredKeys: ['name'] },
        ),
        { maxLength: 5 },
      ),
    },
    { requiredKeys: ['title'] },
  )
  test('rows, archive and answer hold the same content', async () => {
    const { validateDataset } = await import('./dataset-validation.ts')
    let n = 0
    await fc.assert(
      fc.asyncProperty(contents, async (more) => {
        const wanted = validateDataset(sampleContent(more), ctx.profile)
        fc.pre(wanted.content !== null)
        const id = `p${n++}`
        const [added] = await upsert([sampleRecord(id, more)])
        expect(added!.faults).toBeUndefined()
        const plain = JSON.parse(JSON.stringify(wanted.content))
        expect(await contentOf(added!.uid!)).toEqual(plain)
        await upsert([sampleRecord(id, { title: 'changed' })])
        expect(await contentOf(added!.uid!, 1)).toEqual(plain)
      }),
      { numRuns: 60 },
    )
  })
})

describe('rows for others', () => {
  test('display rows and items in the order asked for', async () => {
    const items = [
      { name: 'own', grade: 'core' },
      { name: 'from elsewhere', body: 'other', sharingType: 'conditional', sharingCondition: 'masked' },
      { name: 'third', translations: { zh: { name: '第三' } } },
    ]
    await upsert([
      sampleRecord('show1', { items, grade: 'important', keyword: ['k'] }),
      sampleRecord('show2'),
    ])
    const [one, two] = [await rowOf('show1'), await rowOf('show2')]
    const rows = await getDatasetRows(s.db, [two.id, 999_999, one.id])
    expect(rows.map((r) => r.id)).toEqual([two.id, one.id])
    expect(rows[1]).toMatchObject({
      body: { code: 'county' },
      itemCount: 3,
      grade: 'important',
    })
    const found = await getItemsOf(s.db, [one.id], 2)
    expect(found).toMatchObject([
      { name: 'own', grade: 'core', atSource: true, sharingType: 'unconditional', sharingCondition: null },
      {
        name: 'from elsewhere',
        grade: 'important',
        atSource: false,
        organisationId: s.bodies.other!.id,
        sharingCondition: 'masked',
      },
    ])
    expect(
      (
        await getItemRows(s.db, [
          { datasetId: one.id, ordinal: 2 },
          { datasetId: two.id, ordinal: 0 },
        ])
      ).map((i) => i.name),
    ).toEqual(['third', 'place of accident'])
    const asked = [
      { datasetId: one.id, ordinal: 2 },
      { datasetId: one.id, ordinal: 0 },
    ]
    expect((await getItemNames(s.db, asked)).map((i) => [i.name, i.translations?.zh?.name])).toEqual([
      ['third', '第三'],
      ['own', undefined],
    ])
    const [index] = await selectDatasetsForIndex(s.db, [one.id])
    expect(index).toMatchObject({
      id: one.id,
      titles: ['Road accidents'],
      itemNames: ['own', 'from elsewhere', 'third', '第三'],
      itemOrdinals: [0, 1, 2, 2],
    })
  })

  test('the copy for the index has the same rows, hostile texts included', async () => {
    await upsert([
      sampleRecord('copy', {
        abstract: 'tab\there\nline \\N back\\slash',
        translations: { zh: { title: '标题' } },
      }),
    ])
    const { min, max } = await datasetRange(s.db)
    const query = copyDatasetsForIndex(min, max + 1)
    const client = await s.database.pool.connect()
    const { to } = await import('pg-copy-streams')
    const chunks: Buffer[] = []
    for await (const chunk of client.query(to(query))) chunks.push(chunk)
    client.release()
    const copied = Buffer.concat(chunks).toString('utf8').replace(/\n$/, '').split('\n').map(parseIndexLine)
    const selected = await selectDatasetsForIndex(
      s.db,
      copied.map((r) => r.id),
    )
    expect(copied).toEqual(selected)
    expect(copied.find((r) => r.codes.includes('copy'))).toMatchObject({
      titles: ['Road accidents', '标题'],
      abstracts: ['tab\there\nline \\N back\\slash'],
    })
    expect(() => copyDatasetsForIndex(1, Number.NaN)).toThrow()
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

test('how many entries with 7 items are written in a second', async () => {
  const batch = (b: number) =>
    Array.from({ length: 1_000 }, (_, i) =>
      sampleRecord(`t${b}-${i}`, {
        title: `城市道路交通事故统计数据 ${b}-${i}`,
        items: Array.from({ length: 7 }, (_, k) => ({
          code: `${k}`,
          name: `事故地点${k}`,
          dataType: 'character',
        })),
      }),
    )
  await upsert(batch(0))
  const batches = [1, 2, 3, 4].map(batch)
  const started = performance.now()
  await Promise.all(batches.map((b) => upsert(b)))
  console.log(`upsert: ${Math.round(4e6 / (performance.now() - started))} entries/s`)
})
