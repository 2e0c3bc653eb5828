/** Prefixes of the vocabularies that catalogues use; a record has its members under these names. */
const namespaces: Record<string, string> = {
  'http://purl.org/dc/terms/': 'dct',
  'http://purl.org/dc/elements/1.1/': 'dc',
  'http://www.w3.org/ns/dcat#': 'dcat',
  'http://data.europa.eu/r5r/': 'dcatap',
  'http://www.w3.org/ns/adms#': 'adms',
  'http://xmlns.com/foaf/0.1/': 'foaf',
  'http://www.w3.org/2006/vcard/ns#': 'vcard',
  'http://www.w3.org/2004/02/skos/core#': 'skos',
  'http://www.w3.org/2000/01/rdf-schema#': 'rdfs',
  'http://www.w3.org/1999/02/22-rdf-syntax-ns#': 'rdf',
  'http://www.w3.org/2002/07/owl#': 'owl',
  'http://www.w3.org/ns/prov#': 'prov',
  'http://www.w3.org/ns/locn#': 'locn',
  'http://www.w3.org/ns/hydra/core#': 'hydra',
  'http://www.w3.org/2001/XMLSchema#': 'xsd',
  'http://spdx.org/rdf/terms#': 'spdx',
  'http://schema.org/': 'schema',
  'https://schema.org/': 'schema',
}

/** `dct:title` for the address of the term; addresses of other vocabularies stay as they are. */
export function shortName(iri: string): string {
  const end = Math.max(iri.lastIndexOf('#'), iri.lastIndexOf('/')) + 1
  const prefix = namespaces[iri.slice(0, end)]
  return prefix && end < iri.length ? `${prefix}:${iri.slice(end)}` : iri
}
