import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import { CopyingClient } from './copy.ts'
import type { Logger } from './log.ts'

export { sql }

/**
 * The database handle every query function takes first. SQL is written with the `sql` template
 * (always parameterised) in `*.queries.ts` files; the row type is given at the call.
 */
export type Db = Kysely<Record<string, never>>
export type Tx = Transaction<Record<string, never>>

/** No statement of a request may run longer (ms). Bulk work sets its own with `set local statement_timeout`. */
export const statementTimeoutMs = 15_000

// bigint (identity, count) fits a JavaScript number here: ids are uint32 and counts stay below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number)
// A calendar date has no time zone: keep the text.
pg.types.setTypeParser(pg.types.builtins.DATE, (text: string) => text)
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text: string) => new Date(text).toISOString())

export interface Postgres {
  db: Db
  pool: pg.Pool
  url: string
  close(): Promise<void>
}

/** Opens a pool. Errors of idle connections (server restart) are logged; the next query opens a new one. */
export function openPostgres(
  url: string,
  options: { max: number; log?: Logger; applicationName?: string },
): Postgres {
  const pool = new pg.Pool({
    Client: CopyingClient,
    connectionString: url,
    max: options.max,
    application_name: options.applicationName ?? 'concord',
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: 60_000,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  let closing = false
  // Not the error itself: the driver hangs the whole connection, with its keys, on it.
  const onError = (error: Error & { code?: string }) => {
    if (!closing) options.log?.warn({ code: error.code, reason: error.message }, 'postgres connection lost')
  }
  pool.on('error', onError)
  // A connection that breaks while it is handed out must not end the process either.
  pool.on('connect', (client) => client.on('error', onError))
  const db: Db = new Kysely({ dialect: new PostgresDialect({ pool }) })
  const close = () => {
    closing = true
    return db.destroy()
  }
  return { db, pool, url, close }
}

/** Runs `work` in a transaction. Given a transaction, joins it. */
export function inTransaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work)
}

/** True when the error is PostgreSQL's unique violation, optionally of one constraint. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const e = error as { code?: string; constraint?: string }
  return e?.code === '23505' && (constraint === undefined || e.constraint === constraint)
}

/** True when the database was not there or went away: class 08 and 57P of SQLSTATE, refused sockets, the driver's own words. */
export function isConnectionLost(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: string; message?: string }
  return (
    /^(08|57P|ECONNREFUSED|ECONNRESET|EPIPE)/.test(code ?? '') ||
    /Connection terminated|connection error and is not queryable|timeout exceeded when trying to connect/.test(
      message ?? '',
    )
  )
}
