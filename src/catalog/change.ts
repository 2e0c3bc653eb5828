import { listenOutbox } from '../platform/listen.ts'
import type { Logger } from '../platform/log.ts'
import { type Db, inTransaction, type Postgres } from '../platform/postgres.ts'
import { numberChanges, selectChanges, selectLastChange, trySequencerLock } from './change.queries.ts'

/** Pause between two looks at the intake without being woken (ms): a long transaction may have ended. */
const pollMs = 500
/** Pause after being woken (ms): changes that come close together get one commit. */
const gatherMs = 50
/** Changes of one commit: some 3 MB of rows, a fifth of a second. */
const batchSize = 20_000

export interface ChangeSequencer {
  stop(): Promise<void>
}

/** Changes after a place (an ordinal; 0 for all), oldest first. */
export const getChanges = selectChanges

/** The place and time of the newest change; zero where there is none. */
export const lastChange = selectLastChange

/** Numbers everything that is settled now. Of several nodes one does it; the others find it done. */
export async function sequenceChanges(db: Db): Promise<void> {
  for (;;) {
    const moved = await inTransaction(db, async (tx) =>
      (await trySequencerLock(tx)) ? numberChanges(tx, batchSize) : 0,
    )
    if (moved < batchSize) return
  }
}

/** Starts numbering changes as they are committed. Every node of a database may run one. */
export function startChangeSequencer(options: {
  db: Db
  pool: Postgres['pool']
  log: Pick<Logger, 'warn'>
}): ChangeSequencer {
  const { db, pool, log } = options
  let timer: NodeJS.Timeout | undefined
  let work: Promise<void> | undefined
  let again = false
  let stopped = false
  let failing = false
  const turn = () => {
    clearTimeout(timer)
    if (work) {
      again = true
      return
    }
    work = sequenceChanges(db)
      .then(() => {
        failing = false
      })
      .catch((error: Error) => {
        if (!failing) log.warn({ reason: error.message }, 'the change feed waits for the database')
        failing = true
      })
      .finally(() => {
        work = undefined
        if (!stopped) timer = setTimeout(turn, again && !failing ? gatherMs : pollMs)
        again = false
      })
  }
  const wake = () => {
    if (work) again = true
    else if (!stopped) {
      clearTimeout(timer)
      timer = setTimeout(turn, gatherMs)
    }
  }
  const deaf = listenOutbox(pool, log, wake)
  turn()
  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await deaf()
      await work
    },
  }
}
