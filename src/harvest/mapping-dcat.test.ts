import { Writer } from 'n3'
import { Errors } from 'typebox/value'
import { describe, expect, test } from 'vitest'
import { DatasetContent } from '../catalog/dataset.schema.ts'
import type { Entry } from '../catalog/index.ts'
import { datasetQuads } from '../interop/dcat/graph.ts'
import { loadProfile } from '../platform/profile.ts'
import { compileMapping, formatMapping } from './mapping.ts'
import { cycleOf } from './mapping-values.ts'
import { readCatalogue } from './remote/rdf-catalogue.ts'

const profile = loadProfile('neutral')
const map = compileMapping(formatMapping('dcat'), profile)

const prefixes = `@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix eu: <http://publications.europa.eu/resource/authority/> .
@prefix spdx: <http://spdx.org/rdf/terms#> . @prefix adms: <http://www.w3.org/ns/adms#> .
`
async function read(turtle: string) {
  const page = await readCatalogue(turtle, { syntax: 'turtle', base: 'https://data.example/catalog.ttl' })
  expect(page.error).toBeUndefined()
  return page.records.map((r) => map(JSON.parse(r.json), { type: r.type }))
}
const one = async (said: string) =>
  (await read(`${prefixes}<https://data.example/d/1> a dcat:Dataset ; dct:title "T" ${said} .`))[0]!

test('everything that a data set says has its place in the entry', async () => {
  const [record] = await read(
    `${prefixes}
<https://data.example/dataset/42> a dcat:Dataset ;
  dct:identifier "42", "urn:old:42" ;
  dct:title "Unfälle"@de, "Accidents"@en, "Accidents de la route"@fr ;
  dct:description "<p>Wo und wann</p>"@de, "Where and when"@en ;
  dct:language <http://publications.europa.eu/resource/authority/language/ENG> ;
  dcat:keyword "accident"@en, "Unfall"@de, "road" ;
  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/TRAN>,
    <http://publications.europa.eu/resource/authority/data-theme/TECH> ;
  dct:publisher [ a foaf:Agent ; foaf:name "Roads Office"@en ] ;
  dcat:contactPoint [ a vcard:Organization ; vcard:fn "Desk" ; vcard:hasEmail <mailto:desk@roads.example> ;
    vcard:hasTelephone [ vcard:hasValue <tel:+49-30-1> ] ; vcard:hasURL <https://roads.example/> ] ;
  dct:spatial [ a dct:Location ; skos:prefLabel "Berlin"@de ], eu:DEU ;
  dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2020-01-01"^^xsd:date ; dcat:endDate "2024-12-31"^^xsd:date ] ;
  dct:issued "2021-05-06"^^xsd:date ; dct:modified "2026-01-02T03:04:05+01:00"^^xsd:dateTime ;
  dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/MONTHLY> ;
  dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
  dcat:landingPage <https://data.example/pages/42> ;
  dct:conformsTo [ a dct:Standard ; rdfs:label "DATEX II" ] ; dct:isVersionOf <https://data.example/dataset/41> ;
  dcat:distribution [ a dcat:Distribution ; dct:title "CSV"@en ;
    dcat:downloadURL <https://data.example/42.csv> ; dcat:accessURL <https://data.example/42> ;
    dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ;
    dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ; dcat:byteSize "12345"^^xsd:nonNegativeInteger ;
    spdx:checksum [ spdx:algorithm spdx:checksumAlgorithm_sha1 ; spdx:checksumValue "abc" ] ;
    dct:license <https://creativecommons.org/licenses/by/4.0/> ; dcat:accessService <https://data.example/api> ] .
<https://data.example/api> a dcat:DataService ; dct:title "API" ; dcat:endpointURL <https://data.example/api/v1> ;
  dcat:servesDataset <https://data.example/dataset/42> .
eu:DEU a dct:Location .`.replace(
      'eu:DEU ;',
      '<http://publications.europa.eu/resource/authority/country/DEU> ;',
    ),
  )
  expect(record).toMatchObject({ sourceId: '42', title: 'Accidents', faults: [], warnings: [] })
  expect(record!.content).toEqual({
    language: 'en',
    title: 'Accidents',
    abstract: 'Where and when',
    translations: {
      de: { title: 'Unfälle', abstract: 'Wo und wann' },
      fr: { title: 'Accidents de la route' },
    },
    identifier: ['urn:old:42', 'https://data.example/dataset/42'],
    theme: ['transport'],
    keyword: ['road', 'accident', 'Science and technology'],
    openType: 'unconditional',
    sharingType: 'unconditional',
    updateCycle: 'monthly',
    spatial: ['DEU', 'Berlin'],
    temporalStart: '2020-01-01',
    temporalEnd: '2024-12-31',
    issued: '2021-05-06',
    modified: '2026-01-02T02:04:05.000Z',
    landingPage: 'https://data.example/pages/42',
    license: 'https://creativecommons.org/licenses/by/4.0/',
    contact: { name: 'Desk', email: 'desk@roads.example', phone: '+49-30-1', url: 'https://roads.example/' },
    distributions: [
      {
        title: 'CSV',
        format: 'CSV',
        mediaType: 'text/csv',
        accessUrl: 'https://data.example/42',
        downloadUrl: 'https://data.example/42.csv',
        byteSize: 12345,
        checksum: 'sha1:abc',
        license: 'https://creativecommons.org/licenses/by/4.0/',
      },
    ],
    services: [{ title: 'API', endpointUrl: 'https://data.example/api/v1' }],
    related: [
      { identifier: 'https://data.example/dataset/41', kind: 'version_of' },
      { identifier: 'DATEX II', kind: 'related', title: 'DATEX II' },
    ],
  })
  expect([...Errors(DatasetContent, { body: 'b', ...record!.content })]).toEqual([])
})

