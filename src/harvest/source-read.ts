import type { CatalogContext } from '../catalog/index.ts'
import type { Fault } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { listOrganisations } from '../security/index.ts'
import {
  type Batch,
  batchBytes,
  batchRecords,
  type PrepareOptions,
  recordRow,
  settle,
} from './import-batch.ts'
import { bodyResolver } from './import-run.ts'
import { createSeen } from './import-seen.ts'
import { type HeldRun, writeBatch } from './import-write.ts'
import { compileMapping } from './mapping.ts'
import type { Assumptions } from './mapping-sharing.ts'
import type { RemoteCursor, RemoteOptions, RemotePage, RemoteSource } from './remote/index.ts'
import type { SourceRow } from './source.queries.ts'
import {
  type FailedPage,
  type HarvestRunRow,
  selectFailedPages,
  updateFailedPages,
} from './source-run.queries.ts'
import type { SeenEntries } from './source-seen.ts'
import { createStep } from './source-step.ts'
import type { RunWatch } from './source-watch.ts'

export type OpenRemote = (source: RemoteSource, options: RemoteOptions) => AsyncIterable<RemotePage>

/** A run at work, with all that its parts need. */
export interface HarvestWork {
  db: Db
  ctx: CatalogContext
  run: HarvestRunRow
  source: SourceRow
  remote: RemoteSource
  open: OpenRemote
  access: RemoteOptions['access']
  seen: SeenEntries
  watch: RunWatch
}

/** Pages that are tried again at the end; a source with more broken ones is read whole another time. */
const retriedPages = 100

/** What one reading found that the report tells once. */
export interface Reading {
  assumed: Assumptions
  position: number
  notModified: boolean
}

/** Where a run stands, with what it had found when it was cut off. */
export const newReading = (run: HarvestRunRow): Reading => ({
  assumed: new Map(Object.entries(run.assumed)),
  position: run.position,
  notModified: false,
})

/** Reads the source from where the run stands to its end: the next page is fetched while the one before is written. */
export async function readSource(work: HarvestWork): Promise<Reading> {
  const { run, watch } = work
  const reading = newReading(run)
  const prepare = await prepareOptions(work, reading.assumed)
  let skip = run.cursorEvents
  let from = (run.cursor ?? undefined) as RemoteCursor | undefined
  let writing: Promise<unknown> = Promise.resolve()
  try {
    for await (const page of work.open(work.remote, remoteOptions(work, from))) {
      await writing
      watch.signal.throwIfAborted()
      const pageBefore = from
      const write = async () => {
        await writePage(work, prepare, page, { skip, from: pageBefore, reading, again: false })
        skip = 0
      }
      writing = write()
      // Heard when it is awaited; until then it must not count as unhandled.
      writing.catch(() => {})
      from = page.cursor
      reading.notModified ||= page.notModified === true
    }
    await writing
  } finally {
    await writing.catch(() => {})
  }
  return reading
}

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

async function prepareOptions(work: HarvestWork, assumed: Assumptions): Promise<PrepareOptions> {
  const { db, ctx, run } = work
  return {
    map: compileMapping(run.mapping!, ctx.profile),
    bodyOf: bodyResolver(await listOrganisations(db), run),
    from: 0,
    assumed,
  }
}

interface PageOptions {
  /** Events of the page that are settled already. */
  skip: number
  from: RemoteCursor | undefined
  reading: Reading
  again: boolean
}

/** Writes a page in batches; the last one moves the place where the run goes on. */
async function writePage(
  work: HarvestWork,
  prepare: PrepareOptions,
  page: RemotePage,
  { skip, from, reading, again }: PageOptions,
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
      log: source.kind === 'concord',
      again,
    }),
  }
  const start = reading.position - skip
  for (const batch of pageBatches(page, prepare, { start, skip, from })) {
    await writeBatch(db, ctx, held, batch)
    reading.position = batch.position
    work.watch.progress()
    if (!batch.page) work.watch.signal.throwIfAborted()
  }
}

/** The events of a page as batches; the last has the end of the page, also when it is empty. */
function* pageBatches(
  page: RemotePage,
  prepare: PrepareOptions,
  at: { start: number; skip: number; from: RemoteCursor | undefined },
): Generator<Batch> {
  const seen = createSeen()
  let position = at.start
  let size = 0
  let unread = 0
  let batch: Batch = { items: [], position, bytes: 0, pageStart: at.start }
  for (const event of page.events) {
    position++
    if (event.kind === 'reject') unread++
    if (position <= at.start + at.skip) continue
    const item = settle(event, position, seen, { ...prepare, seen })
    if (item) batch.items.push(item)
    if (event.kind === 'record') size += event.bytes
    batch.position = position
    if (batch.items.length < batchRecords && size < batchBytes) continue
    yield batch
    batch = { items: [], position, bytes: 0, pageStart: at.start }
    size = 0
  }
  for (const fault of [...page.faults, ...page.notes])
    batch.items.push(recordRow(++position, `page ${page.number}`, 'note', { faults: [fault] }))
  yield {
    ...batch,
    position,
    bytes: page.bytes,
    page: {
      cursor: page.cursor,
      total: page.total ?? null,
      ...(page.faults.length > 0 && { failed: { from: at.from ?? null, faults: page.faults } }),
      last: page.last,
      validators: page.validators,
      removed: page.removed.map((r) => r.sourceId),
      unread,
    },
  }
}

/**
 * Tries the pages again that could not be read whole: most faults of a source pass. What is left makes the run incomplete.
 * @returns the pages still missing
 */
export async function retryPages(work: HarvestWork, reading: Reading): Promise<FailedPage[]> {
  const { db, run } = work
  const left = await selectFailedPages(db, run.id)
  if (left.length === 0 || left.length > retriedPages) return left
  const prepare = await prepareOptions(work, reading.assumed)
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
    await writePage(work, prepare, { ...page, notes: [] }, { skip: 0, from, reading, again: true })
    return page.faults
  }
  return failed.faults
}
