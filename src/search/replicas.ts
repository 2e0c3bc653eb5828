import { ConcordError } from '../platform/errors.ts'
import type { Logger } from '../platform/log.ts'
import type { OutboxPosition } from '../platform/outbox.ts'
import { type Child, startChild } from '../platform/supervise.ts'
import type { SearchBody } from './bodies.ts'
import type { IndexAnswer, IndexQuery } from './engine.ts'
import type { FeedNames } from './feed.ts'
import type { HoldersWanted, KnownHolders, KnownName, NamesWanted } from './name-holders.ts'
import type { IndexSuggestion } from './suggest.ts'

/** The processes of search as the main process sees them: one that writes the index, some that answer from it. */

export interface ReplicaStart {
  folder: string
  logLevel: string
  bodies: SearchBody[]
}
export interface IndexerStart {
  folder: string
  logLevel: string
  databaseUrl: string
  names: FeedNames
}

export interface ReplicaQuestion {
  id: number
  search?: IndexQuery
  suggest?: { text: string; limit: number }
  names?: NamesWanted[]
  holders?: HoldersWanted[]
}
type ReplicaResult = IndexAnswer | IndexSuggestion[] | KnownName[][] | KnownHolders[]
export interface ReplicaAnswer {
  id: number
  result?: ReplicaResult
  error?: string
  /** Time in the replica (ms). */
  ms: number
}

export interface ReplicaStatus {
  generation: number
  position: OutboxPosition
  entries: number
  segments: number
  bytes: number
}

export interface SearchProcesses {
  search(question: IndexQuery): Promise<IndexAnswer>
  suggest(text: string, limit: number): Promise<IndexSuggestion[]>
  /** Which item names are there, for each wanted one. */
  names(wanted: NamesWanted[]): Promise<KnownName[][]>
  /** Which entries hold an item, for each wanted one. */
  holders(wanted: HoldersWanted[]): Promise<KnownHolders[]>
  /** Of each replica, undefined until it has loaded an index. */
  status(): (ReplicaStatus | undefined)[]
  /** Seconds that the oldest change not yet in the index has waited. */
  lag(): number
  /** Questions that are being answered. */
  waiting(): number
  /** New names of bodies: searched and counted by from now on. */
  setNames(names: FeedNames): void
  /** Builds the index anew. */
  rebuild(): void
  stop(): Promise<void>
}

export interface SearchProcessOptions {
  databaseUrl: string
  names: FeedNames
  folder: string
  replicas: number
  log: Logger
}

/** A question that no replica answered by then has failed (ms). */
const answerTimeoutMs = 10_000
/** How often the replicas of open questions are looked at (ms). */
const watchMs = 50
/** Open questions of one replica; more are refused at once rather than late. */
const mostOpen = 400

interface Open {
  question: ReplicaQuestion
  resolve: (result: ReplicaResult) => void
  reject: (error: Error) => void
  /** Replica that works on it, and its process. */
  replica: number
  pid: number | undefined
  until: number
}

const unavailable = (detail: string) => new ConcordError('unavailable', detail, { more: { retryAfter: 2 } })

