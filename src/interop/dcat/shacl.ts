import { randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Change, getChanges, getEntries, getPublicState } from '../../catalog/index.ts'
import { noteConformity } from '../../coverage/index.ts'
import { notFound } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import { gauge, metrics } from '../../platform/metrics.ts'
import { type Db, inTransaction } from '../../platform/postgres.ts'
import type { Profile } from '../../platform/profile.ts'
import { type Actor, authorize, freshOrganisationTree } from '../../security/index.ts'
import {
  deleteResults,
  dropCursor,
  moveCursor,
  type ShaclRow,
  selectChecked,
  selectResult,
  takeCursor,
  writeResults,
} from './shacl.queries.ts'
import type { ShaclReport } from './shacl.schema.ts'
import { type ShaclWorker, startShaclWorker } from './shacl-worker.ts'

/** The shapes of a node, and the work with them. */
export interface ShaclChecks {
  shapes: { file: string; sha256: string }
  stop(): Promise<void>
}

/** Changes of one step: what is in memory at once, and what a process that is killed does again. */
const stepChanges = 50
/** Pause between two looks when all is checked (ms). */
const lookMs = 1_000
/** A process that is not heard of for this long is taken to be gone (s): longer than a step may take. */
const holdSeconds = 120

/** Seconds that the oldest unchecked change has waited, in the latest node of this process. */
let oldestUnchecked: number | undefined
const lagSeconds = () => (oldestUnchecked === undefined ? 0 : (Date.now() - oldestUnchecked) / 1000)

/**
 * Checks every published entry after each of its changes, in the order of the change feed, from where it was left off.
 * The feed is the queue: nothing piles up in memory, and only what an entry holds now is checked. Of several nodes one
 * works. Other shapes than before check everything anew.
 * @throws Error where the shapes cannot be read
 */
export async function startShaclChecks(options: {
  db: Db
  log: Logger
  shapesFile: string
  profile: Profile
  base: string
}): Promise<ShaclChecks> {
  const { db, log, shapesFile, profile } = options
  const worker = await startShaclWorker({ ...options, profileId: profile.id })
  const shapes = { file: basename(shapesFile), sha256: worker.sha256 }
  const holder = randomUUID()
  const ending = new AbortController()
  observe()
  const loop = (async () => {
    while (!ending.signal.aborted) {
      const more = await checkNext({ db, profile, worker, shapes, holder, signal: ending.signal }).catch(
        (error: Error) => {
          if (!ending.signal.aborted)
            log.warn({ reason: error.message }, 'SHACL checks wait for the database')
          return false
        },
      )
      if (!more) await sleep(lookMs, undefined, { signal: ending.signal }).catch(() => {})
    }
  })()
  return {
    shapes,
    stop: async () => {
      ending.abort()
      await worker.stop()
      await loop
      oldestUnchecked = undefined
      await dropCursor(db, holder).catch(() => {})
    },
  }
}

function observe(): void {
  if (metrics.getSingleMetric('concord_shacl_lag_seconds')) return
  gauge('concord_shacl_lag_seconds', 'Time the oldest change has waited for its SHACL check.', lagSeconds)
}

/** Checks what the next changes left. @returns whether there may be more at once. */
async function checkNext(of: {
  db: Db
  profile: Profile
  worker: ShaclWorker
  shapes: ShaclChecks['shapes']
  holder: string
  signal: AbortSignal
}): Promise<boolean> {
  const { db, profile, worker, shapes, holder, signal } = of
  const ordinal = await takeCursor(db, shapes.sha256, { holder, seconds: holdSeconds })
  if (ordinal === undefined) return false
  const changes = await getChanges(db, ordinal, stepChanges)
  oldestUnchecked = changes[0] && Date.parse(changes[0].at)
  if (changes.length === 0) return false
  const { ids, gone } = newest(changes)
  const entries = await getEntries(db, ids)
  const known = new Set(await selectChecked(db, entries, shapes.sha256))
  const rows: ShaclRow[] = []
  for (const entry of entries) {
    if (known.has(entry.id)) continue
    const outcome = await worker.check(entry)
    if (signal.aborted) return false
    rows.push({ ...outcome, datasetId: entry.id, version: entry.version })
  }
  await inTransaction(db, async (tx) => {
    if (!(await moveCursor(tx, changes.at(-1)!.ordinal, holder))) return
    await writeResults(tx, rows, shapes)
    await deleteResults(tx, gone)
    await noteConformity(
      tx,
      profile,
      rows.flatMap(({ datasetId: id, version, conforms }) =>
        conforms === null ? [] : [{ id, version, conforms }],
      ),
    )
  })
  return true
}

/** What the changes leave of each entry: published or not. */
function newest(changes: Change[]): { ids: number[]; gone: number[] } {
  const last = new Map(changes.map((change) => [change.datasetId, change.kind]))
  const idsOf = (deleted: boolean) =>
    [...last].flatMap(([id, kind]) => ((kind === 'delete') === deleted ? [id] : []))
  return { ids: idsOf(false), gone: idsOf(true) }
}

/** What was found in an entry, for those who may change it. @throws not_found, forbidden */
export async function getShaclReport(
  db: Db,
  actor: Actor,
  uid: string,
  shapes: ShaclChecks['shapes'] | undefined,
): Promise<ShaclReport> {
  const entry = await getPublicState(db, uid)
  if (!entry) throw notFound(`The entry ${uid}`)
  await freshOrganisationTree(db)
  authorize(actor, 'dataset:update', {
    kind: 'dataset',
    organisationId: entry.organisationId,
    state: entry.state,
  })
  const stored = await selectResult(db, entry.id)
  if (!stored) return { shapes: shapes ?? null, result: null }
  const { file, sha256, ...result } = stored
  const current = stored.version === entry.version && sha256 === shapes?.sha256
  return { shapes: shapes ?? null, result: { ...result, current, shapes: { file, sha256 } } }
}
