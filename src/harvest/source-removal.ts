import {
  countLiveEntries,
  type LiveEntry,
  moveToSource,
  retireBySource,
  selectLiveEntries,
  selectLiveEntriesOf,
} from '../catalog/index.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { isAllowed } from '../security/index.ts'
import { allowLongStatements, type ImportRecordRow } from './import.queries.ts'
import { recordRow } from './import-batch.ts'
import { insertRecords, selectLastPosition } from './import-record.queries.ts'
import { RunLost } from './import-write.ts'
import { harvestActor } from './source-actor.ts'
import type { HarvestWork } from './source-read.ts'
import { selectGone, selectGonePage, selectHeirs, selectSeenLinks } from './source-record.queries.ts'
import { advanceRemoval } from './source-run.queries.ts'

/** Entries looked at in one statement, and removed in one transaction: about a second of work. */
const pageRows = 1_000
const statementMs = 60_000

/** What is to be removed: all of a source; what a complete run did not meet or was told is gone; only what it was told. */
export type RemovalKind = 'all' | 'unseen' | 'told'

/** Entries of the source that would be removed, page by page, and how many there are to compare with. */
async function* candidates(
  work: HarvestWork,
  kind: RemovalKind,
): AsyncGenerator<{ live: number; gone: LiveEntry[] }> {
  const { db, run, source, seen } = work
  if (kind === 'told') return yield* toldGone(work)
  for (let after = ''; ; ) {
    const live = await selectLiveEntries(db, source.name, { after, limit: pageRows })
    if (live.length === 0) return
    const ids = live.map((e) => e.sourceId)
    const told = kind === 'all' ? new Set(ids) : new Set(await selectGone(db, run.id, ids))
    // What was made after the run began, by an import of the same source, the run cannot have met.
    const older = kind === 'unseen' ? live.filter((e) => e.createdAt < run.startedAt!) : []
    const unseen = older.filter((e) => !seen.has(e.id)).map((e) => e.sourceId)
    const linked = await selectSeenLinks(db, source.id, run.id, unseen)
    const absent = new Set(unseen.filter((id) => !linked.has(id)))
    const gone = live.filter((e) => told.has(e.sourceId) || absent.has(e.sourceId))
    yield { live: live.length, gone }
    after = ids.at(-1)!
  }
}

/** What the source itself says is gone: only those entries are looked at, however many it has. */
async function* toldGone({
  db,
  run,
  source,
}: HarvestWork): AsyncGenerator<{ live: number; gone: LiveEntry[] }> {
  for (let after = ''; ; ) {
    const ids = await selectGonePage(db, run.id, { after, limit: pageRows })
    if (ids.length === 0) return
    const gone = await selectLiveEntriesOf(db, source.name, ids)
    yield { live: 0, gone }
    after = ids.at(-1)!
  }
}

/** How many entries would go, of how many. Looks at what is gone; with something gone, or not told, at every row of the source. */
export async function countRemovals(work: HarvestWork, kind: RemovalKind) {
  const found = { live: 0, gone: 0 }
  for await (const page of candidates(work, kind)) {
    found.live += page.live
    found.gone += page.gone.filter((e) => e.state === 'published').length
    work.watch.signal.throwIfAborted()
    work.watch.progress()
  }
  if (kind === 'told' && found.gone > 0) found.live = await countLiveEntries(work.db, work.source.name)
  return found
}

/**
 * Removes in batches, each with its report and the fence of the run: what was killed goes on with what is left. Entries
 * that another source holds too are carried on by it; published ones become tombstones; drafts are only named.
 */
export async function removeEntries(work: HarvestWork, kind: RemovalKind): Promise<void> {
  const { db, run, watch } = work
  for await (const { gone } of candidates(work, kind)) {
    watch.signal.throwIfAborted()
    if (gone.length === 0) continue
    await inTransaction(db, async (tx) => {
      await allowLongStatements(tx, statementMs)
      const removed = await removeBatch(tx, work, kind, gone)
      if (!(await advanceRemoval(tx, run.id, run.epoch, removed))) throw new RunLost()
    })
    watch.progress()
  }
}

async function removeBatch(tx: Db, work: HarvestWork, kind: RemovalKind, gone: LiveEntry[]): Promise<number> {
  const { ctx, run, source } = work
  const carried = await carryOn(tx, work, gone)
  const tombstones = gone.filter((e) => !carried.has(e.id) && e.state === 'published')
  const reason =
    kind === 'all' ? `The source ${source.title} was removed` : `Not in the source ${source.title} any more`
  await retireBySource(
    tx,
    ctx,
    source.name,
    tombstones.map((e) => e.sourceId),
    reason,
  )
  let position = await selectLastPosition(tx, run.id)
  const rows = gone.map((e): ImportRecordRow => {
    const heir = carried.get(e.id)
    const outcome = heir !== undefined || e.state === 'draft' ? 'gone' : 'removed'
    return recordRow(++position, '', outcome, {
      sourceId: e.sourceId,
      title: e.title,
      uid: e.uid,
      faults: heir !== undefined ? [carriedOn(heir)] : e.state === 'draft' ? [draftLeft] : [],
    })
  })
  await insertRecords(tx, run.id, rows)
  return tombstones.length
}

/** Gives entries to the sources that hold them too and may write them. @returns the source's name by row id */
async function carryOn(tx: Db, work: HarvestWork, gone: LiveEntry[]): Promise<Map<number, string>> {
  const heirs = await selectHeirs(
    tx,
    gone.map((e) => e.id),
    work.source.id,
  )
  const entries = new Map(gone.map((e) => [e.id, e]))
  const chosen = new Map<number, (typeof heirs)[number]>()
  for (const heir of heirs) {
    const { organisationId } = entries.get(heir.datasetId)!
    const object = { kind: 'dataset', organisationId, state: 'published' }
    const actor = harvestActor({
      name: heir.source,
      organisationId: heir.organisationId,
      publish: heir.publish,
    })
    if (!chosen.has(heir.datasetId) && isAllowed(actor, 'dataset:import', object))
      chosen.set(heir.datasetId, heir)
  }
  const moved = await moveToSource(
    tx,
    [...chosen.values()].map((h) => ({ id: h.datasetId, source: h.source, sourceId: h.sourceId })),
  )
  return new Map([...chosen].filter(([id]) => moved.has(id)).map(([id, h]) => [id, h.source]))
}

const carriedOn = (heir: string) => ({
  path: '',
  rule: 'carried_on',
  message: `The source does not have it any more; the source ${heir.slice(0, 100)} has, and writes the entry from now on.`,
})

const draftLeft = {
  path: '',
  rule: 'draft_left',
  message: 'The source does not have it any more; the draft made of it was never published and stays.',
  remedy: 'Delete the draft if nobody wants it.',
}
