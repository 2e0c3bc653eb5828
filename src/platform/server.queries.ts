import { type Db, sql } from './postgres.ts'

/** Answers when the database does. */
export const ping = (db: Db): Promise<unknown> => sql`select 1`.execute(db)

/** Version text of the server, e.g. `18.4`. */
export async function serverVersion(db: Db): Promise<string> {
  const { rows } = await sql<{
    version: string
  }>`select current_setting('server_version') as version`.execute(db)
  return rows[0]!.version
}

/** How many migrations were applied. */
export async function appliedMigrations(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) from platform.migration`.execute(db)
  return rows[0]!.count
}
