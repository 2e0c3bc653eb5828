import type { Profile } from '../../platform/profile.ts'
import type { IndexAnswer, IndexFacet, SearchPort, Sort } from '../../search/index.ts'
import { badQuery, pythonText } from './errors.ts'
import { licenseFields, licenseTitle } from './license.ts'
import type { Organizations } from './organization.ts'
import { compare } from './organization.ts'
import type { Packages } from './packages.ts'
import { flag, integer, list, natural, text } from './params.ts'
import { allValues, question } from './question.ts'
import type { Loose } from './resource.ts'
import { parseSolr, parseWords } from './solr.ts'
import { type Asked, addCondition, facetFields, type Lookup } from './solr-where.ts'

/** CKAN's `package_search` on the search index. */

/** Packages of one answer; more are not refused but cut. */
export const maxRows = 1_000
const defaultRows = 10
const defaultFacetLimit = 50
const defaultSort = 'score desc, metadata_modified desc'

/** Parameters that are taken; the second line only shapes Solr's own ranking and says nothing here. */
const parameters = new Set([
  ...'q fq fq_list rows start sort facet facet.field facet.limit facet.mincount fl include_private'.split(
    ' ',
  ),
  ...'include_drafts include_deleted use_default_schema extras qf bf boost tie defType mm q.op wt df'.split(
    ' ',
  ),
])

export interface SearchParts {
  port: Pick<SearchPort, 'search'>
  packages: Packages
  profile: Profile
  now(): Date
}

/** What a search found: rendered packages with the rest of the answer. */
export interface PackageSearch {
  count: number
  sort: string
  facets: Record<string, Record<string, number>>
  search_facets: Record<string, { title: string; items: FacetItem[] }>
  results: string[]
}
interface FacetItem {
  name: string
  display_name: string
  count: number
}

/**
 * @param drafts further packages that satisfy the conditions, rendered: those of which no index knows.
 * @throws Search Query Error for parameters or queries that cannot be understood, Validation Error for wrong numbers
 */
export async function searchPackages(
  parts: SearchParts,
  params: Loose,
  drafts?: (asked: Asked) => Promise<string[]>,
): Promise<PackageSearch> {
  const unknown = Object.keys(params).filter((name) => !parameters.has(name) && !name.startsWith('ext_'))
  if (unknown.length > 0)
    throw badQuery(`Invalid search parameters: [${unknown.slice(0, 20).map(pythonText).join(', ')}]`)
  const organizations = await parts.packages.organizations()
  const { asked, words } = await readConditions(parts, organizations, params)
  const sort = text(params, 'sort') ?? defaultSort
  const order = readOrder(sort, asked.clauses.length > 0)
  const facets = readFacets(params)
  const offset = natural(params, 'start') ?? 0
  const limit = Math.min(natural(params, 'rows') ?? defaultRows, maxRows)
  const answer = await parts.port.search(
    question(
      {
        clauses: asked.clauses,
        ...(asked.where.length > 0 ? { where: { kind: 'all', of: asked.where } } : {}),
        reverse: order.reversed,
        // CKAN too leaves words out where there are more than two.
        relax: words > 2,
        facets: facets.fields.flatMap((f) => facetFields[f] ?? []),
        tags: facets.fields.includes('tags'),
        facetLimit: facets.limit,
      },
      { filters: asked.filters, sort: order.sort, offset, limit },
    ),
  )
  const results = await parts.packages.render(answer.hits.map((hit) => hit.id))
  const further = (await drafts?.(asked)) ?? []
  // They come behind everything that is published.
  const from = Math.max(0, offset - answer.total)
  results.push(...further.slice(from, from + Math.max(0, limit - answer.hits.length)))
  const counted = countedFacets(answer, facets, organizations, parts)
  return {
    count: answer.total + further.length,
    sort,
    ...counted,
    results: selectFields(results, list(params, 'fl')),
  }
}

