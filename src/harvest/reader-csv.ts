import type { Fault } from '../platform/errors.ts'
import { cellLines, damagedLines } from './csv-damage.ts'
import { type CsvRecord, parseCsvRecord, sniffDelimiter } from './csv-record.ts'
import { encodingFault, type Source } from './reader-bytes.ts'
import { excerptBytes, excerptOf, type ReadEvent, type ReadInfo, type ReadOptions } from './reader-event.ts'
import { type Line, oversizedFault, readLines } from './reader-lines.ts'

/** Bytes looked ahead for the end of a quoted cell before its quote counts as stray. */
const cellBytes = 1024 * 1024

/** Lines of a damaged record shown in the report. */
const excerptLines = 20

interface State {
  source: Source
  delimiter: string
  columns: string[]
  /** The first record names the columns; it has not been read yet. */
  headerWanted: boolean
  /** The columns are told, so that a damaged header harms nothing. */
  columnsTold: boolean
  fillShortRows: boolean
  window: Line[]
  texts: string[]
  bytes: number
  /** No line follows those of the window. */
  end: boolean
  /** The lines to come belong to a damaged record, until something whole comes. */
  lost: boolean
  /** The file breaks off. */
  damage?: Fault
}

/**
 * Reads records of a CSV file. A record that does not parse is one reject, with the lines that belong to it; reading goes on
 * where records are whole again, so that a stray quote in the middle neither swallows the rest of the file nor makes
 * records out of the rest of a cell.
 */
