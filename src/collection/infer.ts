import { readings, takes, trimCell } from './reading.ts'
import type { Column, Datatype } from './table.schema.ts'

/** Values of a column looked at; the file's beginning, so a later surprise is a rejected row and not a wrong type. */
export const sampleRecords = 10_000
const maxNameLength = 64

/** A number that begins with 0, or is as long as an identifier, is a code: nobody adds it up. */
const isCode = (text: string): boolean => /^[+-]?(0\d|\d{11,}$)/.test(text)
const numbers: readonly Datatype[] = ['integer', 'decimal', 'double']

const candidates = readings.map((reading) => {
  const fits = takes(reading)
  const { datatype, format } = reading
  return {
    datatype,
    format,
    fits: numbers.includes(datatype) ? (text: string) => fits(text) && !isCode(text) : fits,
  }
})

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
      const text = trimCell(cells[i] ?? '')
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
    const whole = /^\p{L}/u.test(plain) ? plain : plain === '' ? `column_${i + 1}` : `c_${plain}`
    // Whole characters: half of one is no text.
    const base = [...whole].slice(0, maxNameLength - 5).join('')
    let name = base
    for (let n = 2; taken.has(name); n++) name = `${base}_${n}`
    taken.add(name)
    return name
  })
}
