import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNode } from '../../src/app.ts'
import type { ClickHouseClient } from '../../src/platform/clickhouse.ts'
import { loadConfig } from '../../src/platform/config.ts'
import type { App } from '../../src/platform/http.ts'
import { createLogger } from '../../src/platform/log.ts'
import type { Db } from '../../src/platform/postgres.ts'
import { demoLogins } from '../../src/seed/index.ts'
import { createTestDatabase } from './database.ts'

export interface TestNode {
  app: App
  db: Db
  clickhouse: ClickHouseClient
  dataDir: string
  /** `http://127.0.0.1:PORT` once `listen` was called. */
  listen(): Promise<string>
  /** Cookie and CSRF headers of the demo person with that role. */
  headersFor(role: string): Promise<Record<string, string>>
  close(): Promise<void>
}

/** A whole node on a database of its own, in a temporary folder, with a named seed. */
export async function startTestNode(
  options: { seed?: string; profile?: string; harvestAllow?: string; now?: () => Date } = {},
): Promise<TestNode> {
  const database = await createTestDatabase({ max: 2 })
  const dataDir = mkdtempSync(join(tmpdir(), 'concord-node-'))
  const config = loadConfig({
    CONCORD_DATA: dataDir,
    CONCORD_PORT: '0',
    CONCORD_PROFILE: options.profile ?? 'neutral',
    CONCORD_DEMO: 'false',
    CONCORD_HARVEST_ALLOW: options.harvestAllow,
    DATABASE_URL: database.url,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
  })
  const log = createLogger(config.LOG_LEVEL)
  const node = await startNode({ config, log, rateLimits: false, seed: options.seed, now: options.now })
  const { app } = node
  return {
    app,
    db: node.postgres.db,
    clickhouse: node.clickhouse,
    dataDir,
    listen: async () => {
      await app.listen({ port: 0, host: '127.0.0.1' })
      const { port } = app.server.address() as { port: number }
      return `http://127.0.0.1:${port}`
    },
    headersFor: (role) => signIn(app, role),
    close: async () => {
      await node.close()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function signIn(app: App, role: string): Promise<Record<string, string>> {
  const person = demoLogins.find((p) => p.role === role)
  if (!person) throw new Error(`no demo person has the role ${role}`)
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/session',
    payload: { login: person.login, password: person.password },
  })
  if (answer.statusCode !== 200) throw new Error(`${person.login} cannot sign in: ${answer.body}`)
  const cookie = answer.cookies.find((c) => c.name === 'concord_session')!
  return { cookie: `concord_session=${cookie.value}`, 'x-csrf-token': answer.json().csrfToken as string }
}
