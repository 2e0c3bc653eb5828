import { evaluate } from './evaluate.ts'
import type { FacetFilters } from './facet-filters.ts'
import { facetValues } from './facet-lists.ts'
import { facetNames, type IndexFacet } from './facet-names.ts'
import { type Counted, startFacets } from './facets.ts'
import { countHits, dropHit, type Hits, isHit, tierOf } from './hits.ts'
import type { IndexView } from './index-view.ts'
import { itemNames, type NameCount } from './item-view.ts'
import type { Evaluation } from './leaf.ts'
import { type Holds, verifyPhrases } from './phrases.ts'
import { type Clause, type ClauseText, parseQuery, type Query, queryOf } from './query.ts'
import { type Match, matchEntry, type Wanted, type Why, wantedOf } from './ranking.ts'
import { relaxedHits } from './relaxed.ts'
import type { Segment } from './segment.ts'
import { titleHash } from './segment-columns.ts'
import { type Found, type SegmentHits, type Sort, selectPage } from './select-page.ts'
import { countTags } from './tag-count.ts'
import { compileWhere, type Where } from './where.ts'

/** One question to the index. */
export interface IndexQuery {
  /** `items`: the words are sought within one item name. */
  view: 'entries' | 'items'
  text: string
  filters: FacetFilters
  sort: Sort
  offset: number
  limit: number
  facets: boolean
  /** What only programs ask for. */
  more?: MoreQuestion
}

export interface MoreQuestion {
  /** Instead of `text`: clauses that somebody else took apart. */
  clauses?: ClauseText[]
  /** Beside the clauses: a condition of any shape. */
  where?: Where
  /** The order turned round. */
  reverse: boolean
  /** Where no entry has all words, those with most of them are given. */
  relax: boolean
  /** Counted over the entries that pass every filter, at most so many values of each. */
  facets: readonly IndexFacet[]
  tags: boolean
  facetLimit: number
}

export interface IndexHit {
  /** `catalog.dataset.id` */
  id: number
  why: Why
  /** Ordinals of the matching items, best first, at most 5. */
  items: number[]
}

export interface IndexAnswer {
  hits: IndexHit[]
  total: number
  /** True where total and facets are estimates. */
  estimated: boolean
  /** True where no entry has all words and those with most of them are given. */
  relaxed: boolean
  /** Values with their counts, most first. */
  facets: Partial<Record<IndexFacet, [string, number][]>>
  /** Keywords with their counts, most first, where asked for. */
  tags?: [string, number][]
  /** In the item view: distinct names with the number of entries that hold each. */
  names?: NameCount[]
}

/** Best entries that are put in order by their text. */
const rankedByText = 100
/** Entries with exactly the title asked for that are put first. */
const exactTitles = 50

/** Answers a question. Never throws on any text. */
export function searchIndex(index: IndexView, question: IndexQuery): IndexAnswer {
  try {
    return answer(index, question)
  } finally {
    index.arena.release()
  }
}

function answer(index: IndexView, question: IndexQuery): IndexAnswer {
  const { more } = question
  const parsed = more?.clauses ? queryOf(more.clauses) : parseQuery(question.text)
  const query = question.view === 'items' ? withinOneItem(parsed) : parsed
  const everything = query.clauses.length === 0
  const evaluations: Evaluation[] = index.segments.map((segment) => ({
    segment,
    arena: index.arena,
    bodies: index.bodies,
    tiers: true,
    names: new Map(),
  }))
  let parts: SegmentHits[] = evaluations.map((at) => ({
    segment: at.segment,
    hits: evaluate(query.clauses, at),
  }))
  const where = more?.where && compileWhere(index, more.where)
  const narrow = () => {
    if (where) for (const [i, { hits }] of parts.entries()) where(hits, evaluations[i]!)
  }
  narrow()
  let phrases = verifyPhrases(parts, query, evaluations)
  let relaxed = false
  if (!everything && question.view === 'entries' && more?.relax !== false && sum(parts) === 0) {
    parts = relaxedHits(index, query)
    narrow()
    relaxed = sum(parts) > 0
    phrases = verifyPhrases(parts, { ...query, clauses: query.clauses.filter((c) => c.not) }, evaluations)
  }
  const estimate = phrases.share
  const names = question.view === 'items' ? itemNames(evaluations, query.clauses) : undefined
  const run = startFacets(index, question.filters, question.facets ? countedOf(more) : undefined)
  for (const { segment, hits } of parts) run.segment(segment, hits)
  parts = parts.filter(({ hits }) => hits.kind === 'bits' || hits.count > 0)
  const total = sum(parts)
  const wanted = wantedOf(query)
  const hits = page(index, parts, question, wanted, phrases.holds)
  return {
    hits,
    // An estimate is never below what is shown.
    total: Math.max(Math.round(total * estimate), hits.length > 0 ? question.offset + hits.length : 0),
    estimated: estimate !== 1 || evaluations.some((at) => at.cut),
    relaxed,
    facets: question.facets ? scaled(run.result(), estimate) : {},
    ...(more?.tags ? { tags: tagsOf(index, parts, more.facetLimit, estimate) } : {}),
    ...(names ? { names } : {}),
  }
}

const countedOf = (more: MoreQuestion | undefined): Counted =>
  more
    ? { names: more.facets, limit: more.facetLimit, strict: true }
    : { names: facetNames, limit: facetValues, strict: false }

const tagsOf = (index: IndexView, parts: SegmentHits[], limit: number, estimate: number) =>
  scaledList(countTags(index.tags, parts, limit), estimate)