/** Starts the processes; they are ready when `status` says so. */
export function startSearchProcesses(options: SearchProcessOptions): SearchProcesses {
  const { log } = options
  let { names } = options
  const replicaStart = (): ReplicaStart => ({
    folder: options.folder,
    logLevel: log.level,
    bodies: names.bodies,
  })
  const indexerStart = (): IndexerStart => ({
    folder: options.folder,
    logLevel: log.level,
    databaseUrl: options.databaseUrl,
    names,
  })
  const open = new Map<number, Open>()
  const statuses: (ReplicaStatus | undefined)[] = Array.from({ length: options.replicas }, () => undefined)
  let number = 0
  let lag = 0
  let rebuiltFor = ''

  const replicas: Child[] = statuses.map((_, i) =>
    startChild({
      name: `search replica ${i + 1}`,
      module: new URL('./replica-process.ts', import.meta.url),
      log,
      onReady: () => {
        statuses[i] = undefined
        replicas[i]?.send({ start: replicaStart() })
      },
      onMessage: (message) => {
        const m = message as { answer?: ReplicaAnswer; status?: ReplicaStatus; damaged?: string }
        if (m.answer) settle(m.answer)
        if (m.status) statuses[i] = m.status
        if (m.damaged && m.damaged !== rebuiltFor) {
          rebuiltFor = m.damaged
          log.error({ reason: m.damaged }, 'the search index is damaged and is built anew')
          indexer.send({ rebuild: true })
        }
      },
    }),
  )
  for (const replica of replicas)
    void replica.ready
      .then(() => replica.send({ start: replicaStart() }))
      .catch((error) => log.error({ err: error }, 'no search'))
  const indexer = startChild({
    name: 'search indexer',
    module: new URL('./indexer-process.ts', import.meta.url),
    log,
    onReady: () => setImmediate(() => indexer.send({ start: indexerStart() })),
    onMessage: (message) => {
      const m = message as { changed?: boolean; lag?: number }
      if (m.lag !== undefined) lag = m.lag
      if (m.changed) for (const replica of replicas) replica.send({ changed: true })
    },
  })
  indexer.ready.catch((error) => log.error({ err: error }, 'the search index is not kept up to date'))

  const settle = ({ id, result, error }: ReplicaAnswer) => {
    const entry = open.get(id)
    if (!entry) return
    open.delete(id)
    if (error !== undefined) entry.reject(new Error(error))
    else entry.resolve(result!)
  }
  const load = (i: number) => [...open.values()].reduce((n, entry) => n + (entry.replica === i ? 1 : 0), 0)
  /** Gives the question to the replica with the fewest; false when none runs. */
  const place = (entry: Open): boolean => {
    const order = replicas
      .map((_, i) => i)
      .sort((a, b) => Number(!statuses[a]) - Number(!statuses[b]) || load(a) - load(b))
    for (const i of order) {
      const pid = replicas[i]!.pid
      if (!statuses[i] || pid === undefined || load(i) >= mostOpen) continue
      if (!replicas[i]!.send({ ask: entry.question })) continue
      entry.replica = i
      entry.pid = pid
      return true
    }
    entry.replica = -1
    return false
  }
  const watch = setInterval(() => {
    for (const [id, entry] of open) {
      if (Date.now() > entry.until) {
        open.delete(id)
        entry.reject(unavailable('Search does not answer at the moment.'))
      } else if (entry.replica < 0 || replicas[entry.replica]!.pid !== entry.pid) place(entry)
    }
  }, watchMs)
  watch.unref()

  const ask = <T extends ReplicaResult>(question: Omit<ReplicaQuestion, 'id'>): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = ++number
      if (open.size >= mostOpen * replicas.length)
        return reject(unavailable('Search has too many questions at the moment.'))
      const entry: Open = {
        question: { id, ...question },
        resolve: resolve as Open['resolve'],
        reject,
        replica: -1,
        pid: undefined,
        until: Date.now() + answerTimeoutMs,
      }
      open.set(id, entry)
      place(entry)
    })

  return {
    search: (question) => ask<IndexAnswer>({ search: question }),
    suggest: (text, limit) => ask<IndexSuggestion[]>({ suggest: { text, limit } }),
    names: (wanted) => ask<KnownName[][]>({ names: wanted }),
    holders: (wanted) => ask<KnownHolders[]>({ holders: wanted }),
    status: () => [...statuses],
    lag: () => lag,
    waiting: () => open.size,
    setNames(next) {
      names = next
      indexer.send({ names })
      for (const replica of replicas) replica.send({ bodies: names.bodies })
    },
    rebuild: () => void indexer.send({ rebuild: true }),
    async stop() {
      clearInterval(watch)
      for (const entry of open.values()) entry.reject(unavailable('The node is stopping.'))
      open.clear()
      await Promise.all([indexer.stop(), ...replicas.map((replica) => replica.stop())])
    },
  }
}
