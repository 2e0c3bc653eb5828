import { readFile } from 'node:fs/promises'
import { Parser, Writer } from 'n3'
import { describe, expect, test } from 'vitest'
import { catalogue, dataset, prefixes, send } from '../../../test/support/dcat-pages.ts'
import { portalKit, walk } from '../../../test/support/portal.ts'

const { start } = portalKit()

const pageOf = (url: URL) => Number(url.searchParams.get('page') ?? 1)
const titlesOf = (w: { records: { value: Record<string, unknown> }[] }) =>
  w.records.map((r) => (r.value['dct:title'] as { '@value': string }[])[0]!['@value'])

describe('syntaxes', () => {
  const turtle = catalogue([1, 2])
  const quads = new Parser().parse(turtle)
  const nTriples = new Writer({ format: 'N-Triples' }).quadsToString(quads)
  const jsonLd = JSON.stringify({
    '@context': {
      dcat: 'http://www.w3.org/ns/dcat#',
      dct: 'http://purl.org/dc/terms/',
      foaf: 'http://xmlns.com/foaf/0.1/',
      dataset: { '@id': 'dcat:dataset', '@type': '@id' },
    },
    '@id': 'https://data.example/',
    '@type': 'dcat:Catalog',
    'dct:title': 'All',
    dataset: [1, 2].map((n) => ({
      '@id': `https://data.example/d/${n}`,
      '@type': 'dcat:Dataset',
      'dct:title': { '@value': `Data ${n}`, '@language': 'en' },
      'dct:identifier': String(n),
      'dct:publisher': { '@type': 'foaf:Agent', 'foaf:name': 'Office' },
      'dcat:distribution': {
        '@type': 'dcat:Distribution',
        'dct:title': 'CSV',
        'dcat:accessURL': { '@id': `https://data.example/f/${n}.csv` },
      },
    })),
  })
  const xml = `<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#"
  xmlns:dct="http://purl.org/dc/terms/" xmlns:foaf="http://xmlns.com/foaf/0.1/">
<dcat:Catalog rdf:about="https://data.example/"><dct:title>All</dct:title>
${[1, 2]
  .map(
    (n) => `<dcat:dataset><dcat:Dataset rdf:about="https://data.example/d/${n}">
<dct:title xml:lang="en">Data ${n}</dct:title><dct:identifier>${n}</dct:identifier>
<dct:publisher><foaf:Agent><foaf:name>Office</foaf:name></foaf:Agent></dct:publisher>
<dcat:distribution><dcat:Distribution><dct:title>CSV</dct:title>
<dcat:accessURL rdf:resource="https://data.example/f/${n}.csv"/></dcat:Distribution></dcat:distribution>
</dcat:Dataset></dcat:dataset>`,
  )
  .join('\n')}</dcat:Catalog></rdf:RDF>`

  test.each([
    ['Turtle', 'text/turtle; charset=utf-8', turtle],
    ['N-Triples', 'application/n-triples', nTriples],
    ['JSON-LD', 'application/ld+json', jsonLd],
    ['RDF/XML', 'application/rdf+xml', xml],
    ['Turtle sent as plain text', 'text/plain', turtle],
    ['JSON-LD sent as JSON', 'application/json', jsonLd],
    ['RDF/XML sent as XML', 'text/xml', xml],
    ['RDF/XML sent as Turtle', 'text/turtle', xml],
    ['JSON-LD sent as RDF/XML', 'application/rdf+xml', jsonLd],
    ['Turtle sent as a web page', 'text/html', turtle],
    ['RDF/XML in UTF-16', 'application/rdf+xml', `\ufeff${xml}`],
  ])('%s gives the same records', async (name, type, text) => {
    const body = name.endsWith('UTF-16') ? Buffer.from(text, 'utf16le') : text
    const portal = await start((_url, _request, response) => {
      response.setHeader('content-type', type)
      return body
    })
    const w = await walk('dcat', portal.url)
    const expected = (await walk('dcat', (await start(send('text/turtle', turtle))).url)).records
    expect(w.records).toEqual(expected)
    expect(w.records[0]!.place).toBe('page 1, record 1 (https://data.example/d/1)')
    expect(w.complete).toBe(true)
  })

  test('a web page is no catalogue', async () => {
    const portal = await start(send('text/html', '<!doctype html><html><title>Moved</title></html>'))
    await expect(walk('dcat', portal.url)).rejects.toMatchObject({ fault: { rule: 'not_rdf' } })
  })
})

