import { type CsvRecord, parseCsvRecord, sniffDelimiter } from './csv-record.ts'
import { encodingFault, type Source } from './reader-bytes.ts'
import { excerptOf, type ReadEvent, type ReadInfo, type ReadOptions } from './reader-event.ts'
import { type Line, oversizedFault, readLines } from './reader-lines.ts'

/** Lines one quoted cell may run over: the longest honest one in the sources at hand has 30. */
const cellLines = 500
/** Bytes looked ahead for the end of a quoted cell before its quote counts as stray. */
const cellBytes = 1024 * 1024

interface State {
  source: Source
  delimiter: string
  columns: string[] | undefined
  /** The first record names the columns; it has not been read yet. */
  headerWanted: boolean
  window: Line[]
  texts: string[]
  bytes: number
}

/**
 * Reads records of a CSV file. A record that does not parse costs its first line: reading goes on at the next, so that a
 * stray quote in the middle does not swallow the rest of the file.
 */
export async function readCsv(
  source: Source,
  options: ReadOptions,
): Promise<{ events: AsyncGenerator<ReadEvent[]>; info: Partial<ReadInfo> }> {
  const sample = (await source.peek()).toString('utf8')
  const delimiter = options.delimiter ?? sniffDelimiter(sample)
  const header = options.header ?? true
  const lines = sample.split(/\r\n?|\n/).slice(0, cellLines)
  const first = parseCsvRecord(
    lines,
    Math.max(
      0,
      lines.findIndex((l) => l !== ''),
    ),
    delimiter,
  )
  const cells = first.state === 'ok' ? first.cells : []
  const columns = options.columns ?? (header ? nameColumns(cells) : cells.map((_, i) => `column${i + 1}`))
  const state: State = {
    source,
    delimiter,
    columns,
    headerWanted: header,
    window: [],
    texts: [],
    bytes: 0,
  }
  return { info: { delimiter, columns }, events: readRecords(state) }
}

/** Names as they are, numbered where one comes twice or is empty. */
export function nameColumns(cells: string[]): string[] {
  const seen = new Set<string>()
  return cells.map((cell, i) => {
    let name = cell.trim().slice(0, 200) || `column${i + 1}`
    for (let n = 2; seen.has(name); n++) name = `${cell.trim()} (${n})`
    seen.add(name)
    return name
  })
}

async function* readRecords(state: State): AsyncGenerator<ReadEvent[]> {
  let any = false
  for await (const lines of readLines(state.source)) {
    for (const line of lines) {
      state.window.push(line)
      state.texts.push(line.oversized ? '' : line.bytes.toString('utf8'))
      state.bytes += line.bytes.length
    }
    const events = drain(state, false)
    any ||= events.length > 0
    if (events.length > 0) yield events
  }
  const events = drain(state, true)
  if (!any && events.length === 0)
    events.push({
      kind: 'fatal',
      place: 'line 1',
      fault: { path: '', rule: 'no_records', message: 'the file has no records' },
    })
  if (events.length > 0) yield events
}

/** Takes all records out of the window that are complete; with `end`, what is left is complete too. */
function drain(state: State, end: boolean): ReadEvent[] {
  const events: ReadEvent[] = []
  const { window, texts } = state
  let at = 0
  let bytes = state.bytes
  const drop = (count: number) => {
    for (let i = 0; i < count; i++) bytes -= window[at + i]!.bytes.length
    at += count
  }
  while (at < window.length) {
    const line = window[at]!
    if (line.oversized) {
      events.push(reject(line, oversizedFault(line.oversized)))
      drop(1)
      continue
    }
    if (texts[at]!.trim() === '') {
      drop(1)
      continue
    }
    const record = parseCsvRecord(texts, at, state.delimiter)
    if (record.state === 'open' && !end && bytes < cellBytes && window.length - at < cellLines) break
    const event = toEvent(state, at, record)
    if (event) events.push(event)
    drop(event?.kind === 'reject' || record.state !== 'ok' ? 1 : record.lines)
  }
  state.window = window.slice(at)
  state.texts = texts.slice(at)
  state.bytes = bytes
  return events
}

const reject = (line: Line, fault: Extract<ReadEvent, { kind: 'reject' }>['fault']): ReadEvent => ({
  kind: 'reject',
  place: `line ${line.number}`,
  fault,
  excerpt: excerptOf(line.bytes),
})

function toEvent(state: State, at: number, record: CsvRecord): ReadEvent | undefined {
  const line = state.window[at]!
  if (record.state === 'open')
    return reject(line, {
      path: '',
      rule: 'stray_quote',
      message: `the quote in column ${record.column} is never closed`,
      remedy: 'Close it, or write a quote inside a quoted cell twice ("").',
    })
  if (record.state === 'bad') return reject(line, record.fault)
  for (let i = 0; i < record.lines; i++) {
    const fault = encodingFault(state.window[at + i]!.bytes, state.source)
    if (fault) return reject(line, fault)
  }
  const { columns, headerWanted } = state
  if (headerWanted) {
    state.headerWanted = false
    state.columns ??= nameColumns(record.cells)
    return undefined
  }
  const width = columns!.length
  if (
    record.lines > cellLines ||
    record.cells.length > width ||
    (record.lines > 1 && record.cells.length !== width)
  ) {
    // A trailing delimiter makes empty cells; anything else is a cell too many, or lines joined by a stray quote.
    if (record.lines > 1 || record.cells.slice(width).some((c) => c.trim() !== ''))
      return reject(line, {
        path: '',
        rule: 'cells',
        message: `the record has ${record.cells.length} cells, the file has ${width} columns`,
        remedy: 'Put cells that hold the delimiter or a line break into quotes.',
      })
  }
  const value: Record<string, string> = {}
  let bytes = 0
  for (let i = 0; i < width; i++) {
    // Own property whatever the name: a column named __proto__ stays a column.
    if (columns![i] === '__proto__') continue
    value[columns![i]!] = record.cells[i] ?? ''
  }
  for (let i = 0; i < record.lines; i++) bytes += state.window[at + i]!.bytes.length
  return { kind: 'record', place: `line ${line.number}`, value, bytes, raw: line.bytes }
}
