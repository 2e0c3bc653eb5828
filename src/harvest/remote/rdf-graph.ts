import type { Quad, Term } from '@rdfjs/types'
import { shortName } from './rdf-vocabulary.ts'

/** A resource with what is said of it, by short names. */
export interface Resource {
  /** Address, or `_:` and a name that means nothing outside the page. */
  key: string
  said: Map<string, Term[]>
  types: Set<string>
}

/** A record as JSON: members by short names, each a list; values are texts or objects with `@value` or `@id`. */
export type Json = string | { [member: string]: Json | Json[] | undefined }

/** Resources within each other: a data set has distributions, these have services, these have contacts. */
const depthLimit = 4
/** Values of one record: 8,000 distributions of ten values each are read, so that the catalogue's own limit speaks. */
const valueLimit = 200_000

/** Told by its own record or not part of one: only named, never copied into another. */
const standsAlone = new Set(['dcat:Dataset', 'dcat:DatasetSeries', 'dcat:Catalog', 'dcat:CatalogRecord'])

export class RecordTooLarge extends Error {}

/** The statements of a page, by what they are about. */
export class Graph {
  readonly #resources = new Map<string, Resource>()
  /** Services by the data set they serve. */
  readonly #servicesOf = new Map<string, Resource[]>()

  add(quad: Quad): void {
    const resource = this.#resourceOf(keyOf(quad.subject))
    const name = shortName(quad.predicate.value)
    if (name === 'rdf:type') resource.types.add(shortName(quad.object.value))
    const values = resource.said.get(name)
    if (values) values.push(quad.object)
    else resource.said.set(name, [quad.object])
    if (name === 'dcat:servesDataset') {
      const key = keyOf(quad.object)
      this.#servicesOf.set(key, [...(this.#servicesOf.get(key) ?? []), resource])
    }
  }

  get(key: string): Resource | undefined {
    return this.#resources.get(key)
  }

  /** All of a type, by address. */
  ofType(...types: string[]): Resource[] {
    const found = [...this.#resources.values()].filter((r) => types.some((type) => r.types.has(type)))
    return found.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** Keys of everything that stands behind one of the names anywhere. */
  objectsOf(...names: string[]): Set<string> {
    const keys = new Set<string>()
    for (const { said } of this.#resources.values())
      for (const name of names) for (const term of said.get(name) ?? []) keys.add(keyOf(term))
    return keys
  }

  /** Values of a name anywhere, as text. */
  valuesOf(...names: string[]): string[] {
    const values: string[] = []
    for (const { said } of this.#resources.values())
      for (const name of names) for (const term of said.get(name) ?? []) values.push(term.value)
    return values
  }

  /**
   * A resource with all that belongs to it as JSON. Values are sorted, because their order in a page means nothing: the
   * same data gives the same text. @throws RecordTooLarge
   */
  recordOf(resource: Resource): Json {
    const work = { values: 0, open: new Set<string>() }
    const record = this.#tree(resource, work, 0) as Record<string, Json | Json[]>
    const services = this.#servicesOf.get(resource.key)
    if (services)
      record['@reverse'] = {
        'dcat:servesDataset': sorted(
          services.map((service) => this.#tree(service, work, 1, 'dcat:servesDataset')),
        ),
      }
    return record
  }

  #resourceOf(key: string): Resource {
    let resource = this.#resources.get(key)
    if (!resource) {
      resource = { key, said: new Map(), types: new Set() }
      this.#resources.set(key, resource)
    }
    return resource
  }

  #tree(
    resource: Resource,
    work: { values: number; open: Set<string> },
    depth: number,
    without?: string,
  ): Json {
    const tree: { [member: string]: Json | Json[] } = isBlank(resource.key) ? {} : { '@id': resource.key }
    work.open.add(resource.key)
    for (const name of [...resource.said.keys()].sort()) {
      if (name === without) continue
      const terms = resource.said.get(name)!
      work.values += terms.length
      if (work.values > valueLimit) throw new RecordTooLarge(`has more than ${valueLimit} values`)
      tree[name === 'rdf:type' ? '@type' : name] = sorted(
        terms.map((term) => this.#value(term, name, work, depth)),
      )
    }
    work.open.delete(resource.key)
    return tree
  }

  #value(term: Term, name: string, work: { values: number; open: Set<string> }, depth: number): Json {
    if (term.termType === 'Literal') return literalOf(term)
    if (name === 'rdf:type') return shortName(term.value)
    const key = keyOf(term)
    const other = this.#resources.get(key)
    const named: Json = isBlank(key) ? {} : { '@id': key }
    if (!other || depth >= depthLimit || work.open.has(key)) return named
    if ([...other.types].some((type) => standsAlone.has(type))) return named
    return this.#tree(
      other,
      work,
      depth + 1,
      name === 'dcat:accessService' ? 'dcat:servesDataset' : undefined,
    )
  }
}

const isBlank = (key: string) => key.startsWith('_:')

/** How a resource is found again within its page. */
export const keyOf = (term: { termType: string; value: string }): string =>
  term.termType === 'BlankNode' ? `_:${term.value.replace(/^_:/, '')}` : term.value

function literalOf(term: Extract<Term, { termType: 'Literal' }>): Json {
  if (term.language) return { '@value': term.value, '@language': term.language }
  const type = shortName(term.datatype?.value ?? '')
  return type === '' || type === 'xsd:string' ? term.value : { '@value': term.value, '@type': type }
}

function sorted(values: Json[]): Json[] {
  if (values.length < 2) return values
  const keyed = values.map((value) => ({
    value,
    key: typeof value === 'string' ? value : JSON.stringify(value),
  }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return keyed.filter(({ key }, i) => i === 0 || key !== keyed[i - 1]!.key).map(({ value }) => value)
}
