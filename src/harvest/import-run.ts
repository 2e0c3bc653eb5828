import type { CatalogContext } from '../catalog/index.ts'
import { ConcordError, type Fault } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { listOrganisations, type OrganisationRow } from '../security/index.ts'
import {
  allowLongStatements,
  type Counts,
  endOrphans,
  finishRun,
  type ImportRunRow,
  type ImportState,
  type RunError,
  selectRun,
  takeRun,
  withSourceLock,
} from './import.queries.ts'
import { type Batch, prepareBatches, recordRow } from './import-batch.ts'
import { tellEnd } from './import-notice.ts'
import { deleteClosing, insertRecords, selectAdded, selectLastPosition } from './import-record.queries.ts'
import { createSeen, type Seen } from './import-seen.ts'
import { type HeldRun, RunLost, writeBatch } from './import-write.ts'
import { compileMapping } from './mapping.ts'
import type { MappedRecord } from './mapping-entry.ts'
import { type Assumptions, assumptionFaults } from './mapping-sharing.ts'
import { openFile } from './reader.ts'
import type { OpenedFile } from './reader-event.ts'

export interface Progress {
  bytes: number
  size: number
  counts: Omit<Counts, 'gone'>
}

export interface RunOptions {
  db: Db
  ctx: CatalogContext
  run: ImportRunRow
  /** The file to read. */
  path: string
  /** Ends the run after the batch at work; it can go on later. */
  signal?: AbortSignal
  onProgress?(progress: Progress): void
}

/** Rows of one page when looking for what is gone, and of one insert. */
const pageRows = 10_000

/**
 * Does `work` with the source locked, once the runs that killed processes left at work are ended.
 * @throws conflict when the source is being imported elsewhere.
 */
export async function withSource<T>(db: Db, source: string, work: () => Promise<T>): Promise<T> {
  const locked = await withSourceLock(db, source, async () => {
    await endOrphans(db, source)
    return work()
  })
  if (locked) return locked.result
  throw new ConcordError(
    'conflict',
    `Another import of the source ${source} is running; wait for its end or stop it.`,
  )
}

/**
 * Imports a file from where its run stands, to the end, to a stop, or to the point where it cannot be read any further.
 * Call it within `withSource`. @returns the run as it ended.
 */
export async function runImport(options: RunOptions): Promise<ImportRunRow> {
  const { db, run } = options
  const epoch = await takeRun(db, run.id)
  if (epoch !== undefined)
    await workOn(options, {
      id: run.id,
      epoch,
      source: run.source!,
      publish: run.publish,
      reason: run.reason ?? `Import of ${run.fileName}`,
      mostlyUnchanged: true,
    })
  return (await selectRun(db, run.uid))!
}

async function workOn(options: RunOptions, held: HeldRun): Promise<void> {
  const { db } = options
  try {
    const end = await readAndWrite(options, held)
    if (end.read) await finishRead(options, held, end)
    else await finishRun(db, held.id, held.epoch, end)
  } catch (error) {
    // Another process has it now and will end it.
    if (error instanceof RunLost) return
    await inTransaction(db, async (tx) => {
      if (await finishRun(tx, held.id, held.epoch, { state: 'failed', error: explain(error) }))
        await tellEnd(tx, options.run.uid)
    }).catch(() => {})
    if (!(error instanceof ConcordError)) throw error
  }
}

const explain = (error: unknown): RunError => ({
  message:
    error instanceof ConcordError
      ? [error.message, ...error.faults.map((f) => `${f.path} ${f.message}`)].join('\n').slice(0, 2_000)
      : 'Something failed on our side; the log has the details. The import can be started again and goes on where it was.',
})

interface End {
  state: ImportState
  error?: RunError
  seen: Seen
  assumed: Assumptions
  totals: Omit<Counts, 'gone'>
  /** The file was read as far as it can be. */
  read?: boolean
}

