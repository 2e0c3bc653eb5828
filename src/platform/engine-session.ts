import { mkdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { maxExecutionSeconds, maxJoinBytes, maxQueryBytes, maxQueryMemoryBytes } from './engine-limits.ts'

/** What chDB gives back for a statement. */
interface Answer {
  bytes: Buffer
  rowsRead: number
  bytesRead: number
}

/** The one chDB session of the engine process. Never call two at a time. */
export interface EngineSession {
  version: string
  /** Folder for spooled bodies and answers, emptied at the start. */
  spool: string
  /** Runs any statement and holds its answer. Parameters are texts as the HTTP interface carries them. */
  run(sql: string, format: string, params: Record<string, string>): Promise<Answer>
  /** Streams a select in formats whose pieces can be put one after the other. */
  stream(sql: string, format: string, params: Record<string, string>): AsyncGenerator<Buffer>
  /** When the piece of work that runs now began (ms since 1970); the present when none runs. */
  computingSince(): number
  /** Resolves when no call into the engine is running. */
  idle(): Promise<void>
  close(): void
}

/** The part of the addon of chdb 3.4.0 used here. The package's own functions quote parameters a second time. */
interface Native {
  QueryAsyncConnection(
    c: unknown,
    sql: string,
    format: string,
    params: Record<string, string>,
  ): Promise<Answer>
  StreamQuery(c: unknown, sql: string, format: string, params: Record<string, string>): unknown
  StreamFetch(stream: unknown): Promise<{ bytes: Buffer; done: boolean }>
  StreamCancel(stream: unknown): void
}

/** Settings for every statement, given when the engine opens: they are defaults, not a state that a statement leaves behind. */
const settings = {
  max_execution_time: maxExecutionSeconds,
  max_memory_usage: maxQueryMemoryBytes,
  max_bytes_in_join: maxJoinBytes,
  max_query_size: maxQueryBytes,
  // A month of results in one insert is no error here; the limit stays against runaway partition keys.
  max_partitions_per_insert_block: 1000,
  // Half-written answers must not look whole.
  result_overflow_mode: 'throw',
  join_algorithm: 'default',
}

async function openStore(
  folder: string,
): Promise<{ native: Native; connection: () => unknown; close: () => void }> {
  const { Session } = await import('chdb').catch((cause) => {
    throw new Error(
      'The optional package chdb is not installed for this machine. Run npm ci without --omit=optional, or set CLICKHOUSE_URL to a ClickHouse server.',
      { cause },
    )
  })
  const main = createRequire(import.meta.url).resolve('chdb')
  const native: Native = createRequire(main)(join(dirname(main), 'dist/loader.js')).loadNative()
  const session = new Session(folder, {
    connectionArgs: Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
  })
  return { native, connection: () => session.connection, close: () => session.close() }
}

/** Knows since when a call into the engine runs, and when none does. */
function timeCalls() {
  let since: number | undefined
  let current: Promise<unknown> = Promise.resolve()
  const timed = <T>(work: () => Promise<T>): Promise<T> => {
    since = Date.now()
    const done = work().finally(() => {
      since = undefined
    })
    current = done.catch(() => {})
    return done
  }
  return { timed, since: () => since ?? Date.now(), idle: () => current.then(() => {}) }
}

/** Opens chDB on a folder of its own. @throws when the optional package is missing or the folder is in use. */
export async function openSession(folder: string): Promise<EngineSession> {
  const spool = join(folder, 'spool')
  rmSync(spool, { recursive: true, force: true })
  mkdirSync(spool, { recursive: true, mode: 0o700 })
  const { native, connection, close } = await openStore(join(folder, 'store'))
  const calls = timeCalls()
  const timed = calls.timed
  /**
   * Pieces of a failed statement's answer stay in the connection and would come out in front of the next
   * answer (chdb 3.4.0): they are taken out before anybody else's turn.
   */
  const clean = async () => {
    for (let tries = 0; tries < 5; tries++) {
      const left = await native
        .QueryAsyncConnection(connection(), 'SELECT 1', 'Null', {})
        .catch(() => undefined)
      if (left?.bytes.length === 0) return
    }
    throw new Error('the engine does not recover from a failed statement')
  }
  const run: EngineSession['run'] = async (sql, format, params) => {
    try {
      return await timed(() => native.QueryAsyncConnection(connection(), sql, format, params))
    } catch (error) {
      await clean()
      throw error
    }
  }
  async function* stream(
    sql: string,
    format: string,
    params: Record<string, string>,
  ): AsyncGenerator<Buffer> {
    let handle: unknown
    let open = false
    try {
      handle = native.StreamQuery(connection(), sql, format, params)
      open = true
      for (;;) {
        const piece = await timed(() => native.StreamFetch(handle))
        if (piece.done) {
          open = false
          return
        }
        yield piece.bytes
      }
    } catch (error) {
      if (open) native.StreamCancel(handle)
      open = false
      await clean()
      throw error
    } finally {
      if (open) native.StreamCancel(handle)
    }
  }
  const version = (await run('SELECT version()', 'TSV', {})).bytes.toString().trim()
  return {
    version,
    spool,
    run,
    stream,
    computingSince: calls.since,
    idle: calls.idle,
    close,
  }
}
