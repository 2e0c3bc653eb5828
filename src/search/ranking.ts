import { isPrefixToken, type Query } from './query.ts'
import type { EntryText } from './text-file.ts'
import { isWordUnit, tokensOf } from './tokens.ts'

/** Fine order of the best entries by their text, and why each was found. */

export type Why = 'exact_title' | 'title' | 'item' | 'text' | 'code' | 'body' | 'tag' | 'all'

/** What ranking compares texts with. */
export interface Wanted {
  /** The words of the query as one folded text. */
  text: string
  /** The same without blanks between ideographs. */
  squeezed: string
  /** Each clause's text. */
  parts: string[]
  tokens: string[]
  /** Something must be found in an item name. */
  item: boolean
  /** Why an entry is found where no words were asked for: the fields that were, else everything. */
  otherwise: Why
}

export interface Match {
  /** Higher first. */
  points: number
  why: Why
  /** Names in the entry's text that match, best first: places in `EntryText.items`. */
  items: number[]
}

/** Item names reported with an entry. */
const itemsShown = 5
/** Item names of one entry that are looked at; a fat record does not slow a page down. */
const itemsRead = 400

/** Points of a match; only their order and rough distances matter. Tuned on the labelled queries of the bench. */
const points = {
  exactTitle: 1000,
  titleStart: 260,
  titlePhrase: 200,
  titleWords: 120,
  /** Taken off where only the stems agree: "Universities …" for university. */
  stemmed: 20,
  /** For a title that is hardly longer than the query. */
  titleShort: 120,
  exactItem: 150,
  itemStart: 90,
  itemPhrase: 80,
  itemWords: 50,
  /** Static score of the best entry. */
  score: 70,
} as const

/** The positive words of a query as ranking needs them. */
export function wantedOf(query: Query): Wanted {
  const clauses = query.clauses.filter(
    (c) => !c.not && (c.field === 'any' || c.field === 'title' || c.field === 'item'),
  )
  const text = clauses.map((c) => c.text).join(' ')
  return {
    text,
    squeezed: squeeze(text),
    parts: clauses.map((c) => c.text),
    tokens: [...new Set(clauses.flatMap((c) => c.tokens))],
    item: clauses.some((c) => c.field === 'item'),
    otherwise: fieldsAlone.find((field) => query.clauses.some((c) => c.field === field && !c.not)) ?? 'all',
  }
}

/** Fields that can be asked for alone, the most telling first. */
const fieldsAlone = ['code', 'tag', 'body'] as const

/** Place of `part` in `text` where it does not begin or end inside a word of letters or digits; -1 when nowhere. */
export function findPart(text: string, part: string): number {
  if (part === '') return -1
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const before = at > 0 && isWordUnit(text.charCodeAt(at - 1)) && isWordUnit(part.charCodeAt(0))
    const end = at + part.length
    const after =
      end < text.length && isWordUnit(text.charCodeAt(end)) && isWordUnit(part.charCodeAt(part.length - 1))
    if (!before && !after) return at
  }
  return -1
}

/** True when every token is in the text, as a word's beginning where it may be one. */
function hasTokens(text: string, tokens: string[]): boolean {
  let words: string[] | undefined
  return tokens.every((token) => {
    if (!isWordUnit(token.charCodeAt(0))) return text.includes(token)
    // Cheap refusal first: a stem or prefix is always part of the text, except for -ies.
    if (!text.includes(token.slice(0, -1))) return false
    words ??= tokensOf(text)
    return words.some((word) => word === token || (isPrefixToken(token) && word.startsWith(token)))
  })
}

/** True when a title's first words are those asked for, plurals aside. */
function beginsWith(title: string, tokens: string[]): boolean {
  if (tokens.length === 0 || !isWordUnit(title.charCodeAt(0))) return false
  const words = tokensOf(title)
  return tokens.every((token, i) => words[i] === token)
}

/** Chinese compounds count as one text with or without blanks between the words typed. */
const squeeze = (text: string) => (text.includes(' ') ? text.replace(/(?<=[^ -~]) (?=[^ -~])/g, '') : text)
/** True when a text is the query, blanks between ideographs aside. */
const isWhole = (text: string, wanted: Wanted) =>
  text === wanted.text ||
  (text.length >= wanted.squeezed.length &&
    text.length <= wanted.squeezed.length * 2 &&
    squeeze(text) === wanted.squeezed)

function titlePoints(title: string, wanted: Wanted): { points: number; exact: boolean; words: boolean } {
  if (isWhole(title, wanted)) return { points: points.exactTitle, exact: true, words: true }
  let sum = 0
  const at = findPart(title, wanted.text)
  const words = at >= 0 || hasTokens(title, wanted.tokens)
  if (at === 0) sum += points.titleStart
  else if (at > 0) sum += points.titlePhrase
  else if (words && beginsWith(title, wanted.tokens)) sum += points.titleStart - points.stemmed
  else if (words) {
    const whole = wanted.parts.filter((part) => findPart(title, part) >= 0).length
    sum += points.titleWords + (40 * whole) / wanted.parts.length
  }
  if (words) sum += (points.titleShort * wanted.text.length) / Math.max(wanted.text.length, title.length)
  return { points: sum, exact: false, words }
}

function itemPoints(name: string, wanted: Wanted): number {
  if (isWhole(name, wanted)) return points.exactItem
  const at = findPart(name, wanted.text)
  if (at === 0) return points.itemStart
  if (at > 0) return points.itemPhrase
  return hasTokens(name, wanted.tokens) ? points.itemWords : 0
}

/** How well an entry's text matches; `score` is its static score, 0 to 65535, `tier` where its words were found. */
export function matchEntry(text: EntryText, wanted: Wanted, tier: number, score: number): Match {
  if (wanted.text === '') return { points: score, why: wanted.otherwise, items: [] }
  let title = { points: 0, exact: false, words: false }
  for (const candidate of text.titles) {
    const found = titlePoints(candidate, wanted)
    if (found.points > title.points || found.exact) title = found
  }
  const found: { place: number; points: number }[] = []
  const seen = new Set<number>()
  // Where the index says that an item matches, a fat record is read on until it is found.
  const readOn = tier < 2 || wanted.item
  const names = text.items.length
  for (let place = 0; place < names && (place < itemsRead || (readOn && found.length === 0)); place++) {
    const p = itemPoints(text.items[place]!, wanted)
    if (p > 0) found.push({ place, points: p })
  }
  found.sort((a, b) => b.points - a.points || a.place - b.place)
  const best = found[0]?.points ?? 0
  if (found.length === 0) addPartial(text, wanted, Math.min(names, itemsRead), found)
  const items: number[] = []
  for (const { place } of found) {
    const ordinal = text.ordinals[place]!
    if (seen.has(ordinal) || items.length >= itemsShown) continue
    seen.add(ordinal)
    items.push(place)
  }
  const why: Why = title.exact
    ? 'exact_title'
    : title.words || tier === 0
      ? 'title'
      : best > 0 || tier === 1
        ? 'item'
        : 'text'
  const rest = title.exact ? points.titleStart : 0
  return { points: title.points + best + rest + (points.score * score) / 65535 + (2 - tier) * 40, why, items }
}

/** Items that have one of the words, where none has all. */
function addPartial(
  text: EntryText,
  wanted: Wanted,
  names: number,
  found: { place: number; points: number }[],
): void {
  for (let place = 0; place < names && found.length < itemsShown; place++) {
    const name = text.items[place]!
    if (wanted.parts.some((part) => findPart(name, part) >= 0)) found.push({ place, points: 0 })
  }
}