async function readConditions(
  { packages, now }: SearchParts,
  organizations: Organizations,
  params: Loose,
): Promise<{ asked: Asked; words: number }> {
  const asked: Asked = { clauses: [], filters: {}, where: [] }
  const lookup: Lookup = {
    now: now(),
    packages: packages.rowsOf,
    organization: (ref) => organizations.find(ref)?.code,
    group: (ref) => packages.groups.find(ref)?.name,
  }
  const q = text(params, 'q')?.trim() ?? ''
  if (q !== '' && q !== '*' && q !== '""' && q !== "''") {
    if (/\{!/.test(q)) throw badQuery('Local parameters are not supported')
    // As CKAN: only a query with a colon is one in which something can be wrong.
    await addCondition(asked, q.includes(':') ? parseSolr(q) : parseWords(q), lookup, true)
  }
  const words = asked.clauses.length
  for (const filter of [...list(params, 'fq'), ...list(params, 'fq_list')])
    if (filter.trim() !== '') await addCondition(asked, parseSolr(filter), lookup, false)
  return { asked, words }
}

/** Fields to order by: the order of the index, and the direction in which it lies there. */
const sorts: Record<string, [Sort, 'asc' | 'desc']> = {
  score: ['relevance', 'desc'],
  metadata_modified: ['changed', 'desc'],
  metadata_created: ['created', 'asc'],
  title: ['name', 'asc'],
  title_string: ['name', 'asc'],
  // Names are addresses unless a client gave others; both give one lasting order.
  name: ['uid', 'asc'],
  id: ['uid', 'asc'],
  views_recent: ['use', 'desc'],
  views_total: ['use', 'desc'],
}

interface Order {
  sort: Sort
  reversed: boolean
}

/** The field that decides. Without words every score is the same, and the next field does. */
function readOrder(text: string, ranked: boolean): Order {
  const orders = text.split(',').map((part): Order => {
    const [field = '', direction = 'asc', ...rest] = part.trim().toLowerCase().split(/\s+/)
    const known = sorts[field]
    if (!known || rest.length > 0 || (direction !== 'asc' && direction !== 'desc'))
      throw badQuery(`Can't determine a Sort Order (asc or desc) in sort spec '${text.slice(0, 200)}'`)
    return { sort: known[0], reversed: known[1] !== direction }
  })
  return orders.find((o) => ranked || o.sort !== 'relevance') ?? { sort: 'changed', reversed: false }
}

interface AskedFacets {
  fields: string[]
  limit: number
  least: number
}

function readFacets(params: Loose): AskedFacets {
  const fields = flag(params, 'facet', true) ? [...new Set(list(params, 'facet.field'))] : []
  for (const field of fields)
    if (field !== 'tags' && !facetFields[field]) throw badQuery(`undefined field: ${pythonText(field)}`)
  const limit = integer(params, 'facet.limit') ?? defaultFacetLimit
  return {
    fields,
    limit: limit < 0 ? allValues : limit,
    least: integer(params, 'facet.mincount') ?? 1,
  }
}

function countedFacets(
  answer: IndexAnswer,
  { fields, limit, least }: AskedFacets,
  organizations: Organizations,
  { packages, profile }: SearchParts,
): Pick<PackageSearch, 'facets' | 'search_facets'> {
  const facets: PackageSearch['facets'] = {}
  const search_facets: PackageSearch['search_facets'] = {}
  for (const field of fields) {
    const counts = valuesOf(field, answer)
      .filter(([, count]) => count >= Math.max(1, least))
      .slice(0, limit)
    facets[field] = Object.fromEntries(counts)
    const items = counts.map(([name, count]) => ({
      name,
      display_name: displayName(field, name, organizations, packages, profile),
      count,
    }))
    // CKAN's own order, on which its pages build.
    items.sort((a, b) => compare(b.display_name, a.display_name))
    search_facets[field] = { title: field, items }
  }
  return { facets, search_facets }
}

function valuesOf(field: string, { facets, tags }: IndexAnswer): [string, number][] {
  if (field === 'tags') return tags ?? []
  const counts = facets[facetFields[field]!] ?? []
  if (field !== 'license_id') return counts
  // One licence may be kept as its id, its title or its address.
  const byId = new Map<string, number>()
  for (const [kept, count] of counts) {
    const { license_id: id } = licenseFields(kept)
    byId.set(id!, (byId.get(id!) ?? 0) + count)
  }
  return [...byId].sort((a, b) => b[1] - a[1])
}

/** Lists of the profile that name the values of a facet. */
const codeLists: Partial<Record<IndexFacet, string>> = {
  sharing: 'sharingType',
  open: 'openType',
  cycle: 'updateCycle',
  grade: 'grade',
  database: 'database',
  tier: 'tier',
}

function displayName(
  field: string,
  name: string,
  organizations: Organizations,
  { groups }: Packages,
  profile: Profile,
): string {
  if (field === 'organization') return organizations.byName.get(name)?.name ?? name
  if (field === 'groups') return groups.byName.get(name)?.title ?? name
  if (field === 'license_id') return licenseTitle(name)
  const codes = codeLists[facetFields[field]!]
  const label = codes && profile.codeLists[codes]?.entries.find((e) => e.code === name)?.label
  return label ? (label[profile.language] ?? name) : name
}

/** Only the members wished for. */
function selectFields(results: string[], fl: string[]): string[] {
  const wanted = fl.flatMap((f) => f.split(/[\s,]+/)).filter((f) => f !== '')
  if (wanted.length === 0 || wanted.includes('*')) return results
  return results.map((result) => {
    const pack = JSON.parse(result) as Loose
    return JSON.stringify(Object.fromEntries(wanted.filter((f) => f in pack).map((f) => [f, pack[f]])))
  })
}
