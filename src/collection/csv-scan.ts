import type { Fault } from '../platform/errors.ts'

/** What bounds a scan, whatever the file. */
export interface ScanLimits {
  /** Bytes of one record; a longer one is measured and passed over. */
  record: number
  /** Bytes in which a quote must close, so that a stray one does not swallow the rest of the file. */
  cell: number
  /** Broken records that are kept; of the others only their number. */
  kept: number
}
const defaultLimits: ScanLimits = { record: 4 * 1024 * 1024, cell: 1024 * 1024, kept: 100_000 }
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
  /** All broken records of the piece, kept or not. */
  brokenCount: number
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
  limits?: Partial<ScanLimits>
}

export interface CsvScan {
  /** Takes the next piece of the file. How it is cut changes nothing. */
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

/** Its end has not come yet. */
const more = 'more'
/** Its line is longer than a record may be, and goes on. */
const passing = 'passing'

/**
 * Splits CSV (RFC 4180, UTF-8 bytes) into records without reading their values: a record costs a look at its bytes and a
 * copy, the engine does the rest. A quote inside a cell without quotes is an ordinary character, as spreadsheets read it.
 * After a quote that closes nowhere, or is followed by text, reading goes on with the next line.
 */
export function createCsvScan(options: ScanOptions): CsvScan {
  const delimiter = options.delimiter.charCodeAt(0)
  const limits = { ...defaultLimits, ...options.limits }
  let record = 0
  let line = 0
  let kept = 0
  let header = options.header
  let rest: Buffer = Buffer.alloc(0)
  /** Bytes passed over of a line that is too long. */
  let passed = 0

  /** The record at `from`. */
  function find(data: Buffer, from: number, last: boolean): Found | typeof more | typeof passing {
    const furthest = from + limits.record
    const broken = (fault: Fault) => brokenLine(data, from, { last, furthest, fault })
    let cells = 1
    let lines = 0
    let at = from
    for (;;) {
      if (data[at] === quote) {
        const within = Math.min(at + limits.cell, furthest)
        const closed = closeQuote(data, at, within)
        if (closed === undefined) {
          if (data.length < within && !last) return more
          return broken(within === furthest && !last ? endless(limits) : unclosed(cells))
        }
        lines += closed.lines
        at = closed.next
        if (data[at] === undefined && !last) return more
        if (data[at] !== delimiter && !endsAt(data, at)) return broken(stray(cells))
      } else {
        while (at < data.length && data[at] !== delimiter && data[at] !== lineFeed) at++
      }
      if (at > furthest) return broken(endless(limits))
      if (data[at] === delimiter) {
        cells++
        at++
        continue
      }
      if (data[at] === carriageReturn) at++
      if (at >= data.length && !last) return more
      return { end: trimmed(data, from, at), next: at < data.length ? at + 1 : at, cells, lines: lines + 1 }
    }
  }

  /** The record ends with its first line: what follows may be whole again. */
  function brokenLine(
    data: Buffer,
    from: number,
    { last, furthest, fault }: { last: boolean; furthest: number; fault: Fault },
  ): Found | typeof more | typeof passing {
    const end = data.indexOf(lineFeed, from)
    if (end < 0 && !last) return data.length > furthest ? passing : more
    const to = end < 0 ? data.length : end
    return {
      end: trimmed(data, from, to),
      next: end < 0 ? to : to + 1,
      cells: 0,
      lines: 1,
      fault: to > furthest ? tooLong(to - from, limits) : fault,
    }
  }

  function scan(data: Buffer, last: boolean): ScannedPiece {
    const out = createOutput(data.length)
    const piece: ScannedPiece = { csv: data, records: 0, broken: [], brokenCount: 0 }
    let at = 0
    // Most pieces are whole UTF-8 at one look; only where one is not each record is asked.
    const faulty =
      options.fault?.(last ? data : data.subarray(0, data.lastIndexOf(lineFeed) + 1)) !== undefined
    const reject = (fault: Fault, beginning: Buffer) => {
      piece.brokenCount++
      if (kept >= limits.kept) return
      kept++
      const excerpt = Buffer.from(beginning.subarray(0, excerptBytes))
      piece.broken.push({ record, line: line + 1, fault, excerpt })
    }
    const take = (found: Found) => {
      const bytes = () => data.subarray(at, found.end)
      // A line with nothing on it is no record.
      if (found.end > at && header) header = false
      else if (found.end > at) {
        record++
        const fault =
          found.fault ??
          (found.cells === options.columns
            ? faulty
              ? options.fault?.(bytes())
              : undefined
            : wrongCells(found.cells, options.columns))
        if (fault) reject(fault, bytes())
        else {
          piece.records++
          out.write(record, delimiter, data, at, found.end)
        }
      }
      line += found.lines
      at = found.next
    }
    if (passed > 0) {
      const end = data.indexOf(lineFeed)
      const to = end < 0 ? data.length : end
      passed += to
      if (rest.length < excerptBytes) rest = Buffer.concat([rest, data.subarray(0, to)])
      if (end < 0 && !last) return { ...piece, csv: out.bytes() }
      record++
      reject(tooLong(passed, limits), rest.subarray(0, trimmed(rest, 0, rest.length)))
      line++
      passed = 0
      at = end < 0 ? data.length : end + 1
    }
    while (at < data.length) {
      const found = find(data, at, last)
      if (found === more) break
      if (found === passing) {
        passed = data.length - at
        rest = Buffer.from(data.subarray(at, at + excerptBytes))
        return { ...piece, csv: out.bytes() }
      }
      take(found)
    }
    rest = Buffer.from(data.subarray(at))
    return { ...piece, csv: out.bytes() }
  }

  return {
    push: (chunk) => scan(passed > 0 || rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), false),
    end: () => scan(passed > 0 ? Buffer.alloc(0) : rest, true),
  }
}

/** Whether a record may end here: at a line break, or the file's end. */
const endsAt = (data: Buffer, at: number): boolean =>
  data[at] === undefined ||
  data[at] === lineFeed ||
  (data[at] === carriageReturn && (data[at + 1] === lineFeed || at + 1 === data.length))

/** Without the carriage return before the line break. */
const trimmed = (data: Buffer, from: number, end: number): number =>
  end > from && data[end - 1] === carriageReturn ? end - 1 : end

/** Behind the quote that closes the one at `open`; undefined where none does before `within`. */
function closeQuote(data: Buffer, open: number, within: number): { next: number; lines: number } | undefined {
  let at = open + 1
  for (;;) {
    const found = data.indexOf(quote, at)
    if (found < 0 || found >= within) return undefined
    if (data[found + 1] !== quote) return { next: found + 1, lines: countLines(data, open, found) }
    at = found + 2
  }
}

function countLines(data: Buffer, from: number, to: number): number {
  let lines = 0
  for (let at = data.indexOf(lineFeed, from); at >= 0 && at < to; at = data.indexOf(lineFeed, at + 1)) lines++
  return lines
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

const tooLong = (bytes: number, { record }: ScanLimits): Fault => ({
  path: '',
  rule: 'record_too_long',
  message: `The record has ${bytes.toLocaleString('en')} bytes; at most ${record.toLocaleString('en')} are taken.`,
})

const endless = ({ record }: ScanLimits): Fault => ({
  path: '',
  rule: 'record_too_long',
  message: `The record does not end within ${record.toLocaleString('en')} bytes; its first line is passed over.`,
})
