import { once } from 'node:events'
import type pg from 'pg'
import copyStreams from 'pg-copy-streams'
import { type Catalogue, copyDatasets, copyItems, datasetLine, itemLines } from './catalogue-rows.ts'
import { say } from './result.ts'

/** Loads generated entries and items into PostgreSQL: two COPY streams side by side, indexes made afterwards. */

/** UTF-16 units sent at once: some 200 KB. */
const chunkSize = 100_000
const reportMs = 10_000

/** Takes triggers and foreign keys out of this session's way; the generator is right about both. */
const bulkSession = `set session_replication_role = replica; set maintenance_work_mem = '1GB';
  set max_parallel_maintenance_workers = 1; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0`

interface Load {
  send(text: string): Promise<void>
  /** Ends the stream, makes the indexes again and commits. */
  finish(): Promise<void>
  abandon(): void
}

/**
 * Begins a load of an emptied table in one transaction, so that the rows need no write-ahead log and are frozen.
 * @param truncate the table; those that refer to it are empty and go along.
 */
async function beginLoad(pool: pg.Pool, table: string, truncate: string, copy: string): Promise<Load> {
  const client = await pool.connect()
  try {
    await client.query(`${bulkSession}; begin; truncate ${truncate} cascade`)
    const make = await dropIndexes(client, table)
    const stream = client.query(copyStreams.from(copy))
    const failed = new Promise<never>((_, reject) => stream.once('error', reject))
    failed.catch(() => {})
    return {
      send: async (text) => {
        if (!stream.write(text)) await Promise.race([once(stream, 'drain'), failed])
      },
      finish: async () => {
        stream.end()
        await Promise.race([once(stream, 'finish'), failed])
        for (const statement of make) await client.query(statement)
        await client.query('commit')
        client.release(true)
      },
      abandon: () => client.release(true),
    }
  } catch (error) {
    client.release(true)
    throw error
  }
}

/** Drops every index of a table that nothing refers to. @returns the statements that make them again. */
async function dropIndexes(client: pg.PoolClient, table: string): Promise<string[]> {
  const { rows: constraints } = await client.query<{ name: string; definition: string }>(
    `select c.conname as name, pg_get_constraintdef(c.oid) as definition from pg_constraint c
     where c.conrelid = $1::regclass and c.contype in ('p', 'u')
       and not exists (select 1 from pg_constraint f where f.confrelid = c.conrelid and f.conindid = c.conindid and f.contype = 'f')`,
    [table],
  )
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
     where i.indrelid = $1::regclass and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)`,
    [table],
  )
  for (const { name } of constraints) await client.query(`alter table ${table} drop constraint ${name}`)
  for (const { name } of indexes) await client.query(`drop index ${name}`)
  return [
    ...constraints.map((c) => `alter table ${table} add constraint ${c.name} ${c.definition}`),
    ...indexes.map((i) => i.definition),
  ]
}

/** Loads entries 1 … `entries` with their items. @returns the number of items. */
export async function loadEntries(pool: pg.Pool, catalogue: Catalogue, entries: number): Promise<number> {
  const { corpus } = catalogue
  const datasets = await beginLoad(
    pool,
    'catalog.dataset',
    'catalog.dataset, catalog.resource_code, catalog.dataset_version, catalog.figure, catalog.figure_change',
    copyDatasets,
  )
  const items = await beginLoad(pool, 'catalog.item', 'catalog.item', copyItems)
  const started = performance.now()
  let told = started
  let count = 0
  let rows = ''
  let itemRows = ''
  try {
    for (let id = 1; id <= entries; id++) {
      const entry = corpus.entry(id)
      rows += datasetLine(catalogue, entry)
      itemRows += itemLines(catalogue, entry)
      count += entry.items.length
      if (rows.length < chunkSize && itemRows.length < chunkSize) continue
      await Promise.all([datasets.send(rows), items.send(itemRows)])
      rows = ''
      itemRows = ''
      const now = performance.now()
      if (now - told < reportMs) continue
      told = now
      say(`${id} of ${entries} entries, ${Math.round((id / (now - started)) * 1000)}/s`)
    }
    await Promise.all([datasets.send(rows), items.send(itemRows)])
    say(`${entries} entries and ${count} items sent; indexes`)
    await Promise.all([datasets.finish(), items.finish()])
    return count
  } catch (error) {
    datasets.abandon()
    items.abandon()
    throw error
  }
}
