import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type CatalogApp,
  createCatalogApp,
  noSearch,
  sampleRecord,
} from '../../../test/support/catalog-app.ts'
import { retireBySource, upsertDatasets } from '../../catalog/index.ts'
import { loadProfile } from '../../platform/profile.ts'
import { interopRoutes } from '../index.ts'

const base = 'https://data.example.org'
const full = {
  title: 'Roads & <lanes>',
  openType: 'conditional',
  openCondition: 'Register first.',
  keyword: ['road'],
  theme: ['transport'],
  temporalStart: '2020-01-01',
  modified: '2026-03-01T00:00:00.000Z',
  landingPage: 'https://www.example.org/a',
  license: 'https://creativecommons.org/licenses/by/4.0/',
  contact: { name: 'Desk', email: 'desk@example.org' },
  distributions: [
    { title: 'CSV', format: 'CSV', mediaType: 'text/csv', downloadUrl: 'https://example.org/x.csv' },
    { format: 'PDF', downloadUrl: 'https://example.org/x.pdf' },
    { title: 'By letter' },
  ],
  services: [{ title: 'API', endpointUrl: 'https://example.org/api', conformsTo: 'OGC WFS' }],
}
const count = 30

let s: CatalogApp
let uids: string[]
beforeAll(async () => {
  s = await createCatalogApp((app, db) =>
    interopRoutes(app, {
      db,
      port: noSearch,
      profile: loadProfile('neutral'),
      publicUrl: base,
      contact: 'office@example.org',
    }),
  )
  const bare = Array.from({ length: count - 1 }, (_, i) => sampleRecord(`r${i}`, { abstract: '' }))
  await upsertDatasets(s.db, s.system, [sampleRecord('full', full), ...bare], { publish: true })
  await retireBySource(s.db, s.system, 'test', ['r3'], 'gone')
  const { rows } = await s.database.pool.query(
    `select uid from catalog.dataset where state = 'published' order by id`,
  )
  uids = rows.map((row) => row.uid)
})
afterAll(() => s?.close())

/** What the schema of Project Open Data 1.1 requires of a data set that is not federal, and how it has it. */
const text = { type: 'string', minLength: 1 }
const uri = { type: 'string', format: 'uri' }
const schema = {
  type: 'object',
  required: [
    'title',
    'description',
    'keyword',
    'modified',
    'publisher',
    'contactPoint',
    'identifier',
    'accessLevel',
  ],
  properties: {
    title: text,
    description: text,
    identifier: text,
    keyword: { type: 'array', minItems: 1, items: text },
    modified: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d(T|$)' },
    issued: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d(T|$)' },
    publisher: { type: 'object', required: ['name'], properties: { name: text } },
    contactPoint: {
      type: 'object',
      required: ['fn', 'hasEmail'],
      properties: { fn: text, hasEmail: { type: 'string', pattern: '^mailto:[\\w.~!$%&*+=-]+@[\\w.-]+$' } },
    },
    accessLevel: { enum: ['public', 'restricted public', 'non-public'] },
    rights: { type: 'string', minLength: 1, maxLength: 255 },
    accrualPeriodicity: { type: 'string', pattern: '^(irregular|R/P.+)$' },
    landingPage: uri,
    license: uri,
    theme: { type: 'array', minItems: 1, items: text },
    temporal: { type: 'string', pattern: '^[\\d-]+/[\\d-]+$' },
    distribution: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: {
          accessURL: uri,
          downloadURL: uri,
          mediaType: { type: 'string', pattern: '^[a-z]+/[\\w.+-]+$' },
          format: text,
          title: text,
        },
        if: { required: ['downloadURL'] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
        then: { required: ['mediaType'] },
      },
    },
  },
}

test('data.json has every entry, each as the schema wants it', async () => {
  const answer = await s.app.inject('/data.json')
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(answer.headers['access-control-allow-origin']).toBe('*')
  const catalog = answer.json()
  expect(catalog.conformsTo).toBe('https://project-open-data.cio.gov/v1.1/schema')
  expect(catalog.dataset.map((d: { identifier: string }) => d.identifier)).toEqual(
    uids.map((uid) => `${base}/dataset/${uid}`),
  )
  const ajv = new Ajv({ strict: false })
  formats.default(ajv)
  const validate = ajv.compile(schema)
  for (const dataset of catalog.dataset) {
    validate(dataset)
    expect(validate.errors).toBeNull()
  }
  expect(catalog.dataset[0]).toMatchObject({
    title: full.title,
    accessLevel: 'restricted public',
    rights: 'Register first.',
    contactPoint: { fn: 'Desk', hasEmail: 'mailto:desk@example.org' },
    accrualPeriodicity: 'R/P1M',
    theme: ['Transport and vehicles'],
    distribution: [
      { mediaType: 'text/csv' },
      { mediaType: 'application/octet-stream' },
      {},
      { format: 'API' },
    ],
  })
  expect(catalog.dataset[1].contactPoint).toMatchObject({
    fn: 'Body county',
    hasEmail: 'mailto:office@example.org',
  })
})

test('data.json comes in pages too', async () => {
  const page = await s.app.inject('/data.json?page=1')
  expect(page.json().dataset).toHaveLength(uids.length)
  expect(page.json().next).toBeUndefined()
  expect(page.headers.link).toContain(`<${base}/data.json?page=1>; rel="first"`)
})

test('sitemaps lead to every entry with the time of its last change', async () => {
  const robots = await s.app.inject('/robots.txt')
  expect(robots.body).toContain(`Sitemap: ${base}/sitemap.xml`)
  const index = await s.app.inject('/sitemap.xml')
  const files = [...index.body.matchAll(/<loc>([^<]*)<\/loc>/g)].map((m) => m[1]!)
  expect(files).toEqual([`${base}/sitemap/pages.xml`, `${base}/sitemap/1.xml`])
  const file = await s.app.inject(files[1]!.slice(base.length))
  expect(file.headers['content-type']).toBe('application/xml; charset=utf-8')
  const urls = [
    ...file.body.matchAll(/<url><loc>([^<]*)<\/loc><lastmod>(\d{4}-\d\d-\d\dT[\d:.]+Z)<\/lastmod><\/url>/g),
  ]
  expect(urls.map((m) => m[1])).toEqual(uids.map((uid) => `${base}/dataset/${uid}`))
  expect((await s.app.inject('/sitemap/pages.xml')).body).toContain(`<loc>${base}/developers</loc>`)
  for (const name of ['2.xml', '0.xml', 'x.xml', '1'])
    expect((await s.app.inject(`/sitemap/${name}`)).statusCode).toBe(404)
})
