import { ConcordError, notFound } from '../../platform/errors.ts'
import { type Db, inTransaction } from '../../platform/postgres.ts'
import { type Actor, audit, authorize } from '../../security/index.ts'
import { endOrphansIfFree } from '../import.queries.ts'
import type { Mapping } from '../mapping.schema.ts'
import { checkMapping, formatMapping } from '../mapping.ts'
import { incrementalKinds } from '../remote/index.ts'
import { findSource } from './list.ts'
import { deleteRunMarks } from './record.queries.ts'
import { type HarvestRunRow, insertHarvestRun, selectHarvestRun, selectHarvestRuns } from './run.queries.ts'
import { toRun } from './run-view.ts'
import type { SourceRow } from './source.queries.ts'
import type { HarvestRun, SourceKind } from './source.schema.ts'
import { decideRun, requestHarvestStop, requeueRun } from './wish.queries.ts'

const defaultLimit = 20
/**
 * Days between comparisons of everything, where the source says nothing else: a fault of an incremental run lives no longer.
 * The changes of a node are numbered and complete; they are followed by place, not by time.
 */
const fullDays = (kind: SourceRow['kind']) => (kind === 'concord' ? 90 : 7)
const dayMs = 86_400_000

/** Puts a run of the source into the queue, or gives the one that is there. @throws conflict when the source cannot be read */
export async function startHarvest(
  db: Db,
  actor: Actor,
  uid: string,
  options: { full?: boolean; now?: Date; requestId?: string } = {},
): Promise<HarvestRun> {
  const source = await findSource(db, actor, uid, 'source:run')
  if (source.kind === null || source.organisationId === null)
    throw new ConcordError(
      'conflict',
      'Nobody answers for this source yet. Save it with a kind and a body first.',
    )
  const run = await inTransaction(db, async (tx) => {
    const made = await queueHarvest(tx, source, actor, options)
    if (made) await auditRun(tx, actor, source, 'source:run', made.uid, options.requestId)
    return made
  })
  if (run) return toRun(run)
  // A killed process may have left one that nobody works on: it goes on, which is what was asked for.
  const [open] = await selectHarvestRuns(db, source.id, { limit: 1 })
  return toRun(open!)
}

/** Makes the run of a source that is due or was asked for. Undefined when it has one. */
export function queueHarvest(
  tx: Db,
  source: SourceRow,
  actor: Actor,
  options: { full?: boolean; now?: Date } = {},
): Promise<HarvestRunRow | undefined> {
  const mapping = mappingOf(source)
  return insertHarvestRun(tx, {
    task: 'harvest',
    source,
    format: mapping.format,
    mapping,
    organisationId: source.organisationId,
    actor,
    reason: `Harvest of ${source.title}`,
    since: options.full ? null : changedSince(source, options.now ?? new Date()),
    // Changes of a node are followed from the last one read; other sources are asked by time.
    goOn: source.kind === 'concord',
  })
}

/** From when on changes are asked for; null: everything is compared. */
export function changedSince(
  source: Pick<SourceRow, 'kind' | 'cleanAt' | 'fullAt' | 'limits'>,
  now: Date,
): string | null {
  const { kind, cleanAt, fullAt, limits } = source
  if (!incrementalKinds.some((k) => k === kind) || cleanAt === null || fullAt === null) return null
  const age = now.getTime() - Date.parse(fullAt)
  return age < (limits.fullDays ?? fullDays(kind)) * dayMs ? cleanAt : null
}

/** The form of the records that a kind of source brings: each kind has its own. */
export const formatOf = (kind: SourceKind): Mapping['format'] => kind

/** The mapping of a source: its own, else what its format says itself. @throws invalid_content for a table without one */
export function mappingOf(source: Pick<SourceRow, 'mapping' | 'kind' | 'copyBodies'>): Mapping {
  const mapping = checkMapping(source.mapping ?? formatMapping(formatOf(source.kind!)))
  return source.copyBodies && !mapping.bodyFrom
    ? { ...mapping, bodyFrom: { from: '/content/body' } }
    : mapping
}

