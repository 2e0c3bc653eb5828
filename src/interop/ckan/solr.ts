import { badQuery } from './errors.ts'

/**
 * The query language that CKAN's clients write (Solr's, as far as people send it): words, "phrases", field:value,
 * [a TO b], + and -, AND, OR, NOT, brackets. Words beside each other must all be there.
 */
export type SolrNode =
  | { type: 'and' | 'or'; of: SolrNode[] }
  | { type: 'not'; of: SolrNode }
  | { type: 'term'; field: string | undefined; text: string; phrase: boolean; prefix: boolean }
  | { type: 'range'; field: string; from: string; to: string; fromOpen: boolean; toOpen: boolean }
  | { type: 'everything' }

/** UTF-16 units of one query: far beyond what a program builds. */
const maxLength = 10_000
const maxDepth = 18
const maxTerms = 180

type Token =
  | { kind: '(' | ')' | 'AND' | 'OR' | 'NOT' | '+' | '-' }
  | { kind: 'field'; name: string }
  | { kind: 'text'; text: string; phrase: boolean; prefix: boolean }
  | { kind: 'range'; from: string; to: string; fromOpen: boolean; toOpen: boolean }

/** @throws Search Query Error with what cannot be read */
export function parseSolr(text: string): SolrNode {
  if (text.length > maxLength) throw badQuery(`The query is longer than ${maxLength} characters`)
  if (/\{!/.test(text)) throw badQuery('Local parameters are not supported')
  const tokens = [...tokensOf(text)]
  let at = 0
  let terms = 0
  const peek = () => tokens[at]

  const either = (depth: number, field: string | undefined): SolrNode => {
    if (depth > maxDepth) throw badQuery(`The query is nested deeper than ${maxDepth} levels`)
    const of = [both(depth, field)]
    while (peek()?.kind === 'OR') {
      at++
      of.push(both(depth, field))
    }
    return of.length === 1 ? of[0]! : { type: 'or', of }
  }
  const both = (depth: number, field: string | undefined): SolrNode => {
    const of: SolrNode[] = []
    for (let next = peek(); next && next.kind !== 'OR' && next.kind !== ')'; next = peek()) {
      if (next.kind === 'AND') {
        if (of.length === 0) throw badQuery(`Cannot parse '${text}': AND has nothing before it`)
        at++
      }
      of.push(single(depth, field))
    }
    if (of.length === 0) throw badQuery(`Cannot parse '${text}': a condition is missing`)
    return of.length === 1 ? of[0]! : { type: 'and', of }
  }
  const single = (depth: number, field: string | undefined): SolrNode => {
    const token = tokens[at++]
    if (token === undefined) throw badQuery(`Cannot parse '${text}': it ends too early`)
    switch (token.kind) {
      case '+':
        return single(depth, field)
      case '-':
      case 'NOT':
        return { type: 'not', of: single(depth + 1, field) }
      case '(': {
        const inside = either(depth + 1, field)
        if (tokens[at++]?.kind !== ')') throw badQuery(`Cannot parse '${text}': a bracket is not closed`)
        return inside
      }
      case 'field':
        return single(depth, token.name)
      case 'text':
        if (++terms > maxTerms) throw badQuery(`The query has more than ${maxTerms} conditions`)
        if (token.text === '*' && !token.phrase && (field === undefined || field === '*'))
          return { type: 'everything' }
        return { type: 'term', field, text: token.text, phrase: token.phrase, prefix: token.prefix }
      case 'range':
        if (field === undefined) throw badQuery(`Cannot parse '${text}': a range has no field`)
        return { ...token, type: 'range', field }
      default:
        throw badQuery(`Cannot parse '${text}': '${token.kind}' stands where a condition should`)
    }
  }

  const node = either(0, undefined)
  if (at < tokens.length) throw badQuery(`Cannot parse '${text}': a bracket is closed that was not opened`)
  return node
}

const space = /[\s\u3000]*/y
const operator = /(AND|OR|NOT|&&|\|\|)(?=[\s\u3000(]|$)/y
const fieldName = /([A-Za-z_*][\w.*-]*):/y
const rangeForm = /([[{])[\s]*("[^"]*"|[^\s\]}]+)\s+TO\s+("[^"]*"|[^\s\]}]+)\s*([\]}])/y
const phraseForm = /"((?:[^"\\]|\\.)*)"/y
const wordForm = /(?:[^\s\u3000()"\\]|\\.)+/y
/** Weight and fuzziness behind a term. */
const suffix = /[\^~][\d.]*/y

const operators: Record<string, 'AND' | 'OR' | 'NOT'> = {
  '&&': 'AND',
  '||': 'OR',
  AND: 'AND',
  OR: 'OR',
  NOT: 'NOT',
}

function* tokensOf(text: string): Generator<Token> {
  let at = 0
  const read = (form: RegExp): RegExpExecArray | null => {
    form.lastIndex = at
    const found = form.exec(text)
    if (found) at = form.lastIndex
    return found
  }
  let afterField = false
  for (;;) {
    read(space)
    if (at >= text.length) return
    const char = text.charAt(at)
    const wasField = afterField
    afterField = false
    if (char === '(' || char === ')') {
      at++
      yield { kind: char }
      if (char === ')') read(suffix)
      continue
    }
    const named = read(operator)
    if (named) {
      yield { kind: operators[named[1]!]! }
      continue
    }
    if (!wasField && (char === '+' || char === '-' || char === '!') && /\S/.test(text.charAt(at + 1))) {
      at++
      yield { kind: char === '!' ? 'NOT' : char }
      continue
    }
    const field = wasField ? null : read(fieldName)
    if (field) {
      afterField = true
      yield { kind: 'field', name: field[1]! }
      continue
    }
    yield valueAt(text, at, char, read)
  }
}

function valueAt(
  text: string,
  at: number,
  char: string,
  read: (form: RegExp) => RegExpExecArray | null,
): Token {
  const range = read(rangeForm)
  if (range) {
    const [, open, from, to, close] = range as unknown as [string, string, string, string, string]
    return { kind: 'range', from: bare(from), to: bare(to), fromOpen: open === '{', toOpen: close === '}' }
  }
  if (char === '"') {
    const phrase = read(phraseForm)
    if (!phrase) throw badQuery(`Cannot parse '${text}': a quotation mark is not closed`)
    read(suffix)
    return { kind: 'text', text: unescaped(phrase[1]!), phrase: true, prefix: false }
  }
  if (char === '[' || char === '{')
    throw badQuery(`Cannot parse '${text}': the range at ${at + 1} is not [a TO b]`)
  const word = read(wordForm)
  if (!word) throw badQuery(`Cannot parse '${text}': nothing can be read at ${at + 1}`)
  const raw = word[0].replace(/(?<!\\)[\^~][\d.]*$/, '')
  const prefix = raw.length > 1 && /(?<!\\)\*$/.test(raw)
  return { kind: 'text', text: unescaped(prefix ? raw.slice(0, -1) : raw), phrase: false, prefix }
}

const bare = (text: string) => text.replace(/^"(.*)"$/, '$1')
const unescaped = (text: string) => text.replaceAll(/\\(.)/g, '$1')

/** A query without fields, in which nothing is wrong: what cannot be read are plain words. */
export function parseWords(text: string): SolrNode {
  try {
    return parseSolr(text)
  } catch {
    const words = text.slice(0, maxLength).match(/[\p{L}\p{N}]+/gu) ?? []
    const of = words
      .slice(0, maxTerms)
      .map((word): SolrNode => ({ type: 'term', field: undefined, text: word, phrase: false, prefix: false }))
    return of.length === 0 ? { type: 'or', of: [] } : { type: 'and', of }
  }
}
