import { setTimeout as sleep } from 'node:timers/promises'
import { ConcordError } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import type { Db } from '../../platform/postgres.ts'
import type { Profile } from '../../platform/profile.ts'
import type { Vault } from '../../security/index.ts'
import { withSource } from '../import-run.ts'
import type { RemoteOptions, RemotePeer, RemoteSource } from '../remote/index.ts'
import { remoteLimitsOf } from './read.ts'
import { type HarvestRunRow, selectOpenRuns } from './run.queries.ts'
import { runHarvest } from './run.ts'
import { type SourceRow, selectSourceById, selectToken } from './source.queries.ts'
import type { OpenRemote } from './work.ts'

/** What harvesting needs of its node. */
export interface HarvestNode {
  db: Db
  profile: Profile
  log: Pick<Logger, 'info' | 'error'>
  vault: Vault
  access: RemoteOptions['access']
  open: OpenRemote
  /** What another node says beside its entries. */
  peer(source: RemoteSource, options: RemoteOptions): RemotePeer
}

/** Harvests worked in this process. Runs wait in the database, so that any node of it takes them. */
export interface HarvestRunner {
  /** Looks for work now instead of a little later. */
  wake(): void
  /** Ends what runs; it goes on at the next start, or at another node. */
  close(): Promise<void>
  /** Settles when nothing waits or works: for tests and scripts. */
  idle(): Promise<void>
}

/** Runs at work at a time: each keeps a connection and up to a core busy, and a source is fetched from slowly anyway. */
const atWork = 3
/** How often the queue is looked at (ms). */
const lookMs = 2_000
/** Pause (ms) before looking again at a source that another process works on. */
const busyMs = 2_000
/** Runs looked at in one go; those that another node works on are among them. */
const lookRows = 50

export function createHarvestRunner(node: HarvestNode): HarvestRunner {
  const working = new Map<number, Promise<void>>()
  /** Runs whose source somebody else works on, and when to look again. */
  const busy = new Map<number, number>()
  const ending = new AbortController()
  let looking: Promise<void> | undefined
  let again = false

  const look = async () => {
    for (const run of await selectOpenRuns(node.db, lookRows)) {
      if (ending.signal.aborted || working.size >= atWork) return
      if (working.has(run.id) || (busy.get(run.id) ?? 0) > Date.now()) continue
      busy.delete(run.id)
      const work = workOne(node, run, ending.signal)
        .then((taken) => void (taken || busy.set(run.id, Date.now() + busyMs)))
        .catch((error) => node.log.error({ err: error, harvest: run.uid }, 'harvest failed'))
        .then(() => {
          working.delete(run.id)
          wake()
        })
      working.set(run.id, work)
    }
  }
  const wake = () => {
    if (ending.signal.aborted) return
    again = true
    looking ??= (async () => {
      while (again) {
        again = false
        await look().catch((error) => node.log.error({ err: error }, 'the queue of harvests cannot be read'))
      }
      looking = undefined
    })()
  }
  const timer = setInterval(wake, lookMs)
  return {
    wake,
    async close() {
      clearInterval(timer)
      ending.abort()
      await looking
      await Promise.all(working.values())
    },
    async idle() {
      wake()
      for (;;) {
        await looking
        await Promise.all(working.values())
        if (!looking && working.size === 0 && (await selectOpenRuns(node.db, 1)).length === 0) return
        await sleep(20)
      }
    },
  }
}

/** Works on a run. @returns false when another process has its source, or a file is being imported as the same one */
async function workOne(node: HarvestNode, run: HarvestRunRow, signal: AbortSignal): Promise<boolean> {
  const { db, profile, log, open, access } = node
  const source = run.sourceRow === null ? undefined : await selectSourceById(db, run.sourceRow)
  if (!source) return true
  const remote = () => remoteOf(node, source)
  const bodies = async () => {
    const peer = await openPeerOf(node, source, signal)
    return peer.bodies().finally(peer.close)
  }
  try {
    await withSource(db, source.name, () =>
      runHarvest({ db, profile, run, source, remote, open, bodies, access, signal, log }),
    )
    return true
  } catch (error) {
    if (error instanceof ConcordError && error.code === 'conflict') return false
    throw error
  }
}

export const openPeerOf = async (
  node: HarvestNode,
  source: SourceRow,
  signal: AbortSignal,
): Promise<RemotePeer> =>
  node.peer(await remoteOf(node, source), { signal, access: node.access, limits: remoteLimitsOf(source) })

/** The source as its reader wants it, the token opened. @throws ConcordError unavailable when it does not open */
export async function remoteOf(
  { db, vault }: Pick<HarvestNode, 'db' | 'vault'>,
  source: SourceRow,
): Promise<RemoteSource> {
  const sealed = source.hasToken ? await selectToken(db, source.id) : null
  return {
    kind: source.kind!,
    url: source.url,
    ...(source.filter && { filter: source.filter }),
    ...(source.mapping?.read && { read: source.mapping.read }),
    ...(source.limits.ignoreRobots && { ignoreRobots: true }),
    ...(sealed && { authorization: vault.open(sealed, source.uid) }),
  }
}
