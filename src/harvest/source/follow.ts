import { setTimeout as sleep } from 'node:timers/promises'
import { ConcordError } from '../../platform/errors.ts'
import { inTransaction, isUniqueViolation } from '../../platform/postgres.ts'
import { systemActor } from '../../security/index.ts'
import type { RemotePeer } from '../remote/index.ts'
import { type HarvestRunRow, selectHarvestRuns } from './run.queries.ts'
import { type HarvestNode, openPeerOf } from './runner.ts'
import { changedSince, queueHarvest } from './runs.ts'
import { type SourceRow, selectContinuous, selectSourceById } from './source.queries.ts'
import { reopenRun } from './wish.queries.ts'

/** Nodes that are followed continuously: a run begins as soon as one has a change. */
export interface Follower {
  close(): Promise<void>
}

/** How often the list of sources is read (ms). */
const lookMs = 5_000
/** Seconds that a request waits at the other node for its next change: as long as a node lets it. */
const waitSeconds = 20
/** Between two looks at a run at work, at a question that waits for a person, at a node, and after a failure (ms). */
const pauses = { run: 200, person: 5_000, again: 1_000, failure: 30_000 }
/** A run that failed for good, or was not complete, is followed by another after this time (ms). */
const failedMs = 600_000
/** Changes of this time go into one run (seconds): one for each would make a history that nobody can read. */
const runSeconds = 3_600

/** Starts to follow. @param wake tells the runner that a run waits */
export function createFollower(node: HarvestNode, wake: () => void): Follower {
  const ending = new AbortController()
  const following = new Map<number, Promise<void>>()
  const look = async () => {
    for (const { id } of await selectContinuous(node.db)) {
      if (ending.signal.aborted || following.has(id)) continue
      const work = followSource(node, id, wake, ending.signal)
        .catch((error) => node.log.error({ err: error, source: id }, 'following a node failed'))
        .finally(() => following.delete(id))
      following.set(id, work)
    }
  }
  const loop = async () => {
    while (!ending.signal.aborted) {
      await look().catch((error) => node.log.error({ err: error }, 'the nodes to follow cannot be read'))
      await pause(lookMs, ending.signal)
    }
  }
  const looking = loop()
  return {
    async close() {
      ending.abort()
      await looking
      await Promise.all(following.values())
    },
  }
}

/** Follows a source until it is continuous no more. */
async function followSource(
  node: HarvestNode,
  id: number,
  wake: () => void,
  signal: AbortSignal,
): Promise<void> {
  let peer: { opened: RemotePeer; version: number } | undefined
  /** The place that the last run was begun for. */
  let begunAt: number | undefined
  try {
    while (!signal.aborted) {
      const source = await selectSourceById(node.db, id)
      if (source?.schedule !== 'continuous' || !source.active) return
      const [last] = await selectHarvestRuns(node.db, id, { limit: 1 })
      const rest = restOf(last)
      if (rest > 0) {
        await pause(rest, signal)
        continue
      }
      try {
        if (last && changedSince(source, new Date()) !== null) {
          if (peer?.version !== source.version) {
            peer?.opened.close()
            peer = { opened: await openPeerOf(node, source, signal), version: source.version }
          }
          const { after } = (last.cursor ?? { after: 0 }) as { after: number }
          const asked = Date.now()
          const news = await peer.opened.hasChange({ after, seconds: waitSeconds })
          // A node that does not let wait is asked slowly, and one that tells of changes and has none, very slowly.
          if (!news) await pause(asked + pauses.again - Date.now(), signal)
          else if (after === begunAt) await pause(pauses.failure, signal)
          if (!news) continue
          begunAt = after
        }
        await begin(node, source)
        wake()
      } catch (error) {
        if (signal.aborted) return
        // Away for a moment, or refused: people see that at the run that a change or their own start brings.
        if (!(error instanceof ConcordError))
          node.log.error({ err: error, source: source.name }, 'following a node failed')
        await pause(pauses.failure, signal)
      }
    }
  } finally {
    peer?.opened.close()
  }
}

/** How long to leave a source alone (ms) because of its last run. */
function restOf(last: HarvestRunRow | undefined): number {
  switch (last?.state) {
    case 'queued':
    case 'running':
    case 'interrupted':
      return pauses.run
    // A person asked for it, or is asked.
    case 'stopped':
    case 'waiting':
      return pauses.person
    case 'failed':
      return untilAgain(last)
    // It could not read everything, and would not a moment later.
    case 'done':
      return last.complete ? 0 : untilAgain(last)
    default:
      return 0
  }
}

const untilAgain = ({ finishedAt }: HarvestRunRow): number =>
  Math.max(0, Date.parse(finishedAt!) + failedMs - Date.now())

/** Takes the last run up again, or makes a new one. One that somebody else has begun in between is as good. */
async function begin({ db }: HarvestNode, source: SourceRow): Promise<void> {
  try {
    await inTransaction(db, async (tx) => {
      if (changedSince(source, new Date()) === null || !(await reopenRun(tx, source.id, runSeconds)))
        await queueHarvest(tx, source, systemActor('schedule'))
    })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {})
}
