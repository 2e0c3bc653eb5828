import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { type Migration, readMigrations } from './migrate.ts'

export type { ClickHouseClient }

/** A request that takes longer than this has no chance any more (ms); statements end earlier by their own limit. */
const requestTimeoutMs = 15 * 60_000

export interface ClickHouseOptions {
  /** `http(s)://user:password@host:port`: the engine's `url`, or CLICKHOUSE_URL. */
  url: string
  /** Turns in the engine's queue are given by this name, so a bulk job and people's searches get one each. */
  client?: string
  /** Connections at most. Default 16. */
  max?: number
}

/**
 * Opens the official client with kept-alive connections. Settings belong into the SQL (`SETTINGS …`), not into
 * `clickhouse_settings`: those given per call work and are made part of the statement, sessions are refused.
 */
export function openClickHouse({ url, client = 'concord', max = 16 }: ClickHouseOptions): ClickHouseClient {
  return createClient({
    url,
    application: 'concord',
    max_open_connections: max,
    request_timeout: requestTimeoutMs,
    keep_alive: { enabled: true },
    // On loopback packing costs more than it saves.
    compression: { request: false, response: url.startsWith('https:') },
    // Errors are thrown to the caller, who logs them once.
    log: { level: ClickHouseLogLevel.OFF },
    http_headers: { 'X-Concord-Client': client },
  })
}

async function rowsOf<T>(client: ClickHouseClient, query: string): Promise<T[]> {
  const answer = await client.query({ query, format: 'JSONEachRow' })
  return answer.json<T>()
}

/** Version text of the server. @throws when it does not answer */
export async function clickhouseVersion(client: ClickHouseClient): Promise<string> {
  return (await rowsOf<{ version: string }>(client, 'SELECT version() AS version'))[0]!.version
}

/** Names of the migrations that were applied; none in a store that Concord has never opened. */
export async function appliedClickhouse(client: ClickHouseClient): Promise<string[]> {
  const there = await rowsOf(
    client,
    `SELECT name FROM system.tables WHERE database = 'platform' AND name = 'migration'`,
  )
  if (there.length === 0) return []
  const rows = await rowsOf<{ name: string }>(client, 'SELECT DISTINCT name FROM platform.migration')
  return rows.map((r) => r.name)
}

/**
 * Brings ClickHouse to the newest schema. Files hold statements that end with `;` at the end of a line, each
 * repeatable (`IF NOT EXISTS`), as ClickHouse has no transactions around them and another node may do the same.
 * `{{on_cluster}}` and `{{engine}}` (a MergeTree, replicated on a cluster) are filled in; checksums are of the file.
 * @param options.cluster the cluster's name, CLICKHOUSE_CLUSTER; none on one server or the embedded engine.
 * @returns the names applied now.
 * @throws when an applied file was changed, or the store is newer than the program.
 */
export async function migrateClickhouse(
  client: ClickHouseClient,
  options: { cluster?: string; migrations?: Migration[] } = {},
): Promise<string[]> {
  const migrations = options.migrations ?? readMigrations('clickhouse')
  const fill = (text: string) =>
    text
      .replaceAll('{{on_cluster}}', options.cluster ? `ON CLUSTER '${options.cluster}'` : '')
      .replaceAll('{{engine}}', options.cluster ? 'ReplicatedMergeTree' : 'MergeTree')
  const run = (query: string) => client.command({ query: fill(query) })
  await run('CREATE DATABASE IF NOT EXISTS platform {{on_cluster}}')
  await run(
    `CREATE TABLE IF NOT EXISTS platform.migration {{on_cluster}}
     (name String, checksum String, applied_at DateTime64(3) DEFAULT now64(3)) ENGINE = {{engine}} ORDER BY name`,
  )
  const answer = await client.query({
    query: 'SELECT name, any(checksum) AS checksum FROM platform.migration GROUP BY name',
    format: 'JSONEachRow',
  })
  const done = new Map(
    (await answer.json<{ name: string; checksum: string }>()).map((r) => [r.name, r.checksum]),
  )
  for (const name of done.keys()) {
    if (!migrations.some((m) => m.name === name))
      throw new Error(
        `ClickHouse has migration ${name}, which this program does not know. Run a newer version.`,
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
    for (const statement of m.text.split(/;[ \t]*$/m)) {
      if (!/^(?!\s*--)\s*\S/m.test(statement)) continue
      await run(statement).catch((error: Error) => {
        throw new Error(`Migration ${m.name} failed: ${error.message}`, { cause: error })
      })
    }
    await client.insert({
      table: 'platform.migration',
      columns: ['name', 'checksum'],
      values: [{ name: m.name, checksum: m.checksum }],
      format: 'JSONEachRow',
    })
    applied.push(m.name)
  }
  return applied
}
