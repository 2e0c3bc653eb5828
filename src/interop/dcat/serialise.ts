import { type Literal, type Quad, type Term, Writer } from 'n3'
import { toJsonLd } from './jsonld-writer.ts'
import { ownNamespace } from './own-terms.ts'
import { toRdfXml } from './rdfxml-writer.ts'
import { namespaces } from './vocabulary.ts'

/** Syntaxes that entries and the catalogue are served in, by the ending of the address. */
export const graphFormats = {
  ttl: 'text/turtle',
  jsonld: 'application/ld+json',
  rdf: 'application/rdf+xml',
  xml: 'application/rdf+xml',
  nt: 'application/n-triples',
  n3: 'text/n3',
} as const
export type GraphEnding = keyof typeof graphFormats
export const graphEndings = Object.keys(graphFormats) as GraphEnding[]
type GraphFormat = (typeof graphFormats)[GraphEnding]

/** Prefixes of a node's graphs, its own terms among them. */
export const prefixesOf = (base: string): Record<string, string> => ({
  ...namespaces,
  concord: ownNamespace(base),
})

/** Writes a graph of the node at `base` in one of the syntaxes; every statement once, those of a subject together. */
export function serialise(quads: Quad[], format: GraphFormat, base: string): string {
  const graph = bySubject(quads)
  if (format === 'application/ld+json') return toJsonLd(graph, prefixesOf(base))
  if (format === 'application/rdf+xml') return [...toRdfXml(graph, prefixesOf(base))].join('')
  const flat = [...graph.values()].flat()
  if (format === 'application/n-triples') return write(flat, format, {})
  // Turtle is N3 as well.
  return write(flat, 'text/turtle', usedPrefixes(flat, prefixesOf(base)))
}

/** Writes quads, graphs and all, as an event stream has them. */
export const serialiseQuads = (quads: Quad[], format: 'application/trig' | 'application/n-quads'): string =>
  write(quads, format, namespaces)

function write(quads: Quad[], format: string, prefixes: Record<string, string>): string {
  const writer = new Writer({ format, prefixes })
  writer.addQuads(quads)
  let text = ''
  writer.end((error, result: string) => {
    if (error) throw error
    text = result
  })
  return text
}

/** The statements of each subject, in the order in which the subjects come first. */
function bySubject(quads: Quad[]): Map<string, Quad[]> {
  const seen = new Set<string>()
  const graph = new Map<string, Quad[]>()
  for (const q of quads) {
    const key = `${q.subject.id} ${q.predicate.id} ${q.object.id}`
    if (seen.has(key)) continue
    seen.add(key)
    const of = graph.get(q.subject.id)
    if (of) of.push(q)
    else graph.set(q.subject.id, [q])
  }
  return graph
}

function usedPrefixes(quads: Quad[], prefixes: Record<string, string>): Record<string, string> {
  const used = new Set<string>()
  const use = (term: Term) => {
    if (term.termType === 'NamedNode') used.add(term.value.replace(/[^#/]*$/, ''))
    // Types of plain texts and texts in a language are not written.
    else if (term.termType === 'Literal' && !isPlain(term)) use(term.datatype)
  }
  for (const { subject, predicate, object } of quads) [subject, predicate, object].forEach(use)
  return Object.fromEntries(Object.entries(prefixes).filter(([, address]) => used.has(address)))
}

const isPlain = ({ language, datatype }: Literal) =>
  language !== '' || datatype.value === `${namespaces.xsd}string`
