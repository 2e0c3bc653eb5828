import {
  type CatalogContext,
  type UpsertOutcome,
  unchangedRecords,
  upsertDatasets,
} from '../catalog/index.ts'
import type { Fault } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { advanceRun, allowLongStatements, type Counts, type ImportRecordRow } from './import.queries.ts'
import {
  type Batch,
  excerptOfRecord,
  isPrepared,
  noCounts,
  type PreparedEntry,
  recordRow,
} from './import-batch.ts'
import { insertRecords } from './import-record.queries.ts'
import { compileSource } from './mapping-steps.ts'

/** A run as its writer holds it. */
export interface HeldRun {
  id: number
  epoch: number
  source: string
  publish: boolean
  reason: string
  /** Whether most of the last batch was unchanged: then asking before writing saves the writing. */
  mostlyUnchanged: boolean
  /** What a harvest does besides. */
  step?: BatchStep
}

/** What writing a batch of a harvest needs besides that of a file: it knows more of its records, and marks what it met. */
export interface BatchStep {
  /** Settles, within the transaction, what is not to be written. */
  sort(tx: Db, entries: PreparedEntry[]): Promise<Sorted>
  /** Writes the checkpoint. Undefined when the run was taken over. */
  advance(tx: Db, written: WrittenBatch): Promise<{ stop: boolean } | undefined>
  /** The transaction is committed. */
  committed(): void
}

export interface Sorted {
  entries: PreparedEntry[]
  /** Report of what is settled. */
  rows: ImportRecordRow[]
  unchanged: number
  linked: number
  /** Identifiers of entries their source had dropped: the record brings them back. */
  returning: ReadonlySet<string>
}

export interface WrittenBatch {
  batch: Batch
  counts: BatchCounts
  sorted: Sorted
  entries: PreparedEntry[]
  outcomes: UpsertOutcome[]
}

export type BatchCounts = Omit<Counts, 'gone'>

/** The run was taken over by another process, which goes on with it. */
export class RunLost extends Error {}

/** Milliseconds for one statement of a batch: a checkpoint of a slow disk may take several times 15 s. */
const statementMs = 300_000
/** Tries when another writer got in between, or the database is restarting, with growing pauses (ms). */
const pauses = [50, 500, 2_000, 8_000]

/**
 * Writes a batch: entries, report and checkpoint in one transaction, so that a killed run goes on exactly where it was.
 * A record that the database refuses is found by halving the batch and recorded as a reject.
 */
export async function writeBatch(
  db: Db,
  ctx: CatalogContext,
  run: HeldRun,
  batch: Batch,
): Promise<{ stop: boolean; counts: BatchCounts }> {
  const entries = batch.items.filter(isPrepared)
  const unchanged =
    entries.length > 0 && run.mostlyUnchanged && !run.step
      ? await tryAgain(() => unchangedRecords(db, run.source, entries, { publish: run.publish }))
      : new Set<string>()
  try {
    const written = await tryAgain(() => inTransaction(db, (tx) => writeOnce(tx, ctx, run, batch, unchanged)))
    run.step?.committed()
    run.mostlyUnchanged = written.counts.unchanged * 2 > written.counts.read
    return written
  } catch (error) {
    const fresh = entries.filter((e) => !unchanged.has(e.sourceId))
    if (!isDataError(error) || fresh.length === 0) throw error
    if (batch.items.length === 1) return writeRefused(db, ctx, run, batch, error as Error)
    return writeHalves(db, ctx, run, batch)
  }
}

async function writeHalves(db: Db, ctx: CatalogContext, run: HeldRun, batch: Batch) {
  const middle = batch.items.length >> 1
  const first: Batch = {
    ...batch,
    items: batch.items.slice(0, middle),
    position: batch.items[middle - 1]!.position,
    page: undefined,
  }
  const one = await writeBatch(db, ctx, run, first)
  const two = await writeBatch(db, ctx, run, { ...batch, items: batch.items.slice(middle) })
  const counts = noCounts()
  for (const key of Object.keys(counts) as (keyof typeof counts)[])
    counts[key] = one.counts[key] + two.counts[key]
  return { stop: one.stop || two.stop, counts }
}

