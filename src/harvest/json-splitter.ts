/**
 * Finds the values of chosen places in a JSON text that comes in pieces, without building the text around them:
 * the memory needed is that of one value, and a value over the limit is measured and skipped, not kept.
 * A general JSON parser cannot do the latter, and builds every string on the way.
 */
export interface SplitterOptions {
  /**
   * What to do with a value. The path has `*` for list positions, e.g. `/results/*`.
   * `descend` looks inside (lists and objects), `take` hands the value over, `skip` passes over it.
   */
  choose(path: string, kind: ValueKind): 'descend' | 'take' | 'skip'
  /** Bytes of one value handed over. */
  limit: number
  onValue(value: FoundValue): void
}

export type ValueKind = 'object' | 'array' | 'scalar'

export interface FoundValue {
  path: string
  /** JSON pointer, e.g. `/results/17`. */
  pointer: string
  /** The bytes of the value; only its beginning when `oversized` is set. */
  bytes: Buffer
  /** Of its first byte, from 1. */
  line: number
  oversized?: number
}

export interface Splitter {
  push(chunk: Buffer): void
  /** @throws JsonSyntaxError when the text is not complete. */
  end(): void
  /** True inside a value that is being taken: the text ended too early within a record. */
  insideValue(): FoundValue | undefined
}

/** The text is not JSON, or ends too early. */
export class JsonSyntaxError extends Error {
  readonly offset: number
  readonly line: number
  readonly pointer: string
  constructor(message: string, at: { offset: number; line: number; pointer: string }) {
    super(message)
    this.offset = at.offset
    this.line = at.line
    this.pointer = at.pointer
  }
}

interface Frame {
  path: string
  array: boolean
  index: number
  key: string
}

/** What may come next between values. */
type Expect = 'value' | 'value-or-end' | 'key-or-end' | 'key' | 'colon' | 'comma-or-end' | 'nothing'

/** The value or member name being scanned; it may go on in the next chunk. */
interface Scan {
  kind: 'container' | 'string' | 'scalar'
  as: 'take' | 'skip' | 'key'
  depth: number
  inString: boolean
  escaped: boolean
  parts: Buffer[]
  length: number
  path: string
  pointer: string
  line: number
}

interface State {
  options: SplitterOptions
  frames: Frame[]
  expect: Expect
  /** Of the chunk's first byte. */
  offset: number
  line: number
  scan: Scan | undefined
}

/** Bytes of a member name; longer names are no fields of any catalogue format. */
const keyLimit = 4_096
/** Nested objects looked into; catalogues in catalogues beyond are no honest file. */
const frameLimit = 200
/** Bytes of an oversized value kept for the report. */
const beginning = 2_048

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const newline = 0x0a

/** Makes a splitter. */
export function createJsonSplitter(options: SplitterOptions): Splitter {
  const s: State = { options, frames: [], expect: 'value', offset: 0, line: 1, scan: undefined }
  return {
    push: (chunk) => push(s, chunk),
    end() {
      if (s.scan?.kind === 'scalar' && s.frames.length === 0) finishScan(s, s.scan, s.offset)
      if (s.expect !== 'nothing' || s.scan)
        fail(
          s,
          s.offset === 0 ? 'the file is empty' : 'the text ends before its lists and objects are closed',
          s.offset,
        )
    },
    insideValue() {
      if (s.scan?.as !== 'take') return undefined
      const { path, pointer, line, parts } = s.scan
      return { path, pointer, line, bytes: Buffer.concat(parts).subarray(0, beginning) }
    },
  }
}

function push(s: State, chunk: Buffer): void {
  let i = 0
  while (i < chunk.length) {
    if (!s.scan && !between(s, chunk[i]!, s.offset + i)) {
      i++
      continue
    }
    const scan = s.scan!
    const after = scanOn(s, scan, chunk, i)
    keep(scan, chunk.subarray(i, after < 0 ? chunk.length : after), s.options.limit)
    if (after < 0) break
    finishScan(s, scan, s.offset + after)
    i = after
  }
  s.offset += chunk.length
}

const pointerOf = (frames: Frame[]) =>
  frames
    .map((f) => (f.array ? `/${f.index}` : `/${f.key.replaceAll('~', '~0').replaceAll('/', '~1')}`))
    .join('')

function fail(s: State, message: string, offset: number): never {
  throw new JsonSyntaxError(message, { offset, line: s.line, pointer: pointerOf(s.frames) })
}

function keep(scan: Scan, part: Buffer, valueLimit: number): void {
  scan.length += part.length
  if (scan.as === 'skip') return
  if (scan.length <= (scan.as === 'key' ? keyLimit : valueLimit)) scan.parts.push(part)
  else if (scan.parts.length !== 1 || scan.parts[0]!.length !== beginning)
    // A copy, so that the chunk it came from can go.
    scan.parts = [Buffer.concat([...scan.parts, part.subarray(0, beginning)], beginning)]
}

function finishScan(s: State, scan: Scan, offset: number): void {
  s.scan = undefined
  const bytes = scan.parts.length === 1 ? scan.parts[0]! : Buffer.concat(scan.parts)
  if (scan.as === 'key') {
    if (scan.length > keyLimit) fail(s, 'the name of a member is too long', offset)
    s.frames.at(-1)!.key = parseKey(s, bytes, offset)
    s.expect = 'colon'
    return
  }
  s.expect = s.frames.length === 0 ? 'nothing' : 'comma-or-end'
  if (scan.as !== 'take') return
  const { path, pointer, line, length } = scan
  const over = length > s.options.limit ? { oversized: length } : {}
  s.options.onValue({ path, pointer, line, bytes, ...over })
}

