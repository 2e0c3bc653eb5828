import { setTimeout as sleep } from 'node:timers/promises'
import { type ClickHouseClient, migrateClickhouse, openClickHouse } from './platform/clickhouse.ts'
import { type Config, ensureDataDir } from './platform/config.ts'
import { startEmbeddedPostgres } from './platform/embedded-postgres.ts'
import { type Engine, startEngine } from './platform/engine.ts'
import type { Logger } from './platform/log.ts'
import { migratePostgres } from './platform/migrate.ts'
import { openPostgres, type Postgres } from './platform/postgres.ts'
import { loadProfile, type Profile } from './platform/profile.ts'

/** Tells a person what is being waited for. */
export type Progress = (step: string) => void

/** What every command works with: the database, brought to the newest schema, and the profile. */
export interface Stores {
  config: Config
  log: Logger
  profile: Profile
  postgres: Postgres
  close(): Promise<void>
}

/** Connections still at work when a command ends are given this long (ms); then the server is stopped under them. */
const poolCloseLimitMs = 5_000

/**
 * Opens PostgreSQL (starting the embedded one when no address is set) and migrates it. Works beside a running node.
 * @param options.migrate false: leaves the schema as it is, to look at it.
 * @throws Error saying what to do when the folder, the profile or the database cannot be used.
 */
export async function openStores(
  config: Config,
  log: Logger,
  progress: Progress = () => {},
  options: { migrate?: boolean } = {},
): Promise<Stores> {
  const profile = loadProfile(config.CONCORD_PROFILE)
  ensureDataDir(config)
  if (!config.DATABASE_URL) progress('Starting PostgreSQL')
  const embedded = config.DATABASE_URL
    ? undefined
    : await startEmbeddedPostgres({ dataDir: config.dataDir, log })
  let postgres: Postgres | undefined
  const close = async () => {
    // The embedded server is stopped whatever holds a connection: it must not outlive us.
    await Promise.race([postgres?.close(), sleep(poolCloseLimitMs, undefined, { ref: false })])
    await embedded?.stop()
  }
  try {
    const url = config.DATABASE_URL ?? embedded!.url
    postgres = openPostgres(url, { max: config.DATABASE_POOL, log })
    if (options.migrate !== false) {
      const applied = await migratePostgres(postgres.pool)
      if (applied.length > 0) progress(`Applied ${applied.length} migrations`)
    }
    return { config, log, profile, postgres, close }
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
}

export interface OpenedEngine {
  client: ClickHouseClient
  /** Undefined with CLICKHOUSE_URL. */
  engine?: Engine
  /** Migrations that were applied now. */
  applied: string[]
  close(): Promise<void>
}

/** Opens the ClickHouse of the settings, else the embedded engine, with the newest schema unless told otherwise. */
export async function openEngine(
  { config, log }: Pick<Stores, 'config' | 'log'>,
  progress: Progress = () => {},
  options: { migrate?: boolean } = {},
): Promise<OpenedEngine> {
  if (!config.CLICKHOUSE_URL) progress('Starting the engine')
  const engine = config.CLICKHOUSE_URL
    ? undefined
    : await startEngine({ dataDir: config.dataDir, name: 'search', log })
  const client = openClickHouse({ url: config.CLICKHOUSE_URL ?? engine!.url })
  const close = async () => {
    await client.close()
    await engine?.stop()
  }
  try {
    const applied =
      options.migrate === false ? [] : await migrateClickhouse(client, { cluster: config.CLICKHOUSE_CLUSTER })
    return { client, engine, applied, close }
  } catch (error) {
    await close()
    throw error
  }
}
