import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createInflateRaw } from 'node:zlib'
import { readSheet } from 'read-excel-file/node'
import { ConcordError } from '../platform/errors.ts'
import { nameColumns } from './reader-csv.ts'
import type { OpenedFile, ReadEvent, ReadOptions } from './reader-event.ts'

/**
 * A workbook is read whole, because its texts are in one part and its cells in another: its size is limited instead.
 * 20 MB packed are about 300,000 rows of a catalogue list; larger ones are saved as CSV, which has no limit.
 */
const packedLimit = 20 * 1024 * 1024
/** Bytes of all parts unpacked, as measured by unpacking, not as the file says. */
const unpackedLimit = 200 * 1024 * 1024
const partLimit = 2_000
/** Rows handed on at a time. */
const group = 500

/** Opens a workbook. @throws ConcordError when it is too large, packed like a bomb, or no workbook. */
export async function readXlsx(path: string, options: ReadOptions): Promise<OpenedFile> {
  const size = (await stat(path)).size
  if (size > packedLimit) throw tooLarge(`The workbook has ${size} bytes, at most ${packedLimit} are read.`)
  await measureParts(path, size)
  let rows: unknown[][]
  try {
    rows = (await readSheet(path, options.sheet ?? 1)) as unknown[][]
  } catch (cause) {
    throw new ConcordError('invalid_content', `The workbook cannot be read: ${(cause as Error).message}`, {
      cause,
    })
  }
  const header = options.header ?? true
  const start = header ? rows.findIndex((row) => row.some((cell) => cell !== null)) + 1 : 0
  const columns =
    options.columns ??
    (header
      ? nameColumns((rows[start - 1] ?? []).map(textOf))
      : (rows[0] ?? []).map((_, i) => `column${i + 1}`))
  return {
    info: { encoding: 'utf-8', columns },
    bytesRead: () => size,
    events: toEvents(rows, start, columns),
    close() {},
  }
}

const tooLarge = (detail: string) =>
  new ConcordError('too_large', `${detail} Save the sheet as CSV, which is read at any size.`)

const textOf = (cell: unknown): string =>
  cell === null || cell === undefined ? '' : cell instanceof Date ? cell.toISOString() : String(cell)

async function* toEvents(rows: unknown[][], start: number, columns: string[]): AsyncGenerator<ReadEvent[]> {
  let events: ReadEvent[] = []
  for (let r = start; r < rows.length; r++) {
    const row = rows[r]!
    if (row.every((cell) => cell === null || cell === '')) continue
    const value: Record<string, string> = {}
    for (const [i, name] of columns.entries()) if (name !== '__proto__') value[name] = textOf(row[i])
    events.push({ kind: 'record', place: `row ${r + 1}`, value, bytes: 0 })
    if (events.length === group) {
      yield events
      events = []
    }
  }
  if (events.length > 0) yield events
  else if (rows.length <= start)
    yield [
      {
        kind: 'fatal',
        place: 'row 1',
        fault: { path: '', rule: 'no_records', message: 'the sheet has no rows' },
      },
    ]
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
