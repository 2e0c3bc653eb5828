import type { ClauseText, IndexFacet, Where } from '../../search/index.ts'
import { badQuery } from './errors.ts'
import { isUuid } from './ids.ts'
import { keptForms } from './license.ts'
import type { SolrNode } from './solr.ts'
import { dateMath } from './time.ts'

/** What a query asks of the index. */
export interface Asked {
  /** Words of `q`: they find and rank. */
  clauses: ClauseText[]
  filters: Partial<Record<IndexFacet, string[]>>
  where: Where[]
}

export interface Lookup {
  now: Date
  /** Row ids of the packages with these ids or names. */
  packages(refs: string[]): Promise<number[]>
  /** Code of the body with this id or name; undefined where there is none. */
  organization(ref: string): string | undefined
  /** Code of the theme with this id or name. */
  group(ref: string): string | undefined
}

const always: Where = { kind: 'all', of: [] }
const never: Where = { kind: 'any', of: [] }

/** Fields in which words are sought, and the part of an entry each means. */
const wordFields: Record<string, ClauseText['field']> = {
  '': 'any',
  text: 'any',
  notes: 'any',
  description: 'any',
  title: 'title',
  title_string: 'title',
  title_ngram: 'title',
  item: 'item',
  items: 'item',
  resource_code: 'code',
  identifier: 'code',
}

/** Fields whose values are those of a facet. CKAN's names first, then those of the extras. */
export const facetFields: Record<string, IndexFacet> = {
  organization: 'body',
  groups: 'theme',
  res_format: 'format',
  license_id: 'license',
  sharing_type: 'sharing',
  open_type: 'open',
  update_cycle: 'cycle',
  grade: 'grade',
  database: 'database',
  region: 'region',
  tier: 'tier',
}

/** What every published entry is. */
const constants: Record<string, string[]> = {
  state: ['active'],
  capacity: ['public'],
  private: ['false'],
  type: ['dataset'],
  dataset_type: ['dataset'],
  entity_type: ['package'],
  permission_labels: ['public'],
}

/** Clauses that the index takes apart at once; further ones only narrow. */
const maxClauses = 20

/** Adds a condition. @param ranks its words rank the hits: true for `q`, false for filters. */
export async function addCondition(
  asked: Asked,
  node: SolrNode,
  lookup: Lookup,
  ranks: boolean,
): Promise<void> {
  if (node.type === 'everything') return
  if (node.type === 'and') {
    for (const part of node.of) await addCondition(asked, part, lookup, ranks)
    return
  }
  const where = await toWhere(node, lookup)
  if (where.kind === 'words' && ranks && asked.clauses.length < maxClauses) asked.clauses.push(where.clause)
  else if (where.kind === 'facet' && !asked.filters[where.facet]) asked.filters[where.facet] = where.values
  else if (where !== always) asked.where.push(where)
}

async function toWhere(node: SolrNode, lookup: Lookup): Promise<Where> {
  switch (node.type) {
    case 'everything':
      return always
    case 'not':
      return { kind: 'not', of: await toWhere(node.of, lookup) }
    case 'and':
    case 'or': {
      const of: Where[] = []
      for (const part of node.of) of.push(await toWhere(part, lookup))
      return merged({ kind: node.type === 'and' ? 'all' : 'any', of })
    }
    case 'range':
      return rangeWhere(node, lookup)
    default:
      return termWhere(node, lookup)
  }
}

/** Alternatives of one facet are one condition, which the index answers fastest. */
function merged(where: Where & { kind: 'all' | 'any' }): Where {
  const [first] = where.of
  if (where.kind !== 'any' || first?.kind !== 'facet') return where
  const values: string[] = []
  for (const part of where.of) {
    if (part.kind !== 'facet' || part.facet !== first.facet) return where
    values.push(...part.values)
  }
  return { kind: 'facet', facet: first.facet, values: [...new Set(values)] }
}

type Term = SolrNode & { type: 'term' }

async function termWhere(term: Term, lookup: Lookup): Promise<Where> {
  const { field = '', text, phrase, prefix } = term
  const anything = text === '*' && !phrase
  const wordField = wordFields[field]
  if (wordField) {
    if (anything) return always
    // A text without letters and digits stands in no entry.
    if (!/[\p{L}\p{N}]/u.test(text)) return never
    return { kind: 'words', clause: { field: wordField, phrase, text } }
  }
  if (field === 'tags') return { kind: 'tag', tag: anything ? '' : text, prefix: prefix || anything }
  if (field === 'id' || field === 'name') {
    if (anything) return always
    if (prefix) throw badQuery(`${field} is sought whole`)
    return { kind: 'ids', ids: await lookup.packages([text]) }
  }
  if (field === 'owner_org') return anything ? always : facet('body', lookup.organization(text), prefix)
  const constant = constants[field] ?? (field === 'site_id' ? [text] : undefined)
  if (constant) return anything || constant.includes(text) ? always : never
  if (field === 'metadata_modified' || field === 'metadata_created')
    return rangeWhere({ type: 'range', field, from: text, to: text, fromOpen: false, toOpen: false }, lookup)
  const name = facetFields[field]
  if (!name) throw badQuery(`undefined field ${field}`)
  if (anything) {
    if (name === 'body' || name === 'sharing' || name === 'open' || name === 'cycle') return always
    throw badQuery(`${field}:* is not supported; name a value`)
  }
  return facetWhere(name, text, prefix, lookup)
}

function facetWhere(name: IndexFacet, text: string, prefix: boolean, lookup: Lookup): Where {
  if (name === 'body') return facet(name, lookup.organization(text) ?? text, prefix)
  if (name === 'theme') return facet(name, isUuid(text) ? lookup.group(text) : text, prefix)
  if (name === 'format') return facet(name, text.toUpperCase(), prefix)
  if (name === 'license' && !prefix) return { kind: 'facet', facet: name, values: keptForms(text) }
  return facet(name, text, prefix)
}

function facet(name: IndexFacet, value: string | undefined, prefix: boolean): Where {
  if (prefix) throw badQuery(`a value of ${name} is sought whole`)
  return value === undefined ? never : { kind: 'facet', facet: name, values: [value] }
}

function rangeWhere(range: SolrNode & { type: 'range' }, { now }: Lookup): Where {
  const { field, from, to, fromOpen, toOpen } = range
  const kind =
    field === 'metadata_modified' ? 'changed' : field === 'metadata_created' ? 'created' : undefined
  if (kind === undefined)
    throw badQuery(`ranges are sought in metadata_modified and metadata_created, not in ${field}`)
  const end = (text: string) => {
    if (text === '*') return undefined
    const ms = dateMath(text, now)
    if (ms === undefined) throw badQuery(`Invalid Date String:'${text}'`)
    return ms
  }
  const [low, high] = [end(from), end(to)]
  // Entries have whole milliseconds; the lower end is rounded up to one, the upper end down.
  return {
    kind,
    ...(low === undefined ? {} : { from: fromOpen && Number.isInteger(low) ? low + 1 : Math.ceil(low) }),
    ...(high === undefined ? {} : { to: toOpen && Number.isInteger(high) ? high - 1 : Math.floor(high) }),
  }
}
