import { DataFactory, type NamedNode } from 'n3'

const { namedNode } = DataFactory

/** Terms of a vocabulary by their local names. */
export const vocabulary = (base: string) => (name: string) => namedNode(base + name)

export const namespaces = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  dct: 'http://purl.org/dc/terms/',
  dcat: 'http://www.w3.org/ns/dcat#',
  as: 'https://www.w3.org/ns/activitystreams#',
  csvw: 'http://www.w3.org/ns/csvw#',
  foaf: 'http://xmlns.com/foaf/0.1/',
  hydra: 'http://www.w3.org/ns/hydra/core#',
  ldes: 'https://w3id.org/ldes#',
  owl: 'http://www.w3.org/2002/07/owl#',
  prov: 'http://www.w3.org/ns/prov#',
  skos: 'http://www.w3.org/2004/02/skos/core#',
  spdx: 'http://spdx.org/rdf/terms#',
  tree: 'https://w3id.org/tree#',
  vcard: 'http://www.w3.org/2006/vcard/ns#',
} as const

export const activity = vocabulary(namespaces.as)
export const rdf = vocabulary(namespaces.rdf)
export const rdfs = vocabulary(namespaces.rdfs)
export const xsd = vocabulary(namespaces.xsd)
export const dct = vocabulary(namespaces.dct)
export const dcat = vocabulary(namespaces.dcat)
export const csvw = vocabulary(namespaces.csvw)
export const foaf = vocabulary(namespaces.foaf)
export const hydra = vocabulary(namespaces.hydra)
export const ldes = vocabulary(namespaces.ldes)
export const owl = vocabulary(namespaces.owl)
export const prov = vocabulary(namespaces.prov)
export const skos = vocabulary(namespaces.skos)
export const spdx = vocabulary(namespaces.spdx)
export const tree = vocabulary(namespaces.tree)
export const vcard = vocabulary(namespaces.vcard)

/** The address of an entry, for people and programs alike. */
export const datasetIri = (base: string, uid: string): NamedNode => namedNode(`${base}/dataset/${uid}`)

/** Characters that an IRI cannot hold (RFC 3987, as Turtle's IRIREF has it). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const notInIri = /[\u0000-\u0020<>"{}|\\^`]/g

/** The text as an IRI that every syntax can hold; undefined where it is none. */
export function iri(text: string | null | undefined): NamedNode | undefined {
  if (!text || !/^(https?:\/\/[^/?#\s]|ftp:\/\/|mailto:|tel:|urn:|doi:)/i.test(text) || !text.isWellFormed())
    return undefined
  return namedNode(text.replace(notInIri, (char) => encodeURIComponent(char)))
}

/** The address of a body: its page. */
export const bodyIri = (base: string, code: string): NamedNode =>
  namedNode(`${base}/body/${encodeURIComponent(code)}`)
