import { basename } from 'node:path'
import { DamagedFile } from '../harvest/index.ts'
import type { ClickHouseClient } from '../platform/clickhouse.ts'
import { ConcordError, type Fault } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { type Actor, audit } from '../security/index.ts'
import { endBatch, endOrphans, insertBatch, selectSame } from './batch.queries.ts'
import { type CsvFile, readPieces } from './csv-file.ts'
import type { BrokenRecord, ScannedPiece } from './csv-scan.ts'
import { driftOf } from './drift.ts'
import { pinColumns, selectTable, showBatch, type TableRow } from './table.queries.ts'
import type { Batch } from './table.schema.ts'
import {
  closeIntake,
  countBatchRows,
  countRejected,
  createRowTable,
  deleteRowsAbove,
  dropRowTable,
  insertRaw,
  insertRejected,
  openIntake,
  type RejectedRecord,
} from './warehouse.queries.ts'

export interface CollectProgress {
  /** Bytes of the file read, of how many. */
  bytes: number
  size: number
  records: number
}

export interface CollectSummary {
  table: string
  batch: number
  /** `unchanged`: readers see this file already. */
  state: Batch['state'] | 'unchanged'
  read: number
  accepted: number
  rejected: number
  faults: Fault[]
}

interface Stores {
  db: Db
  engine: ClickHouseClient
}
interface LoadOptions {
  file: string
  signal?: AbortSignal
  onProgress?: (progress: CollectProgress) => void
}
type Counts = Record<'read' | 'accepted' | 'rejected', number>

/** Of more wrong records than this share the file is another than the table wants. */
const mostRejected = 0.5
/** Records after which it is first asked whether most are wrong, so that a wrong file ends early. */
const firstLook = 10_000

/** Loads a file under the lock of its table. @throws what the file, the engine or the signal ends it with */
export async function loadBatch(
  { db, engine }: Stores,
  actor: Actor,
  name: string,
  file: CsvFile,
  options: LoadOptions,
): Promise<CollectSummary> {
  const table = await prepareTable({ db, engine }, name, file)
  const same = await selectSame(
    db,
    table.id,
    file,
    table.mode === 'snapshot' ? table.visibleBatch : undefined,
  )
  if (same) {
    const { number, read, accepted, rejected } = same
    return { table: name, batch: number, state: 'unchanged', read, accepted, rejected, faults: [] }
  }
  const number = await insertBatch(db, table.id, {
    source: basename(options.file),
    bytes: file.source.size,
    checksum: file.checksum,
    format: 'csv',
    encoding: file.encoding,
    delimiter: file.delimiter,
    columns: file.columns,
    by: actor.name,
  })
  const counts: Counts = { read: 0, accepted: 0, rejected: 0 }
  const end = (state: Batch['state'], faults: Fault[] = []) =>
    finish(db, actor, table, { number, state, faults, ...counts })
  try {
    const { faults, order } = driftOf(table.columns, file.columns)
    if (faults.length > 0) return await end('quarantined', faults)
    await openIntake(
      engine,
      table.id,
      number,
      order.map((at) => table.columns[at]!),
    )
    const sent = await send(engine, table.id, number, file, options)
    counts.read = sent.records + sent.broken
    counts.accepted = await countBatchRows(engine, table.id, number)
    counts.rejected = sent.broken + (await countRejected(engine, table.id, number))
    if (counts.accepted + counts.rejected !== counts.read)
      throw new Error(
        `${counts.read} records were sent, ${counts.accepted} are rows and ${counts.rejected} are rejected.`,
      )
    const wrong = (await file.isUntouched()) ? whatIsWrong(counts, table) : [changedFile]
    if (wrong.length === 0) return await end('loaded')
    await deleteRowsAbove(engine, table.id, table.visibleBatch)
    return await end('quarantined', wrong)
  } catch (error) {
    const stopped = options.signal?.aborted
    await end(stopped ? 'interrupted' : 'failed', stopped ? [] : [failure(error)]).catch(() => {})
    // Its rows are seen by nobody; if they cannot be removed now, the next load does.
    await closeIntake(engine, table.id)
      .then(() => deleteRowsAbove(engine, table.id, table.visibleBatch))
      .catch(() => {})
    throw error
  } finally {
    await closeIntake(engine, table.id).catch(() => {})
  }
}

/**
 * The table as it is under the lock: what a load that was cut off left is gone, and as long as readers see nothing of it, its
 * columns are those of the file at hand.
 */
