import type { Logger } from '../platform/log.ts'
import { gauge, metrics } from '../platform/metrics.ts'
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
  readCheckpoint,
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
    const due = Date.now() - state.lastCheckpointAt >= checkpointEveryMs || force
    // Looked at again now and then: a restored database may have been accepted on the command line.
    if (state.alarm && !due) return
    const result = await signEnd(db, dataDir, key, due)
    if (result === 'signed' || state.alarm) state.lastCheckpointAt = Date.now()
    const alarm = typeof result === 'object' ? `${result.fault} Run: concord audit verify` : undefined
    if (alarm && alarm !== state.alarm) log.error(alarm)
    if (!alarm && state.alarm) log.warn('the audit log fits its checkpoints again')
    state.alarm = alarm
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
  observe(db)
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

/** The database that the metrics speak of; that of the latest node of this process. */
let observed: Db | undefined

function observe(db: Db): void {
  observed = db
  if (metrics.getSingleMetric('concord_audit_backlog')) return
  gauge('concord_audit_backlog', 'Audit events that wait for their place in the chain.', async () =>
    observed ? countIntake(observed).catch(() => Number.NaN) : 0,
  )
}

/**
 * Signs the end of the chain when it is due, or when there are many events since the last time.
 * @returns the fault when the chain and the last checkpoint do not fit: nothing may be signed any more.
 */
async function signEnd(
  db: Db,
  dataDir: string,
  key: CheckpointKey,
  due: boolean,
): Promise<'signed' | { fault: string } | undefined> {
  return inTransaction(db, async (tx) => {
    // A command beside the node signs with the same key into the same file: one after the other.
    await lockCheckpoints(tx, key.keyId)
    const lastLine = readLastCheckpointLine(dataDir)
    const last = lastLine === undefined ? undefined : await readCheckpoint(lastLine, key)
    if (typeof last === 'string') return { fault: `The last line of the audit checkpoint file ${last}.` }
    if (last && !(await fitsChain(tx, last)))
      return { fault: `The audit log differs from checkpoint ${last.seq} of ${last.at}.` }
    // A crash between file and table left the table one line behind.
    if (last && !last.restored)
      await insertCheckpoint(tx, { keyId: last.keyId, seq: last.seq, line: lastLine! })
    const head = await selectHead(tx)
    if (!head || head.seq === last?.seq) return undefined
    if (!due && head.seq - (last?.seq ?? 0) < checkpointEveryEvents) return undefined
    const line = signCheckpoint(key, head, lastLine)
    await appendCheckpoint(dataDir, line)
    await insertCheckpoint(tx, { keyId: key.keyId, seq: head.seq, line })
    return 'signed'
  })
}

/** True when the event that was signed is in the chain as it was. Number 0 is the beginning of an empty log. */
export async function fitsChain(db: Db, { seq, hash }: Pick<Checkpoint, 'seq' | 'hash'>): Promise<boolean> {
  const found = seq === 0 ? genesis : await selectHashAt(db, seq)
  return found?.toString('hex') === hash
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
