import type { ClickHouseClient } from '../platform/clickhouse.ts'
import type { Logger } from '../platform/log.ts'
import { counter } from '../platform/metrics.ts'
import { insertUseEvents, type UseEvent } from './use.queries.ts'

/** Notes searches and views without anybody waiting: batches, dropped when the store is down. */

export interface UseLog {
  note(event: UseEvent): void
  /** Writes what is left. */
  stop(): Promise<void>
}

/** Events held at most; beyond, the newest are dropped and counted. About 200 bytes each. */
const bufferLimit = 20_000
/** Events of one insert. */
const batchLimit = 5_000
/** Time between inserts (ms). */
const flushMs = 2_000

const dropped = counter(
  'concord_search_use_events_dropped_total',
  'Use events not written because the store was down or late.',
)

export function startUseLog(clickhouse: ClickHouseClient, log: Pick<Logger, 'warn'>): UseLog {
  let buffer: UseEvent[] = []
  let writing: Promise<void> | undefined
  let warned = false

  const flush = async () => {
    while (buffer.length > 0) {
      const batch = buffer.slice(0, batchLimit)
      try {
        await insertUseEvents(clickhouse, batch)
        buffer = buffer.slice(batch.length)
        warned = false
      } catch (error) {
        if (!warned) log.warn({ err: error }, 'uses of the catalogue cannot be noted at the moment')
        warned = true
        return
      }
    }
  }
  const run = () => {
    writing ??= flush().finally(() => {
      writing = undefined
    })
    return writing
  }
  const timer = setInterval(run, flushMs)
  timer.unref()
  return {
    note(event) {
      if (buffer.length >= bufferLimit) dropped.inc()
      else buffer.push(event)
    },
    async stop() {
      clearInterval(timer)
      await run()
      if (buffer.length > 0) dropped.inc(buffer.length)
    },
  }
}
