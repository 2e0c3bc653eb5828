import { emit } from '../platform/outbox.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { datasetTopic } from './dataset-topic.ts'
import { addUse } from './use.queries.ts'

/** Time between two writings of what was counted (ms); a kill loses at most that much. */
const flushEveryMs = 30_000
/** Entries counted in memory at once; more between two writings are not counted. */
const maxCounted = 50_000

export interface UseCounter {
  /** An entry was looked at. */
  count(uid: string): void
  /** Writes what was counted. */
  flush(): Promise<void>
  stop(): Promise<void>
}

/**
 * Counts how often published entries are looked at. A look costs nothing; sums are written from time to time.
 * Search is told when a count has doubled, because its order depends on the order of magnitude.
 */
export function startUseCounter(db: Db, onError: (error: unknown) => void): UseCounter {
  let counts = new Map<string, number>()
  const flush = async () => {
    if (counts.size === 0) return
    const mine = counts
    counts = new Map()
    await inTransaction(db, async (tx) => {
      const doubled = await addUse(tx, [...mine.keys()], [...mine.values()])
      if (doubled.length > 0) await emit(tx, datasetTopic, { ids: doubled })
    })
  }
  const timer = setInterval(() => flush().catch(onError), flushEveryMs)
  timer.unref()
  return {
    count: (uid) => {
      const before = counts.get(uid) ?? 0
      if (before > 0 || counts.size < maxCounted) counts.set(uid, before + 1)
    },
    flush,
    stop: async () => {
      clearInterval(timer)
      await flush().catch(onError)
    },
  }
}