function parseKey(s: State, bytes: Buffer, offset: number): string {
  try {
    return JSON.parse(bytes.toString('utf8')) as string
  } catch {}
  return fail(s, 'the name of a member is not a JSON string', offset)
}

/** Handles one byte between values; true when a scan begins at this byte. */
function between(s: State, byte: number, at: number): boolean {
  if (byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09) {
    if (byte === newline) s.line++
    return false
  }
  const { expect } = s
  const closes = byte === closeBracket || byte === closeBrace
  if (expect === 'value' || (expect === 'value-or-end' && !closes)) return beginValue(s, byte, at)
  if ((expect === 'key-or-end' || expect === 'key') && byte === quote) {
    s.scan = newScan(s, 'string', 'key', '', '')
    return true
  }
  if (closes && (expect === 'value-or-end' || expect === 'key-or-end' || expect === 'comma-or-end'))
    leave(s, byte, at)
  else if (expect === 'colon' && byte === 0x3a) s.expect = 'value'
  else if (expect === 'comma-or-end' && byte === 0x2c) s.expect = s.frames.at(-1)!.array ? 'value' : 'key'
  else fail(s, `${shown(byte)} is not expected here`, at)
  return false
}

const newScan = (s: State, kind: Scan['kind'], as: Scan['as'], path: string, pointer: string): Scan => ({
  kind,
  as,
  path,
  pointer,
  line: s.line,
  depth: 0,
  inString: false,
  escaped: false,
  parts: [],
  length: 0,
})

function beginValue(s: State, byte: number, at: number): boolean {
  const frame = s.frames.at(-1)
  if (frame?.array) frame.index++
  const path = frame ? `${frame.path}/${frame.array ? '*' : frame.key}` : ''
  const kind: ValueKind = byte === openBrace ? 'object' : byte === openBracket ? 'array' : 'scalar'
  let choice = s.options.choose(path, kind)
  if (choice === 'descend' && (kind === 'scalar' || s.frames.length >= frameLimit)) choice = 'skip'
  if (choice === 'descend') {
    s.frames.push({ path, array: kind === 'array', index: -1, key: '' })
    s.expect = kind === 'array' ? 'value-or-end' : 'key-or-end'
    return false
  }
  if (kind === 'scalar' && byte !== quote && !isScalarByte(byte))
    fail(s, `${shown(byte)} begins no JSON value`, at)
  const scanKind = kind !== 'scalar' ? 'container' : byte === quote ? 'string' : 'scalar'
  s.scan = newScan(s, scanKind, choice, path, choice === 'take' ? pointerOf(s.frames) : '')
  return true
}

function leave(s: State, byte: number, at: number): void {
  const frame = s.frames.at(-1)
  if (!frame || (byte === closeBracket) !== frame.array) fail(s, `${shown(byte)} closes nothing`, at)
  s.frames.pop()
  s.expect = s.frames.length === 0 ? 'nothing' : 'comma-or-end'
}

/** Bytes that end a run of ordinary ones, as tables: one look for each byte of the file. */
const stopsString = tableOf([quote, backslash])
const structural = tableOf([quote, newline, openBrace, closeBrace, openBracket, closeBracket])
function tableOf(bytes: number[]): Uint8Array {
  const table = new Uint8Array(256)
  for (const byte of bytes) table[byte] = 1
  return table
}

/** Scans on inside a value; returns the position after it, or -1 when it goes on in the next chunk. */
function scanOn(s: State, scan: Scan, chunk: Buffer, from: number): number {
  const end = chunk.length
  let i = from
  if (scan.kind === 'scalar') {
    while (i < end && isScalarByte(chunk[i]!)) i++
    return i < end ? i : -1
  }
  let { depth, inString, escaped } = scan
  let after = -1
  while (i < end && after < 0) {
    if (escaped) {
      escaped = false
      i++
    } else if (inString) {
      while (i < end && stopsString[chunk[i]!] === 0) i++
      if (i === end) break
      if (chunk[i++] === backslash) escaped = true
      else {
        inString = false
        if (scan.kind === 'string') after = i
      }
    } else {
      while (i < end && structural[chunk[i]!] === 0) i++
      if (i === end) break
      const byte = chunk[i++]!
      if (byte === quote) inString = true
      else if (byte === newline) s.line++
      else if (byte === openBrace || byte === openBracket) depth++
      else if (--depth === 0) after = i
    }
  }
  scan.depth = depth
  scan.inString = inString
  scan.escaped = escaped
  return after
}

const shown = (byte: number) =>
  byte > 0x20 && byte < 0x7f
    ? `"${String.fromCharCode(byte)}"`
    : `byte 0x${byte.toString(16).padStart(2, '0')}`

/** Digits, signs and the letters of true, false, null; a wrong word is found when the value is parsed. */
function isScalarByte(byte: number): boolean {
  if (byte >= 0x30 && byte <= 0x39) return true
  const letter = byte | 0x20
  return (letter >= 0x61 && letter <= 0x7a) || byte === 0x2b || byte === 0x2d || byte === 0x2e
}
