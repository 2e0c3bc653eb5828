import type { Fault } from '../../platform/errors.ts'
import { listOrganisations } from '../../security/index.ts'
import { type Batch, batchBytes, batchRecords, type PrepareOptions, recordRow } from '../import-batch.ts'
import { bodyResolver } from '../import-run.ts'
import { type HeldRun, writeBatch } from '../import-write.ts'
import { compileMapping } from '../mapping.ts'
import type { Assumptions } from '../mapping-sharing.ts'
import type { RemoteCursor, RemoteOptions } from '../remote/index.ts'
import { createBodyCopier } from './bodies.ts'
import { checkNew, createPageWriter, joins, placesOf, type SettledPage, settlePage } from './pages.ts'
import { type FailedPage, type HarvestRunRow, selectFailedPages, updateFailedPages } from './run.queries.ts'
import type { SourceRow } from './source.queries.ts'
import { createStep } from './step.ts'
import type { HarvestWork } from './work.ts'

/** Pages that are tried again at the end; a source with more broken ones is read whole another time. */
const retriedPages = 100

/** What one reading found that the report tells once. */
export interface Reading {
  assumed: Assumptions
  position: number
  notModified: boolean
  /** Most records of the last batch were new: those of the next pages are checked while the database works. */
  mostlyNew: boolean
}

/** Where a run stands, with what it had found when it was cut off. */
export const newReading = (run: HarvestRunRow): Reading => ({
  assumed: new Map(Object.entries(run.assumed)),
  position: run.position,
  notModified: false,
  mostlyNew: false,
})

/** Reads the source from where the run stands to its end: the next pages are fetched while those before are written. */
export async function readSource(work: HarvestWork): Promise<Reading> {
  const { run, watch } = work
  const reading = newReading(run)
  let prepare = await prepareOptions(work)
  const bringBodies = isLog(work) && work.source.copyBodies ? createBodyCopier(work) : undefined
  const settled = run.position
  let start = settled - run.cursorEvents
  const cursor = (run.cursor ?? undefined) as RemoteCursor | undefined
  let from = cursor
  const log = isLog(work)
  const writer = createPageWriter<SettledPage>(
    async (pages) => {
      await writePages(work, pages, { settled, from, reading, again: false })
      from = pages.at(-1)!.page.cursor
    },
    // What was settled of pages written together is passed over together. In a list of changes a page is a batch.
    (waiting, next) =>
      next.start < settled ||
      (!log &&
        joins(
          waiting.map((w) => w.page),
          next.page,
        )),
  )
  try {
    for await (const page of work.open(work.remote, remoteOptions(work, cursor))) {
      watch.signal.throwIfAborted()
      reading.notModified ||= page.notModified === true
      // Bodies that came along are known from now on.
      if ((await bringBodies?.([page]))?.added) prepare = await prepareOptions(work)
      const next = settlePage(page, prepare, start, settled)
      if (reading.mostlyNew) checkNew(next, work.ctx.profile)
      await writer.add(next)
      start += placesOf([page])
    }
  } finally {
    await writer.end()
  }
  return reading
}

/** The source lists changes, an entry as often as it changed. */
const isLog = ({ source }: HarvestWork) => source.kind === 'concord'

const remoteOptions = (work: HarvestWork, from?: RemoteCursor): RemoteOptions => ({
  signal: work.watch.signal,
  access: work.access,
  from,
  since: work.run.since ?? undefined,
  validators: (work.source.validators ?? undefined) as RemoteOptions['validators'],
  limits: remoteLimitsOf(work.source),
})

export const remoteLimitsOf = ({ limits }: Pick<SourceRow, 'limits'>) => ({
  ...(limits.requestsPerSecond && { requestsPerSecond: limits.requestsPerSecond }),
  ...(limits.pages && { pages: limits.pages }),
})

async function prepareOptions({ db, ctx, run }: HarvestWork): Promise<PrepareOptions> {
  return {
    map: compileMapping(run.mapping!, ctx.profile),
    bodyOf: bodyResolver(await listOrganisations(db), run),
    from: 0,
  }
}

interface PageOptions {
  /** Position up to which an earlier attempt wrote everything. */
  settled: number
  /** Where the first page begins. */
  from: RemoteCursor | undefined
  reading: Reading
  again: boolean
}

