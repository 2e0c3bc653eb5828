import { hasBit } from './bits.ts'
import { compareNames } from './collation.ts'
import { evaluate } from './evaluate.ts'
import type { IndexView } from './index-view.ts'
import { addCandidate, type Candidate, countNames } from './item-view.ts'
import { documentCount, readPostings } from './postings.ts'
import type { Clause } from './query.ts'
import type { Segment } from './segment.ts'
import { type Found, selectPage } from './select-page.ts'
import { findTerm, prefixRange, termAt } from './term-table.ts'
import { normalise, queryTokens } from './tokens.ts'

/** Proposals while somebody types. */

export interface IndexSuggestion {
  kind: 'title' | 'item' | 'body'
  /** Display text; for a title its entry is given instead. */
  text: string
  /** Entries behind it; null where not counted. */
  count: number | null
  /** Entry of a title. */
  id?: number
  /** Code of a body. */
  code?: string
}

/** Item names of one segment looked at for one prefix: a single character may begin very many. */
const namesScanned = 20_000
/** Names of one segment that compete. */
const namesKept = 12
/** Places of one segment's order of titles looked at. */
const titlesScanned = 4_000

/** Proposals of each kind, the most promising first, at most `limit` of each. */
export function suggest(index: IndexView, text: string, limit: number): IndexSuggestion[] {
  const folded = normalise(text.slice(0, 100))
  if (folded === '') return []
  return [
    ...bodies(index, folded, limit),
    ...itemNames(index, folded, limit),
    ...titles(index, folded, limit),
  ]
}

function bodies(index: IndexView, folded: string, limit: number): IndexSuggestion[] {
  const found: { place: number; id: number }[] = []
  for (const [id, line] of index.bodies.folded) {
    const place = line.indexOf(folded)
    if (place >= 0) found.push({ place: place === 0 || line[place - 1] === '\n' ? 0 : 1, id })
  }
  // A name that begins with the text first; smaller ids are the higher bodies in most trees.
  found.sort((a, b) => a.place - b.place || a.id - b.id)
  return found.slice(0, limit).map(({ id }) => {
    const body = index.bodies.byId.get(id)!
    return { kind: 'body', text: body.name, count: null, code: body.code }
  })
}

function itemNames(index: IndexView, folded: string, limit: number): IndexSuggestion[] {
  const candidates = new Map<string, Candidate>()
  for (const segment of index.segments) {
    for (const place of frequentNames(segment, folded)) addCandidate(candidates, segment, place)
  }
  return countNames(index.segments, candidates, limit).map(({ name, count }) => ({
    kind: 'item',
    text: name,
    count,
  }))
}

/** Names that begin with the text, and where these are few, names with it inside. */
function frequentNames(segment: Segment, folded: string): number[] {
  const { names } = segment
  const [from, to] = prefixRange(names, folded)
  const places: number[] = []
  for (let i = from; i < Math.min(to, from + namesScanned); i++) places.push(i)
  if (places.length < namesKept) places.push(...namesWithin(segment, folded, namesScanned))
  const counts = new Map(places.map((i) => [i, documentCount(names, i)]))
  return [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)!).slice(0, namesKept)
}

let scratch = new Uint32Array(1024)

/** Names that hold the rarest token of the text and the text itself. */
function namesWithin({ nameTerms, names }: Segment, folded: string, most: number): number[] {
  let rarest = -1
  for (const token of queryTokens(folded)) {
    const at = findTerm(nameTerms, token)
    if (at < 0) return []
    if (rarest < 0 || documentCount(nameTerms, at) < documentCount(nameTerms, rarest)) rarest = at
  }
  if (rarest < 0) return []
  const count = documentCount(nameTerms, rarest)
  if (scratch.length < count) scratch = new Uint32Array(count * 2)
  readPostings(nameTerms, rarest, scratch)
  const found: number[] = []
  for (let i = 0; i < Math.min(count, most) && found.length < namesKept * 4; i++) {
    const place = scratch[i]! >>> 2
    if (termAt(names, place).includes(folded)) found.push(place)
  }
  return found
}

/** Best entries whose title begins with the text, by a search in each segment's order of titles. */
function titles(index: IndexView, folded: string, limit: number): IndexSuggestion[] {
  const found: { score: number; id: number; title: string }[] = []
  for (const segment of index.segments) {
    const { byName, live } = segment
    const titleAt = (place: number) => segment.text.title(segment.textPlace[byName[place]!]!)
    const from = firstPlace(byName.length, (place) => compareNames(titleAt(place), folded) >= 0)
    const to = firstPlace(byName.length, (place) => {
      const title = titleAt(place)
      return compareNames(title, folded) > 0 && !title.startsWith(folded)
    })
    // Documents are numbered by rank: the smallest numbers are the best entries.
    const best: number[] = []
    for (let place = from; place < Math.min(to, from + titlesScanned); place++) {
      const document = byName[place]!
      if (hasBit(live, document)) best.push(document)
    }
    for (const document of best.sort((a, b) => a - b).slice(0, limit * 2)) {
      found.push({
        score: segment.score[document]!,
        id: segment.id[document]!,
        title: segment.text.title(segment.textPlace[document]!),
      })
    }
  }
  found.sort((a, b) => b.score - a.score || a.id - b.id)
  const seen = new Set<string>()
  const list: IndexSuggestion[] = []
  const add = (id: number, title: string) => {
    if (seen.has(title) || list.length >= limit) return
    seen.add(title)
    list.push({ kind: 'title', text: title, count: null, id })
  }
  for (const { id, title } of found) add(id, title)
  if (list.length < limit)
    for (const { segment, document } of titlesWith(index, folded, limit))
      add(segment.id[document]!, segment.text.title(segment.textPlace[document]!))
  return list
}

/** Best entries with the words anywhere in a title, in any language. */
function titlesWith(index: IndexView, folded: string, limit: number): Found[] {
  const tokens = queryTokens(folded)
  if (tokens.length === 0) return []
  const clause: Clause = { field: 'title', text: folded, tokens, phrase: false, not: false }
  const { arena, bodies } = index
  try {
    const parts = index.segments.map((segment) => ({
      segment,
      hits: evaluate([clause], { segment, arena, bodies, tiers: true }),
    }))
    return selectPage(parts, 'relevance', 0, limit * 2, arena)
  } finally {
    arena.release()
  }
}

function firstPlace(size: number, reached: (place: number) => boolean): number {
  let low = 0
  let high = size
  while (low < high) {
    const middle = (low + high) >>> 1
    if (reached(middle)) high = middle
    else low = middle + 1
  }
  return low
}
