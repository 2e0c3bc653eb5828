import { mkdirSync } from 'node:fs'
import type { ClickHouseClient } from '../platform/clickhouse.ts'
import type { App } from '../platform/http.ts'
import type { Logger } from '../platform/log.ts'
import { gauge, metrics } from '../platform/metrics.ts'
import type { Db, Postgres } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { organisationRevision } from '../security/index.ts'
import type { FeedNames } from './feed.ts'
import { searchFolder } from './manifest.ts'
import { readNames } from './names.ts'
import { type SearchProcesses, startSearchProcesses } from './replicas.ts'
import { searchRoutes } from './search.routes.ts'
import { createSearch, type Search } from './search.ts'
import { startUseLog } from './use-log.ts'

export interface SearchService {
  search: Search
  processes: SearchProcesses
  /** Adds the routes. */
  routes(app: App): void
  /** For readiness: @throws while no replica has an index. */
  check(): Promise<void>
  stop(): Promise<void>
}

/** How often and how long readiness waits for the first index of a new node (ms). */
const firstIndexPollMs = 50
const firstIndexLimitMs = 60_000

/** Starts the indexer, the replicas and the use log. */
export async function startSearch(options: {
  postgres: Postgres
  clickhouse?: ClickHouseClient
  profile: Profile
  dataDir: string
  replicas: number
  log: Logger
}): Promise<SearchService> {
  const { postgres, profile, log } = options
  const folder = searchFolder(options.dataDir)
  mkdirSync(folder, { recursive: true })
  const names = await readNames(postgres.db, profile)
  const processes = startSearchProcesses({
    databaseUrl: postgres.url,
    names,
    folder,
    replicas: options.replicas,
    log,
  })
  const followed = followNames(postgres.db, profile, names, processes, log)
  const useLog = options.clickhouse ? startUseLog(options.clickhouse, log) : undefined
  const search = createSearch({ db: postgres.db, profile, port: processes })
  observe(processes)
  return {
    search,
    processes,
    routes: (app) => searchRoutes(app, { search, useLog }),
    async check() {
      if (processes.status().every((s) => s === undefined))
        throw new Error('no search replica has an index yet')
    },
    async stop() {
      clearInterval(followed)
      await processes.stop()
      await useLog?.stop()
    },
  }
}

/** Waits until a replica has an index, at most a minute; a large first build goes on after that. */
export async function searchReady(service: SearchService): Promise<boolean> {
  for (const end = Date.now() + firstIndexLimitMs; Date.now() < end; ) {
    const ready = await service.check().then(
      () => true,
      () => false,
    )
    if (ready) return true
    await new Promise((resolve) => setTimeout(resolve, firstIndexPollMs))
  }
  return false
}

/** It is asked this often (ms) whether a body changed; reading 10,000 of them takes 50 ms. */
const namesMs = 15_000

function followNames(
  db: Db,
  profile: Profile,
  first: FeedNames,
  processes: SearchProcesses,
  log: Logger,
): NodeJS.Timeout {
  let known = JSON.stringify(first.bodies)
  let revision = -1
  const timer = setInterval(async () => {
    try {
      const latest = await organisationRevision(db)
      if (latest === revision) return
      const names = await readNames(db, profile)
      revision = latest
      const text = JSON.stringify(names.bodies)
      if (text === known) return
      known = text
      processes.setNames(names)
    } catch (error) {
      log.warn({ err: error }, 'names of bodies could not be read for search')
    }
  }, namesMs)
  timer.unref()
  return timer
}

/** The processes that the metrics speak of; the latest node of this process. */
let observed: SearchProcesses | undefined

function observe(processes: SearchProcesses): void {
  observed = processes
  if (metrics.getSingleMetric('concord_search_lag_seconds')) return
  gauge(
    'concord_search_lag_seconds',
    'Time the oldest change has waited to be found.',
    () => observed?.lag() ?? 0,
  )
  gauge('concord_search_entries', 'Entries that can be found.', () => observed?.status()[0]?.entries ?? 0)
  gauge('concord_search_waiting', 'Questions being answered.', () => observed?.waiting() ?? 0)
  gauge(
    'concord_search_index_bytes',
    'Bytes of the index in one replica.',
    () => observed?.status()[0]?.bytes ?? 0,
  )
}
