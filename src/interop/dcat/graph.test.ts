import { type NamedNode, Parser, type Quad, Store, Writer } from 'n3'
import { describe, expect, test } from 'vitest'
import { violations } from '../../../test/support/shacl.ts'
import { sharedFile } from '../../../test/support/shared-data.ts'
import type { Entry } from '../../catalog/index.ts'
import { loadProfile } from '../../platform/profile.ts'
import { datasetQuads } from './graph.ts'
import { dcat, dct, iri } from './vocabulary.ts'

const profile = loadProfile('cn')
const base = 'https://data.example.org'

const entryOf = (content: Partial<Entry['content']>): Entry => ({
  id: 1,
  uid: '6c7f1a0e-1111-4222-8333-444455556666',
  version: 3,
  source: null,
  sourceId: null,
  quality: 500,
  useCount: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  publishedAt: '2026-01-02T00:00:00.000Z',
  changedAt: '2026-03-04T05:06:07.000Z',
  body: {
    uid: 'u',
    code: 'mot',
    name: '交通局',
    translations: { en: { name: 'Transport' } },
    tier: 'city',
    divisionCode: null,
  },
  content: {
    body: 'mot',
    language: 'zh-CN',
    title: '道路事故',
    sharingType: 'conditional',
    openType: 'unconditional',
    updateCycle: 'monthly',
    ...content,
  },
})

const full = entryOf({
  abstract: 'Where and when.',
  translations: { en: { title: 'Road accidents', abstract: 'Accidents by place.' } },
  identifier: ['https://old.example.org/1', 'A/1'],
  theme: profile.codeLists.theme!.entries.slice(0, 2).map((e) => e.code),
  keyword: ['事故'],
  spatial: ['某市'],
  temporalStart: '2020-01-01',
  modified: '2026-03-01T00:00:00.000Z',
  landingPage: 'https://www.example.org/a b',
  license: 'Open, with attribution',
  contact: { name: 'Desk', email: 'desk@example.org', phone: '+86 10 1234', url: 'https://example.org/' },
  distributions: [
    {
      title: 'CSV',
      format: 'CSV',
      mediaType: 'text/csv',
      downloadUrl: 'https://example.org/x.csv',
      byteSize: 12,
      checksum: 'a'.repeat(40),
      issued: '2026-01-01',
    },
    { format: 'PDF', license: 'https://creativecommons.org/licenses/by/4.0/' },
  ],
  services: [
    { title: 'API', endpointUrl: 'https://example.org/api', conformsTo: 'OGC WFS' },
    { title: 'Bare' },
  ],
  related: [
    { kind: 'related', uid: '6c7f1a0e-1111-4222-8333-444455557777' },
    { kind: 'source', identifier: '101001/000042', title: 'Other' },
    { kind: 'part_of', identifier: 'https://example.org/whole' },
  ],
  items: [
    {
      code: '001',
      name: '地点',
      dataType: 'character',
      length: 20,
      translations: { en: { name: 'place' } },
      grade: 'general_1',
    },
    { name: 'injured', dataType: 'integer', body: 'mot' },
  ],
})

const objects = (quads: Quad[], predicate: NamedNode) =>
  quads.filter((q) => q.predicate.equals(predicate)).map((q) => q.object.value)

describe('an entry as DCAT-AP', () => {
  const shapes = sharedFile('shapes', 'dcat-ap-3.0.1-shacl.ttl')
  test.skipIf(!shapes)('breaks none of the pinned shapes, bare or full', async () => {
    expect(await violations(datasetQuads(full, { base, profile }), shapes!)).toEqual([])
    expect(await violations(datasetQuads(entryOf({}), { base, profile }), shapes!)).toEqual([])
  })

  test('is read back the same', () => {
    const quads = datasetQuads(full, { base, profile })
    const turtle = new Writer().quadsToString(quads)
    const again = new Store(new Parser({ format: 'N-Quads' }).parse(turtle))
    expect(again.size).toBe(new Store(quads).size)
    expect(quads.every((q) => again.has(q))).toBe(true)
  })

  test('keeps every language, and names parts by addresses of their own', () => {
    const quads = datasetQuads(full, { base, profile })
    const titles = quads.filter((q) => q.predicate.equals(dct('title')) && q.subject.value.endsWith('6666'))
    expect(titles.map((q) => (q.object as { language?: string }).language)).toEqual(['zh-cn', 'en'])
    expect(objects(quads, dcat('distribution'))).toEqual(
      ['distribution-1', 'distribution-2', 'service-1-access', 'service-2-access'].map(
        (name) => `${base}/dataset/${full.uid}#${name}`,
      ),
    )
    expect(quads.some((q) => q.subject.termType === 'BlankNode' || q.object.termType === 'BlankNode')).toBe(
      false,
    )
  })
})

describe('an address', () => {
  test.each([
    ['https://example.org/a b', 'https://example.org/a%20b'],
    ['https://example.org/<x>"{}|\\^`', 'https://example.org/%3Cx%3E%22%7B%7D%7C%5C%5E%60'],
    ['javascript:alert(1)', undefined],
    ['not an address', undefined],
    ['https://', undefined],
    ['https://example.org/\ud800', undefined],
    [null, undefined],
  ])('%j becomes %j', (given, expected) => expect(iri(given)?.value).toBe(expected))
})
