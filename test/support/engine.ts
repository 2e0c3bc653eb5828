import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouseClient, openClickHouse } from '../../src/platform/clickhouse.ts'
import { type Engine, startEngine } from '../../src/platform/engine.ts'

export interface TestEngine {
  url: string
  client: ClickHouseClient
  /** Undefined when the tests run against TEST_CLICKHOUSE_URL. */
  engine: Engine | undefined
  stop(): Promise<void>
}

/**
 * A real engine for one test file (about 1 s), or the server of TEST_CLICKHOUSE_URL. Call it in `beforeAll`,
 * `stop` in `afterAll`. It is empty: run `migrateClickhouse` when tables are needed.
 */
export async function startTestEngine(): Promise<TestEngine> {
  const external = process.env.TEST_CLICKHOUSE_URL
  const folder = mkdtempSync(join(tmpdir(), 'concord-engine-'))
  const log = { info() {}, warn: console.warn, error: console.error }
  const engine = external ? undefined : await startEngine({ dataDir: folder, name: 'test', log })
  const url = external ?? engine!.url
  const client = openClickHouse({ url, client: 'test' })
  const stop = async () => {
    await client.close()
    await engine?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { url, client, engine, stop }
}
