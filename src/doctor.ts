import { existsSync, statfsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Stores } from './app.ts'
import { readMigrations } from './platform/migrate.ts'
import { appliedMigrations, serverVersion } from './platform/server.queries.ts'
import { checkIndex, searchFolder } from './search/index.ts'
import { verifyAudit } from './security/index.ts'

/** One look at one part of a node: fine, or what to do. */
export interface Finding {
  check: string
  ok: boolean
  detail: string
  remedy?: string
}

type Check = (stores: Stores) => Promise<Omit<Finding, 'check'>>

/** Bytes that should be free: an index of three million entries is built beside the one in use. */
const wantedFreeBytes = 5 * 1024 ** 3
const oldestPostgres = 15

const megabytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2).toLocaleString('en')} MB`

const checks: Record<string, Check> = {
  'Node version': async () => {
    const [major, minor] = process.versions.node.split('.').map(Number) as [number, number]
    const ok = major > 20 || (major === 20 && minor >= 19)
    return { ok, detail: process.version, remedy: 'Install Node 20.19 or later.' }
  },
  'Web UI': async () => {
    const ok = existsSync(fileURLToPath(new URL('../dist/web/index.html', import.meta.url)))
    return { ok, detail: ok ? 'built' : 'not built', remedy: 'Run npm run build.' }
  },
  'Disk space': async ({ config }) => {
    const { bavail, bsize } = statfsSync(config.dataDir)
    const free = bavail * bsize
    return {
      ok: free >= wantedFreeBytes,
      detail: `${megabytes(free)} free in ${config.dataDir}`,
      remedy: `Free ${megabytes(wantedFreeBytes)} or move CONCORD_DATA: a rebuild keeps the old index until the new one is whole.`,
    }
  },
  Profile: async ({ profile }) => ({ ok: true, detail: `${profile.id} ${profile.version}` }),
  PostgreSQL: async ({ postgres }) => {
    const version = await serverVersion(postgres.db)
    return {
      ok: Number.parseInt(version, 10) >= oldestPostgres,
      detail: `version ${version}`,
      remedy: `Use PostgreSQL ${oldestPostgres} or later.`,
    }
  },
  Migrations: async ({ postgres }) => {
    const applied = await appliedMigrations(postgres.db)
    const known = readMigrations('postgres').length
    return {
      ok: applied === known,
      detail: `${applied} of ${known} applied`,
      remedy: 'Run concord migrate.',
    }
  },
  'Search index': async ({ postgres, config }) => {
    const remedy = 'Run concord search rebuild.'
    const found = await checkIndex(postgres, searchFolder(config.dataDir))
    if (!found) return { ok: false, detail: 'there is none that is whole', remedy }
    const { published, indexed, missing, surplus, different, pending, examples } = found
    const ok = missing + surplus + different === 0
    const faults = `${missing} missing, ${surplus} surplus, ${different} of another version (ids ${examples.join(', ')})`
    return {
      ok,
      detail: `${indexed} of ${published} entries, ${pending} changes under way${ok ? '' : `; ${faults}`}`,
      remedy,
    }
  },
  'Audit log': async ({ postgres, config }) => {
    const result = await verifyAudit(postgres.db, { dataDir: config.dataDir })
    const first = result.problems[0]
    return {
      ok: result.ok,
      detail: first
        ? `${first.kind} at event ${first.seq}: ${first.message}`
        : `${result.events} events, unbroken`,
      remedy:
        'Keep database and data folder as they are, tell the audit administrator, compare with the copy of the checkpoints.',
    }
  },
}

/** Runs every check; a check that fails to run is a finding too. */
export async function examine(stores: Stores): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [check, run] of Object.entries(checks)) {
    try {
      const { ok, detail, remedy } = await run(stores)
      findings.push(ok ? { check, ok, detail } : { check, ok, detail, remedy })
    } catch (error) {
      findings.push({
        check,
        ok: false,
        detail: (error as Error).message,
        remedy: 'Look at the log of the node for the cause.',
      })
    }
  }
  return findings
}
