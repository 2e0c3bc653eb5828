import { quote } from '../platform/engine-sql.ts'
import type { Column, Datatype } from './table.schema.ts'

/**
 * How a cell is read: one table for finding out what a column is and for the engine that reads it, so that both take the
 * same texts. Patterns are regular expressions that JavaScript and RE2 read alike; formats are those of CSV on the Web.
 */
export interface Reading {
  datatype: Exclude<Datatype, 'string'>
  format?: string
  /** Of the whole cell. Undefined: the words of the format, in any case of letters. */
  pattern?: string
  /** Of a date: what makes year-month-day of the pattern's groups. */
  iso?: string
}

/** Digits behind the point that a decimal keeps. */
const decimals = 10
const fraction = String.raw`\d{1,${decimals}}`
const integer = String.raw`(0|[1-9]\d{0,17})`
const dateAndTime = String.raw`\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-4]):?[0-5]\d)?`

const date = (format: string, pattern: string, iso: string): Reading => ({
  datatype: 'date',
  format,
  pattern,
  iso,
})

/** In the order in which they are preferred: the first that takes every value of a column is its reading. */
export const readings: readonly Reading[] = [
  ...['true|false', 'yes|no', '是|否', 'y|n', 't|f'].map(
    (format): Reading => ({ datatype: 'boolean', format }),
  ),
  date('yyyy-MM-dd', String.raw`^(\d{4})-(\d{2})-(\d{2})$`, String.raw`\1-\2-\3`),
  date('yyyy/MM/dd', String.raw`^(\d{4})/(\d{1,2})/(\d{1,2})$`, String.raw`\1-\2-\3`),
  date('yyyy年M月d日', String.raw`^(\d{4})年(\d{1,2})月(\d{1,2})日$`, String.raw`\1-\2-\3`),
  date('yyyyMMdd', String.raw`^(\d{4})(\d{2})(\d{2})$`, String.raw`\1-\2-\3`),
  date('dd/MM/yyyy', String.raw`^(\d{1,2})/(\d{1,2})/(\d{4})$`, String.raw`\3-\2-\1`),
  date('MM/dd/yyyy', String.raw`^(\d{1,2})/(\d{1,2})/(\d{4})$`, String.raw`\3-\1-\2`),
  date('dd.MM.yyyy', String.raw`^(\d{1,2})\.(\d{1,2})\.(\d{4})$`, String.raw`\3-\2-\1`),
  { datatype: 'datetime', pattern: `^${dateAndTime}$` },
  { datatype: 'integer', pattern: `^[+-]?${integer}$` },
  { datatype: 'decimal', pattern: String.raw`^[+-]?${integer}(\.${fraction})?$` },
  {
    datatype: 'decimal',
    format: ',.',
    pattern: String.raw`^[+-]?(${integer}|[1-9]\d{0,2}(,\d{3})+)(\.${fraction})?$`,
  },
  {
    datatype: 'decimal',
    format: '.,',
    pattern: String.raw`^[+-]?(${integer}|[1-9]\d{0,2}(\.\d{3})+)(,${fraction})?$`,
  },
  { datatype: 'double', pattern: String.raw`^[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$` },
]

/** What the engine takes off both ends of a cell. */
export const trimCell = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '')

/** Whether a reading takes a text, as the engine will. */
export function takes(reading: Reading): (text: string) => boolean {
  const { datatype, format, iso } = reading
  if (!reading.pattern) {
    const words = format!.split('|')
    return (text) => words.includes(text.toLowerCase())
  }
  const pattern = new RegExp(reading.pattern)
  if (iso) {
    const order = iso.replaceAll('\\', '$')
    return (text) => pattern.test(text) && isDay(text.replace(pattern, order))
  }
  if (datatype === 'datetime') return (text) => pattern.test(text) && isDay(text.slice(0, 10))
  if (datatype === 'double') return (text) => pattern.test(text) && Number.isFinite(Number(text))
  return (text) => pattern.test(text)
}

/** A day that there is, in the years that the engine keeps. */
function isDay(yearMonthDay: string): boolean {
  const [year, month, day] = yearMonthDay.split('-').map(Number) as [number, number, number]
  if (year < 1900 || year > 2299 || month < 1 || month > 12 || day < 1) return false
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

const types: Record<Datatype, string> = {
  string: 'String',
  integer: 'Int64',
  // Money and measures exactly: 28 digits before the point.
  decimal: `Decimal(38, ${decimals})`,
  double: 'Float64',
  boolean: 'Bool',
  date: 'Date32',
  datetime: "DateTime64(6, 'UTC')",
}

/** The column's type in the engine. Empty cells are NULL. */
export const typeSql = ({ datatype }: Column): string => `Nullable(${types[datatype]})`

const readingOf = ({ datatype, format }: Column): Reading => {
  const found = readings.find((r) => r.datatype === datatype && r.format === format)
  if (!found) throw new Error(`There is no reading of ${datatype} as ${format ?? 'itself'}.`)
  return found
}

/**
 * SQL of the text of a trimmed cell `raw` in the one form that `valueSql` reads, empty where the cell is no value. Asked here
 * because the engine's own readings forgive too much: a hyphen is 0 to it, 31 February a day of March, `Jan 3` a time.
 */
export function textSql(column: Column, raw: string): string {
  if (column.datatype === 'string') return raw
  const { datatype, format, pattern, iso } = readingOf(column)
  if (datatype === 'boolean') return `lowerUTF8(${raw})`
  // What it reads is compared with the text itself.
  if (format === 'yyyy-MM-dd') return raw
  const found = `match(${raw}, ${quote(pattern!)})`
  if (datatype === 'datetime') {
    const day = `substring(${raw}, 1, 10)`
    return `if(${found} AND toString(toDate32OrNull(${day})) = ${day}, ${raw}, '')`
  }
  if (iso) {
    const plain = `replaceRegexpOne(${raw}, ${quote(pattern!)}, ${quote(iso)})`
    const padded = `replaceRegexpOne(replaceRegexpOne(${plain}, '-(\\\\d)-', '-0\\\\1-'), '-(\\\\d)$', '-0\\\\1')`
    return `if(${found}, ${padded}, '')`
  }
  if (format === undefined) return `if(${found}, ${raw}, '')`
  const [group, point] = format
  const digits = `replaceAll(${raw}, ${quote(group!)}, '')`
  return `if(${found}, ${point === '.' ? digits : `replaceAll(${digits}, ${quote(point!)}, '.')`}, '')`
}

/** SQL of the value of such a text, NULL where it is none. */
export function valueSql({ datatype, format }: Column, text: string): string {
  switch (datatype) {
    case 'string':
      return `nullIf(${text}, '')`
    case 'integer':
      return `toInt64OrNull(${text})`
    case 'decimal':
      return `toDecimal128OrNull(${text}, ${decimals})`
    case 'double':
      return `if(isFinite(toFloat64OrZero(${text})), toFloat64OrNull(${text}), NULL)`
    case 'boolean': {
      const [yes, no] = format!.split('|')
      return `multiIf(${text} = ${quote(yes!)}, true, ${text} = ${quote(no!)}, false, NULL)`
    }
    case 'date':
      return `if(toString(toDate32OrNull(${text})) = ${text}, toDate32OrNull(${text}), NULL)`
    case 'datetime':
      return `parseDateTime64BestEffortOrNull(${text}, 6, 'UTC')`
  }
}
