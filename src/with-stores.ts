import { loadConfig } from './platform/config.ts'
import { createLogger } from './platform/log.ts'
import { stopChildren } from './platform/supervise.ts'
import { aborted, watchStopSignals } from './stop-signals.ts'
import { openStores, type Progress, type Stores } from './stores.ts'

export const tellPerson: Progress = (step) => void process.stderr.write(`· ${step}\n`)

/** Work of a command. One that heeds the signal ends in order, with what it has done so far. */
type Work<T> = (stores: Stores, signal: AbortSignal) => Promise<T>

/**
 * Opens the stores for one command and closes them whatever happens, also after Ctrl-C: a database that was started
 * for the command must not run on. Log lines below `warn` would bury the result.
 * @param options.heedsSignal the work ends by itself once the signal is aborted; other work is dropped.
 */
export async function withStores<T>(
  work: Work<T>,
  options: { heedsSignal?: boolean; migrate?: boolean } = {},
): Promise<T | undefined> {
  const config = loadConfig()
  const log = createLogger(process.env.LOG_LEVEL ? config.LOG_LEVEL : 'warn')
  const stop = watchStopSignals()
  const stores = await openStores(config, log, tellPerson, options)
  const dropped = Symbol('dropped')
  const dropAt = aborted(options.heedsSignal ? stop.insisted : stop.asked).then(() => dropped)
  try {
    // The signal may have come while the database started.
    if (stop.asked.aborted) return undefined
    const result = await Promise.race([work(stores, stop.asked), dropAt])
    return result === dropped ? undefined : (result as T)
  } finally {
    if (stop.asked.aborted) await stopChildren()
    await stores.close()
    // Dropped work may hold timers and connections.
    if (stop.asked.aborted) process.exit(stop.exitCode)
    stop.end()
  }
}