describe('identity', () => {
  test('the identifier stays when title and address change', async () => {
    const [a] = await read(
      `${prefixes}<https://a.example/1> a dcat:Dataset ; dct:title "Old" ; dct:identifier "x1" .`,
    )
    const [b] = await read(
      `${prefixes}<https://b.example/2> a dcat:Dataset ; dct:title "New" ; dct:identifier "x1" .`,
    )
    expect([a!.sourceId, b!.sourceId]).toEqual(['x1', 'x1'])
  })
  test('without an identifier it is the address', async () => {
    expect((await one('')).sourceId).toBe('https://data.example/d/1')
  })
  test('without either the record is refused', async () => {
    const [record] = await read(`${prefixes}[] a dcat:Dataset ; dct:title "Nobody" .`)
    expect(record!.faults.map((f) => f.rule)).toEqual(['identifier_missing'])
  })
  test('of several the one in the address counts, whatever their order', async () => {
    const [record] = await read(
      `${prefixes}<https://a.example/d/zz> a dcat:Dataset ; dct:title "T" ; dct:identifier "aa", "z", "zz", "mm" .`,
    )
    expect(record).toMatchObject({
      sourceId: 'zz',
      content: { identifier: ['aa', 'mm', 'z', 'https://a.example/d/zz'] },
    })
  })
})

describe('languages', () => {
  test('a text in no language is the one of the entry; the others are translations', async () => {
    const { content } = await one(', "题"@zh-cn, "Title"@en ; dct:language "de"')
    expect(content).toMatchObject({
      title: 'T',
      language: 'de',
      translations: { 'zh-CN': { title: '题' }, en: { title: 'Title' } },
    })
  })
  test('Chinese stands for a record that does not say its language', async () => {
    const [record] = await read(
      `${prefixes}<x> a dcat:Dataset ; dct:title "Title"@en, "标题"@zh-hans ; dct:description "Only English"@en .`,
    )
    expect(record!.content).toMatchObject({ title: '标题', language: 'zh-Hans' })
    expect(record!.content).not.toHaveProperty('abstract')
    expect(record!.content.translations).toEqual({ en: { title: 'Title', abstract: 'Only English' } })
  })
  test('more languages than an entry has are left out with a warning', async () => {
    const tags = 'bg cs da de el en es et fi fr hr hu it lt lv'.split(' ')
    const record = await one(`, ${tags.map((tag) => `"t"@${tag}`).join(', ')}`)
    expect(Object.keys(record.content.translations as object)).toHaveLength(10)
    expect(record.warnings.map((w) => w.rule)).toEqual(['languages'])
  })
})

describe('sharing and opening', () => {
  test.each([
    ['eu:access-right\\/PUBLIC', 'unconditional', 'unconditional'],
    ['eu:access-right\\/RESTRICTED', 'conditional', 'conditional'],
    ['eu:access-right\\/NON_PUBLIC', 'conditional', 'not_open'],
    ['eu:access-right\\/CONFIDENTIAL', 'conditional', 'not_open'],
    ['[ rdfs:label "public" ]', 'unconditional', 'unconditional'],
  ])('%s', async (rights, sharingType, openType) => {
    const record = await one(`; dct:accessRights ${rights}`)
    expect(record.content).toMatchObject({ sharingType, openType })
    expect(record.assumed).toBeUndefined()
  })
  test('nothing said: the careful class, told', async () => {
    const record = await one('')
    expect(record.content).toMatchObject({ sharingType: 'conditional', openType: 'not_open' })
    expect(record.assumed).toEqual({ sharingType: 'conditional', openType: 'not_open' })
  })
})

