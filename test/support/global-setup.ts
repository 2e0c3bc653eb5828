import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { takeLease } from '../../src/platform/embedded-lease.ts'
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import { migratePostgres } from '../../src/platform/migrate.ts'
import { openPostgres } from '../../src/platform/postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A role of this server may create databases. */
    postgresUrl: string
    /** A database with all migrations, to be cloned. */
    templateDatabase: string
  }
}

const prefix = 'concord-test-'
const quiet = { info() {}, warn: console.warn, error: console.error }

/** Runs that were killed leave a server and its folder; those without a living user are removed after this time (ms). */
const leftoverMs = 10 * 60_000

async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((n) => n.startsWith(prefix))) {
    const folder = join(tmpdir(), name)
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age < leftoverMs) continue
    const lease = takeLease(join(folder, 'postgres.users'))
    const others = lease.others()
    lease.leave()
    if (others > 0) continue
    if (existsSync(join(folder, 'postgres/postmaster.pid'))) {
      const server = await startEmbeddedPostgres({ dataDir: folder, durable: false, log: quiet }).catch(
        () => undefined,
      )
      await server?.stop()
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One PostgreSQL for the whole run (`TEST_DATABASE_URL`, else an embedded one without fsync) and one migrated template. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers().catch((error) => quiet.warn(error))
  const external = process.env.TEST_DATABASE_URL
  const folder = external ? undefined : mkdtempSync(join(tmpdir(), prefix))
  // The server's account must be able to enter it.
  if (folder) chmodSync(folder, 0o755)
  const server = folder
    ? await startEmbeddedPostgres({
        dataDir: folder,
        durable: false,
        log: quiet,
        settings: { max_connections: '200' },
      })
    : undefined
  const url = external ?? server!.url
  const template = `concord_template_${randomBytes(4).toString('hex')}`
  const admin = openPostgres(url, { max: 1 })
  const end = async () => {
    await admin.pool.query(`drop database if exists ${template} with (force)`).catch(() => {})
    await admin.close()
    await server?.stop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  }
  try {
    await admin.pool.query(`create database ${template}`)
    const target = new URL(url)
    target.pathname = `/${template}`
    const migrated = openPostgres(target.href, { max: 2 })
    await migratePostgres(migrated.pool).finally(migrated.close)
  } catch (error) {
    await end()
    throw error
  }
  project.provide('postgresUrl', url)
  project.provide('templateDatabase', template)
  return end
}
