import type { Column, Datatype } from './table.schema.ts'

/** What the engine makes of a cell. Texts are SQL of ClickHouse; nothing of a file or a person is ever put into it but names that were checked. */

/** Digits behind the point that a decimal keeps. */
const decimals = 10

const types: Record<Datatype, string> = {
  string: 'String',
  integer: 'Int64',
  // Money and measures exactly: 28 digits before the point, 10 behind.
  decimal: `Decimal(38, ${decimals})`,
  double: 'Float64',
  boolean: 'Bool',
  date: 'Date32',
  datetime: "DateTime64(3, 'UTC')",
}

/** The column's type in the engine. Empty cells are NULL. */
export const typeSql = ({ datatype }: Column): string => `Nullable(${types[datatype]})`

/** How a date pattern is turned into year-month-day: a regular expression and the order of its groups. */
const datePatterns: Record<string, [pattern: string, iso: string]> = {
  'yyyy/MM/dd': [String.raw`^(\d{4})/(\d{1,2})/(\d{1,2})$`, String.raw`\1-\2-\3`],
  yyyy年M月d日: [String.raw`^(\d{4})年(\d{1,2})月(\d{1,2})日$`, String.raw`\1-\2-\3`],
  yyyyMMdd: [String.raw`^(\d{4})(\d{2})(\d{2})$`, String.raw`\1-\2-\3`],
  'dd/MM/yyyy': [String.raw`^(\d{1,2})/(\d{1,2})/(\d{4})$`, String.raw`\3-\2-\1`],
  'MM/dd/yyyy': [String.raw`^(\d{1,2})/(\d{1,2})/(\d{4})$`, String.raw`\3-\1-\2`],
  'dd.MM.yyyy': [String.raw`^(\d{1,2})\.(\d{1,2})\.(\d{4})$`, String.raw`\3-\2-\1`],
}

const time = String.raw`^\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$`

/**
 * The value of a raw cell `raw` (a trimmed String), NULL where it is none. The engine's own readings forgive too much: it takes
 * 31 February for a day of March, years before 1900 for 1900, cuts decimals, and makes a time of a word.
 */
export function valueSql(column: Column, raw: string): string {
  const { datatype, format } = column
  switch (datatype) {
    case 'string':
      return `nullIf(${raw}, '')`
    case 'integer':
      return `toInt64OrNull(${number(raw, format)})`
    case 'decimal': {
      const digits = number(raw, format)
      return `if(position(${digits}, '.') > 0 AND length(${digits}) - position(${digits}, '.') > ${decimals}, NULL, toDecimal128OrNull(${digits}, ${decimals}))`
    }
    case 'double': {
      const value = `toFloat64OrNull(${number(raw, format)})`
      return `if(isFinite(assumeNotNull(${value})), ${value}, NULL)`
    }
    case 'boolean': {
      const [yes = 'true', no = 'false'] = (format ?? 'true|false').split('|')
      const text = `lowerUTF8(${raw})`
      return `multiIf(${text} = ${literal(yes)}, true, ${text} = ${literal(no)}, false, NULL)`
    }
    case 'date': {
      const iso = isoDate(raw, format)
      return `if(toString(toDate32OrNull(${iso})) = ${iso}, toDate32OrNull(${iso}), NULL)`
    }
    case 'datetime':
      return `if(match(${raw}, ${literal(time)}), parseDateTime64BestEffortOrNull(${raw}, 3, 'UTC'), NULL)`
  }
}

/** The date as year-month-day with two digits each. */
function isoDate(raw: string, format: string | undefined): string {
  const pattern = format === undefined ? undefined : datePatterns[format]
  if (!pattern) return raw
  const iso = `replaceRegexpOne(${raw}, ${literal(pattern[0])}, ${literal(pattern[1])})`
  return `replaceRegexpOne(replaceRegexpOne(${iso}, '-(\\\\d)-', '-0\\\\1-'), '-(\\\\d)$', '-0\\\\1')`
}

/** The digits with a point, whatever marks the format has. */
function number(raw: string, format: string | undefined): string {
  if (format === undefined) return raw
  const [group, decimal] = format
  const plain = `replaceAll(${raw}, ${literal(group!)}, '')`
  return decimal === '.' ? plain : `replaceAll(${plain}, ${literal(decimal!)}, '.')`
}

/** A text in SQL of ClickHouse. */
export const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
