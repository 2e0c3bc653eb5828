import type { Fault } from '../platform/errors.ts'

/** Bytes of one record; a longer one is measured and passed over. */
export const maxRecordBytes = 4 * 1024 * 1024
/** Bytes after which an open quoted cell counts as a stray quote, so that it does not swallow the rest of the file. */
export const maxCellBytes = 1024 * 1024
/** Bytes of a broken record that are kept for whoever repairs it. */
const excerptBytes = 2_000

/** A record that is none: where it stands, what is wrong, and its beginning. */
export interface BrokenRecord {
  record: number
  /** Line of the file on which it begins. */
  line: number
  fault: Fault
  excerpt: Buffer
}

/** The whole records of a piece of a file. */
export interface ScannedPiece {
  /** CSV for the engine: each record on a line of its own behind its number. */
  csv: Buffer
  records: number
  broken: BrokenRecord[]
}

export interface ScanOptions {
  /** One ASCII character. */
  delimiter: string
  /** Cells that a record has. */
  columns: number
  /** The first record names the columns and is passed over. */
  header: boolean
  /** What is wrong with the characters of a record, or of many. */
  fault?(bytes: Buffer): Fault | undefined
}

export interface CsvScan {
  /** Takes the next piece of the file. */
  push(chunk: Buffer): ScannedPiece
  /** The file is at its end: what is left is a record, or broken. */
  end(): ScannedPiece
}

const lineFeed = 10
const carriageReturn = 13
const quote = 34

/** Where a record ends, and what was found in it. */
interface Found {
  /** Behind its last byte, without its line break. */
  end: number
  /** Where the next record begins. */
  next: number
  cells: number
  /** Line breaks in it, its own included. */
  lines: number
  fault?: Fault
}

/**
 * Splits CSV (RFC 4180, UTF-8 bytes) into records without reading their values: a record costs a look at its bytes and a
 * copy, the engine does the rest. A quote inside a cell without quotes is an ordinary character, as spreadsheets read it.
 * After a quote that closes nowhere, or is followed by text, reading goes on with the next line.
 */
export function createCsvScan(options: ScanOptions): CsvScan {
  const delimiter = options.delimiter.charCodeAt(0)
  let record = 0
  let line = 0
  let header = options.header
  let rest: Buffer = Buffer.alloc(0)
  /** Bytes passed over of a record that is too long. */
  let passed = 0

  /** The record at `from`; undefined where its end has not come yet. */
  function find(data: Buffer, from: number, last: boolean): Found | undefined {
    let cells = 1
    let lines = 0
    let at = from
    for (;;) {
      if (data[at] === quote) {
        const closed = closeQuote(data, at)
        if (closed === undefined) {
          if (!last && data.length - at <= maxCellBytes) return undefined
          return brokenLine(data, from, last, unclosed(cells))
        }
        lines += closed.lines
        at = closed.next
        const after = data[at]
        if (after === undefined && !last) return undefined
        const ends =
          after === undefined ||
          after === lineFeed ||
          (after === carriageReturn && (data[at + 1] === lineFeed || at + 1 === data.length))
        if (after !== delimiter && !ends) return brokenLine(data, from, last, stray(cells))
      } else {
        while (at < data.length && data[at] !== delimiter && data[at] !== lineFeed) at++
      }
      if (data[at] === delimiter) {
        cells++
        at++
        continue
      }
      if (data[at] === carriageReturn) at++
      if (at >= data.length) {
        if (!last) return undefined
        return { end: trimmed(data, from, at), next: at, cells, lines: lines + 1 }
      }
      return { end: trimmed(data, from, at), next: at + 1, cells, lines: lines + 1 }
    }
  }

  function faultOf(data: Buffer, from: number, { end, cells }: Found, faulty: boolean): Fault | undefined {
    if (end - from > maxRecordBytes) return tooLong(end - from)
    if (cells !== options.columns) return wrongCells(cells, options.columns)
    return faulty ? options.fault?.(data.subarray(from, end)) : undefined
  }

  function scan(data: Buffer, last: boolean): ScannedPiece {
    const out = createOutput(data.length)
    const broken: BrokenRecord[] = []
    let records = 0
    let at = 0
    // Most pieces are whole UTF-8 at one look; only where one is not each record is asked.
    const faulty =
      options.fault !== undefined &&
      options.fault(data.subarray(0, data.lastIndexOf(lineFeed) + 1)) !== undefined
    const take = (found: Found) => {
      // A line with nothing on it is no record.
      if (found.end > at && header) header = false
      else if (found.end > at) {
        record++
        const fault = found.fault ?? faultOf(data, at, found, faulty)
        if (fault) broken.push({ record, line: line + 1, fault, excerpt: excerpt(data, at, found.end) })
        else {
          records++
          out.write(record, delimiter, data, at, found.end)
        }
      }
      line += found.lines
      at = found.next
    }
    if (passed > 0) {
      const end = data.indexOf(lineFeed)
      passed += end < 0 ? data.length : end
      if (end < 0 && !last) return { csv: out.bytes(), records, broken }
      broken.push({ record: ++record, line: ++line, fault: tooLong(passed), excerpt: rest })
      passed = 0
      at = end < 0 ? data.length : end + 1
    }
    while (at < data.length) {
      const found = find(data, at, last)
      if (!found) {
        if (data.length - at <= maxRecordBytes) break
        const fault = tooLong(data.length - at)
        // Quoted cells of many lines that come to no end: the first line is given up, what follows may be whole.
        if (data.indexOf(lineFeed, at) >= 0) take(brokenLine(data, at, true, fault)!)
        else {
          passed = data.length - at
          rest = Buffer.from(data.subarray(at, at + excerptBytes))
          return { csv: out.bytes(), records, broken }
        }
        continue
      }
      take(found)
    }
    rest = Buffer.from(data.subarray(at))
    return { csv: out.bytes(), records, broken }
  }

  return {
    push: (chunk) => scan(passed > 0 || rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), false),
    end: () => scan(passed > 0 ? Buffer.alloc(0) : rest, true),
  }
}