/** Prepares the next batch while the one before is being written: reading and the database work at the same time. */
async function readAndWrite(options: RunOptions, held: HeldRun): Promise<End> {
  const { db, ctx, run, signal } = options
  const mapping = run.mapping!
  const seen = createSeen()
  const assumed: Assumptions = new Map()
  const file = await openFile(options.path, { ...mapping.read, format: mapping.format })
  const totals = { ...run.counts }
  let writing: Promise<{ stop: boolean }> = Promise.resolve({ stop: false })
  const write = async (batch: Batch) => {
    const written = await writeBatch(db, ctx, held, batch)
    for (const key of Object.keys(written.counts) as (keyof typeof written.counts)[])
      totals[key] += written.counts[key]
    options.onProgress?.({ bytes: batch.bytes, size: run.fileSize, counts: totals })
    return written
  }
  try {
    const bodyOf = bodyResolver(await listOrganisations(db), run)
    for await (const batch of prepareBatches(file, {
      map: compileMapping(mapping, ctx.profile),
      bodyOf,
      from: run.position,
      seen,
      assumed,
    })) {
      const { stop } = await writing
      if (stop) return { state: 'stopped', seen, assumed, totals }
      if (signal?.aborted) return { state: 'interrupted', seen, assumed, totals }
      writing = write(batch)
      // Heard when it is awaited; until then it must not count as unhandled.
      writing.catch(() => {})
      if (batch.fatal) {
        await writing
        const error = { message: wordsOf(batch.fatal.fault), place: batch.fatal.place }
        return { state: 'failed', error, seen, assumed, totals, read: true }
      }
    }
    const { stop } = await writing
    return stop
      ? { state: 'stopped', seen, assumed, totals }
      : { state: 'done', seen, assumed, totals, read: true }
  } finally {
    await writing.catch(() => {})
    closeQuietly(file)
  }
}

const wordsOf = (fault: Fault) => [fault.message, fault.remedy].filter(Boolean).join('. ')

function closeQuietly(file: OpenedFile): void {
  void file.events.return(undefined).catch(() => {})
  file.close()
}

/** Said once in the report of an import that is not public yet. */
const drafts: Fault = {
  path: '',
  rule: 'drafts',
  message: 'What was added and changed is drafts; nobody sees them before they were reviewed.',
  remedy: 'Submit them for review: all at once from the page of the import, or one by one.',
}

/**
 * Ends a run that read all it could: what was assumed of its records is told. When the file is whole, what earlier imports
 * of the source added and it does not have is gone. That is reported, not retired: a file may be a part of a source;
 * harvesting a whole portal decides that with its guards.
 */
async function finishRead({ db, run }: RunOptions, held: HeldRun, end: End): Promise<void> {
  await inTransaction(db, async (tx) => {
    await allowLongStatements(tx, 300_000)
    await deleteClosing(tx, held.id)
    let position = await selectLastPosition(tx, held.id)
    const faults = assumptionFaults(end.assumed)
    if (!held.publish && end.totals.added + end.totals.changed > 0) faults.push(drafts)
    if (faults.length > 0) await insertRecords(tx, held.id, [recordRow(++position, '', 'note', { faults })])
    const gone = end.state === 'done' ? await insertGone(tx, held, end.seen, position) : 0
    const ended = { state: end.state, error: end.error, gone }
    if (!(await finishRun(tx, held.id, held.epoch, ended))) throw new RunLost()
    await tellEnd(tx, run.uid)
  })
}

/** @returns how many are gone. */
async function insertGone(tx: Db, held: HeldRun, seen: Seen, last: number): Promise<number> {
  let position = last
  let after = { runId: 0, position: 0 }
  for (;;) {
    const page = await selectAdded(tx, held.source, held.id, after, pageRows)
    const missing = page.filter((r) => !seen.has(r.sourceId))
    const rows = missing.map((r) =>
      recordRow(++position, '', 'gone', {
        sourceId: r.sourceId,
        title: r.title ?? undefined,
        uid: r.datasetUid ?? undefined,
      }),
    )
    await insertRecords(tx, held.id, rows)
    if (page.length < pageRows) return position - last
    after = page.at(-1)!
  }
}

/** Finds the body of a record by code, credit code or name; without a name it is the run's own. */
export function bodyResolver(
  organisations: OrganisationRow[],
  run: Pick<ImportRunRow, 'body' | 'mapping' | 'organisationId'>,
): (record: MappedRecord) => { code: string } | { fault: Fault } {
  const codes = new Map<string, string>()
  for (const o of organisations) codes.set(o.name, o.code)
  for (const o of organisations) if (o.creditCode) codes.set(o.creditCode, o.code)
  for (const o of organisations) codes.set(o.code, o.code)
  const own =
    organisations.find((o) => o.id === run.organisationId) ?? organisations.find((o) => o.parentId === null)
  const fallback = run.body ?? run.mapping?.body ?? own?.code
  if (fallback === undefined || !codes.has(fallback))
    throw new ConcordError(
      'invalid_content',
      fallback === undefined
        ? 'No body is registered that could provide the records. Register one first.'
        : `No body has the code ${fallback}. Name another body, or register this one.`,
    )
  return ({ bodyName }) => {
    if (bodyName === undefined) return { code: codes.get(fallback)! }
    const code = codes.get(bodyName)
    if (code !== undefined) return { code }
    return {
      fault: {
        path: '/body',
        rule: 'unknown_body',
        message: `no body has the code, credit code or name "${bodyName.slice(0, 100)}"`,
        remedy: 'Register the body, or give a table from names to codes in the mapping (bodyFrom, lookup).',
      },
    }
  }
}