test.each([
  ['CONT', 'real_time'],
  ['UPDATE_CONT', 'real_time'],
  ['HOURLY', 'daily'],
  ['DAILY_2', 'daily'],
  ['WEEKLY_3', 'weekly'],
  ['BIWEEKLY', 'weekly'],
  ['BIMONTHLY', 'monthly'],
  ['QUARTERLY', 'quarterly'],
  ['ANNUAL', 'yearly'],
  ['ANNUAL_2', 'yearly'],
  ['QUINQUENNIAL', 'yearly'],
  ['NEVER', 'once'],
  ['NOT_PLANNED', 'once'],
  ['IRREG', 'irregular'],
  ['AS_NEEDED', 'irregular'],
  ['UNKNOWN', 'irregular'],
  ['OTHER', 'irregular'],
])('the frequency %s is %s', (code, cycle) => {
  expect(cycleOf(`http://publications.europa.eu/resource/authority/frequency/${code}`)).toBe(cycle)
})

test('a repetition, and a frequency nobody knows', async () => {
  expect((await one('; dct:accrualPeriodicity "R/P1W"')).content.updateCycle).toBe('weekly')
  const unknown = await one('; dct:accrualPeriodicity <http://x.example/whenever>')
  expect(unknown.content.updateCycle).toBe('irregular')
  expect(unknown.warnings.map((w) => w.rule)).toEqual(['update_cycle'])
})

test('what is none is left out with a warning, and the entry taken', async () => {
  const record = await one(
    `; dct:issued "soon" ; dcat:landingPage <mailto:a@b> ; dct:spatial [ dcat:bbox "POLYGON((0 0))" ]`,
  )
  expect(record.warnings.map((w) => w.rule).sort()).toEqual(['date', 'spatial', 'url'])
  expect(record.faults).toEqual([])
})

test('a title is demanded', async () => {
  const [record] = await read(
    `${prefixes}<c> a dcat:Catalog ; dcat:dataset <d> . <d> a dcat:Dataset ; dct:identifier "d" .`,
  )
  expect(record!.faults.map((f) => f.rule)).toEqual(['required'])
})

test('a service alone is an entry with itself as its service', async () => {
  const [record] = await read(
    `${prefixes}<s> a dcat:DataService ; dct:title "Geocoder" ; dct:description "Finds places" ; dcat:endpointURL <https://x.example/geo> .`,
  )
  expect(record!.content).toMatchObject({
    title: 'Geocoder',
    abstract: 'Finds places',
    services: [{ title: 'Geocoder', endpointUrl: 'https://x.example/geo' }],
  })
})

test('what this catalogue serves as DCAT-AP it reads again', async () => {
  const content: Entry['content'] = {
    body: 'mot',
    language: 'zh-CN',
    title: '道路事故',
    abstract: '时间和地点',
    translations: { en: { title: 'Road accidents', abstract: 'Where and when' } },
    theme: ['safety', 'transport'],
    keyword: ['事故'],
    sharingType: 'conditional',
    openType: 'unconditional',
    updateCycle: 'monthly',
    spatial: ['某市'],
    temporalStart: '2020-01-01',
    issued: '2026-01-02',
    modified: '2026-03-01T00:00:00.000Z',
    landingPage: 'https://www.example.org/a',
    license: 'https://creativecommons.org/licenses/by/4.0/',
    contact: { name: 'Desk', email: 'desk@example.org' },
    distributions: [
      {
        title: 'CSV',
        format: 'CSV',
        mediaType: 'text/csv',
        downloadUrl: 'https://example.org/x.csv',
        byteSize: 12,
      },
    ],
    services: [{ title: 'API', endpointUrl: 'https://example.org/api' }],
  }
  const uid = '6c7f1a0e-1111-4222-8333-444455556666'
  const entry = {
    id: 1,
    uid,
    state: 'published',
    version: 3,
    content,
    source: null,
    sourceId: null,
    quality: 500,
    useCount: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
    publishedAt: '2026-01-02T00:00:00.000Z',
    changedAt: '2026-03-04T05:06:07.000Z',
    body: { uid: 'u', code: 'mot', name: '交通局', translations: {}, tier: 'city', divisionCode: null },
  } as unknown as Entry
  const quads = datasetQuads(entry, { base: 'https://data.example.org', profile })
  const [record] = await read(new Writer().quadsToString(quads))
  expect(record).toMatchObject({ sourceId: uid, faults: [] })
  const { body: _, distributions, services, sharingType: __, ...rest } = content
  expect(record!.content).toMatchObject(rest)
  expect(record!.content.distributions).toMatchObject(distributions!)
  expect(record!.content.services).toMatchObject(services!)
})
