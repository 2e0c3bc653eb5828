import { setTimeout as sleep } from 'node:timers/promises'
import { listenOutbox } from '../platform/listen.ts'
import type { FeedNames } from './feed.ts'
import { createWork, type IndexerOptions } from './index-work.ts'
import { rebuildIndex } from './rebuild.ts'

/**
 * Keeps the index on disk in step with the outbox: each batch of changes becomes a small segment, small
 * segments are merged into larger ones beside it. Replicas only read what it writes.
 */

export interface Indexer {
  /** New names of bodies; entries written from now on are found by them. */
  setNames(names: FeedNames): void
  /** Builds the index anew, for instance because a file is damaged. */
  rebuild(): void
  stop(): Promise<void>
}

/** Looks for news without being woken (ms). */
const pollMs = 500
/** Changes collected before a batch is read (ms): many small edits become one segment. */
const collectMs = 150
/**
 * From the beginning of a batch to that of the next (ms), where changes keep coming: each batch costs the replicas a new
 * segment, and what they remember of the others.
 */
const spacingMs = 600
/** Batches take at most one part in so many of the time, while changes keep coming faster than people make them … */
const restShare = 4
/** … but wait no longer than this for each other (ms). */
const longestSpacingMs = 30_000
/** Without news for so long (ms) a bulk import is over. */
const calmMs = 700

/** From the beginning of a batch that took so long to that of the next (ms). */
const spacingOf = (tookMs: number): number =>
  Math.min(Math.max(spacingMs, restShare * tookMs), longestSpacingMs)

/** Starts to follow the outbox. */
export function startIndexer(options: IndexerOptions): Indexer {
  const { postgres, log, onChange } = options
  let names = options.names
  let stopped = false
  let wanted = false
  let wake = () => {}
  let woken = false
  let newsAt = performance.now()
  const poke = () => {
    woken = true
    newsAt = performance.now()
    wake()
  }
  const unlisten = listenOutbox(postgres.pool, log, poke)
  const work = createWork(options, () => names)

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
      if (stopped) wake()
    })
  /** A pause that a stop and a wanted rebuild end early, and a long one also that nothing comes any more. */
  const rest = async (ms: number) => {
    const end = performance.now() + ms
    while (!stopped && !wanted) {
      const now = performance.now()
      if (now >= end || (ms > spacingMs && now - newsAt > calmMs)) return
      await sleep(Math.min(end - now, collectMs))
    }
  }
  let nextAt = Number.NEGATIVE_INFINITY
  const loop = async () => {
    while (!stopped) {
      try {
        if (wanted || !work.load() || (await work.missed())) {
          await rebuildIndex({
            ...options,
            names,
            db: postgres.db,
            pool: postgres.pool,
            databaseUrl: postgres.url,
          })
          wanted = false
          onChange()
          continue
        }
        woken = false
        await work.applyNames()
        const now = performance.now()
        const applied = await work.apply()
        if (applied !== 'nothing') nextAt = now + spacingOf(performance.now() - now)
        if (applied === 'full') continue
        if (!woken) await pause(pollMs)
        if (woken && !stopped) await rest(Math.max(collectMs, nextAt - performance.now()))
      } catch (error) {
        log.warn({ err: error }, 'the search index could not be brought up to date; trying again')
        await pause(1000)
      }
    }
  }
  const running = loop()
  return {
    setNames(next) {
      names = next
      poke()
    },
    rebuild() {
      wanted = true
      poke()
    },
    async stop() {
      stopped = true
      poke()
      await unlisten()
      await running
      await work.end()
    },
  }
}