/** Writes pages in batches; the last one moves the place where the run goes on. */
async function writePages(
  work: HarvestWork,
  pages: SettledPage[],
  { settled, from, reading, again }: PageOptions,
): Promise<void> {
  const { run, source, db, ctx } = work
  const held: HeldRun = {
    id: run.id,
    epoch: run.epoch,
    source: source.name,
    publish: run.publish,
    reason: run.reason ?? `Harvest of ${source.title}`,
    mostlyUnchanged: false,
    step: createStep({
      runId: run.id,
      epoch: run.epoch,
      source: { id: source.id, name: source.name, publish: run.publish },
      actor: ctx.actor,
      seen: work.seen,
      assumed: reading.assumed,
      log: isLog(work),
      again,
    }),
  }
  for (const batch of pageBatches(pages, { settled, from, assumed: reading.assumed })) {
    const { counts } = await writeBatch(db, ctx, held, batch)
    reading.mostlyNew = counts.added * 2 > counts.read
    reading.position = batch.position
    work.watch.progress()
    if (!batch.page) work.watch.signal.throwIfAborted()
  }
}

/** The events of pages as batches; the last has the end of the pages, also when it is empty. Several pages are one batch. */
function* pageBatches(
  settledPages: SettledPage[],
  at: { settled: number; from: RemoteCursor | undefined; assumed: Assumptions },
): Generator<Batch> {
  const pageStart = settledPages[0]!.start
  let position = pageStart
  let size = 0
  let batch: Batch = { items: [], position, bytes: 0, pageStart }
  for (const { page, start, events, assumed } of settledPages) {
    for (const event of events) {
      if (event.item) batch.items.push(event.item)
      size += event.bytes
      batch.position = event.position
      if (settledPages.length > 1 || (batch.items.length < batchRecords && size < batchBytes)) continue
      addAssumed(at.assumed, assumed)
      yield batch
      batch = { items: [], position: event.position, bytes: 0, pageStart }
      size = 0
    }
    addAssumed(at.assumed, assumed)
    position = start + page.events.length
    for (const fault of [...page.faults, ...page.notes])
      if (++position > at.settled)
        batch.items.push(recordRow(position, `page ${page.number}`, 'note', { faults: [fault] }))
  }
  const pages = settledPages.map((p) => p.page)
  const last = pages.at(-1)!
  yield {
    ...batch,
    position,
    bytes: pages.reduce((sum, page) => sum + page.bytes, 0),
    page: {
      count: pages.length,
      cursor: last.cursor,
      total: pages.reduce<number | null>((total, page) => page.total ?? total, null),
      ...(last.faults.length > 0 && {
        failed: { from: pages.at(-2)?.cursor ?? at.from ?? null, faults: last.faults },
      }),
      last: last.last,
      validators: last.validators,
      removed: pages.flatMap((page) => page.removed.map((r) => r.sourceId)),
      unread: pages.reduce((sum, p) => sum + p.events.filter((e) => e.kind === 'reject').length, 0),
    },
  }
}

/** Moves what a page assumed to what the run did. */
function addAssumed(run: Assumptions, page: Assumptions): void {
  for (const [key, count] of page) run.set(key, (run.get(key) ?? 0) + count)
  page.clear()
}

/**
 * Tries the pages again that could not be read whole: most faults of a source pass. What is left makes the run incomplete.
 * @returns the pages still missing
 */
export async function retryPages(work: HarvestWork, reading: Reading): Promise<FailedPage[]> {
  const { db, run } = work
  const left = await selectFailedPages(db, run.id)
  if (left.length === 0 || left.length > retriedPages) return left
  const prepare = await prepareOptions(work)
  for (const page of [...left]) {
    work.watch.signal.throwIfAborted()
    const faults = await readAgain(work, prepare, page, reading)
    const at = left.indexOf(page)
    if (faults.length === 0) left.splice(at, 1)
    else left[at] = { ...page, faults, tries: page.tries + 1 }
    await updateFailedPages(db, run.id, run.epoch, left)
  }
  return left
}

async function readAgain(
  work: HarvestWork,
  prepare: PrepareOptions,
  failed: FailedPage,
  reading: Reading,
): Promise<Fault[]> {
  const from = (failed.from ?? undefined) as RemoteCursor | undefined
  for await (const page of work.open(work.remote, remoteOptions(work, from))) {
    const { position } = reading
    const settled = settlePage({ ...page, notes: [] }, prepare, position, position)
    await writePages(work, [settled], { settled: position, from, reading, again: true })
    return page.faults
  }
  return failed.faults
}