async function findRun(db: Db, actor: Actor, uid: string, action: string) {
  const run = await selectHarvestRun(db, uid)
  if (!run) throw notFound('The run')
  authorize(actor, action, { kind: 'source', organisationId: run.organisationId })
  return run
}

export async function getHarvestRun(db: Db, actor: Actor, uid: string): Promise<HarvestRun> {
  return toRun(await findRun(db, actor, uid, 'source:read'))
}

/** Runs of a source, newest first. */
export async function listHarvestRuns(
  db: Db,
  actor: Actor,
  uid: string,
  page: { before?: number; limit?: number },
) {
  const source = await findSource(db, actor, uid, 'source:read')
  const limit = page.limit ?? defaultLimit
  const rows = await selectHarvestRuns(db, source.id, { before: page.before, limit: limit + 1 })
  return { items: rows.slice(0, limit).map(toRun), next: rows.length > limit ? rows[limit - 1]!.id : null }
}

/** Stops a run: what is being fetched is cut off; what was written stays, and it can go on later. */
export async function stopHarvest(
  db: Db,
  actor: Actor,
  uid: string,
  requestId?: string,
): Promise<HarvestRun> {
  const run = await findRun(db, actor, uid, 'source:run')
  await inTransaction(db, async (tx) => {
    await requestHarvestStop(tx, run.id)
    // Nobody hears the wish when the process of the run is gone.
    await endOrphansIfFree(tx, run.source!)
    await auditRun(tx, actor, run, 'source:stop', uid, requestId)
  })
  return toRun((await selectHarvestRun(db, uid))!)
}

/** Lets a run that was stopped or failed go on where it was. @throws conflict when it cannot */
export async function resumeHarvest(
  db: Db,
  actor: Actor,
  uid: string,
  requestId?: string,
): Promise<HarvestRun> {
  const run = await findRun(db, actor, uid, 'source:run')
  await inTransaction(db, async (tx) => {
    if (!(await requeueRun(tx, run.id)))
      throw new ConcordError(
        'conflict',
        'This run is at work, done, or a newer one has begun. Start a new run.',
      )
    await auditRun(tx, actor, run, 'source:resume', uid, requestId)
  })
  return toRun((await selectHarvestRun(db, uid))!)
}

/** Approves or refuses what a run would remove. @throws conflict when it does not ask, or a newer run knows better */
export async function decideRemovals(
  db: Db,
  actor: Actor,
  uid: string,
  approve: boolean,
  requestId?: string,
): Promise<HarvestRun> {
  const run = await findRun(db, actor, uid, 'source:decide')
  return inTransaction(db, async (tx) => {
    const decided = await decideRun(tx, run.id, approve ? 'approved' : 'refused', actor.name)
    if (!decided)
      throw new ConcordError(
        'conflict',
        run.state === 'waiting'
          ? 'A newer run of this source has begun and will decide what is gone. Wait for its end.'
          : 'This run does not ask for a decision any more.',
      )
    if (!approve) await deleteRunMarks(tx, run.id)
    await auditRun(tx, actor, run, approve ? 'source:approve' : 'source:refuse', uid, requestId, {
      removals: run.removals,
    })
    return toRun(decided)
  })
}

const auditRun = (
  tx: Db,
  actor: Actor,
  of: { organisationId: number | null; source?: string | null; name?: string },
  action: string,
  run: string,
  requestId: string | undefined,
  more: Record<string, unknown> = {},
) =>
  audit(tx, {
    actor,
    action,
    objectKind: 'source',
    objectId: of.name ?? of.source ?? undefined,
    organisationId: of.organisationId,
    decision: 'allow',
    requestId,
    detail: { run, ...more },
  })
