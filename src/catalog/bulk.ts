import { createHash } from 'node:crypto'
import { ConcordError, type Fault } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { canonicalJson } from '../security/index.ts'
import type { BulkOutcome, BulkQuery, BulkSummary } from './bulk.schema.ts'
import type { CatalogContext } from './context.ts'
import { selectKnownIds } from './dataset-upsert.queries.ts'
import { upsertDatasets } from './dataset-upsert.ts'
import { type Line, readLines } from './json-lines.ts'
import type { UpsertRecord } from './upsert-plan.ts'

/** Bytes of one line: as a body of the other routes (platform/http.ts); an entry with 2,000 items is about 1 MB. */
export const maxLineBytes = 4 * 1024 * 1024
/** Records written in one transaction, and the bytes after which fewer do. */
const batchRecords = 1_000
const batchBytes = 8 * 1024 * 1024

interface Pending {
  line: number
  sourceId: string | null
  record?: UpsertRecord
  /** Hash of the line's bytes, where the line names no identifier. */
  lineId?: string
  faults?: Fault[]
}

/**
 * Adds and changes entries from lines of `{ "sourceId"?, "content" }`, at constant memory whatever their number.
 * Yields the outcome of every line in order, then the summary. While one batch is written the next is read.
 * A failure of ours ends the report with `error`; what was reported before is kept, and sending everything
 * again is safe, because known records are recognised.
 */
export async function* upsertLines(
  db: Db,
  ctx: CatalogContext,
  stream: AsyncIterable<Uint8Array>,
  query: BulkQuery,
): AsyncGenerator<BulkOutcome | BulkSummary> {
  const source = query.source ?? `api:${ctx.actor.uid ?? ctx.actor.name}`.slice(0, 100)
  const summary = { lines: 0, added: 0, changed: 0, unchanged: 0, rejected: 0 }
  const write = (batch: Pending[]) => writeBatch(db, ctx, batch, query)
  let writing: Promise<BulkOutcome[]> | undefined
  try {
    for await (const batch of readBatches(stream, source)) {
      const before = await writing
      writing = write(batch)
      // Awaited with the next batch; a failure must not be unhandled until then.
      writing.catch(() => {})
      for (const outcome of before ?? []) yield counted(outcome, summary)
    }
    for (const outcome of (await writing) ?? []) yield counted(outcome, summary)
    yield { summary }
  } catch (error) {
    const known = error instanceof ConcordError
    yield {
      summary,
      error: {
        code: known ? error.code : 'internal',
        detail: known ? error.message : 'Something failed on our side. It is logged under the request id.',
        requestId: ctx.requestId,
      },
    }
    if (!known) throw error
  }
}

function counted(outcome: BulkOutcome, summary: BulkSummary['summary']): BulkOutcome {
  summary.lines++
  summary[outcome.outcome]++
  return outcome
}

async function* readBatches(stream: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<Pending[]> {
  let batch: Pending[] = []
  let bytes = 0
  for await (const line of readLines(stream, maxLineBytes)) {
    batch.push(toPending(line, source))
    bytes += line.bytes?.length ?? 0
    if (batch.length < batchRecords && bytes < batchBytes) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Reads one line as a record, or says why it is none. */
function toPending(line: Line, source: string): Pending {
  const fault = (rule: string, message: string, remedy: string, column = 1): Pending => ({
    line: line.number,
    sourceId: null,
    faults: [{ path: `${line.number}:${column}`, rule, message, remedy }],
  })
  if (line.bytes === null)
    return fault(
      'too_large',
      `The line has ${line.size} bytes; at most ${maxLineBytes} are read.`,
      'Shorten the record, or split the data set.',
    )
  // A byte order mark is no part of the first record: sent without it, it is the same record.
  const bytes =
    line.number === 1 && line.bytes.indexOf(byteOrderMark) === 0 ? line.bytes.subarray(3) : line.bytes
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    return fault('encoding', 'The line is not UTF-8.', 'Save the file as UTF-8.')
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const message = (error as Error).message
    const column = Number(/position (\d+)/.exec(message)?.[1] ?? 0) + 1
    return fault(
      'json',
      `The line is not JSON: ${message.slice(0, 200)}`,
      'Write one whole object a line.',
      column,
    )
  }
  if (typeof value !== 'object' || value === null || !('content' in value))
    return fault('required', 'The line has no member content.', 'Write {"sourceId": "…", "content": {…}}.')
  const { sourceId, content } = value as { sourceId?: unknown; content: unknown }
  if (
    sourceId !== undefined &&
    sourceId !== null &&
    typeof sourceId !== 'string' &&
    typeof sourceId !== 'number'
  )
    return fault(
      'type',
      'sourceId is not a text.',
      'Give the identifier of the record at its source as a text.',
    )
  const hash = contentHash(content)
  if (!hash)
    return fault('json', 'The line is nested too deeply.', 'Write the content as the API describes it.')
  const named = sourceId !== undefined && sourceId !== null
  // A record without an identifier is known by what it says.
  const id = named ? String(sourceId) : hash.toString('hex')
  return {
    line: line.number,
    sourceId: id,
    record: { source, sourceId: id, hash, content },
    ...(named ? {} : { lineId: createHash('sha256').update(bytes).digest('hex') }),
  }
}

/** SHA-256 of what a content says: the order of its members and the spaces between them do not count. */
function contentHash(content: unknown): Buffer | undefined {
  try {
    return createHash('sha256').update(canonicalJson(content)).digest()
  } catch (error) {
    // Deeper than the stack.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Entries without an identifier were known by the bytes of their line before 0.2; they keep that name. */
async function keepLineIds(db: Db, records: Pending[]): Promise<void> {
  const unnamed = records.filter((p) => p.lineId !== undefined)
  if (unnamed.length === 0) return
  const known = await selectKnownIds(
    db,
    unnamed[0]!.record!.source,
    unnamed.map((p) => p.lineId!),
  )
  for (const p of unnamed) if (known.has(p.lineId!)) p.sourceId = p.record!.sourceId = p.lineId!
}

async function writeBatch(
  db: Db,
  ctx: CatalogContext,
  batch: Pending[],
  query: BulkQuery,
): Promise<BulkOutcome[]> {
  const readable = batch.filter((p) => p.record !== undefined)
  await keepLineIds(db, readable)
  const outcomes = await upsertDatasets(
    db,
    ctx,
    readable.map((p) => p.record!),
    { publish: query.publish ?? false, reason: query.reason },
  )
  const byPending = new Map(readable.map((p, i) => [p, outcomes[i]!]))
  return batch.map((p) => {
    const done = byPending.get(p)
    const { line } = p
    const sourceId = p.sourceId?.slice(0, 500) ?? null
    if (!done) return { line, sourceId, outcome: 'rejected', faults: p.faults }
    return { line, sourceId, outcome: done.outcome, uid: done.uid, faults: done.faults }
  })
}
