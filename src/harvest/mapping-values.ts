import type { Fault } from '../platform/errors.ts'
import { storable } from './reader-event.ts'

/** Small conversions that every format needs. None throws; what cannot be converted is undefined. */

/** Text of a value: numbers and booleans are written out, objects and blanks are undefined. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim()
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return undefined
}

export const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null || value === '' ? [] : [value]

export const objectOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined

const urlForm = /^(https?|ftp):\/\/[^\s<>"]+$/i
/** The address in the form of the catalogue, or undefined when it is none. Spaces inside are encoded. */
export function urlOf(value: unknown): string | undefined {
  const text = textOf(value)
  if (!text) return undefined
  const url = text.replaceAll(' ', '%20')
  return urlForm.test(url) && URL.canParse(url)
    ? url.replace(/^[A-Za-z]+/, (s) => s.toLowerCase())
    : undefined
}

/** Years taken for real: before, it is a placeholder (year 0, 0001-01-01 of an unset field); after, a typing error. */
const firstYear = 1000
const lastYear = 2999

const dateForm =
  /^(\d{4})(?:[-/.]?(\d{1,2})(?:[-/.]?(\d{1,2}))?)?(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

/** A date or date and time in the usual forms; without a zone it is UTC, as CKAN writes. Undefined when there is no such day. */
export function dateOf(value: unknown): { date: string; dateTime: string } | undefined {
  const match = dateForm.exec(textOf(value) ?? '')
  if (!match) return undefined
  const [, y, mo = '1', d = '1', h = '0', mi = '0', s = '0', zone = 'Z'] = match
  const [year, month, day] = [Number(y), Number(mo), Number(d)]
  if (year < firstYear || year > lastYear) return undefined
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  const date = `${y}-${mo.padStart(2, '0')}-${d.padStart(2, '0')}`
  if (Number(h) > 23 || Number(mi) > 59) return undefined
  const clock = `${h.padStart(2, '0')}:${mi.padStart(2, '0')}:${Number(s) > 59 ? '59' : s.padStart(2, '0')}`
  if (zone === 'Z' || zone === 'z') return { date, dateTime: `${date}T${clock}.000Z` }
  const offset = zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
  const time = new Date(`${date}T${clock}${offset}`)
  return Number.isNaN(time.getTime()) ? undefined : { date, dateTime: time.toISOString() }
}

const daysOf = (year: number, month: number) =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31

const cycles: Record<string, string[]> = {
  real_time: [
    'update_cont',
    '1min',
    '5min',
    '10min',
    '15min',
    '30min',
    'real-time',
    'realtime',
    'real time',
    'continual',
    'continuous',
    'cont',
    'streaming',
    '实时',
    '即時',
    'r/pt1s',
  ],
  daily: [
    'daily_2',
    'bihourly',
    'trihourly',
    '12hrs',
    'day',
    'hourly',
    'twice a day',
    '每日',
    '每天',
    '按日',
    'r/p1d',
    'r/pt1h',
    'uptodate',
  ],
  weekly: [
    'weekly_2',
    'weekly_3',
    'semiweekly',
    'threetimesaweek',
    'week',
    'biweekly',
    'fortnightly',
    '每周',
    '每週',
    'r/p1w',
    'r/p7d',
    'r/p0.33w',
    'r/p0.5w',
    'r/p3.5d',
  ],
  monthly: [
    'monthly_2',
    'monthly_3',
    'threetimesamonth',
    'month',
    'bimonthly',
    'semimonthly',
    '每月',
    'r/p1m',
    'r/p2m',
    'r/p0.5m',
    'r/p0.33m',
    'r/p2w',
  ],
  quarterly: ['quarter', '每季', '每季度', 'r/p3m'],
  yearly: [
    'annual_2',
    'annual_3',
    'threetimesayear',
    'quadrennial',
    'quinquennial',
    'decennial',
    'bidecennial',
    'tridecennial',
    'annual',
    'annually',
    'year',
    'semiannual',
    'biannual',
    'biennial',
    'triennial',
    '每年',
    '每半年',
    'r/p1y',
    'r/p6m',
    'r/p4m',
    'r/p2y',
    'r/p3y',
    'r/p4y',
    'r/p10y',
  ],
  once: [
    'not_planned',
    'never',
    'not planned',
    'notplanned',
    'one time',
    'one-time',
    'one off',
    'static',
    '一次性',
    '不更新',
  ],
  irregular: [
    'irreg',
    'as_needed',
    'as needed',
    'asneeded',
    'unknown',
    'other',
    'varies',
    '不定期',
    '不定期更新',
  ],
}
const cycleOfWord = new Map(
  Object.entries(cycles).flatMap(([code, words]) => [code, ...words].map((word) => [word, code] as const)),
)

/** The profile's update cycle for a word, an ISO 8601 repetition (`R/P1M`) or an address of the EU frequency list. */
export function cycleOf(value: unknown): string | undefined {
  const word = textOf(value)?.toLowerCase()
  return word && (cycleOfWord.get(word) ?? cycleOfWord.get(word.slice(word.lastIndexOf('/') + 1)))
}

/** A language tag in the form of the catalogue: `en_GB` and `EN` are repaired, names are not guessed. */
export function languageOf(value: unknown): string | undefined {
  const text = textOf(Array.isArray(value) ? value[0] : value)?.replaceAll('_', '-')
  if (!text || !/^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$/.test(text) || text.length > 35) return undefined
  const [first, ...rest] = text.split('-')
  return [first!.toLowerCase(), ...rest].join('-')
}

export const warning = (path: string, rule: string, message: string, remedy?: string): Fault => ({
  path,
  rule,
  message,
  ...(remedy ? { remedy } : {}),
})

/** A value for a message: short, on one line. */
export const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return storable(`"${text.length > 80 ? `${text.slice(0, 80)}…` : text}"`)
}
