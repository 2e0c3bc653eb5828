import { ConcordError } from '../../platform/errors.ts'
import { type Db, inTransaction } from '../../platform/postgres.ts'
import type { Actor } from '../../security/index.ts'
import { findSource } from './list.ts'
import { insertHarvestRun } from './run.queries.ts'
import { toRun } from './run-view.ts'
import { formatOf } from './runs.ts'
import { updateNextRun } from './source.queries.ts'
import type { HarvestRun } from './source.schema.ts'
import { auditSource, dropSource } from './source.ts'

/**
 * Removes a source. Its entries stay, and nobody updates them any more; or they are retired by a run of their own, in
 * batches that survive whatever ends it, and the source goes when that is done.
 * @throws conflict while a run of the source waits or works
 */
export async function removeSource(
  db: Db,
  actor: Actor,
  uid: string,
  entries: 'keep' | 'retire',
  requestId?: string,
): Promise<HarvestRun | undefined> {
  const source = await findSource(db, actor, uid, 'source:delete')
  if (['queued', 'running', 'interrupted'].includes(source.lastState ?? '')) throw busy()
  if (entries === 'keep' || source.organisationId === null || source.kind === null) {
    await dropSource(db, actor, source, requestId)
    return undefined
  }
  return inTransaction(db, async (tx) => {
    const run = await insertHarvestRun(tx, {
      task: 'removal',
      source: { ...source, publish: true },
      format: formatOf(source.kind!),
      mapping: null,
      organisationId: source.organisationId,
      actor,
      reason: `Removal of the source ${source.title}`,
      since: null,
    })
    if (!run) throw busy()
    await updateNextRun(tx, source.id, null)
    await auditSource(tx, actor, source, 'source:delete', requestId, { entries: 'retired', run: run.uid })
    return toRun(run)
  })
}

const busy = () =>
  new ConcordError(
    'conflict',
    'A run of this source waits or is at work. Stop it first, then remove the source.',
  )
