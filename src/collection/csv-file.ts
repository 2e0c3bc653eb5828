import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { encodingFault, openSource, parseCsvRecord, type Source, sniffDelimiter } from '../harvest/index.ts'
import { ConcordError } from '../platform/errors.ts'
import { type BrokenRecord, createCsvScan } from './csv-scan.ts'
import { inferColumns, sampleRecords } from './infer.ts'
import { type Column, maxColumns } from './table.schema.ts'

/** A CSV file that was looked at: how it is written, and what its columns seem to be. */
export interface CsvFile {
  source: Source
  encoding: string
  delimiter: string
  columns: Column[]
  checksum: string
}

/** Bytes of raw records that go to the engine at once: some 200,000 rows of ten cells. */
const pieceBytes = 16 * 1024 * 1024

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
  if (!/^[\t -~]$/.test(delimiter))
    throw new ConcordError('invalid_request', 'The delimiter is one character of ASCII, or a tab.')
  const lines = sample.split(/\r?\n/)
  const records: string[][] = []
  for (let at = 0; at < lines.length && records.length <= sampleRecords; ) {
    if (lines[at] === '') {
      at++
      continue
    }
    const record = parseCsvRecord(lines, at, delimiter)
    // The last line of a sample may be cut off.
    if (record.state !== 'ok' || at + record.lines >= lines.length) {
      if (at + 1 >= lines.length && record.state === 'ok') records.push(record.cells)
      at++
      continue
    }
    records.push(record.cells)
    at += record.lines
  }
  const [header, ...rest] = records
  if (!header || header.every((cell) => cell.trim() === ''))
    throw new ConcordError('invalid_content', 'The file has no header: its first record names the columns.')
  if (header.length > maxColumns)
    throw new ConcordError(
      'invalid_content',
      `The file has ${header.length} columns; at most ${maxColumns} are taken.`,
    )
  const columns = inferColumns(
    header,
    rest.filter((cells) => cells.length === header.length),
  )
  return { source, encoding: source.encoding, delimiter, columns, checksum: await checksumOf(path) }
}

async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk)
  return hash.digest('hex')
}

/** Records of the file in pieces for the engine, and those that are none. */
export async function* readPieces(
  file: CsvFile,
): AsyncGenerator<{ csv: Buffer; records: number; broken: BrokenRecord[] }> {
  const { source, delimiter, columns } = file
  const scan = createCsvScan({
    delimiter,
    columns: columns.length,
    header: true,
    fault: (bytes) => encodingFault(bytes, source),
  })
  let parts: Buffer[] = []
  let size = 0
  const gather = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      parts.push(chunk)
      size += chunk.length
      if (size < pieceBytes) continue
      yield Buffer.concat(parts)
      parts = []
      size = 0
    }
    if (size > 0) yield Buffer.concat(parts)
  }
  for await (const chunk of gather(source.chunks())) yield scan.push(chunk)
  yield scan.end()
}
