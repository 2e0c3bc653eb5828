import { basename } from 'node:path'
import type { ClickHouseClient } from '../platform/clickhouse.ts'
import { ConcordError, type Fault } from '../platform/errors.ts'
import { type Db, inTransaction, isUniqueViolation } from '../platform/postgres.ts'
import { ifUnlocked } from '../platform/server.queries.ts'
import {
  type Actor,
  audit,
  authorize,
  findOrganisation,
  freshOrganisationTree,
  listOrganisations,
} from '../security/index.ts'
import { endBatch, endOrphans, insertBatch, selectSame } from './batch.queries.ts'
import { type CsvFile, openCsv, readPieces } from './csv-file.ts'
import type { BrokenRecord } from './csv-scan.ts'
import { driftOf } from './drift.ts'
import { insertTable, selectTable, showBatch, type TableRow } from './table.queries.ts'
import type { Batch, Column, DataTable } from './table.schema.ts'
import {
  closeIntake,
  countBatchRows,
  countRejected,
  createRowTable,
  deleteRowsAbove,
  insertRaw,
  insertRejected,
  openIntake,
  type RejectedRecord,
} from './warehouse.queries.ts'

export interface CollectInput {
  file: string
  /** Name of the table; it is made where there is none. */
  table: string
  /** Code of the body of a new table; default: the actor's own, else the highest. */
  body?: string
  title?: string
  mode?: DataTable['mode']
  delimiter?: string
  encoding?: string
  signal?: AbortSignal
  onProgress?: (progress: CollectProgress) => void
}

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

/** What collecting needs of its node. */
export interface CollectNode {
  db: Db
  engine: ClickHouseClient
}

/** Any number that no other program uses as an advisory lock in this database; those of tables are this many millions and their ids. */
const tableLock = 7_226_071
/** Of more wrong records than this share the file is another than the table wants. */
const mostRejected = 0.5
/** Broken records of a batch that are kept. */
const keptBroken = 100_000

/**
 * Loads a file into a table: readers see all of it or nothing. The first batch pins the columns; a file with others is
 * quarantined with what differs. The same file again changes nothing, and a load that was cut off is done anew.
 * @throws ConcordError where the file is no table, somebody loads the same table, or the actor may not.
 */
export async function collectFile(
  node: CollectNode,
  actor: Actor,
  input: CollectInput,
): Promise<CollectSummary> {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(input.table))
    throw new ConcordError(
      'invalid_request',
      `${input.table.slice(0, 80)} is no name of a table: small letters, digits and underscores, a letter first.`,
    )
  await freshOrganisationTree(node.db)
  const known = await selectTable(node.db, input.table)
  const organisationId = known?.organisationId ?? (await bodyOf(node.db, actor, input.body))
  authorize(actor, 'table:collect', { kind: 'table', organisationId })
  const file = await openCsv(input.file, input)
  try {
    const table = known ?? (await makeTable(node.db, actor, input, organisationId, file.columns))
    const done = await ifUnlocked(node.db, tableLock * 1_000_000 + table.id, () =>
      load(node, actor, table.name, file, input),
    )
    if (done) return done
  } finally {
    file.source.close()
  }
  throw new ConcordError(
    'conflict',
    `The table ${input.table} is being loaded. Wait until that load has ended.`,
  )
}

async function bodyOf(db: Db, actor: Actor, code: string | undefined): Promise<number> {
  if (code === undefined && actor.organisationId !== null) return actor.organisationId
  const found =
    code === undefined ? (await listOrganisations(db, { limit: 1 }))[0] : await findOrganisation(db, { code })
  if (!found)
    throw new ConcordError('invalid_request', code ? `There is no body ${code}.` : 'There is no body yet.')
  return found.id
}

const makeTable = (
  db: Db,
  actor: Actor,
  input: CollectInput,
  organisationId: number,
  columns: Column[],
): Promise<TableRow> =>
  inTransaction(db, async (tx) => {
    const { table: name, title = name, mode = 'snapshot' } = input
    const made = await insertTable(tx, { name, title, organisationId, mode, columns, by: actor.name }).catch(
      (error) => {
        if (isUniqueViolation(error))
          throw new ConcordError(
            'conflict',
            `Somebody else just made the table ${name}. Load the file again.`,
          )
        throw error
      },
    )
    await audit(tx, {
      actor,
      action: 'table:create',
      objectKind: 'table',
      objectId: name,
      organisationId,
      decision: 'allow',
      detail: { mode, columns: columns.length },
    })
    return made
  })

