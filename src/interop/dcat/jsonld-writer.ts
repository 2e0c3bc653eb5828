import type { Quad, Term } from 'n3'
import { namespaces } from './vocabulary.ts'

/** Terms of our JSON-LD: as DCAT and DCMI name them, so that a reader of one entry needs no RDF. */
const literalTerms = {
  title: 'dct:title',
  description: 'dct:description',
  identifier: 'dct:identifier',
  issued: 'dct:issued',
  modified: 'dct:modified',
  keyword: 'dcat:keyword',
  version: 'dcat:version',
  byteSize: 'dcat:byteSize',
  startDate: 'dcat:startDate',
  endDate: 'dcat:endDate',
  name: 'foaf:name',
  label: 'rdfs:label',
  prefLabel: 'skos:prefLabel',
} as const
const linkTerms = {
  accessRights: 'dct:accessRights',
  accrualPeriodicity: 'dct:accrualPeriodicity',
  format: 'dct:format',
  language: 'dct:language',
  license: 'dct:license',
  publisher: 'dct:publisher',
  spatial: 'dct:spatial',
  temporal: 'dct:temporal',
  accessURL: 'dcat:accessURL',
  accessService: 'dcat:accessService',
  contactPoint: 'dcat:contactPoint',
  dataset: 'dcat:dataset',
  distribution: 'dcat:distribution',
  downloadURL: 'dcat:downloadURL',
  endpointURL: 'dcat:endpointURL',
  landingPage: 'dcat:landingPage',
  mediaType: 'dcat:mediaType',
  theme: 'dcat:theme',
} as const

/** The context of a node's JSON-LD: it is served at a stable address, and stands in every document too. */
export const contextOf = (prefixes: Record<string, string>): object => ({
  '@version': 1.1,
  ...prefixes,
  ...literalTerms,
  ...Object.fromEntries(Object.entries(linkTerms).map(([term, id]) => [term, { '@id': id, '@type': '@id' }])),
})

const termOf = new Map<string, string>(
  [...Object.entries(literalTerms), ...Object.entries(linkTerms)].map(([term, id]) => [id, term]),
)
const isLinkTerm = (term: string) => Object.hasOwn(linkTerms, term)

type Value = string | { [key: string]: string }

/**
 * A graph as JSON-LD, flat: one object a subject. The context is within, so that no reader has to fetch another document
 * to understand this one.
 */
export function toJsonLd(graph: Map<string, Quad[]>, prefixes: Record<string, string>): string {
  const compact = compactor(prefixes)
  const nodes = [...graph.values()].map((quads) => toNode(quads, compact))
  return JSON.stringify({ '@context': contextOf(prefixes), '@graph': nodes })
}

type Compact = (address: string) => string

/** Shortens addresses of terms; what would be read as another address stays as it is. */
function compactor(prefixes: Record<string, string>): Compact {
  const byNamespace = new Map(Object.entries(prefixes).map(([prefix, address]) => [address, prefix]))
  return (address) => {
    const end = address.search(/[^#/]*$/)
    const prefix = byNamespace.get(address.slice(0, end))
    return prefix === undefined || end === address.length ? address : `${prefix}:${address.slice(end)}`
  }
}

function toNode(quads: Quad[], compact: Compact): object {
  const node = new Map<string, Value | Value[]>([['@id', idOf(quads[0]!.subject)]])
  for (const { predicate, object } of quads) {
    if (predicate.value === `${namespaces.rdf}type` && object.termType === 'NamedNode')
      append(node, '@type', compact(object.value))
    else {
      const id = compact(predicate.value)
      const term = termOf.get(id) ?? id
      append(node, term, toValue(object, isLinkTerm(term), compact))
    }
  }
  return Object.fromEntries(node)
}

function append(node: Map<string, Value | Value[]>, key: string, value: Value): void {
  const there = node.get(key)
  node.set(key, there === undefined ? value : Array.isArray(there) ? [...there, value] : [there, value])
}

const idOf = (term: Term) => (term.termType === 'BlankNode' ? `_:${term.value}` : term.value)

function toValue(object: Term, asLink: boolean, compact: Compact): Value {
  if (object.termType !== 'Literal') return asLink ? idOf(object) : { '@id': idOf(object) }
  if (object.language) return { '@language': object.language, '@value': object.value }
  const type = object.datatype.value
  // In place of a link a bare text would be read as an address.
  if (type === `${namespaces.xsd}string`) return asLink ? { '@value': object.value } : object.value
  return { '@type': compact(type), '@value': object.value }
}
