import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CompiledQuery, type Kysely } from 'kysely'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'

/** Bytes of the line break in COPY's text format, which never occurs inside a character or an unescaped value. */
const lineFeed = 10

/**
 * Runs a `COPY … TO STDOUT` (text format) and calls `visit` with each line, without its line break, in order.
 * Memory stays at one network chunk; PostgreSQL waits while `visit` works. Lines are parts of a larger
 * string: what is kept for long must be copied.
 * @param query SQL without parameters; COPY takes none.
 * @throws what `visit` throws, and errors of the database.
 */
export async function copyLines(pool: pg.Pool, query: string, visit: (line: string) => void): Promise<void> {
  const client = await pool.connect()
  let failed: Error | undefined
  try {
    await client.query('set statement_timeout = 0')
    const stream = client.query(copyStreams.to(query))
    let rest: Buffer | undefined
    for await (const part of stream as AsyncIterable<Buffer>) {
      const chunk = rest ? Buffer.concat([rest, part]) : part
      const end = chunk.lastIndexOf(lineFeed)
      rest = end + 1 < chunk.length ? Buffer.from(chunk.subarray(end + 1)) : undefined
      if (end < 0) continue
      const text = chunk.toString('utf8', 0, end)
      for (let from = 0; from <= text.length; ) {
        const to = text.indexOf('\n', from)
        visit(text.slice(from, to < 0 ? text.length : to))
        if (to < 0) break
        from = to + 1
      }
    }
    if (rest) visit(rest.toString('utf8'))
  } catch (error) {
    failed = error as Error
    throw error
  } finally {
    // A connection in the middle of a COPY is of no use any more; a good one gets its limit back.
    if (!failed) await client.query('reset statement_timeout').catch((error) => (failed = error))
    client.release(failed)
  }
}

/** What `copyInto` makes: columns and rows are its own. */
const isCopyIn = /^copy .+ from stdin$/
/** UTF-16 units of rows that are sent at once. */
const chunkLength = 64 * 1024

/** A connection on which `copy … from stdin` is a statement like others: its one parameter is the lines. */
export class CopyingClient extends pg.Client {
  override query = ((...args: unknown[]) => {
    const [text, values] = args
    return typeof text === 'string' && isCopyIn.test(text)
      ? this.#copy(text, (values as [Iterable<string>])[0])
      : super.query(...(args as [string]))
  }) as pg.Client['query']

  async #copy(text: string, lines: Iterable<string>) {
    const chunks = chunksOf(lines)
    const first = chunks.next()
    if (!first.done)
      await pipeline(Readable.from(following(first.value, chunks)), super.query(copyStreams.from(text)))
    return { command: 'COPY', rows: [] }
  }
}

function* chunksOf(lines: Iterable<string>): Generator<Buffer> {
  let chunk = ''
  for (const line of lines) {
    chunk += line
    if (chunk.length < chunkLength) continue
    yield Buffer.from(chunk)
    chunk = ''
  }
  if (chunk !== '') yield Buffer.from(chunk)
}

function* following<T>(first: T, rest: Iterable<T>): Generator<T> {
  yield first
  yield* rest
}

/**
 * Adds rows by `COPY … FROM STDIN`, the way in that costs PostgreSQL least. @param lines rows in COPY's text format
 * (`copyField`), each with its line break; taken as they are sent
 */
export async function copyInto(
  db: Kysely<Record<string, never>>,
  table: string,
  columns: readonly string[],
  lines: Iterable<string>,
): Promise<void> {
  const names = columns.map((name) => `"${name}"`).join(', ')
  await db.executeQuery(CompiledQuery.raw(`copy ${table} (${names}) from stdin`, [lines]))
}

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One value in COPY's text format. An array is one of texts; a JSON value is given as its text. */
export function copyField(value: string | number | boolean | readonly string[] | null | undefined): string {
  if (value === null || value === undefined) return '\\N'
  if (typeof value === 'string')
    return /[\\\n\r\t]/.test(value) ? value.replace(/[\\\n\r\t]/g, (c) => escapes[c]!) : value
  return typeof value === 'object' ? copyField(`{${value.map(quoted).join(',')}}`) : String(value)
}

const quoted = (text: string) => `"${/[\\"]/.test(text) ? text.replace(/[\\"]/g, '\\$&') : text}"`