const excerpt = (data: Buffer, from: number, end: number): Buffer =>
  Buffer.from(data.subarray(from, Math.min(end, from + excerptBytes)))

/** Without the carriage return before the line break. */
const trimmed = (data: Buffer, from: number, end: number): number =>
  end > from && data[end - 1] === carriageReturn ? end - 1 : end

/** Behind the quote that closes the one at `open`; undefined where none does. */
function closeQuote(data: Buffer, open: number): { next: number; lines: number } | undefined {
  let at = open + 1
  for (;;) {
    const found = data.indexOf(quote, at)
    if (found < 0) return undefined
    if (data[found + 1] !== quote) return { next: found + 1, lines: countLines(data, open, found) }
    at = found + 2
  }
}

function countLines(data: Buffer, from: number, to: number): number {
  let lines = 0
  for (let at = data.indexOf(lineFeed, from); at >= 0 && at < to; at = data.indexOf(lineFeed, at + 1)) lines++
  return lines
}

/** The record ends with its first line: what follows may be whole again. Undefined where that has not come yet. */
function brokenLine(data: Buffer, from: number, last: boolean, fault: Fault): Found | undefined {
  const end = data.indexOf(lineFeed, from)
  if (end < 0 && !last) return undefined
  const line = { cells: 0, lines: 1, fault }
  return end < 0
    ? { end: trimmed(data, from, data.length), next: data.length, ...line }
    : { end: trimmed(data, from, end), next: end + 1, ...line }
}

/** Bytes that grow as they are written. */
function createOutput(expected: number) {
  let buffer = Buffer.allocUnsafe(Math.ceil(expected * 1.25) + 64)
  let to = 0
  return {
    write(record: number, delimiter: number, data: Buffer, from: number, end: number) {
      // A number has at most 16 digits.
      const wanted = to + end - from + 20
      if (wanted > buffer.length) {
        const larger = Buffer.allocUnsafe(wanted * 2)
        buffer.copy(larger, 0, 0, to)
        buffer = larger
      }
      let digits = 1
      for (let n = record; n >= 10; n = Math.floor(n / 10)) digits++
      for (let n = record, i = to + digits - 1; i >= to; i--) {
        buffer[i] = 48 + (n % 10)
        n = Math.floor(n / 10)
      }
      to += digits
      buffer[to++] = delimiter
      data.copy(buffer, to, from, end)
      to += end - from
      buffer[to++] = lineFeed
    },
    bytes: () => buffer.subarray(0, to),
  }
}

const unclosed = (cell: number): Fault => ({
  path: '',
  rule: 'quote_not_closed',
  message: `The quote that opens cell ${cell} is never closed.`,
  remedy: 'Close it, or write a quote inside a quoted cell twice ("").',
})

const stray = (cell: number): Fault => ({
  path: '',
  rule: 'stray_quote',
  message: `A quote closes cell ${cell} and text follows it.`,
  remedy: 'Write a quote inside a quoted cell twice ("").',
})

const wrongCells = (cells: number, columns: number): Fault => ({
  path: '',
  rule: 'cell_count',
  message: `The record has ${cells} cells where the table has ${columns} columns.`,
  remedy: 'Put cells that contain the delimiter into quotes, and give every record all its cells.',
})

const tooLong = (bytes: number): Fault => ({
  path: '',
  rule: 'record_too_long',
  message: `The record has ${bytes.toLocaleString('en')} bytes; at most ${maxRecordBytes.toLocaleString('en')} are taken.`,
})
