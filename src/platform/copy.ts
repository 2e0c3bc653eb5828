import type pg from 'pg'
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