async function prepareTable({ db, engine }: Stores, name: string, { columns }: CsvFile): Promise<TableRow> {
  const found = (await selectTable(db, name))!
  await endOrphans(db, found.id)
  // First: what is still on its way in must not arrive after the rows are removed.
  await closeIntake(engine, found.id)
  if (found.visibleBatch === 0) {
    await dropRowTable(engine, found.id)
    await pinColumns(db, found.id, columns)
  }
  const table = found.visibleBatch === 0 ? { ...found, columns } : found
  await createRowTable(engine, table.id, table.columns)
  await deleteRowsAbove(engine, table.id, table.visibleBatch)
  return table
}

/** What forbids that readers see a batch. */
function whatIsWrong({ read, rejected }: Counts, { mode }: TableRow): Fault[] {
  if (read === 0 && mode === 'snapshot')
    return [
      {
        path: '',
        rule: 'no_records',
        message: 'The file has a header and no records.',
        remedy: 'Send the whole table: each file takes the place of the one before.',
      },
    ]
  if (!areMostWrong(read, rejected)) return []
  return [
    {
      path: '',
      rule: 'mostly_rejected',
      message: `${rejected} of ${read} records are rejected.`,
      remedy:
        'Look at what is wrong with them; the file may be of another table, or the columns pinned too narrowly.',
    },
  ]
}

const areMostWrong = (read: number, rejected: number): boolean => rejected > read * mostRejected

const changedFile: Fault = {
  path: '',
  rule: 'file_changed',
  message: 'Somebody wrote to the file while it was read.',
  remedy: 'Load it again once it is complete.',
}

/** What people are told of an end that nobody intended; more is for the operator alone. */
function failure(error: unknown): Fault {
  if (error instanceof DamagedFile) return error.fault
  const known = error instanceof ConcordError
  return { path: '', rule: 'load_failed', message: known ? error.message : 'The load failed on our side.' }
}

/** Sends a file to the engine, the next piece is read while the engine works on the one before; stops where most is wrong. */
async function send(
  engine: ClickHouseClient,
  tableId: number,
  number: number,
  file: CsvFile,
  { signal, onProgress }: LoadOptions,
): Promise<{ records: number; broken: number }> {
  let records = 0
  let broken = 0
  let lookAt = firstLook
  let sending = Promise.resolve()
  try {
    for await (const piece of readPieces(file)) {
      signal?.throwIfAborted()
      await sending
      const read = records + broken
      if (read >= lookAt) {
        lookAt = read * 2
        if (areMostWrong(read, broken + (await countRejected(engine, tableId, number)))) break
      }
      records += piece.records
      broken += piece.brokenCount
      sending = sendPiece(engine, tableId, number, piece, file.delimiter)
      // Awaited with the next piece; a failure must not be unhandled until then.
      sending.catch(() => {})
      onProgress?.({ bytes: file.source.bytesRead(), size: file.source.size, records: records + broken })
    }
    await sending
  } finally {
    // Nothing of it may arrive after it was given up.
    await sending.catch(() => {})
  }
  return { records, broken }
}

async function sendPiece(
  engine: ClickHouseClient,
  tableId: number,
  number: number,
  { csv, broken }: ScannedPiece,
  delimiter: string,
): Promise<void> {
  if (csv.length > 0) await insertRaw(engine, tableId, csv, delimiter)
  await insertRejected(engine, tableId, number, broken.map(toRejected))
}

const toRejected = ({ record, line, fault, excerpt }: BrokenRecord): RejectedRecord => ({
  record,
  line,
  column: '',
  value: excerpt.toString('utf8'),
  // `encoding` is about a whole file elsewhere.
  rule: fault.rule === 'encoding' ? 'broken_characters' : fault.rule,
  message: fault.remedy ? `${fault.message} ${fault.remedy}` : fault.message,
})

const finish = (
  db: Db,
  actor: Actor,
  table: TableRow,
  end: Counts & { number: number; state: Batch['state']; faults: Fault[] },
): Promise<CollectSummary> =>
  inTransaction(db, async (tx) => {
    const { number, state, faults, ...counts } = end
    if (!(await endBatch(tx, table.id, number, { state, faults, ...counts })))
      throw new ConcordError(
        'conflict',
        'Another process took this load for lost and ended it. Load the file again.',
      )
    if (state === 'loaded') await showBatch(tx, table.id, { number, rows: counts.accepted, by: actor.name })
    await audit(tx, {
      actor,
      action: 'table:collect',
      objectKind: 'table',
      objectId: table.name,
      organisationId: table.organisationId,
      decision: state === 'failed' ? 'error' : 'allow',
      detail: { batch: number, state, ...counts },
    })
    return { table: table.name, batch: number, state, faults, ...counts }
  })