describe('paging', () => {
  const forms: [string, (url: string, page: number) => string][] = [
    [
      'PagedCollection with nextPage as text',
      (url, page) =>
        `<${url}> a hydra:PagedCollection ; hydra:totalItems 5 ${page < 3 ? `; hydra:nextPage "${url}?page=${page + 1}"` : ''} .`,
    ],
    [
      'PartialCollectionView with next',
      (url, page) =>
        `<${url}?page=${page}> a hydra:PartialCollectionView ${page < 3 ? `; hydra:next <?page=${page + 1}>` : ''} .
         <${url}> a hydra:Collection ; hydra:totalItems 5 .`,
    ],
  ]
  test.each(forms)('%s is followed to the end', async (_name, hydra) => {
    const portal = await start((url, _request, response) => {
      response.setHeader('content-type', 'text/turtle')
      const page = pageOf(url)
      const numbers = [1, 2, 3, 4, 5].slice((page - 1) * 2, page * 2)
      return catalogue(numbers, hydra(`${url.origin}${url.pathname}`, page))
    })
    const w = await walk('dcat', `${portal.url}/catalog.ttl`)
    expect(titlesOf(w)).toEqual(['Data 1', 'Data 2', 'Data 3', 'Data 4', 'Data 5'])
    expect(w.complete).toBe(true)
    expect(w.pages.map((p) => p.total)).toEqual([5, 5, 5])
    const rest = await walk('dcat', `${portal.url}/catalog.ttl`, {
      from: JSON.parse(JSON.stringify(w.pages[0]!.cursor)),
    })
    expect(titlesOf(rest)).toEqual(['Data 3', 'Data 4', 'Data 5'])
    expect(rest.complete).toBe(true)
  })

  test('the header Link leads on as well', async () => {
    const portal = await start((url, _request, response) => {
      response.setHeader('content-type', 'text/turtle')
      if (pageOf(url) === 1)
        response.setHeader('link', '</c?page=1>; rel="prev", </c?page=2>; rel=next; title="x"')
      return catalogue([pageOf(url)])
    })
    expect(titlesOf(await walk('dcat', `${portal.url}/c`))).toEqual(['Data 1', 'Data 2'])
  })

  const linked = (numbers: number[], total: number, next?: string) =>
    catalogue(
      numbers,
      `<> a hydra:PagedCollection ; hydra:totalItems ${total} ${next ? `; hydra:next <${next}>` : ''} .`,
    )

  test('pages that lead in a circle end', async () => {
    const portal = await start((url, _request, response) => {
      response.setHeader('content-type', 'text/turtle')
      const page = pageOf(url)
      return linked([page], 2, `?page=${page === 1 ? 2 : 1}`)
    })
    const w = await walk('dcat', `${portal.url}/?page=1`)
    expect(w.faults).toEqual(['paging_loop'])
    expect(w.complete).toBe(false)
    expect(titlesOf(w)).toEqual(['Data 1', 'Data 2'])
  })

  test('pages without end that say the same are read twice at most', async () => {
    const portal = await start((url, _request, response) => {
      response.setHeader('content-type', 'text/turtle')
      return linked([1], 100, `?page=${pageOf(url) + 1}`)
    })
    const w = await walk('dcat', portal.url)
    expect(w.faults).toContain('identical_page')
    expect(portal.asked).toHaveLength(2)
    expect(titlesOf(w)).toEqual(['Data 1'])
  })

  test('pages without records that lead on and on end', async () => {
    const portal = await start((url, _request, response) => {
      response.setHeader('content-type', 'text/turtle')
      return `${prefixes}<> a hydra:PagedCollection ; hydra:next <?page=${pageOf(url) + 1}> .`
    })
    expect(await walk('dcat', portal.url)).toMatchObject({ faults: ['paging_loop'], records: [] })
    expect(portal.asked).toHaveLength(3)
  })

  test('totals that shrink or are not reached make it incomplete', async () => {
    const portal = await start((url, _request, response) => {
      response.setHeader('content-type', 'text/turtle')
      const page = pageOf(url)
      return linked([page], page === 1 ? 9 : 3, page === 1 ? '?page=2' : undefined)
    })
    expect((await walk('dcat', portal.url)).faults).toEqual(['total_shrank', 'total_mismatch'])
  })

  test('a broken page is a fault with its line; the reading goes on after it', async () => {
    const portal = await start((url, _request, response) => {
      response.setHeader('content-type', 'text/turtle')
      const page = pageOf(url)
      // As in a published example: a prefix that is not declared.
      if (page === 2) return `${prefixes}\n<a> a dcat:Dataset ;\n adms:status <x> .\n`
      return linked([page], 3, page < 3 ? `?page=${page + 1}` : undefined)
    })
    const w = await walk('dcat', `${portal.url}/c?page=1`)
    expect(titlesOf(w)).toEqual(['Data 1', 'Data 3'])
    expect(w.pages[1]!.faults[0]).toMatchObject({
      path: 'page 2 line 7',
      rule: 'undeclared_prefix',
      message: 'the prefix "adms" is used but not declared',
    })
    expect(w.complete).toBe(false)
  })

  test('an only page that is broken brings nothing, and removes nothing', async () => {
    const portal = await start(send('text/turtle', `${prefixes}${dataset(1)}<oh`))
    const w = await walk('dcat', portal.url)
    expect(w).toMatchObject({ records: [], complete: false, faults: ['turtle'] })
  })
})

