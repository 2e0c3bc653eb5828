import {
  type DatasetRow,
  getDatasetRows,
  getItemNames,
  getItemRows,
  type ItemName,
  type ItemRow,
  publishedId,
} from '../catalog/index.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import type { IndexAnswer, IndexHit, IndexQuery } from './engine.ts'
import type { FacetFilters } from './facet-filters.ts'
import { highlight, needlesOf, snippet } from './highlight.ts'
import { createLabels, type Labels } from './labels.ts'
import type { SearchProcesses } from './replicas.ts'
import {
  type FacetName,
  type FacetValue,
  facetNames,
  type ItemHit,
  type ItemSearchResult,
  type SearchHit,
  type SearchQuery,
  type SearchResult,
  type Suggestion,
} from './search.schema.ts'
import { normalise } from './tokens.ts'

/** Finding entries, items and proposals: the index answers with ids, the catalogue with what is shown. */
export interface Search {
  searchEntries(query: SearchQuery): Promise<SearchResult>
  searchItems(query: SearchQuery): Promise<ItemSearchResult>
  suggest(text: string, limit: number): Promise<Suggestion[]>
}

/** Where search gets its answers; the child processes in a node, an index in memory in tests. */
export type SearchPort = Pick<SearchProcesses, 'search' | 'suggest'>

/** The end of an entry's address, alone or after the address. */
const uuid = /^\s*(?:\S*\/)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\s*$/i

export function createSearch(options: { db: Db; profile: Profile; port: SearchPort }): Search {
  const { db, port } = options
  const labels = createLabels(db, options.profile)
  return {
    async searchEntries(query) {
      const began = performance.now()
      const answer = (await byAddress(db, query)) ?? (await port.search(toIndexQuery(query, 'entries')))
      const needles = needlesOf(query.q ?? '')
      const [rows, items, texts] = await Promise.all([
        getDatasetRows(
          db,
          answer.hits.map((hit) => hit.id),
        ),
        matchedItems(db, answer.hits),
        labels.fresh(),
      ])
      const byId = new Map(rows.map((row) => [row.id, row]))
      const hits = answer.hits.flatMap((hit) => {
        const row = byId.get(hit.id)
        // What was withdrawn in the last second is in the index still, and is not shown.
        return row?.state === 'published' ? [toSearchHit(hit, row, items.get(hit.id) ?? [], needles)] : []
      })
      return { ...frame(answer, began), hits, facets: toFacets(answer, query, texts) }
    },

    async searchItems(query) {
      const began = performance.now()
      const answer = await port.search(toIndexQuery(query, 'items'))
      const needles = needlesOf((query.q ?? '').replace(/(^|\s)-\S+/g, ' '))
      const keys = answer.hits.map((hit) => ({ datasetId: hit.id, ordinal: hit.items[0] ?? 0 }))
      const [rows, items, texts] = await Promise.all([
        getDatasetRows(
          db,
          answer.hits.map((hit) => hit.id),
        ),
        getItemRows(db, keys),
        labels.fresh(),
      ])
      const byId = new Map(rows.map((row) => [row.id, row]))
      const hits = items.flatMap((item) => {
        const row = byId.get(item.datasetId)
        return row?.state === 'published' ? [toItemHit(item, row, needles, texts)] : []
      })
      return {
        ...frame(answer, began),
        hits,
        names: answer.names ?? [],
        facets: toFacets(answer, query, texts),
      }
    },

    async suggest(text, limit) {
      const folded = normalise(text)
      if (folded === '') return []
      const found = await port.suggest(text, limit)
      const titles = await getDatasetRows(
        db,
        found.flatMap((s) => (s.kind === 'title' && s.id ? [s.id] : [])),
      )
      const rows = new Map(titles.map((row) => [row.id, row]))
      const texts = await labels.fresh()
      const needles = [folded]
      const make = (
        kind: Suggestion['kind'],
        shown: string,
        count: number | null,
        target: string | null,
      ): Suggestion => ({
        kind,
        text: shown,
        highlight: highlight(shown, needles),
        count,
        target,
      })
      const themes = texts.themesLike(folded).map(([code, label]) => make('theme', label, null, code))
      const other = found.flatMap((s): Suggestion[] => {
        if (s.kind === 'title') {
          const row = s.id === undefined ? undefined : rows.get(s.id)
          return row?.state === 'published' ? [make('title', titleLike(row, folded), null, row.uid)] : []
        }
        return [make(s.kind, s.text, s.count, s.code ?? null)]
      })
      return share(
        [
          themes,
          other.filter((s) => s.kind === 'body'),
          other.filter((s) => s.kind === 'item'),
          other.filter((s) => s.kind === 'title'),
        ],
        limit,
      )
    },
  }
}

/** The title that has the text, in whichever language, else the original one. */
function titleLike({ title, translations }: DatasetRow, folded: string): string {
  const titles = [title, ...Object.values(translations).flatMap((t) => t.title ?? [])]
  return titles.find((t) => normalise(t).includes(folded)) ?? title
}

