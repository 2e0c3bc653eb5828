import { normalise } from '../search/index.ts'
import { stemmed, type WordGroup, type Words } from './item-words.ts'

/**
 * What an item's name says, so that two names can be compared: 联系人手机号 is the contact person's mobile number, and
 * so is "mobile phone of contact person". The same terms in the same order give the same key.
 */

/** A word of the profile's synonyms, or text that no group has. */
export type Term = { group: WordGroup; written: string } | { text: string; latin: boolean }

export interface ItemName {
  raw: string
  /** As the index stores the name: folded, one blank for any separators. */
  folded: string
  /** What it names, without how that is written down. */
  terms: Term[]
  /** How it is written down: `name`, `code`, `number` … of the profile. */
  affix: WordGroup | undefined
  /** What stands in brackets behind it and is not merely a unit or a length; folded. */
  note: string
  /** The name's words as they are written, with blanks between what means something by itself. */
  spaced: string
  /** Equal for names that say the same. */
  key: string
  /** Key without affix and note. */
  base: string
  hasHan: boolean
}

/** UTF-16 units of a name that are read: twice what a name may have. */
const maxName = 1_000
/** Characters of a key that are kept whole. */
const maxKey = 300
/** Characters that stay in front of an ending: 排名 and 信号 are words, not "排" with a name. */
const shortestBase = 2

