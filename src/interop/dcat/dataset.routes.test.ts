import { type Literal, Parser, Store } from 'n3'
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
const title = 'Roads </script><script>alert(1)</script> & "more"'

let s: CatalogApp
const uid: Record<string, string> = {}
beforeAll(async () => {
  s = await createCatalogApp((app, db) =>
    interopRoutes(app, {
      db,
      port: noSearch,
      profile: loadProfile('neutral'),
      publicUrl: base,
      title: 'Test catalogue',
    }),
  )
  const open = { title, abstract: 'Line one.\nLine "two" <b>.', openType: 'unconditional' }
  await upsertDatasets(s.db, s.system, [sampleRecord('open', open), sampleRecord('gone')], { publish: true })
  await upsertDatasets(s.db, s.system, [sampleRecord('draft')], { publish: false })
  await retireBySource(s.db, s.system, 'test', ['gone'], 'merged')
  const { rows } = await s.database.pool.query('select source_id, uid from catalog.dataset')
  for (const row of rows) uid[row.source_id] = row.uid
})
afterAll(() => s?.close())

const get = (url: string, headers: Record<string, string> = {}) => s.app.inject({ url, headers })
const types = {
  ttl: 'text/turtle',
  jsonld: 'application/ld+json',
  rdf: 'application/rdf+xml',
  xml: 'application/rdf+xml',
  nt: 'application/n-triples',
  n3: 'text/n3',
}

test.each(Object.entries(types))('an entry is there as .%s, and by asking for %s', async (ending, type) => {
  const byEnding = await get(`/dataset/${uid.open}.${ending}`)
  expect(byEnding.statusCode).toBe(200)
  expect(byEnding.headers['content-type']).toBe(`${type}; charset=utf-8`)
  expect(byEnding.headers['access-control-allow-origin']).toBe('*')
  expect(byEnding.headers['cross-origin-resource-policy']).toBe('cross-origin')
  const byHeader = await get(`/dataset/${uid.open}`, { accept: `image/png, ${type};q=0.5` })
  expect(byHeader.body).toBe(byEnding.body)
  expect(byHeader.headers.vary).toContain('Accept')
  const again = await get(`/dataset/${uid.open}.${ending}`, {
    'if-none-match': `"x", W/${byEnding.headers.etag}`,
  })
  expect([again.statusCode, again.body]).toEqual([304, ''])
})

test('a browser and a bare request get the page, with the entry in its head', async () => {
  for (const accept of [
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    '*/*',
    undefined,
  ]) {
    const page = await get(`/dataset/${uid.open}`, accept ? { accept } : {})
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.headers.vary).toContain('Accept')
    expect(page.headers.link).toContain(
      `<${base}/dataset/${uid.open}.ttl>; rel="alternate"; type="text/turtle"`,
    )
  }
  const { body } = await get(`/dataset/${uid.open}?tab=access`, { accept: 'text/html' })
  expect(body.match(/<title>/g)).toHaveLength(1)
  expect(body).toContain(
    '<title>Roads &lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot; · Test',
  )
  expect(body).toContain('<meta name="description" content="Line one. Line &quot;two&quot; &lt;b&gt;." />')
  expect(body).toContain(`<link rel="canonical" href="${base}/dataset/${uid.open}" />`)
  expect(body).not.toContain('<script>alert')
  const [data, ...more] = [...body.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)]
  expect(more).toEqual([])
  expect(JSON.parse(data![1]!)).toMatchObject({
    '@type': 'Dataset',
    '@id': `${base}/dataset/${uid.open}`,
    name: title,
    isAccessibleForFree: true,
    publisher: { name: 'Body county' },
    includedInDataCatalog: { name: 'Test catalogue' },
    variableMeasured: [{ name: 'place of accident' }, { name: 'number of injured' }],
  })
})

test('what is retired is gone, and says so in every form', async () => {
  const gone = await get(`/dataset/${uid.gone}.ttl`)
  expect(gone.statusCode).toBe(410)
  const [type] = new Parser().parse(gone.body)
  expect(type!.object.value).toBe('https://www.w3.org/ns/activitystreams#Tombstone')
  expect(gone.body).not.toContain('Road accidents')
  const page = await get(`/dataset/${uid.gone}`, { accept: 'text/html' })
  expect([page.statusCode, page.headers['content-type']]).toEqual([410, 'text/html; charset=utf-8'])
})

test('what is not there, or only for some, is not found', async () => {
  for (const name of [uid.draft, '00000000-0000-4000-8000-000000000000', 'nonsense', `${uid.open}.exe`]) {
    const page = await get(`/dataset/${name}`, { accept: 'text/html' })
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    const graph = await get(`/dataset/${name}`, { accept: 'text/turtle' })
    expect([graph.statusCode, graph.json().code]).toEqual([404, 'not_found'])
    expect(page.body + graph.body).not.toContain('Road accidents')
  }
  expect((await get(`/dataset/${uid.draft}.ttl`)).statusCode).toBe(404)
})

test('a form that is not there is refused with the forms that are', async () => {
  const answer = await get(`/dataset/${uid.open}`, { accept: 'image/png' })
  expect([answer.statusCode, answer.json().code]).toEqual([406, 'not_acceptable'])
  expect(answer.headers.vary).toContain('Accept')
  expect(answer.json().faults[0].remedy).toContain('text/turtle')
})

test('our own terms are told in both languages, to people and programs, and every graph uses only them', async () => {
  const page = await get('/ns', { accept: 'text/html,*/*;q=0.8' })
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  const turtle = await get('/ns', { accept: 'text/turtle' })
  expect(turtle.body).toBe((await get('/ns.ttl')).body)
  const terms = new Store(new Parser().parse(turtle.body))
  const entry = new Parser().parse((await get(`/dataset/${uid.open}.ttl`)).body)
  const used = new Set(entry.map((q) => q.predicate.value).filter((term) => term.startsWith(`${base}/ns#`)))
  expect(used.size).toBeGreaterThan(4)
  for (const term of used) {
    expect(page.body).toContain(`id="${term.replace(/.*#/, '')}"`)
    const labels = terms.getObjects(term, 'http://www.w3.org/2000/01/rdf-schema#label', null)
    expect(labels.map((label) => (label as Literal).language).sort()).toEqual(['en', 'zh-cn'])
  }
  const context = (await get('/ns/context.jsonld')).json()
  expect(context['@context']).toEqual((await get(`/dataset/${uid.open}.jsonld`)).json()['@context'])
  expect((await get('/division/320500')).headers.location).toBe('/search?region=320500')
})
