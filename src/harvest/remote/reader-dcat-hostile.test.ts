import { describe, expect, test } from 'vitest'
import { catalogue, prefixes, send } from '../../../test/support/dcat-pages.ts'
import { portalKit, walk } from '../../../test/support/portal.ts'

const { start } = portalKit()

describe('hostile pages', () => {
  test.each<[string, string, string, string]>([
    [
      'a document type with entities',
      'application/rdf+xml',
      `<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&b;</rdf:RDF>`,
      'document_type',
    ],
    [
      'an entity that names a file',
      'application/rdf+xml',
      `<!DOCTYPE rdf:RDF [<!ENTITY x SYSTEM "file:///etc/passwd">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&x;</rdf:RDF>`,
      'document_type',
    ],
    [
      'an entity nobody declared',
      'application/rdf+xml',
      `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>&x;</rdf:Description></rdf:RDF>`,
      'rdf_xml',
    ],
    ['a broken element', 'application/rdf+xml', '<rdf:RDF><a></b>', 'rdf_xml'],
    [
      'a context elsewhere',
      'application/ld+json',
      '{"@context":"https://evil.example/c","@id":"x"}',
      'remote_context',
    ],
    [
      'a context elsewhere, deep inside',
      'application/ld+json',
      '{"@context":{"a":"http://a.example/"},"a:b":{"@context":["http://127.0.0.1:1/c"],"a:c":1}}',
      'remote_context',
    ],
    ['lists within lists', 'application/ld+json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'too_deep'],
    ['broken JSON', 'application/ld+json', '{"@id":\n "x",,}', 'json'],
  ])('%s is a fault of the page', async (_name, type, text, rule) => {
    const portal = await start(send(type, text))
    const w = await walk('dcat', portal.url)
    expect(w.faults).toEqual([rule])
    expect(w.records).toEqual([])
    expect(w.complete).toBe(false)
  })

  test('the bundled context of DCAT-AP is known', async () => {
    const text = JSON.stringify({
      '@context': 'https://semiceu.github.io/DCAT-AP/releases/3.0.1/context/dcat-ap.jsonld',
      '@id': 'https://data.example/d/1',
      '@type': 'Dataset',
      title: 'By context',
    })
    const portal = await start(send('application/ld+json', text))
    const w = await walk('dcat', portal.url)
    expect(w.records.map((r) => r.value['dct:title'])).toEqual([['By context']])
  })

  test('a record of 9,000 distributions is read, one that grows without bound is not', async () => {
    const many = Array.from(
      { length: 9_000 },
      (_, n) => `dcat:distribution [ dcat:accessURL <https://x.example/${n}> ]`,
    )
    // Each level names all of the next: 60 to the power of 4.
    const levels = [1, 2, 3, 4].map((level) =>
      Array.from(
        { length: 60 },
        (_, n) =>
          `<l${level}-${n}> dct:relation ${Array.from({ length: 60 }, (_, m) => `<l${level + 1}-${m}>`).join(',')} .`,
      ).join('\n'),
    )
    const text = `${prefixes}<https://x.example/many> a dcat:Dataset ; dct:title "Many" ; ${many.join(';')} .
      <https://x.example/wide> a dcat:Dataset ; dct:title "Wide" ; dct:relation <l1-0> . ${levels.join('\n')}`
    const portal = await start(send('text/turtle', text))
    const w = await walk('dcat', portal.url)
    expect(w.records).toHaveLength(1)
    expect((w.records[0]!.value['dcat:distribution'] as unknown[]).length).toBe(9_000)
    expect(w.rejects).toEqual(['record_too_large'])
  })

  test('stopping takes effect while a page is read', async () => {
    const text = catalogue(Array.from({ length: 30_000 }, (_, n) => n))
    const portal = await start(send('text/turtle', text))
    const stop = new AbortController()
    const reading = walk('dcat', portal.url, { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('stopped')), 700)
    const began = Date.now()
    await expect(reading).rejects.toThrow('stopped')
    expect(Date.now() - began).toBeLessThan(5_000)
  })
})

test('a record with bytes that are no text is a reject, the others are taken', async () => {
  const body = Buffer.from(catalogue([1, 2]).replace('"Data 2"', '"Data \u00ff"'), 'latin1')
  const portal = await start((_url, _request, response) => {
    response.setHeader('content-type', 'text/turtle')
    return body
  })
  const w = await walk('dcat', portal.url)
  expect(w.records.map((r) => r.value['dct:identifier'])).toEqual([['1']])
  expect(w.rejects).toEqual(['encoding'])
})
