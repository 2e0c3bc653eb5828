import { readFileSync } from 'node:fs'
import { catalogJobs, catalogRoutes } from './catalog/index.ts'
import { harvestRoutes } from './harvest/index.ts'
import { type ClickHouseClient, migrateClickhouse, openClickHouse } from './platform/clickhouse.ts'
import { type Config, ensureDataDir } from './platform/config.ts'
import { startEmbeddedPostgres } from './platform/embedded-postgres.ts'
import { type Engine, startEngine } from './platform/engine.ts'
import { type App, createHttp } from './platform/http.ts'
import { type Job, startJobs } from './platform/jobs.ts'
import type { Logger } from './platform/log.ts'
import { observeRequests } from './platform/metrics.ts'
import { migratePostgres } from './platform/migrate.ts'
import { operationsRoutes, type ReadinessCheck } from './platform/operations.routes.ts'
import { trimOutbox } from './platform/outbox.ts'
import { openPostgres, type Postgres } from './platform/postgres.ts'
import { codeList, loadProfile, type Profile } from './platform/profile.ts'
import { ping } from './platform/server.queries.ts'
import { serveWeb, webPage } from './platform/web.ts'
import { type SearchService, searchReady, startSearch } from './search/index.ts'
import {
  type AuditSequencer,
  listOrganisations,
  listPeople,
  securityPlugin,
  startAuditSequencer,
  systemActor,
  trimSecurity,
} from './security/index.ts'
import { defaultSeed, demoLogins, runSeed } from './seed/index.ts'

/** The same path seen from src/ and from dist/. */
const packageFile = new URL('../package.json', import.meta.url)
export const version: string = JSON.parse(readFileSync(packageFile, 'utf8')).version

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

/**
 * Opens PostgreSQL (starting the embedded one when no address is set) and migrates it. Works beside a running node.
 * @throws Error saying what to do when the folder, the profile or the database cannot be used.
 */
export async function openStores(
  config: Config,
  log: Logger,
  progress: Progress = () => {},
): Promise<Stores> {
  const profile = loadProfile(config.CONCORD_PROFILE)
  ensureDataDir(config)
  if (!config.DATABASE_URL) progress('Starting PostgreSQL')
  const embedded = config.DATABASE_URL
    ? undefined
    : await startEmbeddedPostgres({ dataDir: config.dataDir, log })
  try {
    const url = config.DATABASE_URL ?? embedded!.url
    const postgres = openPostgres(url, { max: config.DATABASE_POOL, log })
    const applied = await migratePostgres(postgres.pool)
    if (applied.length > 0) progress(`Applied ${applied.length} migrations`)
    const close = async () => {
      await postgres.close()
      await embedded?.stop()
    }
    return { config, log, profile, postgres, close }
  } catch (error) {
    await embedded?.stop()
    throw error
  }
}

/** Opens the ClickHouse of the settings, else the embedded engine, with the newest schema. */
async function openEngine(
  stores: Stores,
  progress: Progress,
): Promise<{ client: ClickHouseClient; engine?: Engine; close(): Promise<void> }> {
  const { config, log } = stores
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
    await migrateClickhouse(client, { cluster: config.CLICKHOUSE_CLUSTER })
    return { client, engine, close }
  } catch (error) {
    await close()
    throw error
  }
}

export interface NodeOptions {
  config: Config
  log: Logger
  progress?: Progress
  /** False switches rate limits off (benchmarks, tests). */
  rateLimits?: boolean
  /** Writes this scenario first; without it the demo opens on the first start of an embedded node (CONCORD_DEMO). */
  seed?: string
}

/** A running node: everything but the listening socket. */
export interface ConcordNode extends Stores {
  app: App
  clickhouse: ClickHouseClient
  search: SearchService
  /** The demo people may sign in. */
  demo: boolean
  /** Listens at the configured address; gives the address people use. */
  listen(): Promise<string>
}

/** Days that news for replicas and followers is kept; whoever is further behind takes a full copy. */
const outboxDays = 7

