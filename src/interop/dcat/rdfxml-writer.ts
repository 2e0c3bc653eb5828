import type { Quad, Term } from 'n3'
import { namespaces } from './vocabulary.ts'

/** Characters that XML 1.0 cannot hold, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const notInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu
const replacement = '\ufffd'

/** Line ends and tabs are escaped too: a reader would make spaces or other line ends of them. */
const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
}

/** A text for the inside of an XML element or attribute; what XML cannot hold is shown as U+FFFD. */
export const xmlText = (value: string): string =>
  value.replace(notInXml, replacement).replace(/[&<>"\r\n\t]/g, (char) => escapes[char]!)

/** The longest end of an address that may be a local name (ASCII part of NCName: what no reader disputes). */
const localName = /[A-Za-z_][A-Za-z0-9._-]*$/

/**
 * A graph as RDF/XML, piece by piece: the statements of each subject are one element.
 * @throws Error for a predicate that no XML name can stand for: leaving the statement out would be a lie.
 */
export function* toRdfXml(graph: Map<string, Quad[]>, prefixes: Record<string, string>): Generator<string> {
  const known = new Map(Object.entries(prefixes).map(([prefix, address]) => [address, prefix]))
  const labels = new Map<string, string>()
  const declared = Object.entries(prefixes).map(
    ([prefix, address]) => ` xmlns:${prefix}="${xmlText(address)}"`,
  )
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF${declared.join('')}>\n`
  for (const quads of graph.values()) {
    yield `<rdf:Description ${reference('about', quads[0]!.subject, labels)}>\n`
    for (const { predicate, object } of quads)
      yield `${propertyElement(nameOf(predicate.value, known), object, labels)}\n`
    yield '</rdf:Description>\n'
  }
  yield '</rdf:RDF>\n'
}

interface ElementName {
  name: string
  /** Where the namespace has no prefix of its own. */
  declaration: string
}

function nameOf(address: string, known: Map<string, string>): ElementName {
  const local = localName.exec(address)?.[0]
  const namespace = address.slice(0, address.length - (local?.length ?? 0))
  if (!local || namespace === '')
    throw new Error(`RDF/XML has no name for the predicate <${address}>; use another syntax.`)
  const prefix = known.get(namespace)
  return prefix === undefined
    ? { name: `ns:${local}`, declaration: ` xmlns:ns="${xmlText(namespace)}"` }
    : { name: `${prefix}:${local}`, declaration: '' }
}

function propertyElement(
  { name, declaration }: ElementName,
  object: Term,
  labels: Map<string, string>,
): string {
  if (object.termType !== 'Literal')
    return `<${name}${declaration} ${reference('resource', object, labels)}/>`
  const { language, datatype } = object
  const about = language
    ? ` xml:lang="${xmlText(language)}"`
    : datatype.value === `${namespaces.xsd}string`
      ? ''
      : ` rdf:datatype="${xmlText(datatype.value)}"`
  return `<${name}${declaration}${about}>${xmlText(object.value)}</${name}>`
}

/** Blank nodes get names that XML takes. */
function reference(attribute: 'about' | 'resource', term: Term, labels: Map<string, string>): string {
  if (term.termType !== 'BlankNode') return `rdf:${attribute}="${xmlText(term.value)}"`
  if (!labels.has(term.value)) labels.set(term.value, `b${labels.size}`)
  return `rdf:nodeID="${labels.get(term.value)}"`
}