const brackets = /^(.*[^\s（(［[【])\s*[（(［[【]([^（）()［\][【】]*)[)）\]］】]\s*$/su
/** Notes that say how a value is measured or how long it is: the item is the same. */
const unitNote =
  /^(?:单位)?(?:[百千万亿]*(?:元|人民币|美元|公顷|平方米|平方千米|平方公里|立方米|亩|米|厘米|毫米|千米|公里|里|吨|千克|公斤|克|升|毫升|个|人|人次|户|家|件|次|台|辆|套|起|宗|岁|年|月|天|日|小时|分钟|秒|度|摄氏度)|%|％|‰|℃|°|(?:km|m|cm|mm|ha|kg|g|t|l|ml|kwh|mw|yuan|rmb|cny|usd|eur|years?|months?|days?|hours?|minutes?|percent|units?)[²³23]?|\d+ ?(?:位|字|字符|characters?|digits?))$/iu
/** Words without a meaning of their own in a name; "of" and "for" turn what stands around them. */
const articles = new Set(['the', 'a', 'an'])
const turning = new Set(['of', 'for'])

/** Reads a name of any origin; never throws. */
export function readItemName(raw: string, words: Words): ItemName {
  const cut = raw.slice(0, maxName)
  const [, named = cut, bracketed = ''] = brackets.exec(cut) ?? []
  const folded = normalise(cut)
  const body = normalise(openCamel(named))
  const isUnit = bracketed !== '' && unitNote.test(bracketed.normalize('NFKC').trim())
  const note = isUnit ? '' : normalise(bracketed)
  const hasHan = /\p{Script=Han}/u.test(body)
  const read = readTerms(body, words)
  const { terms, affix, ending } = splitAffix(read, words)
  const base = render(terms)
  const key = `${base}${affix ? `~${affix.code}` : ''}${note ? `(${note})` : ''}`.slice(0, maxKey)
  const spaced = [...terms.map(written), ending].filter(Boolean).join(' ')
  return { raw, folded, terms, affix, note, spaced, key, base, hasHan }
}

/** birthDate and BirthDate are two words. */
const openCamel = (text: string) => text.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')

const written = (term: Term): string => ('group' in term ? term.written : term.text)

export const termText = (term: Term): string => ('group' in term ? `{${term.group.code}}` : term.text)

/** Terms as one text; Latin words keep a blank between them. */
export function render(terms: readonly Term[]): string {
  let text = ''
  for (const [i, term] of terms.entries()) {
    const before = terms[i - 1]
    const apart = before && 'text' in before && 'text' in term && before.latin && term.latin
    text += (apart ? ' ' : '') + termText(term)
  }
  return text
}

function readTerms(folded: string, words: Words): Term[] {
  // Han text is one run whatever separates it; everything else is read word by word.
  const parts = folded
    .replaceAll(/(\p{Script=Han}) (?=\p{Script=Han})/gu, '$1')
    .match(/\p{Script=Han}+|(?:(?!\p{Script=Han})\S)+/gu)
  const terms: Term[] = []
  let latin: string[] = []
  const flush = () => {
    terms.push(...latinTerms(latin, words))
    latin = []
  }
  for (const part of parts ?? []) {
    if (!/^\p{Script=Han}/u.test(part)) latin.push(part)
    else {
      flush()
      terms.push(...hanTerms(part, words))
    }
  }
  flush()
  return terms
}

/** 企业的名称 is 企业名称; 目的地 stays. */
const particle = /(?<=[^目])的(?=.)/gu

/** Synonyms in a run of Han characters, the longest first; what is between them stays as it is. */
function hanTerms(written: string, { groups }: Words): Term[] {
  const run = written.replaceAll(particle, '')
  const terms: Term[] = []
  let text = ''
  const flush = () => {
    if (text) terms.push({ text, latin: false })
    text = ''
  }
  for (let i = 0; i < run.length; ) {
    let group: WordGroup | undefined
    let length = Math.min(groups.longestHan, run.length - i)
    // A single character is a synonym only where it is the whole name: 姓, but not the one in 百姓.
    for (; length > 1 || (length === 1 && run.length === 1); length--) {
      group = groups.han.get(run.slice(i, i + length))
      if (group) break
    }
    if (!group) {
      text += run[i++]
      continue
    }
    flush()
    terms.push({ group, written: run.slice(i, i + length) })
    i += length
  }
  flush()
  return terms
}

/** Synonyms in a run of words; "date of issue" and "issue date" come out alike. */
function latinTerms(run: string[], { groups }: Words): Term[] {
  const parts: Term[][] = [[]]
  for (let i = 0; i < run.length; ) {
    let length = Math.min(groups.longestLatin, run.length - i)
    let group: WordGroup | undefined
    for (; length > 0; length--) {
      group = groups.latin.get(stemmed(run.slice(i, i + length).join(' ')))
      if (group) break
    }
    const word = run[i]!
    if (group) parts.at(-1)!.push({ group, written: run.slice(i, i + length).join(' ') })
    // "number of beds" counts, "bed number" names one bed.
    else if (i === 0 && word === 'number' && run[1] === 'of')
      parts.at(-1)!.push({ text: 'count', latin: true })
    else if (turning.has(word) && parts.at(-1)!.length > 0) parts.push([])
    else if (!articles.has(word)) parts.at(-1)!.push({ text: stemmed(word), latin: true })
    i += group ? length : 1
  }
  return parts.reverse().flat()
}

/** Takes a generic ending off, where something that can stand alone is left. */
function splitAffix(
  terms: Term[],
  { affixes }: Words,
): { terms: Term[]; affix: WordGroup | undefined; ending: string } {
  const whole = { terms, affix: undefined, ending: '' }
  const last = terms.at(-1)
  if (!last || 'group' in last) return whole
  const front = terms.slice(0, -1)
  if (last.latin) {
    const affix = affixes.latin.get(last.text)
    return affix && front.length > 0 ? { terms: front, affix, ending: last.text } : whole
  }
  for (let length = Math.min(affixes.longestHan, last.text.length); length > 0; length--) {
    const ending = last.text.slice(-length)
    const affix = affixes.han.get(ending)
    const rest = last.text.slice(0, -length)
    if (!affix || (front.length === 0 && rest.length < shortestBase)) continue
    return { terms: rest ? [...front, { text: rest, latin: false }] : front, affix, ending }
  }
  return whole
}
