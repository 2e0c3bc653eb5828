import { isWordUnit, normalise, queryTokens } from './tokens.ts'

/** A search text taken apart. */
export interface Query {
  clauses: Clause[]
  /** True when a limit cut the text. */
  cut: boolean
}

export type Field = 'any' | 'title' | 'item' | 'body' | 'code' | 'tag'

export interface Clause {
  field: Field
  /** Folded text of the clause. */
  text: string
  /** Tokens that must all be there. */
  tokens: string[]
  /** In quotation marks: the text must stand as it is. */
  phrase: boolean
  /** With a minus: entries that have it are left out. */
  not: boolean
}

/** Limits of a query: far beyond what people type; a longer text is cut, never refused. */
export const queryLimits = {
  /** UTF-16 units. */
  length: 500,
  clauses: 24,
  /** Tokens in all clauses together. */
  tokens: 48,
} as const

const fields = new Map<string, Field>(
  Object.entries({
    title: 'title',
    标题: 'title',
    名称: 'title',
    標題: 'title',
    item: 'item',
    信息项: 'item',
    字段: 'item',
    資訊項: 'item',
    body: 'body',
    部门: 'body',
    部門: 'body',
    机构: 'body',
    code: 'code',
    代码: 'code',
    代碼: 'code',
    tag: 'tag',
    标签: 'tag',
    標籤: 'tag',
    关键词: 'tag',
  } as const),
)

/** Words that say nothing where all words must be found; kept in phrases and where nothing else is asked. */
const emptyWords = new Set(
  'a an the of in on at by for to and or with from is are be as what which where who how list 的 了 吗 呢 和 与 及 或 在 是'.split(
    ' ',
  ),
)

const quotes: Record<string, string> = {
  '"': '"',
  '“': '”',
  '”': '”',
  '„': '“',
  '«': '»',
  '「': '」',
  '『': '』',
  '＂': '＂',
  '《': '》',
}
const isBlank = (char: string) => /[\s，、；。,;]/.test(char)

/** Takes a search text apart. Never throws; what cannot be understood is read as plain words. */
export function parseQuery(raw: string): Query {
  const query = queryOf(partsOf(raw.slice(0, queryLimits.length)))
  return { ...query, cut: query.cut || raw.length > queryLimits.length }
}

function* partsOf(text: string): Generator<Part> {
  for (let i = 0; i < text.length; ) {
    if (isBlank(text.charAt(i))) {
      i++
      continue
    }
    const part = readPart(text, i)
    i = part.end
    yield part
  }
}

/** The query of texts that somebody else took apart. */
export function queryOf(parts: Iterable<ClauseText>): Query {
  const clauses: Clause[] = []
  let cut = false
  let tokens = 0
  for (const part of parts) {
    const clause = clauseOf(part)
    if (!clause) continue
    if (clauses.length >= queryLimits.clauses || tokens + clause.tokens.length > queryLimits.tokens) {
      cut = true
      continue
    }
    tokens += clause.tokens.length
    clauses.push(clause)
  }
  return { clauses: dropEmptyWords(clauses), cut }
}

/** A clause before its text is folded. */
export interface ClauseText {
  field: Field
  phrase: boolean
  not?: boolean
  text: string
}

interface Part extends ClauseText {
  end: number
  not: boolean
}

function readPart(text: string, start: number): Part {
  let i = start
  const not = /[-－−]/.test(text.charAt(i)) && i + 1 < text.length && !isBlank(text.charAt(i + 1))
  if (not) i++
  const label = /^(\p{L}{2,8})[:：]\s*/u.exec(text.slice(i))
  const named = label && fields.get(label[1]!.toLowerCase())
  if (named) i += label[0].length
  const field = named || 'any'
  const closing = quotes[text.charAt(i)]
  if (closing) {
    const end = text.indexOf(closing, i + 1)
    // A mark that is never closed: the rest are plain words.
    if (end > i) return { end: end + 1, field, not, phrase: true, text: text.slice(i + 1, end) }
    i++
  }
  let end = i
  while (end < text.length && !isBlank(text.charAt(end)) && !quotes[text.charAt(end)]) end++
  return { end: Math.max(end, i, start + 1), field, not, phrase: false, text: text.slice(i, end) }
}

/** The clause of a text; undefined where nothing of it can be found. */
export function clauseOf(part: ClauseText): Clause | undefined {
  const folded = normalise(part.text)
  if (folded === '') return undefined
  const tokens = part.phrase ? queryTokens(folded) : wordTokens(folded)
  if (tokens.length === 0) return undefined
  return { field: part.field, text: folded, tokens, phrase: part.phrase, not: part.not === true }
}

/** Inside a longer Chinese run the particle 的 joins two words that need not be neighbours. */
function wordTokens(folded: string): string[] {
  return queryTokens(folded.replace(/(?<=\p{Script=Han}{2})的(?=\p{Script=Han}{2})/gu, ' '))
}

function dropEmptyWords(clauses: Clause[]): Clause[] {
  const kept = clauses.filter((c) => c.phrase || c.field !== 'any' || !emptyWords.has(c.text))
  return kept.some((c) => !c.not) ? kept : clauses
}

/** The shortest word that also finds longer words beginning with it: units. */
const shortestPrefix = 3
const shortestDigits = 2

/** True when a token may stand for the beginning of a longer word. */
export function isPrefixToken(token: string): boolean {
  if (!isWordUnit(token.charCodeAt(0))) return false
  return token.length >= (/^\d/.test(token) ? shortestDigits : shortestPrefix)
}

/** Words of a question that say nothing about what is sought; they count only where all words must be found. */
const questionWords = new Set(
  (
    'do does did can could may i my me we our you your there any much many get need want find show tell about it its ' +
    'this that please when why 哪里 哪儿 哪些 哪个 什么 怎么 怎样 如何 多少 几个 可以 能 能够 有 没有 去 在哪 请问 我 我们 ' +
    '要 想 需要 查 查询 还 都 里 个 请 应该 是否 吧 呀 啊'
  ).split(' '),
)

/** One ideograph or word stands wherever its token does; a longer phrase must be looked for in the text. */
export const phraseNeedsReading = (clause: Clause): boolean => clause.tokens.length > 1

let segmenter: Intl.Segmenter | undefined

/**
 * The words of a query that found nothing, each with its tokens: Chinese runs are split by ICU's dictionary,
 * so that the pairs across two words no longer count. Empty words are left out.
 */
export function looseWords(query: Query): { text: string; tokens: string[] }[] {
  segmenter ??= new Intl.Segmenter('zh-Hans', { granularity: 'word' })
  const words = new Map<string, string[]>()
  for (const clause of query.clauses) {
    if (clause.not || clause.field === 'body' || clause.field === 'code') continue
    for (const { segment, isWordLike } of segmenter.segment(clause.text)) {
      if (!isWordLike || emptyWords.has(segment) || questionWords.has(segment)) continue
      const tokens = queryTokens(segment)
      if (tokens.length > 0) words.set(tokens.join(' '), tokens)
    }
  }
  return [...words].slice(0, queryLimits.clauses).map(([text, tokens]) => ({ text, tokens }))
}
