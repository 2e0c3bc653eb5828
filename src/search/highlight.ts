import { parseQuery } from './query.ts'
import { findPart } from './ranking.ts'
import { isWordUnit, normaliseWithPlaces, stem, tokensOf } from './tokens.ts'

/** Half-open ranges of UTF-16 units of the text before. */
export type Ranges = [number, number][]

/** Ranges marked in one text; a query of single characters would mark everything. */
const rangeLimit = 50

/** The texts of a query that are marked in results. */
export function needlesOf(query: string): string[] {
  const needles = new Set<string>()
  for (const clause of parseQuery(query).clauses) {
    if (clause.not || clause.field === 'body' || clause.field === 'code') continue
    needles.add(clause.text)
    for (const word of clause.text.split(' ')) needles.add(word)
    for (const token of clause.tokens) needles.add(token)
  }
  // Longer ones first, so that a whole name is marked rather than its pairs.
  return [...needles].sort((a, b) => b.length - a.length)
}

/** Where a text matches: whole clauses, else words by stem or beginning, else pairs of characters. */
export function highlight(text: string, needles: string[]): Ranges {
  const { text: folded, places } = normaliseWithPlaces(text)
  if (places.length === 0) return []
  const marked = new Uint8Array(folded.length)
  for (const needle of needles) {
    if (isWordUnit(needle.charCodeAt(0)) && !needle.includes(' ')) markWords(folded, needle, marked)
    else markText(folded, needle, marked)
  }
  return toRanges(marked, places, text)
}

function markText(folded: string, needle: string, marked: Uint8Array): void {
  for (let from = 0, n = 0; from <= folded.length - needle.length && n < rangeLimit; n++) {
    const at = findPart(folded.slice(from), needle)
    if (at < 0) return
    marked.fill(1, from + at, from + at + needle.length)
    from += at + needle.length
  }
}

function markWords(folded: string, needle: string, marked: Uint8Array): void {
  const root = tokensOf(needle)[0] ?? needle
  let start = -1
  for (let i = 0; i <= folded.length; i++) {
    const inWord = i < folded.length && isWordUnit(folded.charCodeAt(i))
    if (inWord && start < 0) start = i
    if (inWord || start < 0) continue
    const word = folded.slice(start, i)
    if (word === needle || stem(word) === root) marked.fill(1, start, i)
    else if (needle.length >= 2 && word.startsWith(needle)) marked.fill(1, start, start + needle.length)
    start = -1
  }
}

function toRanges(marked: Uint8Array, places: Int32Array, text: string): Ranges {
  const ranges: Ranges = []
  for (let i = 0; i < marked.length && ranges.length < rangeLimit; i++) {
    if (marked[i] === 0) continue
    let end = i
    while (end < marked.length && marked[end] === 1) end++
    const from = places[i]!
    const last = places[end - 1]!
    // A pair of surrogates stays whole.
    const width = /[\ud800-\udbff]/.test(text.charAt(last)) ? 2 : 1
    ranges.push([from, last + width])
    i = end
  }
  return ranges
}

/** UTF-16 units of a snippet. */
const snippetLength = 300
/** Units shown before the first match. */
const lead = 60

/** The part of a text around its first match, with the ranges in it. */
export function snippet(text: string, needles: string[]): { snippet: string; highlight: Ranges } {
  const all = highlight(text, needles)
  const first = all[0]?.[0] ?? 0
  const cutsIn = text.length > snippetLength && first > snippetLength - lead
  let from = cutsIn ? first - lead : 0
  // Not inside a pair of surrogates.
  if (/[\udc00-\udfff]/.test(text.charAt(from))) from++
  let to = Math.min(text.length, from + snippetLength - 2)
  if (/[\ud800-\udbff]/.test(text.charAt(to - 1))) to--
  const before = from > 0 ? '…' : ''
  const after = to < text.length ? '…' : ''
  const shift = before.length - from
  const ranges = all
    .filter(([a, b]) => b > from && a < to)
    .map(([a, b]): [number, number] => [Math.max(a, from) + shift, Math.min(b, to) + shift])
  return { snippet: before + text.slice(from, to) + after, highlight: ranges }
}
