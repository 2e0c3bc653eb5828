import { hash } from 'node:crypto'
import type { Validation } from '../catalog/index.ts'
import type { Fault } from '../platform/errors.ts'
import type { Counts, ImportRecordRow } from './import.queries.ts'
import { createSeen, type Seen } from './import-seen.ts'
import type { MapRecord } from './mapping.ts'
import type { MappedRecord } from './mapping-entry.ts'
import { type Assumptions, countAssumed } from './mapping-sharing.ts'
import { excerptOf, type OpenedFile, type ReadEvent, storable } from './reader-event.ts'

/** A record ready to be compared and written. */
export interface PreparedEntry {
  position: number
  place: string
  sourceId: string
  title: string
  content: Record<string, unknown>
  hash: Buffer
  warnings: Fault[]
  /** What the catalogue says of the content, where it was asked before. */
  checked?: Validation
  /** Address wanted for a new entry, where its origin gave it one. */
  uid?: string
  /** Global identifiers of the record beside `sourceId`. */
  identifiers?: string[]
  /** As read, for the excerpt of a reject: bytes of the file, or the value where there are none. */
  raw: unknown
}

/** Settled events of a file, in its order; written in one transaction with the checkpoint. */
export interface Batch {
  items: (PreparedEntry | ImportRecordRow)[]
  /** Events of the file up to here. */
  position: number
  bytes: number
  /** Set in the last batch when the file could not be read to its end. */
  fatal?: { place: string; fault: Fault }
  /** Position at which the pages of a harvest began. */
  pageStart?: number
  /** Set in the last batch of pages of a harvest: what is known once they are settled. */
  page?: PageEnd
}

/** The end of pages of a remote source that are written together. */
export interface PageEnd {
  /** How many pages they are. */
  count: number
  /** Where the next page begins. */
  cursor: unknown
  total: number | null
  /** Set when the last page could not be read whole: it is tried again, and as long as it is not, nothing is gone. */
  failed?: { from: unknown; faults: Fault[] }
  /** It is the end of the source. */
  last: boolean
  validators?: unknown
  /** Identifiers that the source says are gone. */
  removed: string[]
  /** Pieces of them that could not be read as records. */
  unread: number
}

/** Records of a batch: about a third of a second of work, so that stopping is quick and a transaction short. */
export const batchRecords = 1_000
/** Bytes of the records of a batch as read: bounds memory when records are large. */
export const batchBytes = 8 * 1024 * 1024
/** Faults kept for one record. */
const faultLimit = 50
const messageLength = 500
const titleLength = 300

const markListed = 1
const markEmbedded = 2

export interface PrepareOptions {
  map: MapRecord
  /** Code of the body of a record; a fault when there is none of that name. */
  bodyOf(record: MappedRecord): { code: string } | { fault: Fault }
  /** Events to pass over: they are settled already. */
  from: number
  seen?: Seen
  /** Counts what records were taken with, of the whole file. */
  assumed?: Assumptions
}

export const isPrepared = (item: PreparedEntry | ImportRecordRow): item is PreparedEntry => 'hash' in item

/** Reads, maps and hashes the records of a file, batch by batch. The file is read no further than asked for. */
export async function* prepareBatches(file: OpenedFile, options: PrepareOptions): AsyncGenerator<Batch> {
  const seen = options.seen ?? createSeen()
  let position = 0
  let batch: Batch = { items: [], position, bytes: 0 }
  let size = 0
  for await (const events of file.events) {
    for (const event of events) {
      position++
      const item = settle(event, position, seen, options)
      batch.position = position
      // Also when its place is settled: a file that is cut off is so each time it is taken up again.
      if (event.kind === 'fatal') batch.fatal = { place: event.place, fault: event.fault }
      if (position <= options.from) continue
      if (item) batch.items.push(item)
      if (event.kind === 'record') size += event.bytes
      if (batch.items.length < batchRecords && size < batchBytes) continue
      batch.bytes = file.bytesRead()
      yield batch
      batch = { items: [], position, bytes: 0 }
      size = 0
    }
  }
  batch.bytes = file.bytesRead()
  yield batch
}

