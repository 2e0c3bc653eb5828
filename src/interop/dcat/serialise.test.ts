import { Readable } from 'node:stream'
import fc from 'fast-check'
import jsonld from 'jsonld'
import { DataFactory, Parser, type Quad, type Term } from 'n3'
import { RdfXmlParser } from 'rdfxml-streaming-parser'
import { describe, expect, test } from 'vitest'
import { type GraphEnding, graphEndings, graphFormats, serialise } from './serialise.ts'
import { dct, namespaces, rdf, xsd } from './vocabulary.ts'

const { blankNode, literal, namedNode, quad } = DataFactory
const base = 'https://data.example.org'

const read: Record<GraphEnding, (text: string) => Promise<Quad[]>> = {
  ttl: async (text) => new Parser({ format: 'text/turtle' }).parse(text),
  n3: async (text) => new Parser({ format: 'text/n3' }).parse(text),
  nt: async (text) => new Parser({ format: 'application/n-triples' }).parse(text),
  jsonld: async (text) => {
    // The context is within: nothing is loaded.
    const quads = await jsonld.toRDF(JSON.parse(text), { format: 'application/n-quads' })
    return new Parser({ format: 'application/n-quads' }).parse(String(quads))
  },
  rdf: readXml,
  xml: readXml,
}

async function readXml(text: string): Promise<Quad[]> {
  const quads: Quad[] = []
  for await (const q of Readable.from([text]).pipe(new RdfXmlParser({ dataFactory: DataFactory as never })))
    quads.push(q)
  return quads
}

/** A statement in a form that readers agree on: language tags do not care for case. */
const key = (t: Term) =>
  t.termType === 'Literal'
    ? JSON.stringify([t.value, t.language.toLowerCase(), t.datatype.value])
    : `${t.termType} ${t.value}`
const lines = (quads: Quad[]) =>
  [...new Set(quads.map((q) => [q.subject, q.predicate, q.object].map(key).join(' ')))].sort()

const hostile = [
  '<script>alert("x")</script> & \'quotes\' ]]>',
  ' \r\n\t lines\rof every\nkind ',
  '"""\\ \\u0041 \u2028 \u0085 \u200b',
  '\u{1f600} 汉字 ｆｕｌｌ ي',
  '_:b0',
  '@context',
  'dct:title',
  '',
]
const noSurrogate = fc.string({ unit: 'grapheme', maxLength: 40 })
const anyText = fc.oneof(
  noSurrogate,
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(...hostile),
)
/** Without `.` and `..`: readers of XML resolve what they take for references. */
const address = fc
  .tuple(fc.constantFrom('https://example.org/', 'urn:x:', 'https://data.example.org/dataset/'), fc.webPath())
  .map(([begin, path]) => namedNode(encodeURI(begin + path.replace(/\/\.+(?=\/|$)/g, '/x'))))
const predicate = fc.constantFrom(
  ...['title', 'publisher', 'license', 'issued'].map((name) => dct(name)),
  rdf('type'),
  namedNode('https://other.example/terms#a-b.c'),
  namedNode('https://other.example/terms/x1'),
  namedNode(`${base}/ns#grade`),
)
const value = fc.oneof(
  anyText.map((text) => literal(text)),
  fc.tuple(anyText, fc.constantFrom('en', 'zh-cn', 'x-private')).map(([text, tag]) => literal(text, tag)),
  fc.tuple(anyText, fc.constantFrom('date', 'integer')).map(([text, type]) => literal(text, xsd(type))),
  anyText.map((text) => literal(text, namedNode('https://other.example/type'))),
  address,
)
const statement = fc.tuple(address, predicate, value).map(([s, p, o]) => quad(s, p, o))

describe.each(graphEndings)('a graph as .%s', (ending) => {
  const format = graphFormats[ending]
  const inXml = ending === 'rdf' || ending === 'xml'
  // What XML cannot hold is replaced, and told as such.
  const shown = (text: string) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    inXml ? text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd') : text
  const expected = (quads: Quad[]) =>
    quads.map((q) => {
      const o = q.object
      if (o.termType !== 'Literal') return q
      return quad(q.subject, q.predicate, literal(shown(o.value), o.language || o.datatype))
    })

  test('is read back the same by a parser of somebody else, whatever the texts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(statement, { maxLength: 12 }), async (quads) => {
        const well = quads.filter((q) => q.object.value.isWellFormed())
        const again = await read[ending](serialise(well, format, base))
        expect(lines(again)).toEqual(lines(expected(well)))
      }),
      { numRuns: 150 },
    )
  })

  test('keeps blank nodes apart and together', async () => {
    const [a, b] = [blankNode('a:b'), blankNode('c')]
    const s = namedNode(`${base}/x`)
    const quads = [quad(s, dct('relation'), a), quad(s, dct('relation'), b), quad(a, dct('relation'), b)]
    const again = await read[ending](
      serialise(ending === 'rdf' || ending === 'xml' ? quads : quads.map(plain), format, base),
    )
    expect(again).toHaveLength(3)
    const [first, second] = again.filter((q) => q.subject.value === s.value).map((q) => q.object)
    const inner = again.find((q) => q.subject.termType === 'BlankNode')!
    expect(new Set([first!.value, second!.value])).toEqual(new Set([inner.subject.value, inner.object.value]))
  })
})

/** The same with labels that Turtle can write. */
const plain = (q: Quad) => {
  const named = (t: Term) => (t.termType === 'BlankNode' ? blankNode(t.value.replace(/\W/g, '')) : t)
  return quad(named(q.subject) as never, q.predicate, named(q.object) as never)
}

test('a predicate that RDF/XML cannot name is an error, not a gap', () => {
  const odd = [quad(namedNode('urn:s'), namedNode('https://example.org/123'), literal('x'))]
  expect(() => serialise(odd, 'application/rdf+xml', base)).toThrow('https://example.org/123')
  expect(serialise(odd, 'text/turtle', base)).toContain('https://example.org/123')
})

test('says everything once, and declares only what it uses', () => {
  const q = quad(namedNode('urn:s'), dct('title'), literal('x'))
  expect(serialise([q, q], 'text/turtle', base)).toBe(
    `@prefix dct: <${namespaces.dct}>.\n\n<urn:s> dct:title "x".\n`,
  )
})
