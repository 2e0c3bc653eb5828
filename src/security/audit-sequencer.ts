import type { Logger } from '../platform/log.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import {
  type ChainRow,
  countIntake,
  deleteIntake,
  insertCheckpoint,
  insertEvents,
  lockCheckpoints,
  selectHashAt,
  selectHead,
  selectIntake,
  trySequencerLock,
} from './audit.queries.ts'
import { genesis, hashEvent } from './audit-chain.ts'
import {
  appendCheckpoint,
  type Checkpoint,
  type CheckpointKey,
  loadCheckpointKey,
  readLastCheckpointLine,
  signCheckpoint,
} from './audit-checkpoint.ts'

/** Pause between two looks at the intake (ms): how late an event may be in the chain. */
const pollMs = 250
/** Events of one commit: the commit is the cost, and 1,000 events are below 1 MB. */
const batchSize = 1_000
/** A checkpoint after this time (ms) or this many events, whichever is first: what a cut of the tail could hide. */
const checkpointEveryMs = 60_000
const checkpointEveryEvents = 1_000

export interface AuditSequencer {
  /** Moves everything that waits into the chain, and signs a checkpoint. */
  flush(): Promise<void>
  /** Ends in good order, after a last flush. */
  stop(): Promise<void>
  /** Set when the chain no longer fits the node's last checkpoint: somebody rewrote it. */
  readonly alarm: string | undefined
}

/**
 * Starts moving audit events from the intake into the chain. Every node may run one: who gets the lock appends,
 * the others look again. Every node signs checkpoints of what it sees with a key of its own.
 */
export function startAuditSequencer(options: {
  db: Db
  dataDir: string
  log: Pick<Logger, 'error' | 'warn'>
}): AuditSequencer {
  const { db, dataDir, log } = options
  const key = loadCheckpointKey(dataDir, true)!
  const state = {
    lastCheckpointAt: 0,
    stopped: false,
    alarm: undefined as string | undefined,
  }
  let timer: NodeJS.Timeout | undefined
  let work: Promise<void> = Promise.resolve()

  const checkpoint = async (force: boolean) => {
    if (state.alarm) return
    const due = Date.now() - state.lastCheckpointAt >= checkpointEveryMs || force
    const result = await signEnd(db, dataDir, key, due)
    if (result === 'signed') state.lastCheckpointAt = Date.now()
    else if (result !== undefined) {
      state.alarm = `The audit log differs from checkpoint ${result.seq} of ${result.at}. Run: concord audit verify`
      log.error({ seq: result.seq }, state.alarm)
    }
  }

  const turn = async (force: boolean) => {
    let moved: number
    let any = false
    do {
      moved = await appendBatch(db)
      any ||= moved > 0
      if (moved === batchSize) await checkpoint(false)
    } while (moved === batchSize)
    if (any || force || Date.now() - state.lastCheckpointAt >= checkpointEveryMs) {
      await checkpoint(force)
      // Also when nothing was due: the next look is in a while.
      if (!any) state.lastCheckpointAt = Date.now()
    }
  }
  const enqueue = (force: boolean) => {
    work = work.catch(() => {}).then(() => turn(force))
    return work
  }
  let waiting = false
  const loop = () => {
    enqueue(false)
      .then(() => {
        waiting = false
      })
      .catch((error: Error) => {
        // Once for each outage: it is tried again four times a second.
        if (!waiting) log.warn({ reason: error.message }, 'the audit log waits for the database')
        waiting = true
      })
      .finally(() => {
        if (!state.stopped) timer = setTimeout(loop, pollMs)
      })
  }
  loop()

  const flush = async () => {
    do await enqueue(true)
    while ((await countIntake(db)) > 0)
  }
  return {
    flush,
    stop: async () => {
      state.stopped = true
      clearTimeout(timer)
      await flush().catch((error) => log.warn({ err: error }, 'audit events wait for the next start'))
      clearTimeout(timer)
    },
    get alarm() {
      return state.alarm
    },
  }
}

/**
 * Signs the end of the chain when it is due, or when there are many events since the last time.
 * @returns the last checkpoint when the chain does not fit it: nothing may be signed any more.
 */
async function signEnd(
  db: Db,
  dataDir: string,
  key: CheckpointKey,
  due: boolean,
): Promise<'signed' | Checkpoint | undefined> {
  return inTransaction(db, async (tx) => {
    // A command beside the node signs with the same key into the same file: one after the other.
    await lockCheckpoints(tx, key.keyId)
    const lastLine = readLastCheckpointLine(dataDir)
    const last = lastLine === undefined ? undefined : (JSON.parse(lastLine) as Checkpoint)
    // A crash between file and table left the table one line behind.
    if (last) await insertCheckpoint(tx, { keyId: last.keyId, seq: last.seq, line: lastLine! })
    if (last && (await selectHashAt(tx, last.seq))?.toString('hex') !== last.hash) return last
    const head = await selectHead(tx)
    if (!head || head.seq === last?.seq) return undefined
    if (!due && head.seq - (last?.seq ?? 0) < checkpointEveryEvents) return undefined
    const line = signCheckpoint(key, head, lastLine)
    await appendCheckpoint(dataDir, line)
    await insertCheckpoint(tx, { keyId: key.keyId, seq: head.seq, line })
    return 'signed'
  })
}

/**
 * Moves one batch into the chain. Order: that of the transactions that are visible now. An event whose
 * transaction commits later comes later, whatever its number: nothing waits for long transactions, and what
 * is moved is deleted from the intake in the same commit, so none is lost or doubled.
 * @returns how many were moved; 0 when another node is at it.
 */
async function appendBatch(db: Db): Promise<number> {
  return inTransaction(db, async (tx) => {
    if (!(await trySequencerLock(tx))) return 0
    const waiting = await selectIntake(tx, batchSize)
    if (waiting.length === 0) return 0
    const head = await selectHead(tx)
    let seq = head?.seq ?? 0
    let previousHash: Buffer = head?.hash ?? genesis
    const events: ChainRow[] = []
    for (const { xid: _, ...event } of waiting) {
      const row = { ...event, seq: ++seq }
      const hash = hashEvent(row, previousHash)
      events.push({ ...row, previousHash, hash })
      previousHash = hash
    }
    await insertEvents(tx, events)
    await deleteIntake(tx, waiting)
    return events.length
  })
}