/** Opens the stores, starts every process and job, and builds the HTTP application with all capabilities. */
export async function startNode(options: NodeOptions): Promise<ConcordNode> {
  const { config, log, progress = () => {} } = options
  const closers: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const end of closers.splice(0).reverse())
      await end().catch((error) => log.error({ err: error }, 'not closed in order'))
  }
  try {
    const stores = await openStores(config, log, progress)
    closers.push(stores.close)
    const { db, pool } = stores.postgres
    const demo = await seedFirst(stores, options.seed, progress)
    const { client, close: closeEngine } = await openEngine(stores, progress)
    closers.push(closeEngine)
    const sequencer = await startAuditSequencer({ db, dataDir: config.dataDir, log })
    closers.push(sequencer.stop)
    const jobs = await startJobs({ pool, db, log, jobs: nodeJobs() })
    closers.push(jobs.stop)
    progress('Starting search')
    const search = await startSearch({
      ...stores,
      dataDir: config.dataDir,
      replicas: config.SEARCH_REPLICAS,
      clickhouse: client,
    })
    closers.push(search.stop)
    if (!(await searchReady(search))) log.warn('the search index is still being built')
    const app = await buildApp({
      ...stores,
      clickhouse: client,
      search,
      demo,
      rateLimits: options.rateLimits,
      checks: [auditCheck(sequencer)],
    })
    closers.push(() => app.close())
    const listen = async () => {
      await app.listen({ port: config.CONCORD_PORT, host: config.CONCORD_HOST })
      return config.publicUrl
    }
    return { ...stores, clickhouse: client, search, demo, app, listen, close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Fills an empty node as asked for.
 * @returns whether the demo people are in this node.
 */
async function seedFirst(stores: Stores, asked: string | undefined, progress: Progress): Promise<boolean> {
  const { config, profile } = stores
  const { db } = stores.postgres
  const bodies = await listOrganisations(db)
  const wanted = asked ?? ((config.CONCORD_DEMO ?? !config.DATABASE_URL) ? defaultSeed : undefined)
  if (bodies.length === 0 && wanted) {
    progress(`Opening the scenario ${wanted}`)
    await runSeed(wanted, { db, profile, publicUrl: config.publicUrl, progress })
  }
  const people = await listPeople(db, systemActor('start'), { q: demoLogins[0]!.login, limit: 1 })
  return people.length > 0
}

/** Housekeeping; times are UTC. */
function nodeJobs(): Job[] {
  return [
    ...catalogJobs,
    {
      name: 'outbox-trim',
      cron: '17 3 * * *',
      work: async (_payload, db) => void (await trimOutbox(db, outboxDays)),
    },
    { name: 'security-trim', cron: '23 * * * *', work: (_payload, db) => trimSecurity(db) },
  ]
}

/** A node whose log was tampered with says so wherever its health is watched. */
const auditCheck = (sequencer: AuditSequencer): ReadinessCheck => ({
  name: 'audit',
  check: async () => {
    if (sequencer.alarm) throw new Error(sequencer.alarm)
  },
})

/** The HTTP application with every capability's routes. */
export async function buildApp(
  node: Stores & {
    clickhouse: ClickHouseClient
    search: SearchService
    demo: boolean
    rateLimits?: boolean
    /** Of parts that only a running node has. */
    checks?: ReadinessCheck[]
  },
): Promise<App> {
  const { config, log, profile, clickhouse } = node
  const { db } = node.postgres
  const app = await createHttp({
    log,
    version,
    trustProxy: config.CONCORD_PROXIES,
    page: webPage,
  })
  observeRequests(app)
  const tiers = new Set(codeList(profile, 'tier').keys())
  const demo = demoLogins.map(({ login, password, role, does: [en, zh] }) => ({
    login,
    password,
    role,
    does: { en, 'zh-CN': zh },
  }))
  await app.register(securityPlugin, {
    db,
    config,
    rateLimits: node.rateLimits,
    tiers,
    demo: node.demo ? demo : [],
  })
  await catalogRoutes(app, { db, profile })
  node.search.routes(app)
  await harvestRoutes(app, { db, profile, dataDir: config.dataDir, log })
  const checks: ReadinessCheck[] = [
    { name: 'search', check: () => node.search.check() },
    { name: 'postgres', check: () => ping(db) },
    {
      name: 'engine',
      check: async () => {
        const { success } = await clickhouse.ping()
        if (!success) throw new Error('the engine does not answer')
      },
    },
  ]
  operationsRoutes(app, [...checks, ...(node.checks ?? [])])
  await serveWeb(app)
  await app.ready()
  return app
}
