import { recordByteLimit } from '../reader-event.ts'
import { Graph, keyOf, RecordTooLarge, type Resource } from './rdf-graph.ts'
import { parseRdf, RdfError } from './rdf-parse.ts'
import type { Syntax } from './rdf-syntax.ts'

/** One data set or data service of a page. */
export interface CatalogueRecord {
  /** Address; undefined for one that has none. */
  id?: string
  type: 'dataset' | 'service'
  /** JSON, or its beginning when the record is too large. */
  json: string
  oversized?: string
}

/** What a page of a DCAT catalogue says. */
export interface CataloguePage {
  records: CatalogueRecord[]
  /** Addresses of further pages, as written. */
  next: string[]
  /** Records that the catalogue announces over all pages. */
  total: number | null
  /** Catalogues that are part of this one and described elsewhere. */
  catalogues: string[]
  /** Data sets that are listed, but not described on this page, and one of them. */
  undescribed: number
  undescribedOne?: string
  /** Data sets that are described, but not listed by any catalogue of the page that lists some. */
  unlisted: number
  /** Why the page cannot be read; records are empty then, the way on may be known. */
  error?: { rule: string; message: string; at?: string; remedy?: string }
}

const excerptLength = 2_048

/** Reads a page. Never throws for what the page holds. */
export async function readCatalogue(
  text: string,
  o: { syntax: Syntax; base: string },
): Promise<CataloguePage> {
  const graph = new Graph()
  try {
    await parseRdf(text, o, (quad) => graph.add(quad))
  } catch (error) {
    const told =
      error instanceof RdfError
        ? error
        : new RdfError('page_unreadable', String((error as Error).message).slice(0, 300))
    const { rule, message, at, remedy } = told
    return {
      ...wayOn(graph),
      records: [],
      catalogues: [],
      undescribed: 0,
      unlisted: 0,
      error: { rule, message, at, remedy },
    }
  }
  const { listed, ...others } = datasetsOf(graph)
  const records = [
    ...listed.map((r) => record(graph, r, 'dataset')),
    ...ownServices(graph).map((r) => record(graph, r, 'service')),
  ]
  return { ...wayOn(graph), records, catalogues: nestedCatalogues(graph), ...others }
}

/** Paging in both forms of Hydra: `nextPage` of a PagedCollection, `next` of a PartialCollectionView. */
function wayOn(graph: Graph): Pick<CataloguePage, 'next' | 'total'> {
  const next = [...new Set(graph.valuesOf('hydra:next', 'hydra:nextPage'))].sort()
  const totals = graph.valuesOf('hydra:totalItems').map(Number).filter(Number.isSafeInteger)
  return { next, total: totals.length > 0 ? Math.max(...totals) : null }
}

/**
 * The data sets that catalogues list. Where none lists any, all that are described: a page may be one data set alone.
 * Where some are listed, others are only mentioned, e.g. as the source of one.
 */
function datasetsOf(graph: Graph) {
  const described = graph
    .ofType('dcat:Dataset', 'dcat:DatasetSeries')
    .filter((r) => !r.types.has('dcat:Catalog') && r.said.has('dct:title'))
  const keys = graph.objectsOf('dcat:dataset')
  if (keys.size === 0) return { listed: described, unlisted: 0, undescribed: 0 }
  const listed: Resource[] = []
  const undescribed: string[] = []
  for (const key of [...keys].sort()) {
    const resource = graph.get(key)
    if (resource?.types.has('dcat:Catalog')) continue
    // What a catalogue lists is a data set, also where the page forgets to say so.
    if (resource && resource.said.size > 1) listed.push(resource)
    else undescribed.push(key)
  }
  return {
    listed,
    unlisted: described.filter((r) => !keys.has(r.key)).length,
    undescribed: undescribed.length,
    undescribedOne: undescribed[0],
  }
}

/** Services that neither serve a data set nor belong to a distribution: entries of their own. */
function ownServices(graph: Graph): Resource[] {
  const used = graph.objectsOf('dcat:accessService')
  return graph
    .ofType('dcat:DataService')
    .filter((r) => !r.said.has('dcat:servesDataset') && !used.has(r.key) && r.said.has('dct:title'))
}

function nestedCatalogues(graph: Graph): string[] {
  const parts = new Set<string>()
  for (const catalogue of graph.ofType('dcat:Catalog'))
    for (const name of ['dct:hasPart', 'dcat:catalog'])
      for (const term of catalogue.said.get(name) ?? []) {
        const part = graph.get(keyOf(term))
        const isHere = part && (part.said.has('dcat:dataset') || !part.types.has('dcat:Catalog'))
        if (term.termType === 'NamedNode' && /^https?:/i.test(term.value) && !isHere) parts.add(term.value)
      }
  return [...parts].sort()
}

function record(graph: Graph, resource: Resource, type: CatalogueRecord['type']): CatalogueRecord {
  const named = resource.key.startsWith('_:') ? {} : { id: resource.key }
  try {
    const json = JSON.stringify(graph.recordOf(resource))
    if (json.length <= recordByteLimit) return { ...named, type, json }
    return {
      ...named,
      type,
      json: json.slice(0, excerptLength),
      oversized: `has ${json.length.toLocaleString('en')} bytes`,
    }
  } catch (error) {
    if (!(error instanceof RecordTooLarge)) throw error
    return { ...named, type, json: resource.key, oversized: error.message }
  }
}