export async function readCsv(
  source: Source,
  options: ReadOptions,
): Promise<{ events: AsyncGenerator<ReadEvent[]>; info: Partial<ReadInfo> }> {
  const sample = (await source.peek()).toString('utf8')
  const delimiter = options.delimiter ?? sniffDelimiter(sample)
  const header = options.header ?? true
  const lines = sample.split(/\r\n?|\n/).slice(0, cellLines)
  const start = lines.findIndex((line) => line !== '')
  const first = parseCsvRecord(lines, Math.max(0, start), delimiter)
  const cells = first.state === 'ok' ? first.cells : []
  const columns = options.columns ?? (header ? nameColumns(cells) : cells.map((_, i) => `column${i + 1}`))
  const state: State = {
    source,
    delimiter,
    columns,
    headerWanted: header,
    columnsTold: options.columns !== undefined,
    fillShortRows: options.fillShortRows === true,
    window: [],
    texts: [],
    bytes: 0,
    end: false,
    lost: false,
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
  let last = 1
  for await (const lines of readLines(state.source)) {
    for (const line of lines) {
      state.window.push(line)
      state.texts.push(line.oversized ? '' : line.bytes.toString('utf8'))
      state.bytes += line.bytes.length
      state.damage ??= line.damage
      last = line.number
    }
    const events = drain(state)
    any ||= events.length > 0
    if (events.length > 0) yield events
    if (events.at(-1)?.kind === 'fatal') return
  }
  state.end = true
  const events = drain(state)
  if (events.at(-1)?.kind !== 'fatal' && state.damage)
    events.push({ kind: 'fatal', place: `line ${last}`, fault: state.damage })
  else if (!any && events.length === 0) {
    const fault = { path: '', rule: 'no_records', message: 'the file has no records' }
    events.push({ kind: 'fatal', place: 'line 1', fault })
  }
  if (events.length > 0) yield events
}

/** Takes all records out of the window that are complete; at the end, what is left is complete too. */
function drain(state: State): ReadEvent[] {
  const events: ReadEvent[] = []
  const { window, texts } = state
  let at = 0
  const pass = (count: number) => {
    for (let i = 0; i < count; i++) state.bytes -= window[at + i]!.bytes.length
    at += count
  }
  while (at < window.length && events.at(-1)?.kind !== 'fatal') {
    if (!state.lost && !window[at]!.oversized && texts[at]!.trim() === '') {
      pass(1)
      continue
    }
    const found = nextRecord(state, at)
    if (!found) break
    if (found.event) events.push(found.event)
    pass(found.lines)
  }
  state.window = window.slice(at)
  state.texts = texts.slice(at)
  return events
}

/** The record at a line of the window with its number of lines; undefined when more lines are needed. */
function nextRecord(state: State, at: number): { event?: ReadEvent; lines: number } | undefined {
  if (state.lost) return passOver(state, at)
  const { window, texts } = state
  const record = parseCsvRecord(texts, at, state.delimiter)
  if (record.state === 'open' && !state.end && !isFull(state, at)) return undefined
  const fault = faultOf(state, at, record)
  const exact = record.state === 'ok' && (record.lines === 1 || record.cells.length === state.columns.length)
  if (!fault) {
    const lines = (record as Extract<CsvRecord, { state: 'ok' }>).lines
    if (!state.headerWanted) return { event: toRecord(state, at, record), lines }
    state.headerWanted = false
    return { lines }
  }
  if (state.headerWanted) return damagedHeader(state, window[at]!, fault)
  // A record whose cells are right ends where it seems to, whatever is wrong inside.
  if (exact && !window[at]!.oversized)
    return { event: reject(state, at, record.lines, fault), lines: record.lines }
  const damaged = damagedFrom(state, at + 1, record.state === 'open' && !isWholeLine(state, at, record))
  if (!damaged) return undefined
  state.lost = damaged.lost
  const lines = 1 + damaged.taken
  return { event: reject(state, at, lines, fault), lines }
}

/** So much is read ahead that a decision must do with it. */
const isFull = (state: State, at: number) =>
  state.bytes >= cellBytes || state.window.length - at > 2 * cellLines

const damagedFrom = (state: State, start: number, open: boolean) =>
  damagedLines({
    delimiter: state.delimiter,
    width: state.columns.length,
    short: state.fillShortRows,
    lines: state.texts,
    start,
    end: state.end || isFull(state, start),
    open: open && state.end,
  })

/** Goes on over lines that belong to a damaged record of before. */
function passOver(state: State, at: number): { event?: ReadEvent; lines: number } | undefined {
  const damaged = damagedFrom(state, at, true)
  if (!damaged) return undefined
  state.lost = damaged.lost && damaged.taken > 0
  if (damaged.taken === 0) return { lines: 0 }
  const fault = {
    path: '',
    rule: 'stray_quote',
    message: 'the text belongs to a damaged record before it',
    remedy: 'Repair the record before it.',
  }
  return { event: reject(state, at, damaged.taken, fault), lines: damaged.taken }
}

/**
 * Whether the line has all cells when its open quote is taken for a stray one. A quote in the last cell says nothing:
 * the rest of the cell may be on the lines to come.
 */
function isWholeLine(state: State, at: number, record: CsvRecord): boolean {
  const cells = state.texts[at]!.split(state.delimiter)
  if (state.damage || record.state !== 'open' || record.line > 0) return false
  return cells.length === state.columns.length && !cells.at(-1)!.startsWith('"')
}

function reject(state: State, at: number, count: number, fault: Fault): ReadEvent {
  const lines = state.window.slice(at, at + count)
  const [first, last] = [lines[0]!, lines.at(-1)!]
  const kept = lines
    .slice(0, excerptLines)
    .map((line) => line.bytes.subarray(0, excerptBytes).toString('utf8'))
    .join('\n')
  const message =
    count > 1 ? `${fault.message}; lines ${first.number} to ${last.number} are left out` : fault.message
  return {
    kind: 'reject',
    place: `line ${first.number}`,
    fault: { ...fault, message },
    excerpt: excerptOf(kept),
  }
}

function damagedHeader(state: State, line: Line, fault: Fault): { event: ReadEvent; lines: number } {
  const place = `line ${line.number}`
  if (state.columnsTold) {
    state.headerWanted = false
    return { event: { kind: 'note', place, fault }, lines: 1 }
  }
  const remedy =
    'Repair this line, say the encoding of the file, or name the columns in the mapping (read.columns).'
  const message = `the line that names the columns cannot be read: ${fault.message}`
  return { event: { kind: 'fatal', place, fault: { ...fault, rule: 'header', message, remedy } }, lines: 1 }
}

/** What is wrong with the record at a line, if anything. */
function faultOf(state: State, at: number, record: CsvRecord): Fault | undefined {
  const { window } = state
  const lines = window.slice(at, record.state === 'ok' ? at + record.lines : at + 1)
  for (const line of record.state === 'open' && state.end ? window.slice(at) : lines)
    if (line.damage) return line.damage
  for (const line of lines) if (line.oversized) return oversizedFault(line.oversized)
  if (record.state === 'open')
    return {
      path: '',
      rule: 'stray_quote',
      message: `the quote in column ${record.column} is never closed`,
      remedy: 'Close it, or write a quote inside a quoted cell twice ("").',
    }
  if (record.state === 'bad') return inLine(record.fault, record.line, window[at]!)
  for (const line of lines) {
    const fault = encodingFault(line.bytes, state.source)
    if (fault) return fault
  }
  return state.headerWanted ? undefined : cellFault(state, record)
}

const inLine = (fault: Fault, line: number, first: Line): Fault =>
  line === 0 ? fault : { ...fault, message: `${fault.message} (line ${first.number + line})` }

/**
 * A record has a cell for each column. Empty cells too many at its end are nothing; a record with fewer cells may be the
 * rest of one that was torn apart, so it is taken only where every cell is in quotes or the mapping says that empty
 * cells are left out.
 */
function cellFault(state: State, record: Extract<CsvRecord, { state: 'ok' }>): Fault | undefined {
  const width = state.columns.length
  const { cells, lines, quoted } = record
  const one = lines === 1
  if (cells.length === width && lines <= cellLines) return undefined
  if (one && cells.length > width && cells.slice(width).every((cell) => cell.trim() === '')) return undefined
  if (one && cells.length < width && (state.fillShortRows || quoted === cells.length)) return undefined
  const message = `the record has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, the file has ${width} columns`
  if (cells.length >= width)
    return {
      path: '',
      rule: 'cells',
      message,
      remedy: 'Put cells that hold the delimiter or a line break into quotes.',
    }
  const remedy =
    'Put cells that hold a line break into quotes. Where the file leaves out empty cells at the end, say so in the mapping: read.fillShortRows.'
  return { path: '', rule: 'cells', message, remedy }
}

function toRecord(state: State, at: number, record: CsvRecord): ReadEvent {
  const { cells, lines } = record as Extract<CsvRecord, { state: 'ok' }>
  const line = state.window[at]!
  const value: Record<string, string> = {}
  // Own property whatever the name: a column named __proto__ is none.
  for (const [i, name] of state.columns.entries()) if (name !== '__proto__') value[name] = cells[i] ?? ''
  let bytes = 0
  for (let i = 0; i < lines; i++) bytes += state.window[at + i]!.bytes.length
  return { kind: 'record', place: `line ${line.number}`, value, bytes, raw: line.bytes }
}
