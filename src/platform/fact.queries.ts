import { type Db, sql } from './postgres.ts'

/** What the installation knows under this name; undefined when nothing was written yet. */
export async function readFact<T>(db: Db, name: string): Promise<T | undefined> {
  const { rows } = await sql<{ value: T }>`select value from platform.fact where name = ${name}`.execute(db)
  return rows[0]?.value
}

/** Writes or replaces a fact. */
export async function writeFact(db: Db, name: string, value: unknown): Promise<void> {
  await sql`
    insert into platform.fact (name, value) values (${name}, ${JSON.stringify(value)}::jsonb)
    on conflict (name) do update set value = excluded.value, at = now()`.execute(db)
}

/** Makes others who lock this fact wait until the end of the transaction, also while it was never written. */
export async function lockFact(tx: Db, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`fact ${name}`}, 0))`.execute(tx)
}
