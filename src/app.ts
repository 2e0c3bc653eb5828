import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { catalogJobs, catalogRoutes, startChangeSequencer } from './catalog/index.ts'
import { collectionRoutes } from './collection/index.ts'
import { coverageJobs, coverageRoutes } from './coverage/index.ts'
import { addressAnswers, harvestRoutes, sourceJobs } from './harvest/index.ts'
import { interopRoutes, type ShaclChecks, startShaclChecks } from './interop/index.ts'
import { noticeJobs, noticeRoutes } from './notice/index.ts'
import type { ClickHouseClient } from './platform/clickhouse.ts'
import type { Config } from './platform/config.ts'
import { type App, createHttp } from './platform/http.ts'
import { type Job, startJobs } from './platform/jobs.ts'
import { listen } from './platform/listen-http.ts'
import type { Logger } from './platform/log.ts'
import { observeRequests } from './platform/metrics.ts'
import { operationsRoutes, type ReadinessCheck } from './platform/operations.routes.ts'
import { trimOutbox } from './platform/outbox.ts'
import { codeList } from './platform/profile.ts'
import { ping, whileLocked } from './platform/server.queries.ts'
import { serveWeb, webPage } from './platform/web.ts'
import { reuseJobs, reuseRoutes, undecidedItems } from './reuse/index.ts'
import { reviewJobs, reviewRoutes } from './review/index.ts'
import { type SearchService, searchReady, startSearch } from './search/index.ts'
import {
  type AuditSequencer,
  listOrganisations,
  securityPlugin,
  startAuditSequencer,
  trimSecurity,
} from './security/index.ts'
import { defaultSeed, demoIsOpen, demoLogins, runSeed, seedState } from './seed/index.ts'
import { aborted } from './stop-signals.ts'
import { openEngine, openStores, type Progress, type Stores } from './stores.ts'

/** The same path seen from src/ and from dist/. */
const packageFile = new URL('../package.json', import.meta.url)
export const version: string = JSON.parse(readFileSync(packageFile, 'utf8')).version

export interface NodeOptions {
  config: Config
  log: Logger
  progress?: Progress
  /** False switches rate limits off (benchmarks, tests). */
  rateLimits?: boolean
  /** Writes this scenario first; without it the demo opens on the first start of an embedded node (CONCORD_DEMO). */
  seed?: string
  /** Ends a start that is under way at its next step. */
  signal?: AbortSignal
  /** The clock that deadlines look at; tests move it. */
  now?: () => Date
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
  /** Stops everything in reverse order. `hurry` cuts requests off and waits for no part any more. */
  close(hurry?: AbortSignal): Promise<void>
}

/** Days that news for replicas and followers is kept; whoever is further behind takes a full copy. */
const outboxDays = 7

/** What a part may still take to end (ms) once there is hurry. */
const hurriedMs = 5_000