/** Under the lock of the table. */
async function load(
  { db, engine }: CollectNode,
  actor: Actor,
  name: string,
  file: CsvFile,
  input: CollectInput,
): Promise<CollectSummary> {
  const table = (await selectTable(db, name))!
  await endOrphans(db, table.id)
  await createRowTable(engine, table.id, table.columns)
  await deleteRowsAbove(engine, table.id, table.visibleBatch)
  const same = await selectSame(
    db,
    table.id,
    file.checksum,
    table.mode === 'snapshot' ? table.visibleBatch : undefined,
  )
  if (same) {
    const { number, read, accepted, rejected } = same
    return { table: name, batch: number, state: 'unchanged', read, accepted, rejected, faults: [] }
  }
  const number = await insertBatch(db, table.id, {
    source: basename(input.file),
    bytes: file.source.size,
    checksum: file.checksum,
    format: 'csv',
    encoding: file.encoding,
    columns: file.columns,
    by: actor.name,
  })
  const counts = { read: 0, accepted: 0, rejected: 0 }
  const end = (state: Batch['state'], faults: Fault[] = []) =>
    finish(db, actor, table, { number, state, faults, ...counts })
  try {
    const { faults, order } = driftOf(table.columns, file.columns)
    if (faults.length > 0) return await end('quarantined', faults)
    const inFile = order.map((at) => table.columns[at]!)
    await openIntake(engine, table.id, number, inFile)
    const read = await send(engine, table.id, number, file, input)
    counts.read = read.records + read.broken
    counts.accepted = await countBatchRows(engine, table.id, number)
    counts.rejected = read.broken + (await countRejected(engine, table.id, number))
    const faultsFound = whatIsWrong(counts)
    if (faultsFound.length > 0) {
      await deleteRowsAbove(engine, table.id, table.visibleBatch)
      return await end('quarantined', faultsFound)
    }
    return await end('loaded')
  } catch (error) {
    const fault = { path: '', rule: 'load_failed', message: (error as Error).message.slice(0, 500) }
    const ended = input.signal?.aborted ? end('interrupted') : end('failed', [fault])
    await ended.catch(() => {})
    throw error
  } finally {
    await closeIntake(engine, table.id).catch(() => {})
  }
}

/** What forbids that readers see a batch. */
function whatIsWrong({
  read,
  accepted,
  rejected,
}: Record<'read' | 'accepted' | 'rejected', number>): Fault[] {
  if (accepted + rejected !== read)
    throw new Error(`${read} records were sent, ${accepted} are rows and ${rejected} are rejected.`)
  if (rejected <= read * mostRejected) return []
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

/** Sends a file to the engine; the next piece is read while the engine works on the one before. */
async function send(
  engine: ClickHouseClient,
  tableId: number,
  number: number,
  file: CsvFile,
  { signal, onProgress }: CollectInput,
): Promise<{ records: number; broken: number }> {
  let records = 0
  let broken = 0
  let sending: Promise<void> | undefined
  for await (const piece of readPieces(file)) {
    signal?.throwIfAborted()
    await sending
    records += piece.records
    const kept = piece.broken.slice(0, Math.max(0, keptBroken - broken))
    broken += piece.broken.length
    sending = sendPiece(engine, tableId, number, piece.csv, kept, file.delimiter)
    // Awaited with the next piece; a failure must not be unhandled until then.
    sending.catch(() => {})
    onProgress?.({ bytes: file.source.bytesRead(), size: file.source.size, records: records + broken })
  }
  await sending
  return { records, broken }
}

async function sendPiece(
  engine: ClickHouseClient,
  tableId: number,
  number: number,
  csv: Buffer,
  broken: BrokenRecord[],
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
  rule: fault.rule,
  message: fault.remedy ? `${fault.message} ${fault.remedy}` : fault.message,
})

const finish = (
  db: Db,
  actor: Actor,
  table: TableRow,
  end: Omit<CollectSummary, 'table' | 'batch' | 'state'> & { number: number; state: Batch['state'] },
): Promise<CollectSummary> =>
  inTransaction(db, async (tx) => {
    const { number, state, faults, ...counts } = end
    await endBatch(tx, table.id, number, { state, faults, ...counts })
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
