import type { Batch } from '../import-batch.ts'
import type { BatchStep, Sorted, WrittenBatch } from '../import-write.ts'
import type { Assumptions } from '../mapping-sharing.ts'
import { deleteGone, insertGone, insertIdentifiers, upsertSeen } from './record.queries.ts'
import { advanceHarvest } from './run.queries.ts'
import type { SeenBlocks } from './seen.ts'
import { type SortContext, type SortedHarvest, sortRecords } from './sort.ts'

/**
 * What a harvest does in the transaction of a batch besides writing it: entries met are marked, identifiers kept, and the
 * checkpoint says where the next page begins.
 */
export function createStep(run: SortContext & { epoch: number; assumed: Assumptions }): BatchStep {
  let touched: SeenBlocks | undefined
  return {
    sort: (tx, entries) => sortRecords(tx, run, entries),
    async advance(tx, written) {
      const { batch, sorted, counts } = written
      const { met, repeated } = sorted as SortedHarvest
      const added = addedEntries(written)
      touched = run.seen.with([...met, ...added.values()])
      await upsertSeen(tx, run.runId, touched)
      await insertIdentifiers(tx, identifiersOf(sorted, added))
      const { page } = batch
      // What is there again is not gone, also where it is as it was.
      if (run.log) await deleteGone(tx, run.runId, identifiersIn(batch))
      if (page) await insertGone(tx, run.runId, page.removed)
      return advanceHarvest(tx, run.runId, run.epoch, {
        position: batch.position,
        bytes: page ? batch.bytes : 0,
        counts,
        repeated,
        unread: page?.unread ?? 0,
        assumed: Object.fromEntries(run.assumed),
        // A page that is tried again does not move the place where the run goes on.
        ...(run.again ? {} : { cursorEvents: batch.position - (batch.pageStart ?? 0), page }),
      })
    },
    committed() {
      if (touched) run.seen.take(touched)
      touched = undefined
    },
  }
}

/** Row ids of the entries that this batch made, by identifier. */
const addedEntries = ({ entries, outcomes }: WrittenBatch): Map<string, number> =>
  new Map(
    outcomes.flatMap(({ outcome, id }, i) =>
      outcome === 'added' && id !== undefined ? [[entries[i]!.sourceId, id]] : [],
    ),
  )

const identifiersOf = (sorted: Sorted, added: ReadonlyMap<string, number>) =>
  sorted.entries.flatMap((e) => {
    const datasetId = added.get(e.sourceId)
    return datasetId === undefined ? [] : (e.identifiers ?? []).map((value) => ({ value, datasetId }))
  })

const identifiersIn = (batch: Batch) => batch.items.flatMap((item) => item.sourceId ?? [])
