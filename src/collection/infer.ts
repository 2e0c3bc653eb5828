import type { Column, Datatype } from './table.schema.ts'

/** Values of a column looked at; the file's beginning, so a later surprise is a rejected row and not a wrong type. */
export const sampleRecords = 10_000
const maxNameLength = 64

/** A reading of a cell, and whether a text is one. */
interface Candidate {
  datatype: Datatype
  format?: string
  fits(text: string): boolean
}

const day = (year: string | undefined, month: string | undefined, date: string | undefined): boolean => {
  const [y, m, d] = [Number(year), Number(month), Number(date)]
  if (m < 1 || m > 12 || d < 1 || y < 1900 || y > 2299) return false
  return d <= new Date(Date.UTC(y, m, 0)).getUTCDate()
}
const dateOf = (pattern: RegExp, order: 'ymd' | 'dmy' | 'mdy') => (text: string) => {
  const found = pattern.exec(text)
  if (!found) return false
  const [, a, b, c] = found
  return order === 'ymd' ? day(a, b, c) : order === 'dmy' ? day(c, b, a) : day(c, a, b)
}

/**
 * Readings in the order in which they are preferred; the first that fits every value is taken. Formats are those of CSVW
 * (Unicode date patterns; the marks of a number as `group` `decimal`, the two values of a boolean with a bar between).
 */
const candidates: Candidate[] = [
  ...(
    [
      ['true', 'false'],
      ['yes', 'no'],
      ['是', '否'],
      ['y', 'n'],
      ['t', 'f'],
    ] as const
  ).map(
    ([yes, no]): Candidate => ({
      datatype: 'boolean',
      format: `${yes}|${no}`,
      fits: (text) => [yes, no].includes(text.toLowerCase() as never),
    }),
  ),
  { datatype: 'date', format: 'yyyy-MM-dd', fits: dateOf(/^(\d{4})-(\d{2})-(\d{2})$/, 'ymd') },
  { datatype: 'date', format: 'yyyy/MM/dd', fits: dateOf(/^(\d{4})\/(\d{1,2})\/(\d{1,2})$/, 'ymd') },
  { datatype: 'date', format: 'yyyy年M月d日', fits: dateOf(/^(\d{4})年(\d{1,2})月(\d{1,2})日$/, 'ymd') },
  { datatype: 'date', format: 'yyyyMMdd', fits: dateOf(/^(\d{4})(\d{2})(\d{2})$/, 'ymd') },
  { datatype: 'date', format: 'dd/MM/yyyy', fits: dateOf(/^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, 'dmy') },
  { datatype: 'date', format: 'MM/dd/yyyy', fits: dateOf(/^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, 'mdy') },
  { datatype: 'date', format: 'dd.MM.yyyy', fits: dateOf(/^(\d{1,2})\.(\d{1,2})\.(\d{4})$/, 'dmy') },
  {
    datatype: 'datetime',
    fits: (text) => /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/.test(text),
  },
  // A number that begins with 0, or is as long as an identifier, is a code: nobody adds it up.
  { datatype: 'integer', fits: (text) => /^[+-]?(0|[1-9]\d{0,9})$/.test(text) },
  {
    datatype: 'decimal',
    fits: (text) => /^[+-]?(0|[1-9]\d{0,17})(\.\d{1,10})?$/.test(text) && !/^\d{11,}$/.test(text),
  },
  {
    datatype: 'decimal',
    format: ',.',
    fits: (text) => /^[+-]?(0|[1-9]\d{0,2}(,\d{3})*)(\.\d{1,10})?$/.test(text),
  },
  {
    datatype: 'decimal',
    format: '.,',
    fits: (text) => /^[+-]?(0|[1-9]\d{0,2}(\.\d{3})*)(,\d{1,10})?$/.test(text),
  },
  {
    datatype: 'double',
    fits: (text) =>
      /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) &&
      !/^[+-]?0\d/.test(text) &&
      !/^\d{11,}$/.test(text),
  },
]

/**
 * Columns of a table by its first records: names, and the narrowest reading that fits every value. A column without a value is
 * text. @param header titles of the columns @param records cells of each
 */
export function inferColumns(header: string[], records: string[][]): Column[] {
  const names = nameColumns(header)
  return header.map((title, i) => {
    let left = candidates
    let any = false
    for (const cells of records) {
      const text = cells[i]?.trim() ?? ''
      if (text === '') continue
      any = true
      left = left.filter((c) => c.fits(text))
      if (left.length === 0) break
    }
    const found = any ? left[0] : undefined
    return {
      name: names[i]!,
      title: title.trim() || names[i]!,
      datatype: found?.datatype ?? 'string',
      ...(found?.format && { format: found.format }),
    }
  })
}

/** A name for queries of each title: letters, digits and underscores of any script, each once. */
export function nameColumns(header: string[]): string[] {
  const taken = new Set<string>()
  return header.map((title, i) => {
    const plain = title
      .normalize('NFKC')
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '_')
      .replace(/^_+|_+$/g, '')
    const base = (/^\p{L}/u.test(plain) ? plain : plain === '' ? `column_${i + 1}` : `c_${plain}`).slice(
      0,
      maxNameLength - 4,
    )
    let name = base
    for (let n = 2; taken.has(name); n++) name = `${base}_${n}`
    taken.add(name)
    return name
  })
}