async function writeRefused(db: Db, ctx: CatalogContext, run: HeldRun, batch: Batch, error: Error) {
  const entry = batch.items[0] as PreparedEntry
  const row = recordRow(entry.position, entry.place, 'rejected', {
    sourceId: entry.sourceId,
    title: entry.title,
    faults: [
      { path: '', rule: 'not_storable', message: `the database refuses the record: ${error.message}` },
    ],
    excerpt: excerptOfRecord(entry.raw),
  })
  const written = await inTransaction(db, (tx) =>
    writeOnce(tx, ctx, run, { ...batch, items: [row] }, new Set()),
  )
  run.step?.committed()
  return written
}

async function writeOnce(
  tx: Db,
  ctx: CatalogContext,
  run: HeldRun,
  batch: Batch,
  unchanged: ReadonlySet<string>,
): Promise<{ stop: boolean; counts: BatchCounts }> {
  await allowLongStatements(tx, statementMs)
  const fresh = batch.items.filter(isPrepared).filter((e) => !unchanged.has(e.sourceId))
  const sorted = run.step ? await run.step.sort(tx, fresh) : untouched(fresh)
  const { entries, returning } = sorted
  const records = entries.map((e) => ({
    source: run.source,
    sourceId: e.sourceId,
    hash: e.hash,
    content: e.content,
    checked: e.checked,
    uid: e.uid,
  }))
  const { publish, reason } = run
  const outcomes = await upsertDatasets(tx, ctx, records, { publish, reason, revive: run.step !== undefined })
  const counts = noCounts()
  counts.unchanged = unchanged.size + sorted.unchanged
  counts.linked = sorted.linked
  const rows = [...batch.items.filter((item): item is ImportRecordRow => !isPrepared(item)), ...sorted.rows]
  counts.rejected = rows.filter((r) => r.outcome === 'rejected').length
  for (const [i, outcome] of outcomes.entries()) {
    counts[outcome.outcome]++
    if (outcome.outcome === 'unchanged') continue
    const entry = entries[i]!
    const kind = outcome.outcome === 'changed' && returning.has(entry.sourceId) ? 'restored' : outcome.outcome
    rows.push(
      recordRow(entry.position, entry.place, kind, {
        sourceId: entry.sourceId,
        title: entry.title,
        uid: outcome.uid,
        faults: [...measured(outcome.faults ?? [], entry.content), ...entry.warnings],
        excerpt: outcome.outcome === 'rejected' ? excerptOfRecord(entry.raw) : undefined,
      }),
    )
  }
  counts.read = counts.added + counts.changed + counts.unchanged + counts.rejected + counts.linked
  await insertRecords(tx, run.id, rows)
  const state = run.step
    ? await run.step.advance(tx, { batch, counts, sorted, entries, outcomes })
    : await advanceRun(tx, run.id, run.epoch, { position: batch.position, bytes: batch.bytes, counts })
  if (!state) throw new RunLost('The import was taken over by another process.')
  return { stop: state.stop, counts }
}

const untouched = (entries: PreparedEntry[]): Sorted => ({
  entries,
  rows: [],
  unchanged: 0,
  linked: 0,
  returning: new Set(),
})

/** Says how large what is too large is: whoever repairs a record wants to know by how much. */
function measured(faults: Fault[], content: unknown): Fault[] {
  return faults.map((fault) => {
    if (fault.rule !== 'maxItems' && fault.rule !== 'maxLength') return fault
    const value = compileSource(fault.path)(content)
    const size =
      typeof value === 'string'
        ? `${value.length.toLocaleString('en')} characters`
        : Array.isArray(value)
          ? `${value.length.toLocaleString('en')} entries`
          : undefined
    return size ? { ...fault, message: `${fault.message} It has ${size}.` } : fault
  })
}

const codeOf = (error: unknown) => (error as { code?: string }).code ?? ''

/** The values are at fault: data exceptions, integrity violations, too large rows. */
const isDataError = (error: unknown) => /^(22|23|54)/.test(codeOf(error))

/** Worth another try: another writer in between, or the connection broke. */
const isPassing = (error: unknown) =>
  ['23505', '40P01', '40001'].includes(codeOf(error)) ||
  /^(08|57P)/.test(codeOf(error)) ||
  ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(codeOf(error)) ||
  /Connection terminated|timeout exceeded when trying to connect/i.test((error as Error).message)

async function tryAgain<T>(work: () => Promise<T>): Promise<T> {
  for (const pause of pauses) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return work()
}