describe('catalogues and data sets', () => {
  test('catalogues within a catalogue are read, on the page and at their own addresses', async () => {
    const portal = await start((url, _request, response) => {
      response.setHeader('content-type', 'text/turtle')
      const { origin } = url
      if (url.pathname === '/b')
        return catalogue([3], `<${origin}/b> a dcat:Catalog ; dct:hasPart <${origin}/> .`)
      return `${catalogue([1])}
        <${origin}/> a dcat:Catalog ; dct:hasPart <${origin}/a>, <${origin}/b>, <http://other.example/c> .
        <${origin}/a> a dcat:Catalog ; dcat:dataset <https://data.example/d/2> . <${origin}/b> a dcat:Catalog .
        ${dataset(2)}`
    })
    const w = await walk('dcat', `${portal.url}/`)
    expect(titlesOf(w)).toEqual(['Data 1', 'Data 2', 'Data 3'])
    expect(w.notes).toEqual(['catalogue_elsewhere'])
    expect(w.complete).toBe(true)
    expect(portal.asked).toEqual(['/', '/b'])
  })

  test('data sets without an address are read; what is only mentioned is not', async () => {
    const text = `${prefixes}<c> a dcat:Catalog ; dcat:dataset [ a dcat:Dataset ; dct:title "Blank" ; dct:identifier "b" ;
      dct:source <https://data.example/d/9> ] .
      ${dataset(9)}`
    const portal = await start(send('text/turtle', text))
    const w = await walk('dcat', portal.url)
    expect(w.records).toHaveLength(1)
    expect(w.records[0]!.value['dct:identifier']).toEqual(['b'])
    expect(w.records[0]!.place).toBe('page 1, record 1')
    expect(w.notes).toEqual(['not_listed'])
  })

  test('what is listed but not described makes it incomplete', async () => {
    const portal = await start(
      send('text/turtle', `${catalogue([1])}<c> a dcat:Catalog ; dcat:dataset <https://data.example/d/2> .`),
    )
    expect((await walk('dcat', portal.url)).faults).toEqual(['not_described'])
  })

  test('a service that serves no data set is a record; one that serves some is told with them', async () => {
    const text = `${catalogue([1])}
      <https://data.example/s/1> a dcat:DataService ; dct:title "Alone" ; dcat:endpointURL <https://data.example/api> .
      <https://data.example/s/2> a dcat:DataService ; dct:title "Serves" ; dcat:servesDataset <https://data.example/d/1> .`
    const portal = await start(send('text/turtle', text))
    const w = await walk('dcat', portal.url)
    expect(w.records).toHaveLength(2)
    const served = w.records[0]!.value['@reverse'] as Record<string, Record<string, unknown>[]>
    expect(served['dcat:servesDataset']![0]!['dct:title']).toEqual(['Serves'])
    expect(w.pages[0]!.events[1]).toMatchObject({ context: { type: 'service' } })
  })

  test('the same data in another order is the same record', async () => {
    const quads = new Parser().parse(catalogue([1]))
    const write = (list: typeof quads) => new Writer({ format: 'N-Triples' }).quadsToString(list)
    const [a, b] = await Promise.all(
      [write(quads), write(quads.toReversed())].map(async (text) => {
        const portal = await start(send('application/n-triples', text))
        return (await walk('dcat', portal.url)).records
      }),
    )
    expect(JSON.stringify(a)).toBe(JSON.stringify(b))
  })

  test('only what changed, where the catalogue has that question', async () => {
    const portal = await start(send('text/turtle', catalogue([1])))
    const since = '2026-03-01T12:00:00.000Z'
    await walk('dcat', `${portal.url}/catalog.ttl`, { since })
    await walk('dcat', `${portal.url}/other.ttl`, { since })
    expect(portal.asked).toEqual([`/catalog.ttl?modified_since=${encodeURIComponent(since)}`, '/other.ttl'])
  })

  test('an unchanged catalogue is not sent again', async () => {
    const portal = await start((_url, request, response) => {
      response.setHeader('content-type', 'text/turtle').setHeader('etag', '"v1"')
      if (request.headers['if-none-match'] !== '"v1"') return catalogue([1])
      response.writeHead(304).end()
      return undefined
    })
    const first = await walk('dcat', portal.url)
    const { validators } = first.pages[0]!
    expect(validators).toEqual({ etag: '"v1"' })
    const again = await walk('dcat', portal.url, { validators })
    expect(again.pages).toMatchObject([{ notModified: true, last: true, events: [] }])
  })
})

const shared = process.env.CONCORD_SHARED_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname
test('the shapes of DCAT-AP are RDF too, and hold no data set', async (context) => {
  const text = await readFile(`${shared}/shapes/dcat-ap-3.0.1-shacl.ttl`, 'utf8').catch(() => undefined)
  if (text === undefined) return context.skip(`${shared} is not there`)
  const portal = await start(send('text/turtle', text))
  expect(await walk('dcat', portal.url)).toMatchObject({ records: [], faults: [] })
})
