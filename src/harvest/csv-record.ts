import type { Fault } from '../platform/errors.ts'

/** The cells of one record, how many lines it took, and what was wrong. */
export type CsvRecord =
  | {
      state: 'ok'
      cells: string[]
      lines: number
      /** Cells in quotes. */
      quoted: number
      /** A cell without quotes around it ends with one: an inch, or the rest of a damaged cell. */
      loose: boolean
    }
  /** A quoted cell goes on after the lines given. */
  | { state: 'open'; line: number; column: number }
  | { state: 'bad'; fault: Fault; line: number; column: number }

/**
 * Parses one record (RFC 4180) that begins at `lines[from]`. A quote inside an unquoted cell is an ordinary character,
 * as spreadsheets read it; after the closing quote only a delimiter or the end of the line may follow.
 */
export function parseCsvRecord(lines: string[], from: number, delimiter: string): CsvRecord {
  const first = lines[from]!
  const plain = { state: 'ok', lines: 1, quoted: 0, loose: false } as const
  if (delimiter === '') return { ...plain, cells: [first] }
  if (!first.includes('"')) return { ...plain, cells: first.split(delimiter) }
  const cells: string[] = []
  let quoted = 0
  let loose = false
  const takePlain = (cell: string) => {
    cells.push(cell)
    // Some programs write a blank between the delimiter and the quote.
    const spaced = cell.trim()
    if (spaced.endsWith('"') && !(spaced.length > 1 && spaced.startsWith('"'))) loose = true
  }
  const ok = (line: number): CsvRecord => ({ state: 'ok', cells, lines: line - from + 1, quoted, loose })
  let line = from
  let text = first
  let i = 0
  for (;;) {
    if (text[i] !== '"') {
      const end = text.indexOf(delimiter, i)
      if (end < 0) {
        takePlain(text.slice(i))
        return ok(line)
      }
      takePlain(text.slice(i, end))
      i = end + 1
      continue
    }
    const start = { line: line - from, column: i + 1 }
    const cell = parseQuoted(lines, line, i)
    if (!cell) return { state: 'open', ...start }
    cells.push(cell.value)
    quoted++
    line = cell.line
    text = lines[line]!
    i = cell.next
    if (i >= text.length) return ok(line)
    if (text[i] !== delimiter) return { state: 'bad', fault: strayQuote(i), line: line - from, column: i }
    i++
  }
}

function parseQuoted(lines: string[], line: number, from: number) {
  let value = ''
  let at = line
  let text = lines[at]!
  let i = from + 1
  for (;;) {
    const end = text.indexOf('"', i)
    if (end < 0) {
      value += `${text.slice(i)}\n`
      at++
      if (at >= lines.length) return undefined
      text = lines[at]!
      i = 0
    } else if (text[end + 1] === '"') {
      value += text.slice(i, end + 1)
      i = end + 2
    } else return { value: value + text.slice(i, end), line: at, next: end + 1 }
  }
}

const strayQuote = (column: number): Fault => ({
  path: '',
  rule: 'stray_quote',
  message: `a quote closes a cell in column ${column} and text follows it`,
  remedy: 'Write a quote inside a quoted cell twice ("").',
})

const candidates = [',', '\t', ';', '|']

/** The delimiter that splits the first records into the most cells, equally many in each. */
export function sniffDelimiter(sample: string): string {
  const lines = sample.split(/\r\n?|\n/).slice(0, 200)
  let best = { delimiter: ',', score: 0 }
  for (const delimiter of candidates) {
    const widths: number[] = []
    for (let i = 0; i < lines.length && widths.length < 30; ) {
      if (lines[i] === '') {
        i++
        continue
      }
      const record = parseCsvRecord(lines, i, delimiter)
      if (record.state === 'ok') widths.push(record.cells.length)
      i += record.state === 'ok' ? record.lines : 1
    }
    const common = mode(widths)
    const share = widths.filter((w) => w === common).length / Math.max(1, widths.length)
    const score = common > 1 ? share * 10 + Math.min(common, 50) / 50 : 0
    if (score > best.score) best = { delimiter, score }
  }
  return best.delimiter
}

function mode(values: number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0
}
