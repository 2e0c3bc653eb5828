import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { openPostgres } from '../src/platform/postgres.ts'
import { say } from './result.ts'

/**
 * Reads tables and indexes once, so that they lie in the system's cache as on a machine that has been up for a while:
 * what is measured is the program, not a cold disk. Concord and its baseline are treated alike.
 */

/** Reads the tables of a schema with their indexes and long values. */
export async function readTables(pool: pg.Pool, schema: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('set statement_timeout = 0; create extension if not exists pg_prewarm')
    await client.query(
      `with t as (select oid, reltoastrelid from pg_class where relnamespace = $1::regnamespace and relkind in ('r', 'i'))
       select pg_prewarm(oid, 'read') from (select oid from t union select reltoastrelid from t where reltoastrelid <> 0) r`,
      [schema],
    )
  } catch (error) {
    say(`${schema}: not read ahead (${(error as Error).message})`)
  } finally {
    client.release(true)
  }
}

/** Reads what a node at rest searches and shows: the catalogue's tables and the search index. */
export async function readNode(dataDir: string): Promise<void> {
  const log = { info() {}, warn: console.error, error: console.error }
  const server = await startEmbeddedPostgres({ dataDir, log })
  const postgres = openPostgres(server.url, { max: 1 })
  try {
    await readTables(postgres.pool, 'catalog')
  } finally {
    await postgres.close()
    await server.stop()
  }
  const search = join(dataDir, 'search')
  // A node that never ran has no index yet.
  if (!existsSync(search)) return
  const files = readdirSync(search, { recursive: true, withFileTypes: true })
  for (const file of files.filter((f) => f.isFile()))
    for await (const _ of createReadStream(join(file.parentPath, file.name), { highWaterMark: 1 << 20 }));
}
