import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'

/** Any number that no other program uses as an advisory lock in this database. */
const migrationLock = 7_226_011
const root = new URL('../../migrations/', import.meta.url)

export interface Migration {
  name: string
  text: string
  checksum: string
}

/** The migrations of one store in order; files are `NNNN_noun.sql`, forward only, never edited once released. */
export function readMigrations(store: 'postgres' | 'clickhouse', folder: URL = root): Migration[] {
  const dir = fileURLToPath(new URL(`${store}/`, folder))
  return readdirSync(dir)
    .filter((name) => /^\d{4}_[a-z0-9-]+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(`${dir}/${name}`, 'utf8')
      return { name, text, checksum: createHash('sha256').update(text).digest('hex') }
    })
}

/**
 * Brings PostgreSQL to the newest schema: one transaction per file, under an advisory lock so that
 * nodes starting together wait for each other.
 * @returns the names applied now.
 * @throws when an applied file was changed afterwards, or the database is newer than the program.
 */
export async function migratePostgres(
  pool: pg.Pool,
  migrations = readMigrations('postgres'),
): Promise<string[]> {
  const client = await pool.connect()
  try {
    await client.query('set statement_timeout = 0')
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await client.query(`create schema if not exists platform`)
    await client.query(
      `create table if not exists platform.migration (name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
    )
    const { rows } = await client.query<{ name: string; checksum: string }>(
      'select name, checksum from platform.migration',
    )
    const done = new Map(rows.map((r) => [r.name, r.checksum]))
    for (const name of done.keys()) {
      if (!migrations.some((m) => m.name === name))
        throw new Error(
          `The database has migration ${name}, which this program does not know. Run a newer version.`,
        )
    }
    const applied: string[] = []
    for (const m of migrations) {
      const before = done.get(m.name)
      if (before === m.checksum) continue
      if (before)
        throw new Error(
          `Migration ${m.name} was changed after it was applied. Restore the file and add a new one.`,
        )
      try {
        await client.query('begin')
        await client.query(m.text)
        await client.query('insert into platform.migration (name, checksum) values ($1, $2)', [
          m.name,
          m.checksum,
        ])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw new Error(`Migration ${m.name} failed: ${(error as Error).message}`, { cause: error })
      }
      applied.push(m.name)
    }
    return applied
  } finally {
    await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => {})
    // The session settings must not leak back into the pool.
    client.release(true)
  }
}
