import { parseCsvRecord } from './csv-record.ts'

/** Lines looked at for the end of a damaged record: as many as one quoted cell may run over. */
export const cellLines = 500
/**
 * Whole records in a row that prove that the damage is over. Text that goes on after a damaged cell may by chance have as
 * many delimiters as a record, but not so often; with few columns the chance is large.
 */
const proofOfMany = 3
const proofOfFew = 20
const fewColumns = 2

export interface DamageOptions {
  delimiter: string
  /** Columns of the file. */
  width: number
  /** Records may have fewer cells than columns. */
  short: boolean
  lines: string[]
  /** The line after the first one of the damaged record. */
  start: number
  /** No line follows those given. */
  end: boolean
  /** The damaged record began with a quote that is never closed: at the end of the file all of the rest may be in it. */
  open: boolean
}

/**
 * How many lines from `start` still belong to the damaged record before it; undefined when more lines are needed to
 * know. `lost`: no end was found within `cellLines`, so the lines after are doubtful as well.
 *
 * A line that closes a quote which no cell in it opened is the rest of a damaged cell, and so is all before it. A whole
 * record with a quoted cell, the beginning of another quoted cell, or enough whole records in a row are none of it.
 */
export function damagedLines(options: DamageOptions): { taken: number; lost: boolean } | undefined {
  const { lines, start } = options
  const proof = options.width <= fewColumns || options.short ? proofOfFew : proofOfMany
  let taken = 0
  let whole = 0
  /** Nothing whole since the damage. */
  let leading = true
  let at = start
  while (at - start < cellLines) {
    if (at >= lines.length) {
      if (!options.end) return undefined
      return { taken: options.open ? at - start : taken, lost: false }
    }
    if (lines[at]!.trim() === '') {
      at++
      continue
    }
    const line = judge(options, at)
    if (line.is === 'record') return { taken, lost: false }
    if (line.is === 'whole' && ++whole >= proof) return { taken, lost: false }
    at += line.lines
    // The rest of a cell takes along what looked whole before it; what is merely odd belongs to it only right after it.
    if (line.is === 'rest') leading = true
    if (line.is === 'rest' || (line.is === 'odd' && leading)) taken = at - start
    if (line.is === 'whole') leading = false
    else whole = 0
  }
  return { taken: at - start, lost: true }
}

/** `record`: surely one begins here. `whole`: looks like one. `rest`: closes a quote of before. `odd`: neither. */
function judge({ lines, delimiter, width, short }: DamageOptions, at: number) {
  const record = parseCsvRecord(lines, at, delimiter)
  const fits = (cells: number) => cells === width || (short && cells < width)
  if (record.state === 'ok' && fits(record.cells.length) && !record.loose)
    return { is: record.quoted > 0 ? 'record' : 'whole', lines: record.lines } as const
  const text = lines[at]!
  const quote = text.indexOf('"')
  if (quote < 0) return { is: 'odd', lines: 1 } as const
  const opens = quote === 0 || text[quote - 1] === delimiter
  if (opens && record.state !== 'ok') return { is: 'record', lines: 1 } as const
  return { is: !opens && closesQuote(text, delimiter) ? 'rest' : 'odd', lines: 1 } as const
}

function closesQuote(text: string, delimiter: string): boolean {
  for (let i = text.indexOf('"'); i >= 0; i = text.indexOf('"', i + 1)) {
    const next = text.slice(i + 1).trimStart()
    if (next === '' || next.startsWith(delimiter)) return true
  }
  return false
}
