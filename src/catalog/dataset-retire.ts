import { emit } from '../platform/outbox.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { audit, authorize, freshOrganisationTree } from '../security/index.ts'
import { bodiesWith } from './bodies.ts'
import type { CatalogContext } from './context.ts'
import { lockPublishedBySource, retireRows } from './dataset-retire.queries.ts'
import { datasetTopic } from './dataset-topic.ts'
import { archiveDatasets, discardDrafts } from './dataset-write.queries.ts'

/** Records of one call: as many as a transaction of a second or two takes. */
export const maxRetireBatch = 5_000

/**
 * Retires the published entries that came from these records of a source, because the source has them no more.
 * Drafts beside them are given up; both stay in the history. One transaction, the caller's if `db` is one. An entry
 * that comes back is brought back by `upsertDatasets` with `revive`.
 * @returns how many were retired. @throws forbidden
 */
export async function retireBySource(
  db: Db,
  ctx: CatalogContext,
  source: string,
  sourceIds: string[],
  reason: string,
): Promise<number> {
  if (sourceIds.length > maxRetireBatch)
    throw new Error(`${sourceIds.length} records in one call; at most ${maxRetireBatch} are taken.`)
  await freshOrganisationTree(db)
  const work = async (tx: Db) => {
    const entries = await lockPublishedBySource(tx, source, sourceIds)
    if (entries.length === 0) return 0
    for (const organisationId of new Set(entries.map((e) => e.organisationId)))
      authorize(ctx.actor, 'dataset:retire', { kind: 'dataset', organisationId, state: 'published' })
    const ids = entries.map((e) => e.id)
    const { codesJson } = await bodiesWith(tx, [])
    await archiveDatasets(tx, ids, codesJson)
    await discardDrafts(tx, ids)
    const { personId, name: personName } = ctx.actor
    await retireRows(tx, ids, { personId, personName, reason: reason.slice(0, 500) })
    await emit(tx, datasetTopic, { ids })
    await audit(tx, {
      actor: ctx.actor,
      action: 'dataset:retire',
      objectKind: 'dataset',
      organisationId: ctx.actor.organisationId,
      decision: 'allow',
      requestId: ctx.requestId,
      detail: { source: source.slice(0, 100), reason: reason.slice(0, 500), retired: ids.length },
    })
    return ids.length
  }
  return db.isTransaction ? work(db) : inTransaction(db, work)
}