/** What an event is to the import: an entry to write, a line of the report, or nothing. */
export function settle(
  event: ReadEvent,
  position: number,
  seen: Seen,
  options: PrepareOptions,
): PreparedEntry | ImportRecordRow | undefined {
  if (event.kind === 'fatal') return undefined
  if (event.kind === 'note') return recordRow(position, event.place, 'note', { faults: [event.fault] })
  if (event.kind === 'reject')
    return recordRow(position, event.place, 'rejected', { faults: [event.fault], excerpt: event.excerpt })
  const mapped = mapSafely(event, options.map)
  const reject = (faults: Fault[]) =>
    recordRow(position, event.place, 'rejected', {
      sourceId: mapped.sourceId,
      title: mapped.title,
      faults: [...faults, ...mapped.warnings],
      excerpt: excerptOfRecord(event.raw ?? event.value),
    })
  if (mapped.sourceId !== undefined) {
    const embedded = event.context?.embedded === true
    const before = seen.add(mapped.sourceId, embedded ? markEmbedded : markListed)
    // Formats that list a data set inside another object as well say the same thing twice; it counts once.
    if (before !== 0 && (embedded || before === markEmbedded)) return undefined
    if (before !== 0) return reject([duplicate, ...mapped.faults])
  }
  if (options.assumed && mapped.faults.length === 0) countAssumed(options.assumed, mapped)
  if (position <= options.from) return undefined
  const body = options.bodyOf(mapped)
  const faults = 'fault' in body ? [...mapped.faults, body.fault] : mapped.faults
  if (faults.length > 0 || 'fault' in body || mapped.sourceId === undefined) return reject(faults)
  const content = { body: body.code, ...mapped.content }
  content.body = body.code
  const sum = hashSafely(content)
  if ('fault' in sum) return reject([sum.fault])
  return {
    position,
    place: event.place,
    sourceId: mapped.sourceId,
    title: mapped.title,
    content,
    hash: sum.hash,
    warnings: mapped.warnings,
    ...(mapped.identifiers && { identifiers: mapped.identifiers }),
    raw: event.raw ?? event.value,
  }
}

export const duplicate: Fault = {
  path: '',
  rule: 'duplicate_identifier',
  message: 'a record before it in this file has the same identifier; the first one counts',
  remedy: 'Give each record an identifier of its own, or remove the repetition.',
}

/**
 * Of the entry, not of the source record: what a portal counts or dates by itself makes no new version. A fault where it
 * is nested too deep to be written down.
 */
function hashSafely(content: Record<string, unknown>): { hash: Buffer } | { fault: Fault } {
  try {
    return { hash: hash('sha256', JSON.stringify(content), 'buffer') }
  } catch (error) {
    return { fault: unmappable(error) }
  }
}

const unmappable = (error: unknown): Fault => ({
  path: '',
  rule: 'mapping',
  message: `the record cannot be mapped: ${(error as Error).message}`,
})

/** No input may end an import: what a mapping throws at (a record nested 100,000 deep) is a reject. */
function mapSafely(event: Extract<ReadEvent, { kind: 'record' }>, map: MapRecord): MappedRecord {
  try {
    return map(event.value, event.context)
  } catch (error) {
    return {
      sourceId: undefined,
      title: '',
      content: {},
      warnings: [],
      faults: [unmappable(error)],
    }
  }
}

/** The beginning of a record: of its bytes, else of its value as JSON. */
export function excerptOfRecord(raw: unknown): string {
  try {
    return excerptOf(raw instanceof Uint8Array ? raw : (JSON.stringify(raw) ?? ''))
  } catch {
    return ''
  }
}

/** A row of the report, cut to what is kept. */
export function recordRow(
  position: number,
  place: string,
  outcome: ImportRecordRow['outcome'],
  more: { sourceId?: string; title?: string; uid?: string; faults?: Fault[]; excerpt?: string } = {},
): ImportRecordRow {
  return {
    position,
    place,
    outcome,
    sourceId: more.sourceId === undefined ? null : storable(more.sourceId.slice(0, titleLength)),
    title: more.title ? storable(more.title.slice(0, titleLength)) : null,
    datasetUid: more.uid ?? null,
    faults: more.faults && more.faults.length > 0 ? keptFaults(more.faults) : null,
    excerpt: more.excerpt ?? null,
  }
}

const keptFaults = (faults: Fault[]): Fault[] =>
  faults.slice(0, faultLimit).map((f) => ({
    path: storable(f.path.slice(0, messageLength)),
    rule: f.rule,
    message: storable(f.message.slice(0, messageLength)),
    ...(f.remedy ? { remedy: storable(f.remedy.slice(0, messageLength)) } : {}),
  }))

export const noCounts = (): Omit<Counts, 'gone'> => ({
  read: 0,
  added: 0,
  changed: 0,
  unchanged: 0,
  rejected: 0,
  linked: 0,
})
