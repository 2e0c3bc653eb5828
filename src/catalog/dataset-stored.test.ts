import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CatalogApp,
  createCatalogApp,
  sampleContent,
  sampleRecord,
} from '../../test/support/catalog-app.ts'
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
const rowOf = async (sourceId: string) => {
  const { rows } = await s.database.pool.query('select * from catalog.dataset where source_id = $1', [
    sourceId,
  ])
  return rows[0]
}
const contentOf = async (uid: string, version?: number) =>
  (await s.app.inject({ url: `/api/v1/datasets/${uid}${version ? `?version=${version}` : ''}` })).json()
    .content

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
