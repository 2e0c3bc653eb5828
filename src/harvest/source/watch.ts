import type { Db } from '../../platform/postgres.ts'
import { RunLost } from '../import-write.ts'
import { readWishes } from './wish.queries.ts'

/** How often a run looks whether somebody asked it to stop (ms): a stop is at once to people. */
const lookMs = 500

/** Why a run is cut off. */
export class RunStopped extends Error {}
export class RunEnding extends Error {}
export class RunStalled extends Error {}

export interface RunWatch {
  /** Aborted with the reason when the run is to end now. */
  signal: AbortSignal
  /** Something was settled: the time without progress begins anew. */
  progress(): void
  end(): void
}

/**
 * Watches a run at work: cuts it off when a person asks for it at any node, when another process took it over, when this
 * process ends, and when nothing was settled for `stallMs`. A run has no limit of total time.
 */
export function watchRun(
  db: Db,
  run: { id: number; epoch: number },
  options: { ending: AbortSignal; stallMs: number },
): RunWatch {
  const cut = new AbortController()
  let last = performance.now()
  const onEnding = () => cut.abort(new RunEnding())
  if (options.ending.aborted) onEnding()
  options.ending.addEventListener('abort', onEnding, { once: true })
  let looking = false
  const look = async () => {
    if (performance.now() - last > options.stallMs) return cut.abort(new RunStalled())
    if (looking) return
    looking = true
    try {
      const { stop, lost } = await readWishes(db, run.id, run.epoch)
      if (lost) cut.abort(new RunLost())
      else if (stop) cut.abort(new RunStopped())
    } catch {
      // The database is away for a moment: the writing of the next batch will tell.
    } finally {
      looking = false
    }
  }
  const timer = setInterval(look, lookMs)
  return {
    signal: cut.signal,
    progress() {
      last = performance.now()
    },
    end() {
      clearInterval(timer)
      options.ending.removeEventListener('abort', onEnding)
    },
  }
}
