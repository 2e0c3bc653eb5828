import { setTimeout as sleep } from 'node:timers/promises'
import { type Db, sql } from './postgres.ts'

/** How often a lock that somebody else holds is asked for again (ms). */
const lockPollMs = 200

/** Runs `work` while no other process of this database does so for the same number; waits for its turn. */
export async function whileLocked<T>(db: Db, lock: number, work: () => Promise<T>): Promise<T> {
  return db.connection().execute(async (held) => {
    const take = async () =>
      (await sql<{ got: boolean }>`select pg_try_advisory_lock(${lock}) as got`.execute(held)).rows[0]!.got
    while (!(await take())) await sleep(lockPollMs)
    try {
      return await work()
    } finally {
      await sql`select pg_advisory_unlock(${lock})`.execute(held)
    }
  })
}

/** Runs `work` if no other process of this database holds the same number; undefined where one does. */
export async function ifUnlocked<T>(db: Db, lock: number, work: () => Promise<T>): Promise<T | undefined> {
  return db.connection().execute(async (held) => {
    const { rows } = await sql<{ got: boolean }>`select pg_try_advisory_lock(${lock}) as got`.execute(held)
    if (!rows[0]!.got) return undefined
    try {
      return await work()
    } finally {
      await sql`select pg_advisory_unlock(${lock})`.execute(held)
    }
  })
}

/** Answers when the database does. */
export const ping = (db: Db): Promise<unknown> => sql`select 1`.execute(db)

/** Version text of the server, e.g. `18.4`. */
export async function serverVersion(db: Db): Promise<string> {
  const { rows } = await sql<{
    version: string
  }>`select current_setting('server_version') as version`.execute(db)
  return rows[0]!.version
}

/** Names of the migrations that were applied; none in a database that Concord has never opened. */
export async function appliedMigrations(db: Db): Promise<string[]> {
  const there = await sql<{ there: boolean }>`
    select to_regclass('platform.migration') is not null as there`.execute(db)
  if (!there.rows[0]!.there) return []
  const { rows } = await sql<{ name: string }>`select name from platform.migration order by name`.execute(db)
  return rows.map((r) => r.name)
}
