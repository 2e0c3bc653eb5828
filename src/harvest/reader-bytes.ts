import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { ConcordError } from '../platform/errors.ts'
import { DamagedFile, gunzip } from './reader-gzip.ts'

/**
 * A file as UTF-8 bytes, whatever its encoding. UTF-8 passes untouched, so that broken bytes can be told by place;
 * other encodings are decoded, and what cannot be becomes U+FFFD, which readers refuse when `decoded` is set.
 */
export interface Source {
  /** As found or told, e.g. `utf-8`, `utf-16le`, `gb18030`. */
  encoding: string
  /** The bytes come from another encoding: U+FFFD in them is damage. */
  decoded: boolean
  size: number
  /** The first bytes (up to `sampleBytes`), as UTF-8, without consuming them. */
  peek(): Promise<Buffer>
  /** There are no more bytes than those. */
  whole: boolean
  /** @throws DamagedFile where a compressed file breaks off; the chunks before are good. */
  chunks(): AsyncGenerator<Buffer>
  /** Bytes of the file consumed. */
  bytesRead(): number
  close(): void
}

/** Bytes looked at to find out the encoding and the delimiter. */
export const sampleBytes = 256 * 1024
const chunkBytes = 256 * 1024

/** Opens the file. @throws ConcordError when it cannot be read or the encoding is unknown. */
export async function openSource(path: string, encoding?: string): Promise<Source> {
  const { size } = await statOrExplain(path)
  const gzip = await isGzip(path)
  const sample = await readSample(path, gzip)
  const found = encoding ? knownEncoding(encoding) : detectEncoding(sample)
  const decoded = found !== 'utf-8'
  let read = 0
  let stream: ReturnType<typeof createReadStream> | undefined
  const bytes = async function* (): AsyncGenerator<Buffer> {
    const file = createReadStream(path, { highWaterMark: chunkBytes })
    stream = file
    file.on('data', (data) => {
      read += data.length
    })
    yield* gzip ? gunzip(file) : (file as AsyncIterable<Buffer>)
  }
  return {
    encoding: found,
    decoded,
    size,
    whole: sample.length < sampleBytes,
    peek: async () => withoutMark(decoded ? Buffer.from(new TextDecoder(found).decode(sample)) : sample),
    chunks: () => (decoded ? decode(bytes(), found) : skipMark(bytes())),
    bytesRead: () => read,
    close: () => stream?.destroy(),
  }
}

async function statOrExplain(path: string) {
  try {
    const info = await stat(path)
    if (info.isFile()) return info
  } catch (cause) {
    throw new ConcordError(
      'not_found',
      `The file ${path} cannot be read: ${(cause as NodeJS.ErrnoException).code}.`,
      { cause },
    )
  }
  throw new ConcordError('invalid_request', `${path} is not a file.`)
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await file.close()
  }
}

async function readSample(path: string, gzip: boolean): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  const file = createReadStream(path, { highWaterMark: chunkBytes })
  try {
    for await (const part of (gzip ? gunzip(file) : file) as AsyncIterable<Buffer>) {
      parts.push(part)
      length += part.length
      if (length >= sampleBytes) break
    }
  } catch (cause) {
    if (!(cause instanceof DamagedFile)) throw cause
    // What can be read is read; the reader comes to the damage in its place.
    if (length === 0)
      throw new ConcordError(
        'invalid_content',
        'The compressed file is damaged at its beginning. Fetch it again.',
        {
          cause,
        },
      )
  } finally {
    file.destroy()
  }
  return Buffer.concat(parts).subarray(0, sampleBytes)
}

/** The name as the Encoding Standard has it. @throws ConcordError naming what is not known. */
export function knownEncoding(label: string): string {
  try {
    const name = new TextDecoder(label).encoding
    // GBK text is GB18030 text; the newer one reads both.
    return name === 'gbk' ? 'gb18030' : name
  } catch {
    throw new ConcordError(
      'invalid_request',
      `The encoding ${label.slice(0, 40)} is not known. Use utf-8, utf-16le, utf-16be, gb18030, big5 or another name of the Encoding Standard.`,
    )
  }
}

/** Byte order mark, else valid UTF-8, else the zero bytes of UTF-16, else GB18030 when all of it is, else UTF-8 with faults. */
export function detectEncoding(sample: Uint8Array): string {
  const [a, b, c] = sample
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  const zeros = [0, 0]
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) zeros[i & 1]!++
  // Markup and digits have a zero half in UTF-16, always on the same side; no other encoding has zero bytes.
  if (zeros[1]! > sample.length / 100 && zeros[0]! * 10 < zeros[1]!) return 'utf-16le'
  if (zeros[0]! > sample.length / 100 && zeros[1]! * 10 < zeros[0]!) return 'utf-16be'
  if (isUtf8Prefix(sample)) return 'utf-8'
  return mostlyUtf8(sample) || !isGb18030Prefix(sample) ? 'utf-8' : 'gb18030'
}

/** Valid, apart from a character cut off at the end of the sample. */
function isUtf8Prefix(sample: Uint8Array): boolean {
  for (let cut = 0; cut <= 3 && cut <= sample.length; cut++)
    if (isUtf8(sample.subarray(0, sample.length - cut))) return true
  return false
}

function isGb18030Prefix(sample: Uint8Array): boolean {
  try {
    new TextDecoder('gb18030', { fatal: true }).decode(sample, { stream: true })
    return true
  } catch {
    return false
  }
}

/** A few broken places in a UTF-8 file do not make it another encoding. */
function mostlyUtf8(sample: Uint8Array): boolean {
  const text = new TextDecoder().decode(sample)
  let broken = 0
  let good = 0
  for (const char of text) {
    const code = char.codePointAt(0)!
    if (code === 0xfffd) broken++
    else if (code > 0x7f) good++
  }
  return good > broken * 2
}

const withoutMark = (bytes: Buffer) =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes

async function* skipMark(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let first = true
  for await (const chunk of chunks) {
    yield first ? withoutMark(chunk) : chunk
    first = false
  }
}

async function* decode(chunks: AsyncGenerator<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }))
  const rest = decoder.decode()
  if (rest) yield Buffer.from(rest)
}

/** Byte offset of the first byte that is not UTF-8; the length when all are. */
export function firstBrokenByte(bytes: Uint8Array): number {
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (isUtf8Prefix(bytes.subarray(0, middle))) low = middle
    else high = middle - 1
  }
  // A character that was only begun counts from its first byte.
  while (low > 0 && !isUtf8(bytes.subarray(0, low))) low--
  return low
}

/** What is wrong with the characters of a record, or undefined. @param at where the record starts, in words. */
export function encodingFault(bytes: Uint8Array, source: { decoded: boolean; encoding: string }) {
  if (source.decoded) {
    if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('\ufffd') < 0) return undefined
    return {
      path: '',
      rule: 'encoding',
      message: `holds bytes that are not ${source.encoding}`,
      remedy: 'Repair the record at its source, or say the encoding of the file.',
    }
  }
  if (isUtf8(bytes)) return undefined
  const offset = firstBrokenByte(bytes)
  const shown = [...bytes.subarray(offset, offset + 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ')
  return {
    path: '',
    rule: 'encoding',
    message: `byte ${offset} of the record (${shown}) is not UTF-8`,
    remedy: 'Repair the record at its source, or say the encoding of the file, e.g. gb18030.',
  }
}
