import { type ItemName, render, type Term, termText } from './item-name.ts'

/** How alike two items are, with the reasons. Scores are fixed by the labelled pairs in test/reuse. */

/** Why two items are held to be alike, or not quite. Texts in both languages are in the web's `reuse.reason`. */
export const reasonCodes = [
  'data_element',
  'name_equal',
  'spelling',
  'synonym',
  'affix',
  'note',
  'word_order',
  'more_specific',
  'more_general',
  'type_equal',
  'type_compatible',
  'type_convertible',
  'type_differs',
  'element_differs',
] as const
export type ReasonCode = (typeof reasonCodes)[number]

export interface Likeness {
  /** 0 to 1. */
  score: number
  reasons: ReasonCode[]
}

/** From here on two items are the same one, from `similarFrom` on worth a look. */
export const sameFrom = 0.8
export const similarFrom = 0.6

const scores = {
  data_element: 1,
  name_equal: 0.98,
  spelling: 0.95,
  synonym: 0.93,
  affix: 0.86,
  affixUnsure: 0.7,
  note: 0.84,
  notesDiffer: 0.6,
  word_order: 0.88,
  wordOrderHan: 0.7,
} as const
/** A name that contains the other one is at most this alike: `partFloor` and a share of what they have in common. */
const partFloor = 0.5
const partShare = 0.25
/** What a name must say to be worth showing for a longer one: "address" is not. */
export const leastPart = 4
/** Weight of a Latin word beside that of a Han character. */
const latinWeight = 2

const typeFamilies: Record<string, string> = {
  character: 'text',
  memo: 'text',
  general: 'text',
  numeric: 'number',
  currency: 'number',
  double: 'number',
  integer: 'number',
  float: 'number',
  date: 'time',
  datetime: 'time',
  logical: 'logical',
}
/** Text can hold any value, so it is a weak objection; a number is no date. */
const convertiblePenalty = 0.08
const differsPenalty = 0.35
const elementPenalty = 0.5

/** What the names alone say; score 0 where they have nothing to do with each other. */
export function compareNames(a: ItemName, b: ItemName): Likeness {
  if (a.folded === '' || b.folded === '') return nothing
  if (a.folded === b.folded) return one('name_equal', scores.name_equal)
  if (a.key === b.key) return sameKey(a, b)
  if (a.base === b.base && a.base !== '') return sameBase(a, b)
  if (a.note !== b.note) return nothing
  const order = wordOrder(a, b)
  if (order) return order
  return part(a, b)
}

const nothing: Likeness = { score: 0, reasons: [] }
const one = (reason: ReasonCode, score: number): Likeness => ({ score, reasons: [reason] })

function sameKey(a: ItemName, b: ItemName): Likeness {
  const byGroup = a.terms.some((t) => 'group' in t) || a.affix !== undefined
  const compact = (name: ItemName) => name.folded.replaceAll(' ', '')
  return byGroup && compact(a) !== compact(b)
    ? one('synonym', scores.synonym)
    : one('spelling', scores.spelling)
}

/** The same thing, written down in another way or with a remark behind it. */
function sameBase(a: ItemName, b: ItemName): Likeness {
  if (a.note !== b.note)
    return a.affix?.code === b.affix?.code
      ? one('note', a.note && b.note ? scores.notesDiffer : scores.note)
      : nothing
  if (a.affix && b.affix) return nothing
  const affix = (a.affix ?? b.affix)!.code
  // 性别 and 性别代码 are one item: its values are codes either way. 企业 and 企业代码, 许可证 and 许可证编号 are not.
  const known = a.terms.length === 1 && 'group' in a.terms[0]!
  const harmless = affix === 'name' || affix === 'text' || (affix === 'code' && known)
  return one('affix', harmless ? scores.affix : scores.affixUnsure)
}

/** The same words in another order; in Chinese the order may change what is meant. */
function wordOrder(a: ItemName, b: ItemName): Likeness | undefined {
  if (a.terms.length !== b.terms.length || a.affix?.code !== b.affix?.code) return undefined
  const bag = (name: ItemName) => name.terms.map(termText).sort().join('\n')
  if (bag(a) !== bag(b)) return undefined
  return one('word_order', a.hasHan ? scores.wordOrderHan : scores.word_order)
}

export const weigh = (terms: readonly Term[]) =>
  terms.reduce((sum, t) => sum + ('group' in t ? t.group.weight : t.latin ? latinWeight : t.text.length), 0)

/** One name ends with the other: the head noun is the same, and one says more about which. */
function part(a: ItemName, b: ItemName): Likeness {
  if (a.affix?.code !== b.affix?.code) return nothing
  const [short, long] = weigh(a.terms) < weigh(b.terms) ? [a, b] : [b, a]
  const common = weigh(short.terms)
  if (common < leastPart || !endsWith(long, short)) return nothing
  const score = partFloor + (partShare * common) / weigh(long.terms)
  return one(long === a ? 'more_general' : 'more_specific', score)
}

function endsWith(long: ItemName, short: ItemName): boolean {
  if (long.hasHan || short.hasHan) return long.base.endsWith(short.base)
  const head = long.terms.at(-1)
  const wanted = short.terms.at(-1)
  if (!head || !wanted || termText(head) !== termText(wanted)) return false
  const all = long.terms.map(termText)
  return short.terms.every((t) => all.includes(termText(t))) && render(short.terms) !== ''
}

/** What the types of two items say about them; undefined where one has none. */
export function compareTypes(
  a: string | null | undefined,
  b: string | null | undefined,
): ReasonCode | undefined {
  if (!a || !b) return undefined
  if (a === b) return 'type_equal'
  const [x, y] = [typeFamilies[a], typeFamilies[b]]
  if (x === undefined || y === undefined) return undefined
  if (x === y) return 'type_compatible'
  return x === 'text' || y === 'text' ? 'type_convertible' : 'type_differs'
}

export interface ComparedItem {
  name: ItemName
  dataType?: string | null
  dataElement?: string | null
}

/** How alike two items are by data element, name and type. */
export function compareItems(a: ComparedItem, b: ComparedItem): Likeness {
  return withTypes(compareNames(a.name, b.name), a, b)
}

/** A likeness of names, corrected by what else is known of the two items. */
export function withTypes(
  names: Likeness,
  a: Omit<ComparedItem, 'name'>,
  b: Omit<ComparedItem, 'name'>,
): Likeness {
  const type = compareTypes(a.dataType, b.dataType)
  const reasons = [...names.reasons]
  if (type) reasons.push(type)
  if (a.dataElement && a.dataElement === b.dataElement)
    return { score: scores.data_element, reasons: ['data_element', ...reasons] }
  let { score } = names
  if (a.dataElement && b.dataElement) {
    score -= elementPenalty
    reasons.push('element_differs')
  }
  if (type === 'type_convertible') score -= convertiblePenalty
  if (type === 'type_differs') score -= differsPenalty
  return { score: Math.max(0, score), reasons }
}
