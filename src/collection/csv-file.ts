import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { encodingFault, openSource, parseCsvRecord, type Source, sniffDelimiter } from '../harvest/index.ts'
import { ConcordError } from '../platform/errors.ts'
import { createCsvScan, type ScannedPiece } from './csv-scan.ts'
import { inferColumns, sampleRecords } from './infer.ts'
import { type Column, maxColumns } from './table.schema.ts'

/** A CSV file that was looked at: how it is written, and what its columns seem to be. */
export interface CsvFile {
  source: Source
  encoding: string
  delimiter: string
  columns: Column[]
  checksum: string
  /** Whether nobody wrote to the file since it was opened. */
  isUntouched(): Promise<boolean>
}

/** Bytes of raw records that go to the engine at once: some 200,000 rows of ten cells. */
const pieceBytes = 16 * 1024 * 1024
const maxTitleLength = 200

/**
 * Opens a file, finds out encoding, delimiter and columns, and reads it once for its checksum.
 * @throws ConcordError where it cannot be read, or is no table
 */
export async function openCsv(
  path: string,
  options: { delimiter?: string; encoding?: string },
): Promise<CsvFile> {
  const source = await openSource(path, options.encoding)
  const sample = (await source.peek()).toString('utf8')
  const delimiter = options.delimiter ?? sniffDelimiter(sample)
  // What cells are full of cannot part them.
  if (!/^[,;|:~^#\t]$/.test(delimiter))
    throw new ConcordError('invalid_request', 'The delimiter is one of , ; | : ~ ^ # or a tab.')
  if (sample.includes('\r') && !sample.includes('\n'))
    throw noTable('Its lines end with carriage returns alone. Save it with line feeds.')
  const { header, records } = readSample(sample, delimiter, source.whole)
  checkHeader(header)
  const columns = inferColumns(
    header,
    records.filter((cells) => cells.length === header.length),
  )
  const opened = await markOf(path)
  const checksum = await checksumOf(path)
  const isUntouched = async () => (await markOf(path)) === opened
  return { source, encoding: source.encoding, delimiter, columns, checksum, isUntouched }
}

/** The whole records of the beginning of a file. @throws invalid_content where the first is none */
function readSample(sample: string, delimiter: string, whole: boolean) {
  const lines = sample.split(/\r?\n/)
  // The last line may go on behind the sample.
  if (!whole) lines.pop()
  const records: string[][] = []
  for (let at = 0; at < lines.length && records.length <= sampleRecords; ) {
    const record = lines[at] === '' ? undefined : parseCsvRecord(lines, at, delimiter)
    if (record?.state === 'ok') records.push(record.cells)
    else if (record && records.length === 0)
      throw noTable(
        record.state === 'bad'
          ? `Its header is damaged in line ${at + 1}: ${record.fault.message}.`
          : `A quote in its header, in line ${at + 1}, is never closed.`,
      )
    at += record?.state === 'ok' ? record.lines : 1
  }
  const [header, ...rest] = records
  if (!header || header.every((cell) => cell.trim() === ''))
    throw noTable(
      whole
        ? 'Its first record names the columns, and there is none.'
        : 'Its first line is too long for a header.',
    )
  return { header, records: rest }
}

/** @throws invalid_content where nobody could tell the columns apart */
function checkHeader(header: string[]): void {
  if (header.length > maxColumns)
    throw noTable(`It has ${header.length} columns; at most ${maxColumns} are taken.`)
  const titles = header.map((title) => title.trim())
  const repeated = titles.find((title, i) => title !== '' && titles.indexOf(title) !== i)
  if (repeated !== undefined)
    throw noTable(`Two columns have the title ${repeated.slice(0, 80)}. Give each one of its own.`)
  const long = titles.findIndex((title) => title.length > maxTitleLength)
  if (long >= 0)
    throw noTable(`The title of column ${long + 1} has more than ${maxTitleLength} characters. Shorten it.`)
}

const noTable = (why: string) => new ConcordError('invalid_content', `The file is no table. ${why}`)

/** Changes whenever somebody writes to the file. */
async function markOf(path: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(path)
  return `${ino} ${size} ${mtimeMs}`
}

async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk)
  return hash.digest('hex')
}

/** Records of the file in pieces for the engine, and those that are none. */
export async function* readPieces({ source, delimiter, columns }: CsvFile): AsyncGenerator<ScannedPiece> {
  const scan = createCsvScan({
    delimiter,
    columns: columns.length,
    header: true,
    fault: (bytes) => encodingFault(bytes, source),
  })
  let parts: Buffer[] = []
  let size = 0
  for await (const chunk of source.chunks()) {
    parts.push(chunk)
    size += chunk.length
    if (size < pieceBytes) continue
    yield scan.push(Buffer.concat(parts))
    parts = []
    size = 0
  }
  yield scan.push(Buffer.concat(parts))
  yield scan.end()
}