/** Takes from each kind in turn, and gives them kind by kind. */
function share(kinds: Suggestion[][], limit: number): Suggestion[] {
  const taken = kinds.map(() => 0)
  for (let n = 0; n < limit; ) {
    const before = n
    for (const [i, list] of kinds.entries()) {
      if (n < limit && taken[i]! < list.length) {
        taken[i]!++
        n++
      }
    }
    if (n === before) break
  }
  return kinds.flatMap((list, i) => list.slice(0, taken[i]))
}

/** The one entry whose address was pasted; undefined for any other text. */
async function byAddress(db: Db, query: SearchQuery): Promise<IndexAnswer | undefined> {
  const uid = uuid.exec(query.q ?? '')?.[1]
  const id = uid && (await publishedId(db, uid))
  if (!id) return undefined
  const hits: IndexHit[] =
    (query.offset ?? 0) === 0 && query.limit !== 0 ? [{ id, why: 'code', items: [] }] : []
  return { hits, total: 1, estimated: false, relaxed: false, facets: {} }
}

function toIndexQuery(query: SearchQuery, view: IndexQuery['view']): IndexQuery {
  const filters: FacetFilters = {}
  for (const facet of facetNames) if (query[facet]?.length) filters[facet] = query[facet]
  return {
    view,
    text: query.q ?? '',
    filters,
    sort: query.sort ?? 'relevance',
    offset: query.offset ?? 0,
    limit: query.limit ?? 20,
    facets: query.facets ?? true,
  }
}

const frame = (answer: IndexAnswer, began: number) => ({
  total: answer.total,
  estimated: answer.estimated,
  relaxed: answer.relaxed,
  tookMs: Math.round((performance.now() - began) * 10) / 10,
})

async function matchedItems(db: Db, hits: IndexHit[]): Promise<Map<number, ItemName[]>> {
  const keys = hits.flatMap((hit) => hit.items.map((ordinal) => ({ datasetId: hit.id, ordinal })))
  const rows = keys.length > 0 ? await getItemNames(db, keys) : []
  const byDataset = new Map<number, ItemName[]>()
  for (const row of rows) {
    const list = byDataset.get(row.datasetId)
    if (list) list.push(row)
    else byDataset.set(row.datasetId, [row])
  }
  return byDataset
}

/** The name of an item that matches: its own, else a translation that does. */
function matchingName(item: ItemName, needles: string[]): { name: string; highlight: [number, number][] } {
  for (const name of [item.name, ...Object.values(item.translations ?? {}).flatMap((t) => t.name ?? [])]) {
    const ranges = highlight(name, needles)
    if (ranges.length > 0) return { name, highlight: ranges }
  }
  return { name: item.name, highlight: [] }
}

function toSearchHit(hit: IndexHit, row: DatasetRow, items: ItemName[], needles: string[]): SearchHit {
  const part = snippet(row.abstract, needles)
  return {
    uid: row.uid,
    title: row.title,
    language: row.language,
    translations: row.translations,
    titleHighlight: highlight(row.title, needles),
    snippet: part.snippet,
    snippetHighlight: part.highlight,
    matchingItems: items.map((item) => matchingName(item, needles)),
    itemCount: row.itemCount,
    why: hit.why,
    body: {
      code: row.body.code,
      name: row.body.name,
      translations: row.body.translations,
      tier: row.body.tier,
      divisionCode: row.body.divisionCode,
    },
    theme: row.theme,
    format: row.format,
    sharingType: row.sharingType,
    openType: row.openType,
    updateCycle: row.updateCycle,
    grade: row.grade,
    database: row.database,
    modified: row.modified,
    changedAt: row.changedAt,
    useCount: row.useCount,
    quality: row.quality,
  }
}

function toItemHit(item: ItemRow, row: DatasetRow, needles: string[], texts: Labels): ItemHit {
  const source = texts.body(item.organisationId) ?? row.body
  return {
    name: item.name,
    highlight: highlight(item.name, needles),
    description: item.description,
    translations: item.translations,
    dataType: item.dataType,
    isKey: item.isKey,
    grade: item.grade,
    sharingType: item.sharingType,
    openType: item.openType,
    personal: item.personal,
    source: { code: source.code, name: source.name, translations: source.translations },
    atSource: item.atSource,
    dataset: {
      uid: row.uid,
      title: row.title,
      translations: row.translations,
      bodyCode: row.body.code,
      bodyName: row.body.name,
      updateCycle: row.updateCycle,
    },
  }
}

function toFacets(answer: IndexAnswer, query: SearchQuery, texts: Labels): Record<FacetName, FacetValue[]> {
  const facets = {} as Record<FacetName, FacetValue[]>
  for (const facet of facetNames) {
    const selected = new Set(query[facet] ?? [])
    facets[facet] = (answer.facets[facet] ?? []).map(([value, count]) => ({
      value,
      label: texts.label(facet, value),
      count,
      selected: selected.has(value),
    }))
  }
  return facets
}
