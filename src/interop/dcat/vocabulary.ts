import { DataFactory, type NamedNode } from 'n3'

const { namedNode } = DataFactory

/** Terms of a vocabulary by their local names. */
const vocabulary = (base: string) => (name: string) => namedNode(base + name)

export const namespaces = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  dct: 'http://purl.org/dc/terms/',
  dcat: 'http://www.w3.org/ns/dcat#',
  dcatap: 'http://data.europa.eu/r5r/',
  adms: 'http://www.w3.org/ns/adms#',
  as: 'https://www.w3.org/ns/activitystreams#',
  csvw: 'http://www.w3.org/ns/csvw#',
  foaf: 'http://xmlns.com/foaf/0.1/',
  hydra: 'http://www.w3.org/ns/hydra/core#',
  ldes: 'https://w3id.org/ldes#',
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
export const ldes = vocabulary(namespaces.ldes)
export const prov = vocabulary(namespaces.prov)
export const skos = vocabulary(namespaces.skos)
export const spdx = vocabulary(namespaces.spdx)
export const tree = vocabulary(namespaces.tree)
export const vcard = vocabulary(namespaces.vcard)

/** The authority tables of the European Union that DCAT-AP asks for. */
const authority = (table: string) => vocabulary(`http://publications.europa.eu/resource/authority/${table}/`)
const frequency = authority('frequency')
const accessRight = authority('access-right')
const language = authority('language')

/** Our update cycles in the authority table `frequency`; a profile's own further cycles have no place there. */
const frequencies: Record<string, string> = {
  real_time: 'CONT',
  daily: 'DAILY',
  weekly: 'WEEKLY',
  monthly: 'MONTHLY',
  quarterly: 'QUARTERLY',
  yearly: 'ANNUAL',
  irregular: 'IRREG',
  once: 'NEVER',
}

const accessRights: Record<string, string> = {
  unconditional: 'PUBLIC',
  conditional: 'RESTRICTED',
  not_open: 'NON_PUBLIC',
}

/** Languages by their first subtag (BCP 47) in the authority table `language` (ISO 639-3 in capitals). */
const languages: Record<string, string> = {
  ar: 'ARA',
  de: 'DEU',
  en: 'ENG',
  es: 'SPA',
  fr: 'FRA',
  hi: 'HIN',
  it: 'ITA',
  ja: 'JPN',
  ko: 'KOR',
  nl: 'NLD',
  pl: 'POL',
  pt: 'POR',
  ru: 'RUS',
  zh: 'ZHO',
}

const termIn = (
  table: Record<string, string>,
  build: (name: string) => NamedNode,
  code: string | null | undefined,
) => {
  const name = code ? table[code] : undefined
  return name === undefined ? undefined : build(name)
}

export const frequencyOf = (updateCycle: string) => termIn(frequencies, frequency, updateCycle)
export const accessRightOf = (openType: string) => termIn(accessRights, accessRight, openType)
export const languageOf = (tag: string) => termIn(languages, language, tag.split('-')[0])

/** The address of an entry, for people and programs alike. */
export const datasetIri = (base: string, uid: string): NamedNode => namedNode(`${base}/dataset/${uid}`)

/** Our own terms: what government data needs and DCAT has no word for (served at `{base}/ns`). */
export const ownTerm = (base: string) => (name: string) => namedNode(`${base}/ns#${name}`)

/** Characters that an IRI cannot hold (RFC 3987, as Turtle's IRIREF has it). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const notInIri = /[\u0000-\u0020<>"{}|\\^`]/g

/** The text as an IRI that every syntax can hold; undefined where it is none. */
export function iri(text: string | null | undefined): NamedNode | undefined {
  if (!text || !/^(https?:\/\/[^/?#\s]|ftp:\/\/|mailto:|tel:|urn:|doi:)/i.test(text) || !text.isWellFormed())
    return undefined
  return namedNode(text.replace(notInIri, (char) => encodeURIComponent(char)))
}
