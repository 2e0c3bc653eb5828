import { DataFactory, type NamedNode, type Quad } from 'n3'
import { languageOf } from './authorities.ts'
import type { Catalogue } from './catalogue.ts'
import type { EntryPage } from './entry-page.ts'
import { pageSize } from './entry-page.ts'
import { datasetQuads } from './graph.ts'
import { describe, textIn, typed } from './graph-node.ts'
import { datasetIri, dcat, dct, foaf, hydra, iri, skos, vcard } from './vocabulary.ts'

const { namedNode } = DataFactory

/** Addresses of the pages around one. */
export interface PageLinks {
  self: string
  first: string
  last: string
  previous?: string
  next?: string
}

/** The catalogue with the entries of a page, and the page itself in the words of both generations of Hydra. */
export function cataloguePageQuads(catalogue: Catalogue, page: EntryPage, links: PageLinks): Quad[] {
  const quads: Quad[] = []
  const id = namedNode(`${catalogue.base}/catalog`)
  describeCatalogueNode(quads, id, catalogue).add(
    dcat('dataset'),
    ...page.entries.map((entry) => datasetIri(catalogue.base, entry.uid)),
  )
  describePage(quads, page, links)
  for (const entry of page.entries) quads.push(...datasetQuads(entry, catalogue))
  return quads
}

function describeCatalogueNode(quads: Quad[], id: NamedNode, catalogue: Catalogue) {
  const { base, profile, title, description, contact } = catalogue
  const node = describe(quads, id, dcat('Catalog'))
  const inLanguages = (texts: Record<string, string>) =>
    Object.entries(texts).map(([tag, one]) => textIn(one, tag))
  node.add(dct('title'), ...inLanguages(title)).add(dct('description'), ...inLanguages(description))
  for (const tag of Object.keys(title)) node.link(dct('language'), languageOf(tag), dct('LinguisticSystem'))
  node.part(dct('publisher'), 'publisher', foaf('Agent')).add(foaf('name'), ...inLanguages(profile.name))
  node.link(foaf('homepage'), namedNode(`${base}/`), foaf('Document'))
  node
    .link(dcat('themeTaxonomy'), namedNode(`${base}/themes`), skos('ConceptScheme'))
    .add(dct('title'), ...inLanguages(profile.codeLists.theme!.label))
  node
    .part(dcat('contactPoint'), 'contact', vcard('Kind'), vcard('Organization'))
    .add(vcard('fn'), ...inLanguages(title))
    .add(vcard('hasEmail'), iri(`mailto:${contact}`))
  return node
}

function describePage(quads: Quad[], { total }: EntryPage, links: PageLinks): void {
  const node = describe(
    quads,
    namedNode(links.self),
    hydra('PagedCollection'),
    hydra('PartialCollectionView'),
  )
  node
    .add(hydra('totalItems'), typed(total, 'integer'))
    .add(hydra('itemsPerPage'), typed(pageSize, 'integer'))
  for (const name of ['first', 'previous', 'next', 'last'] as const) {
    const address = links[name]
    if (address) for (const term of [name, `${name}Page`]) node.add(hydra(term), namedNode(address))
  }
}