const sum = (parts: SegmentHits[]) => parts.reduce((n, part) => n + countHits(part.hits), 0)

/** In the item view all plain words are sought in one item name. */
function withinOneItem(query: Query): Query {
  const words = query.clauses.filter((c) => c.field === 'any' && !c.not && !c.phrase)
  const rest = query.clauses.filter((c) => !words.includes(c))
  const others = rest.map(
    (c): Clause => (c.field === 'any' && c.phrase && !c.not ? { ...c, field: 'item' } : c),
  )
  if (words.length === 0) return { ...query, clauses: others }
  const item: Clause = {
    field: 'item',
    text: words.map((c) => c.text).join(' '),
    tokens: [...new Set(words.flatMap((c) => c.tokens))],
    phrase: false,
    not: false,
  }
  return { ...query, clauses: [item, ...others] }
}

/** Facet counts of a phrase over very many entries are judged by the share that held. */
const scaled = (lists: IndexAnswer['facets'], estimate: number): IndexAnswer['facets'] =>
  Object.fromEntries(Object.entries(lists).map(([facet, list]) => [facet, scaledList(list, estimate)]))

const scaledList = (list: [string, number][], estimate: number): [string, number][] =>
  estimate === 1 ? list : list.map(([value, n]) => [value, Math.round(n * estimate)])

function page(
  index: IndexView,
  parts: SegmentHits[],
  question: IndexQuery,
  wanted: Wanted,
  holds: Holds | undefined,
): IndexHit[] {
  const { offset, limit, sort } = question
  if (limit === 0) return []
  if (question.more?.reverse) return reversed(parts, question, wanted, index, holds)
  const select = (from: number, count: number) => selectHolding(index, parts, sort, from, count, holds)
  const show = (found: Found) => toHit(found, describe(parts, found, wanted))
  if (sort !== 'relevance' || wanted.text === '') return select(offset, limit).map(show)
  // Exact titles leave the tiers and lead the order, wherever their static score would have put them.
  const exact = takeExactTitles(parts, wanted.text)
  if (offset >= rankedByText) return select(Math.max(0, offset - exact.length), limit).map(show)
  const rest = select(0, Math.max(rankedByText, offset + limit) - exact.length)
  const matches = [...exact, ...rest].map((found) => ({
    found,
    match: describe(parts, found, wanted, exact.includes(found)),
  }))
  const ranked = matches.slice(0, rankedByText).sort((a, b) => b.match.points - a.match.points)
  return [...ranked, ...matches.slice(rankedByText)]
    .slice(offset, offset + limit)
    .map(({ found, match }) => toHit(found, match))
}

/** A page counted from the end of the order. */
function reversed(
  parts: SegmentHits[],
  { sort, offset, limit }: IndexQuery,
  wanted: Wanted,
  index: IndexView,
  holds: Holds | undefined,
): IndexHit[] {
  const end = sum(parts) - offset
  const from = Math.max(0, end - limit)
  return selectHolding(index, parts, sort, from, Math.max(0, end - from), holds)
    .reverse()
    .map((found) => toHit(found, describe(parts, found, wanted)))
}

/** Entries looked at again for one page, where not every hit's text was read before. */
const pageReads = 3000

/** A page of hits; those that turn out not to hold are dropped and others move up. */
function selectHolding(
  index: IndexView,
  parts: SegmentHits[],
  sort: Sort,
  offset: number,
  limit: number,
  holds: Holds | undefined,
): Found[] {
  for (let reads = 0; ; ) {
    const found = selectPage(parts, sort, offset, limit, index.arena)
    const wrong = holds ? found.filter((f) => !holds(f.segment, f.document)) : []
    if (wrong.length === 0) return found
    for (const f of wrong) dropHit(hitsOf(parts, f.segment), f.document)
    reads += found.length
    if (reads >= pageReads) return found.filter((f) => !wrong.includes(f))
  }
}

const hitsOf = (parts: SegmentHits[], segment: Segment): Hits =>
  parts.find((part) => part.segment === segment)!.hits

function takeExactTitles(parts: SegmentHits[], title: string): Found[] {
  const hash = titleHash(title)
  const exact: Found[] = []
  for (const { segment, hits } of parts) {
    const { titleHash: hashes } = segment
    let low = 0
    let high = hashes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (hashes[middle]! < hash) low = middle + 1
      else high = middle
    }
    for (let i = low; i < hashes.length && hashes[i] === hash && exact.length < exactTitles; i++) {
      const document = segment.titleHashDocument[i]!
      if (!isHit(hits, document)) continue
      if (!segment.text.head(segment.textPlace[document]!).titles.includes(title)) continue
      dropHit(hits, document)
      exact.push({ segment, document })
    }
  }
  return exact
}

type Described = Match & { ordinals: number[] }

function describe(
  parts: SegmentHits[],
  { segment, document }: Found,
  wanted: Wanted,
  exact = false,
): Described {
  if (wanted.text === '') return { points: 0, why: wanted.otherwise, items: [], ordinals: [] }
  const text = segment.text.head(segment.textPlace[document]!)
  const tier = exact ? 0 : tierOf(hitsOf(parts, segment), document)
  const match = matchEntry(text, wanted, tier, segment.score[document]!)
  return { ...match, ordinals: match.items.map((place) => text.ordinals[place]!) }
}

const toHit = ({ segment, document }: Found, { why, ordinals }: Described): IndexHit => ({
  id: segment.id[document]!,
  why,
  items: ordinals,
})
