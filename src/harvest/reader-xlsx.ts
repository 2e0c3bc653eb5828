import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createInflateRaw } from 'node:zlib'
import { ConcordError } from '../platform/errors.ts'
import { nameColumns } from './reader-csv.ts'
import type { OpenedFile, ReadEvent, ReadOptions } from './reader-event.ts'
import { openSheet, type Sheet } from './xlsx-sheet.ts'

/**
 * A workbook is read whole, because its texts are in one part and its cells in another: its size is limited instead.
 * 20 MB packed are about 300,000 rows of a catalogue list; larger ones are saved as CSV, which has no limit.
 */
const packedLimit = 20 * 1024 * 1024
/**
 * Bytes of all parts unpacked, as measured by unpacking, not as the file says: 600,000 rows of two cells have 96 MB and
 * take 4 s; at 160 MB the library that reads them fails after minutes.
 */
const unpackedLimit = 100 * 1024 * 1024
const partLimit = 2_000

/** Opens a workbook. @throws ConcordError when it is too large, packed like a bomb, or no workbook. */
export async function readXlsx(path: string, options: ReadOptions): Promise<OpenedFile> {
  const size = (await stat(path)).size
  if (size > packedLimit) throw tooLarge(`The workbook has ${size} bytes, at most ${packedLimit} are read.`)
  await measureParts(path, size)
  const sheet = openSheet(path, options.sheet ?? 1)
  try {
    const start = await readHeader(sheet, options)
    return {
      info: { encoding: 'utf-8', columns: start.columns },
      bytesRead: () => size,
      events: toEvents(sheet, start),
      close: sheet.close,
    }
  } catch (error) {
    sheet.close()
    throw error
  }
}

const tooLarge = (detail: string) =>
  new ConcordError('too_large', `${detail} Save the sheet as CSV, which is read at any size.`)

const isBlank = (row: string[]) => row.every((cell) => cell === '')

interface Start {
  columns: string[]
  /** Rows read with the header that come after it, and the number of the first of them. */
  rows: string[][]
  number: number
}

/** Reads to the first row that says something: it names the columns, or is the first record. */
async function readHeader(sheet: Sheet, options: ReadOptions): Promise<Start> {
  let number = 1
  for (;;) {
    const rows = await sheet.next()
    const at = rows.findIndex((row) => !isBlank(row))
    if (at < 0 && rows.length > 0) {
      number += rows.length
      continue
    }
    const first = rows[at] ?? []
    const header = options.header ?? true
    const columns = options.columns ?? (header ? nameColumns(first) : first.map((_, i) => `column${i + 1}`))
    const from = header ? at + 1 : Math.max(at, 0)
    return { columns, rows: rows.slice(from), number: number + from }
  }
}

async function* toEvents(sheet: Sheet, start: Start): AsyncGenerator<ReadEvent[]> {
  let any = false
  let { rows, number } = start
  for (;;) {
    const events: ReadEvent[] = []
    for (const row of rows) {
      const place = `row ${number++}`
      if (isBlank(row)) continue
      const value: Record<string, string> = {}
      for (const [i, name] of start.columns.entries()) if (name !== '__proto__') value[name] = row[i] ?? ''
      events.push({ kind: 'record', place, value, bytes: 0 })
    }
    any ||= events.length > 0
    if (events.length > 0) yield events
    rows = await sheet.next()
    if (rows.length === 0) break
  }
  sheet.close()
  if (any) return
  const fault = { path: '', rule: 'no_records', message: 'the sheet has no rows' }
  yield [{ kind: 'fatal', place: 'row 1', fault }]
}

interface Part {
  offset: number
  packed: number
  method: number
}

/** Unpacks every part into nothing, counting: what a file says about itself is no protection. */
async function measureParts(path: string, size: number): Promise<void> {
  const parts = await listParts(path, size)
  let total = 0
  for (const part of parts) {
    if (part.method === 0) total += part.packed
    else total += await inflatedSize(path, part, unpackedLimit - total)
    if (total > unpackedLimit)
      throw tooLarge(`The workbook unpacks to more than ${unpackedLimit / 1024 / 1024} MB.`)
  }
}

async function inflatedSize(path: string, part: Part, most: number): Promise<number> {
  if (part.packed === 0) return 0
  const inflate = createInflateRaw()
  const file = createReadStream(path, { start: part.offset, end: part.offset + part.packed - 1 })
  file.on('error', (error) => inflate.destroy(error))
  let length = 0
  try {
    for await (const chunk of file.pipe(inflate) as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > most) break
    }
  } catch (cause) {
    throw notWorkbook(cause)
  } finally {
    file.destroy()
  }
  return length
}

const notWorkbook = (cause?: unknown) =>
  new ConcordError('invalid_content', 'The file is not a workbook (.xlsx), or it is damaged.', { cause })

/** The central directory of the archive (APPNOTE 4.3.12); its end record is in the last 64 KB. */
async function listParts(path: string, size: number): Promise<Part[]> {
  const file = await open(path)
  try {
    const read = async (position: number, length: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
      return buffer.subarray(0, bytesRead)
    }
    const tail = await read(Math.max(0, size - 65_557), Math.min(size, 65_557))
    const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
    if (end < 0 || end + 22 > tail.length) throw notWorkbook()
    const count = tail.readUInt16LE(end + 10)
    if (count > partLimit) throw tooLarge(`The workbook has ${count} parts, at most ${partLimit} are read.`)
    const directory = await read(tail.readUInt32LE(end + 16), Math.min(size, tail.readUInt32LE(end + 12)))
    const parts: Part[] = []
    let at = 0
    while (at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50) {
      const local = await read(directory.readUInt32LE(at + 42), 30)
      if (local.length < 30 || local.readUInt32LE(0) !== 0x04034b50) throw notWorkbook()
      parts.push({
        offset: directory.readUInt32LE(at + 42) + 30 + local.readUInt16LE(26) + local.readUInt16LE(28),
        packed: directory.readUInt32LE(at + 20),
        method: directory.readUInt16LE(at + 10),
      })
      at +=
        46 +
        directory.readUInt16LE(at + 28) +
        directory.readUInt16LE(at + 30) +
        directory.readUInt16LE(at + 32)
    }
    if (parts.length !== count) throw notWorkbook()
    return parts
  } finally {
    await file.close()
  }
}