/** Opens the stores, starts every process and job, and builds the HTTP application with all capabilities. */
export async function startNode(options: NodeOptions): Promise<ConcordNode> {
  const { config, log, signal } = options
  const progress: Progress = (step) => {
    signal?.throwIfAborted()
    options.progress?.(step)
  }
  const { close, started } = closers(log)
  try {
    const stores = await openStores(config, log, progress)
    // The embedded database has limits of its own, and must not be left behind.
    started(stores.close, { always: true })
    const { db, pool } = stores.postgres
    const demo = await seedFirst(stores, { asked: options.seed, now: options.now?.() }, progress)
    const { client, close: closeEngine } = await openEngine(stores, progress)
    started(closeEngine)
    const sequencer = await startAuditSequencer({ db, dataDir: config.dataDir, log })
    started(sequencer.stop)
    started(startChangeSequencer({ db, pool, log }).stop)
    const jobs = await startJobs({ pool, db, log, jobs: nodeJobs(stores, options.now) })
    started(jobs.stop)
    progress('Starting search')
    const search = await startSearch({
      ...stores,
      dataDir: config.dataDir,
      replicas: config.SEARCH_REPLICAS,
      clickhouse: client,
    })
    started(search.stop)
    const given = signal && aborted(signal).then(() => signal.throwIfAborted())
    if (!(await Promise.race([searchReady(search), ...(given ? [given] : [])])))
      log.warn('the search index is still being built')
    const shacl = await startShacl(stores)
    if (shacl) started(shacl.stop)
    const app = await buildApp({
      ...stores,
      shapes: shacl?.shapes,
      clickhouse: client,
      search,
      demo,
      rateLimits: options.rateLimits,
      now: options.now,
      checks: [auditCheck(sequencer)],
    })
    started((hurry) => closeHttp(app, hurry))
    return { ...stores, clickhouse: client, search, demo, app, listen: () => listen(app, config), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Checks of entries with the operator's shapes, where there are some. */
async function startShacl({ config, profile, postgres, log }: Stores): Promise<ShaclChecks | undefined> {
  const file = config.CONCORD_SHAPES
  if (!file) return undefined
  const { db } = postgres
  return startShaclChecks({ db, log, shapesFile: file, profile, base: config.publicUrl }).catch(
    (error: Error) => {
      throw new Error(`CONCORD_SHAPES: ${file} is no file of shapes: ${error.message}`)
    },
  )
}

type Closer = (hurry?: AbortSignal) => Promise<unknown>

/** Collects what must be ended, and ends it in reverse order. */
function closers(log: Logger) {
  const ends: { end: Closer; always: boolean }[] = []
  const close = async (hurry?: AbortSignal) => {
    for (const { end, always } of ends.splice(0).reverse()) {
      const ended = end(hurry).catch((error) => log.error({ err: error }, 'not closed in order'))
      const late = hurry && aborted(hurry).then(() => sleep(hurriedMs, undefined, { ref: false }))
      await (always || !late ? ended : Promise.race([ended, late]))
    }
  }
  const started = (end: Closer, { always = false } = {}) => void ends.push({ end, always })
  return { close, started }
}

/** Takes no new requests and waits for those under way; with hurry they are cut off. */
async function closeHttp(app: App, hurry?: AbortSignal): Promise<void> {
  if (hurry) void aborted(hurry).then(() => app.server.closeAllConnections())
  await app.close()
}

/** Any number that no other program uses as an advisory lock in this database. */
const seedLock = 7_226_012

/**
 * Fills an empty node as asked for. A first filling that was cut off is finished: a seed may be run again.
 * @returns whether the demo people are in this node, and are to be shown.
 */
async function seedFirst(
  stores: Stores,
  { asked, now }: { asked?: string; now?: Date },
  progress: Progress,
): Promise<boolean> {
  const { config, profile } = stores
  const { db } = stores.postgres
  const wanted = asked ?? ((config.CONCORD_DEMO ?? !config.DATABASE_URL) ? defaultSeed : undefined)
  if (wanted)
    // Of two nodes that start together one seeds and the other waits.
    await whileLocked(db, seedLock, async () => {
      const state = await seedState(db)
      const cutOff = state && !state.finished
      if (!cutOff && (state || (await listOrganisations(db)).length > 0)) return
      const name = asked ?? (cutOff ? state.name : wanted)
      progress(cutOff ? `Finishing the scenario ${name}` : `Opening the scenario ${name}`)
      await runSeed(name, { db, profile, publicUrl: config.publicUrl, progress, now })
    })
  return (asked !== undefined || config.CONCORD_DEMO !== false) && demoIsOpen(db)
}

/** Housekeeping; times are UTC. */
function nodeJobs(stores: Stores, now?: () => Date): Job[] {
  const { publicUrl: contact, harvestAllow: allow } = stores.config
  return [
    ...noticeJobs(stores),
    ...sourceJobs(stores.profile),
    ...catalogJobs,
    ...reviewJobs(now),
    ...coverageJobs(stores.profile, (address, signal) => addressAnswers(address, { contact, allow, signal })),
    ...reuseJobs(stores.profile),
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
    now?: () => Date
    shapes?: ShaclChecks['shapes']
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
  noticeRoutes(app, { db, profile, mailEnabled: config.SMTP_URL !== undefined })
  await catalogRoutes(app, { db, profile, now: node.now })
  const names = { db, profile, port: node.search.processes }
  reviewRoutes(app, { db, profile, now: node.now, alsoRequired: undecidedItems(names) })
  node.search.routes(app)
  coverageRoutes(app, { db, profile })
  reuseRoutes(app, names)
  await harvestRoutes(app, { db, profile, config, log })
  await interopRoutes(app, {
    db,
    profile,
    publicUrl: config.publicUrl,
    title: config.CONCORD_TITLE,
    contact: config.CONCORD_CONTACT,
    shapes: node.shapes,
    port: node.search.processes,
  })
  collectionRoutes(app, { db, engine: clickhouse })
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
