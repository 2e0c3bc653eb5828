import {
  countLiveEntries,
  type LiveEntry,
  moveToSource,
  retireBySource,
  selectLiveEntries,
  selectLiveEntriesOf,
  selectLiveIds,
} from '../../catalog/index.ts'
import { type Db, inTransaction } from '../../platform/postgres.ts'
import { isAllowed } from '../../security/index.ts'
import { allowLongStatements, type ImportRecordRow } from '../import.queries.ts'
import { recordRow } from '../import-batch.ts'
import { insertRecords, selectLastPosition } from '../import-record.queries.ts'
import { RunLost } from '../import-write.ts'
import { harvestActor } from './actor.ts'
import { selectGone, selectGonePage, selectHeirs, selectSeenLinks } from './record.queries.ts'
import { advanceRemoval } from './run.queries.ts'
import type { HarvestWork } from './work.ts'

/** Entries looked at in one statement, and removed in one transaction: about a second of work. */
const pageRows = 1_000
/** Entries of which only the numbers are read at a time: a tenth of a second. */
const idRows = 20_000
const statementMs = 60_000

/** What is to be removed: all of a source; what a complete run did not meet or was told is gone; only what it was told. */
export type RemovalKind = 'all' | 'unseen' | 'told'

/** Entries of the source that would be removed, page by page. */
async function* candidates(work: HarvestWork, kind: RemovalKind): AsyncGenerator<LiveEntry[]> {
  if (kind === 'all') return yield* liveEntries(work)
  yield* toldGone(work)
  if (kind === 'unseen') yield* unseenEntries(work)
}

async function* liveEntries({ db, source }: HarvestWork): AsyncGenerator<LiveEntry[]> {
  for (let after = ''; ; ) {
    const page = await selectLiveEntries(db, source.name, { after, limit: pageRows })
    if (page.length === 0) return
    yield page
    after = page.at(-1)!.sourceId
  }
}

/** What the source itself says is gone: only those entries are looked at, however many it has. */
async function* toldGone({ db, run, source }: HarvestWork): AsyncGenerator<LiveEntry[]> {
  for (let after = ''; ; ) {
    const ids = await selectGonePage(db, run.id, { after, limit: pageRows })
    if (ids.length === 0) return
    yield await selectLiveEntriesOf(db, source.name, ids)
    after = ids.at(-1)!
  }
}

/** What the run did not meet, and was not told of: of all entries the numbers are read, of those alone the rest. */
async function* unseenEntries({ db, run, source, seen, watch }: HarvestWork): AsyncGenerator<LiveEntry[]> {
  for (let after = ''; ; ) {
    const page = await selectLiveIds(db, source.name, { after, limit: idRows })
    if (page.length === 0) return
    // What was made after the run began, by an import of the same source, the run cannot have met.
    const unseen = page.filter((e) => e.createdAt < run.startedAt! && !seen.has(e.id)).map((e) => e.sourceId)
    for (let i = 0; i < unseen.length; i += pageRows) {
      const ids = unseen.slice(i, i + pageRows)
      const linked = await selectSeenLinks(db, source.id, run.id, ids)
      const told = new Set(await selectGone(db, run.id, ids))
      const absent = ids.filter((id) => !linked.has(id) && !told.has(id))
      yield await selectLiveEntriesOf(db, source.name, absent)
    }
    after = page.at(-1)!.sourceId
    watch.signal.throwIfAborted()
    watch.progress()
  }
}

/** How many published entries would go, of how many; and whether there is anything to do at all. */
export async function countRemovals(work: HarvestWork, kind: RemovalKind) {
  const found = { live: 0, gone: 0, any: false }
  for await (const page of candidates(work, kind)) {
    found.any ||= page.length > 0
    found.gone += page.filter((e) => e.state === 'published').length
    work.watch.signal.throwIfAborted()
    work.watch.progress()
  }
  if (found.gone > 0) found.live = await countLiveEntries(work.db, work.source.name)
  return found
}

/**
 * Removes in batches, each with its report and the fence of the run: what was killed goes on with what is left. Entries
 * that another source holds too are carried on by it; published ones become tombstones; drafts are only named.
 */
export async function removeEntries(work: HarvestWork, kind: RemovalKind): Promise<void> {
  const { db, run, watch } = work
  for await (const gone of candidates(work, kind)) {
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
