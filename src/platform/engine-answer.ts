import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { clickHouseError, type EngineError } from './engine-errors.ts'
import { maxReaderStallMs, retryAfterSeconds } from './engine-limits.ts'

/** Formats whose pieces, each written for itself, make the whole when put one after the other. */
const joinable = new Set(
  [
    'JSONEachRow',
    'JSONLines',
    'NDJSON',
    'JSONCompactEachRow',
    'JSONStringsEachRow',
    'JSONCompactStringsEachRow',
    'RowBinary',
    'CSV',
    'TabSeparated',
    'TSV',
    'TabSeparatedRaw',
    'TSVRaw',
    'Raw',
    'LineAsString',
    'Native',
    'MsgPack',
    'Null',
  ].map((f) => f.toLowerCase()),
)
/** One document, which its reader must hold whole anyway. */
const document =
  /^(json|jsoncompact|jsonstrings|jsoncompactstrings|jsoncolumns|jsoncompactcolumns|jsoncolumnswithmetadata|jsonobjecteachrow|pretty.*|vertical)$/i

/** How an answer of this format is made: streamed, held whole, or spooled to disk (header or footer around the rows). */
export const deliveryOf = (format: string): 'stream' | 'document' | 'spool' =>
  joinable.has(format.toLowerCase()) ? 'stream' : document.test(format) ? 'document' : 'spool'

const mediaTypes: [RegExp, string][] = [
  [/EachRow|Lines|NDJSON/i, 'application/x-ndjson; charset=UTF-8'],
  [/^JSON/i, 'application/json; charset=UTF-8'],
  [/^CSV/i, 'text/csv; charset=UTF-8'],
  [/^(TSV|TabSeparated)/i, 'text/tab-separated-values; charset=UTF-8'],
  [/^(RowBinary|Native|Parquet|Arrow|ORC|Avro|MsgPack)/i, 'application/octet-stream'],
]

/**
 * Sends pieces as the reader takes them. A failure after the first piece is told as ClickHouse does since 25.11:
 * an exception block with the tag of the header, and a connection that breaks, so that nobody takes a part for the whole.
 */
export async function send(
  res: ServerResponse,
  pieces: Iterable<Buffer> | AsyncIterable<Buffer>,
  options: { format: string; gzip: boolean; signal: AbortSignal; version: string },
): Promise<void> {
  const { signal } = options
  const tag = randomBytes(8).toString('hex')
  res.setHeader('X-ClickHouse-Format', options.format)
  res.setHeader('X-ClickHouse-Exception-Tag', tag)
  res.setHeader(
    'Content-Type',
    mediaTypes.find(([pattern]) => pattern.test(options.format))?.[1] ?? 'text/plain; charset=UTF-8',
  )
  let out: Writable = res
  if (options.gzip) {
    res.setHeader('Content-Encoding', 'gzip')
    const gzip = createGzip({ level: 1 })
    gzip.pipe(res)
    out = gzip
  }
  try {
    for await (const piece of pieces) {
      signal.throwIfAborted()
      if (!out.write(piece)) await drained(out, signal)
    }
    out.end()
  } catch (error) {
    if (signal.aborted) return void res.destroy()
    const text = `${clickHouseError(error, options.version).message}\n`
    const block = `\r\n__exception__\r\n${tag}\r\n${text}${Buffer.byteLength(text)} ${tag}\r\n__exception__\r\n`
    if (options.gzip) out.end(block)
    else res.write(block, () => res.destroy())
  }
}

function drained(out: Writable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: Error) => {
      clearTimeout(timer)
      out.off('drain', onDrain)
      signal.removeEventListener('abort', onAbort)
      if (error) reject(error)
      else resolve()
    }
    const onDrain = () => end()
    const onAbort = () => end(new Error('the client left'))
    const timer = setTimeout(
      () =>
        end(new Error('Code: 209. DB::Exception: The reader took nothing for too long. (SOCKET_TIMEOUT)')),
      maxReaderStallMs,
    )
    out.once('drain', onDrain)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** Sends an exception with its status, code and text. */
export function fail(res: ServerResponse, error: EngineError): void {
  if (res.headersSent || res.destroyed) return void res.destroy()
  res.statusCode = error.status
  res.setHeader('X-ClickHouse-Exception-Code', String(error.code))
  res.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  if (error.status === 503) res.setHeader('Retry-After', String(retryAfterSeconds))
  // The rest of a body that nobody reads must not keep the connection.
  if (!res.req.complete) res.setHeader('Connection', 'close')
  res.end(`${error.message}\n`)
}
