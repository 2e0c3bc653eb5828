import { existsSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { appliedClickhouse, clickhouseVersion } from './platform/clickhouse.ts'
import { type Config, ensureDataDir, loadConfig } from './platform/config.ts'
import { createLogger, type Logger } from './platform/log.ts'
import { MailError, openMailer } from './platform/mail.ts'
import { readMigrations } from './platform/migrate.ts'
import { loadProfile, type Profile } from './platform/profile.ts'
import { appliedMigrations, serverVersion } from './platform/server.queries.ts'
import { checkIndex, searchFolder } from './search/index.ts'
import { verifyAudit } from './security/index.ts'
import { aborted, watchStopSignals } from './stop-signals.ts'
import { openEngine, openStores, type Stores } from './stores.ts'

/** One look at one part of a node: fine, or what to do. */
export interface Finding {
  check: string
  ok: boolean
  detail: string
  remedy?: string
}

type Outcome = Omit<Finding, 'check'>

/** Bytes that should be free: an index of three million entries is built beside the one in use. */
const wantedFreeBytes = 5 * 1024 ** 3
const oldestPostgres = 15
/** Days ahead that the calendar should reach: longer than the longest clock of working days that is known. */
const calendarDays = 45
/** What is asked of the databases; nothing of it makes sense while an earlier one fails. */
const databaseChecks = ['PostgreSQL', 'Migrations', 'Search index', 'Audit log'] as const

const megabytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2).toLocaleString('en')} MB`

/**
 * Looks at every part of the node of these settings and changes none: a schema that is behind stays behind. The
 * embedded databases are started for the look when no node runs, and stopped again. A check that fails to run is a
 * finding too.
 * @throws ConfigError when the settings are wrong.
 */
export async function doctor(config: Config = loadConfig()): Promise<Finding[]> {
  const log = createLogger(process.env.LOG_LEVEL ? config.LOG_LEVEL : 'error')
  const stop = watchStopSignals()
  const findings: Finding[] = []
  const look = async (check: string, run: () => Outcome | Promise<Outcome>): Promise<boolean> => {
    if (stop.asked.aborted) return false
    const outcome = await Promise.resolve()
      .then(run)
      .catch(
        (error: Error): Outcome => ({ ok: false, detail: error.message || String(error), remedy: logRemedy }),
      )
    const { ok, detail, remedy } = outcome
    findings.push(ok || !remedy ? { check, ok, detail } : { check, ok, detail, remedy })
    return ok
  }
  await look('Node version', nodeVersion)
  await look('Web UI', webUi)
  await look('Disk space', () => diskSpace(config))
  const profile = await look('Profile', () => {
    return profileOutcome(loadProfile(config.CONCORD_PROFILE), new Date())
  })
  if (profile) await lookAtDatabases(config, log, look, aborted(stop.asked))
  await look('Engine', () => engine(config, log))
  await look('E-mail', () => email(config))
  if (stop.asked.aborted) process.exit(stop.exitCode)
  stop.end()
  return findings
}

const logRemedy = 'Look at the log of the node for the cause.'

type Look = (check: string, run: () => Outcome | Promise<Outcome>) => Promise<boolean>

/** The checks that need PostgreSQL, until one fails that the others build on. */
async function lookAtDatabases(
  config: Config,
  log: Logger,
  look: Look,
  stopped: Promise<void>,
): Promise<void> {
  const missing = !config.DATABASE_URL && !existsSync(join(config.dataDir, 'postgres', 'PG_VERSION'))
  let stores: Stores | undefined
  const opened = await look('PostgreSQL', async () => {
    if (missing)
      return {
        ok: false,
        detail: `there is no database in ${config.dataDir} yet`,
        remedy: 'Run concord serve: the first start makes it. Or set CONCORD_DATA to the folder of the node.',
      }
    try {
      stores = await openStores(config, log, () => {}, { migrate: false })
      return await postgres(stores)
    } catch (error) {
      return {
        ok: false,
        detail: (error as Error).message || 'it does not answer',
        remedy: config.DATABASE_URL
          ? 'Start the PostgreSQL that DATABASE_URL names, or correct DATABASE_URL.'
          : `Look at ${join(config.dataDir, 'postgres.log')} for the cause.`,
      }
    }
  })
  const notLooked = (checks: readonly string[], why: string) =>
    Promise.all(checks.map((c) => look(c, () => ({ ok: false, detail: `not looked at: ${why}` }))))
  try {
    if (!opened || !stores) return void (await notLooked(databaseChecks.slice(1), 'PostgreSQL has a fault'))
    const { postgres: open } = stores
    const work = (async () => {
      if (!(await look('Migrations', () => migrations(open.db))))
        return void (await notLooked(databaseChecks.slice(2), 'the schema is not the newest'))
      await look('Search index', () => searchIndex(open, config))
      await look('Audit log', () => auditLog(open.db, config))
    })()
    await Promise.race([work, stopped])
  } finally {
    await stores?.close()
  }
}

/** Clocks run into the next year weeks before it begins. */
function profileOutcome({ id, version, calendar }: Profile, now: Date): Outcome {
  const needed = String(new Date(now.getTime() + calendarDays * 86_400_000).getUTCFullYear())
  const known = calendar.years[needed] !== undefined
  return {
    ok: known,
    detail: `${id} ${version}${known ? '' : `, which does not know the working days of ${needed}`}`,
    remedy: `Add the official holidays of ${needed} to profiles/${id}.json: no clock can run into that year.`,
  }
}

function nodeVersion(): Outcome {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number]
  const ok = major > 20 || (major === 20 && minor >= 19)
  return { ok, detail: process.version, remedy: 'Install Node 20.19 or later.' }
}

function webUi(): Outcome {
  const ok = existsSync(fileURLToPath(new URL('../dist/web/index.html', import.meta.url)))
  return { ok, detail: ok ? 'built' : 'not built', remedy: 'Run npm run build.' }
}

function diskSpace(config: Config): Outcome {
  ensureDataDir(config)
  const { bavail, bsize } = statfsSync(config.dataDir)
  const free = bavail * bsize
  return {
    ok: free >= wantedFreeBytes,
    detail: `${megabytes(free)} free in ${config.dataDir}`,
    remedy: `Free ${megabytes(wantedFreeBytes)} or move CONCORD_DATA: a rebuild keeps the old index until the new one is whole.`,
  }
}

/** With the address for `pg_dump` and other tools; the password stays in its file, or with whoever set DATABASE_URL. */
async function postgres({ postgres: { db, url }, config }: Stores): Promise<Outcome> {
  const version = await serverVersion(db)
  const address = new URL(url)
  address.password = ''
  const password = config.DATABASE_URL ? '' : `, password in ${join(config.dataDir, 'postgres.password')}`
  return {
    ok: Number.parseInt(version, 10) >= oldestPostgres,
    detail: `version ${version} at ${address.href}${password}`,
    remedy: `Use PostgreSQL ${oldestPostgres} or later.`,
  }
}

async function migrations(db: Stores['postgres']['db']): Promise<Outcome> {
  return compareMigrations('postgres', await appliedMigrations(db))
}

function compareMigrations(store: 'postgres' | 'clickhouse', applied: string[]): Outcome {
  const known = readMigrations(store).map((m) => m.name)
  const behind = known.filter((name) => !applied.includes(name))
  const unknown = applied.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    return {
      ok: false,
      detail: `the schema is newer than this program: ${unknown.join(', ')}`,
      remedy: 'Run the newer version of the program.',
    }
  return {
    ok: behind.length === 0,
    detail:
      behind.length === 0
        ? `${known.length} of ${known.length} applied`
        : `not applied: ${behind.join(', ')}`,
    remedy: 'Run concord migrate, or start the node.',
  }
}

async function searchIndex(postgres: Stores['postgres'], config: Config): Promise<Outcome> {
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
}

async function auditLog(db: Stores['postgres']['db'], config: Config): Promise<Outcome> {
  const result = await verifyAudit(db, { dataDir: config.dataDir })
  const first = result.problems[0]
  return {
    ok: result.ok,
    detail: first
      ? `${first.kind} at event ${first.seq}: ${first.message}`
      : `${result.events} events, unbroken`,
    remedy:
      'Keep database and data folder as they are, tell the audit administrator, compare with the copy of the checkpoints. After a restore from a backup: concord audit accept-restore.',
  }
}

async function engine(config: Config, log: Logger): Promise<Outcome> {
  const external = config.CLICKHOUSE_URL !== undefined
  if (!external && !existsSync(join(config.dataDir, 'engine-search')))
    return {
      ok: false,
      detail: `there is no engine in ${config.dataDir} yet`,
      remedy: 'Run concord serve: the first start makes it.',
    }
  try {
    const { client, close } = await openEngine({ config, log }, () => {}, { migrate: false })
    try {
      const version = await clickhouseVersion(client)
      const outcome = compareMigrations('clickhouse', await appliedClickhouse(client))
      return { ...outcome, detail: `version ${version}, migrations: ${outcome.detail}` }
    } finally {
      await close()
    }
  } catch (error) {
    return {
      ok: false,
      detail: (error as Error).message || 'it does not answer',
      remedy: external
        ? 'Start the ClickHouse that CLICKHOUSE_URL names, or correct CLICKHOUSE_URL.'
        : 'Install the package chdb (npm ci without --omit=optional), or set CLICKHOUSE_URL.',
    }
  }
}

/** Connects and signs in; sends nothing. */
async function email({ SMTP_URL: url, CONCORD_MAIL_FROM: from }: Config): Promise<Outcome> {
  if (!url || !from) return { ok: true, detail: 'SMTP_URL is not set: notices stay in the product' }
  const mailer = openMailer({ url, from })
  const { host } = new URL(url)
  try {
    await mailer.verify()
    return { ok: true, detail: `${host} takes mail from ${from}` }
  } catch (error) {
    const reason = error instanceof MailError ? error.message : String(error)
    return {
      ok: false,
      detail: `${host}: ${reason}`,
      remedy:
        'Start the mail server, or correct SMTP_URL. Notices stay in the product; mails wait for 48 hours.',
    }
  } finally {
    mailer.close()
  }
}
