import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fault } from '../../platform/errors.ts'
import type { Format } from '../mapping.schema.ts'
import { openFile } from '../reader.ts'
import type { OpenedFile, ReadEvent } from '../reader-event.ts'
import type { RemoteClient, Validators } from './client.ts'
import { failed, RemoteFailure, shownAddress } from './failure.ts'
import { type RemoteLimits, remoteLimits } from './limits.ts'
import { beginningOf, pageFault } from './page.ts'
import { followLink, numberedNext, Visited } from './paging.ts'
import type { RemoteOptions, RemotePage, RemoteSource } from './remote.ts'

/** Events of one page, and bytes of its records: a large file gives many pages. */
const pageEvents = 1_000
const pageBytes = 8 * 1024 * 1024

interface FileCursor {
  /** Of the document; null at the end. */
  url: string | null
  page: number
  /** From 1: a `data.json` may come in several documents. */
  document: number
  /** The address was made by counting pages; where nothing is there, the one before was the last. */
  counted: boolean
  /** Events of the document that are settled, and what it held when they were. */
  settled: number
  hash: string | null
}

const accept: Partial<Record<Format, string>> = {
  csv: 'text/csv, text/plain;q=0.9, */*;q=0.5',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, */*;q=0.5',
}

/**
 * Reads a file at an address: table, lines or lists of JSON, data.json. It is fetched to disk whole before the first
 * record is taken, so that one that breaks off changes nothing, and then read as an import reads it. A data.json may go on
 * at a further address, which its member `next` or the header Link names; where the address has a number of a page, it
 * goes on until a page has no records.
 */
export async function* readFile(
  source: RemoteSource,
  client: RemoteClient,
  options: RemoteOptions,
): AsyncGenerator<RemotePage> {
  const limits: RemoteLimits = { ...remoteLimits, ...options.limits }
  await mkdir(options.access.spoolDir, { recursive: true, mode: 0o700 })
  await trimSpool(options.access.spoolDir)
  let at: FileCursor = (options.from as unknown as FileCursor | undefined) ?? {
    url: new URL(source.url).href,
    page: 1,
    document: 1,
    counted: false,
    settled: 0,
    hash: null,
  }
  const visited = new Visited()
  const hashes = new Set<string>()
  while (at.url !== null) {
    if (at.document > limits.pages)
      throw failed(shownAddress(at.url), 'too_many_pages', `has more than ${limits.pages} documents`)
    visited.add(at.url)
    for await (const page of readDocument({ source, client, options, visited, hashes }, at)) {
      yield page
      at = page.cursor as unknown as FileCursor
    }
  }
}

const spoolEnding = '.remote'
/** Time after which a file is one that a killed process left (ms). */
const abandonedMs = 86_400_000

async function trimSpool(folder: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(spoolEnding)) continue
    const info = await stat(join(folder, name)).catch(() => undefined)
    if (info && now - info.mtimeMs > abandonedMs) await rm(join(folder, name), { force: true })
  }
}

interface Work {
  source: RemoteSource
  client: RemoteClient
  options: RemoteOptions
  visited: Visited
  hashes: Set<string>
}

async function* readDocument(work: Work, at: FileCursor): AsyncGenerator<RemotePage> {
  const { client, options, source } = work
  const path = join(options.access.spoolDir, `${randomUUID()}${spoolEnding}`)
  const isFirst = at.document === 1 && at.settled === 0
  let file: OpenedFile | undefined
  try {
    const answer = await client.getFile(at.url!, path, {
      accept: accept[source.kind as Format] ?? 'application/json, */*;q=0.5',
      ...(isFirst && options.validators ? { validators: options.validators } : {}),
    })
    if (answer.notModified) {
      yield { ...pageOf(at, { ...at, url: null }), bytes: answer.bytes, last: true, notModified: true }
      return
    }
    const repeated = work.hashes.has(answer.hash)
    work.hashes.add(answer.hash)
    await refuseWebPage(path, answer.url)
    file = await openFile(path, { ...source.read, format: source.kind as Format })
    // A file that changed since its first records were taken is taken from its beginning: nothing is lost by that.
    const from = at.hash === answer.hash ? at : { ...at, settled: 0, hash: answer.hash }
    yield* pagesOf(work, from, { ...answer, repeated }, file)
  } catch (error) {
    if (at.counted && isMissing(error)) yield { ...pageOf(at, { ...at, url: null }), last: true }
    else throw error
  } finally {
    void file?.events.return(undefined).catch(() => {})
    file?.close()
    await rm(path, { force: true })
  }
}

const isMissing = (error: unknown) =>
  error instanceof RemoteFailure && (error.answered === 404 || error.answered === 410)

interface Fetched {
  url: string
  next: string | undefined
  bytes: number
  validators: Validators | undefined
  repeated: boolean
}

/** The events of a document in pages of bounded size; the last one knows where the source goes on. */
async function* pagesOf(
  work: Work,
  from: FileCursor,
  fetched: Fetched,
  file: OpenedFile,
): AsyncGenerator<RemotePage> {
  const { signal } = work.options
  let at = from
  let position = 0
  let events: ReadEvent[] = []
  let size = 0
  let bytes = fetched.bytes
  const faults: Fault[] = fetched.repeated
    ? [pageFault(at.page, 'identical_page', 'holds the same as a document before it')]
    : []
  let fatal: Extract<ReadEvent, { kind: 'fatal' }> | undefined
  for await (const group of fetched.repeated ? [] : file.events) {
    signal.throwIfAborted()
    for (const event of group) {
      if (event.kind === 'fatal') {
        fatal = event
        continue
      }
      if (++position <= from.settled) continue
      events.push(placed(event, at.document))
      if (event.kind === 'record') size += event.bytes
      if (events.length < pageEvents && size < pageBytes) continue
      const cursor = { ...at, page: at.page + 1, settled: position }
      yield { ...pageOf(at, cursor), events, bytes }
      at = cursor
      events = []
      size = 0
      bytes = 0
    }
  }
  const isEmpty = position === 0 && fatal?.fault.rule === 'no_records'
  const isEnd = isEmpty && at.document > 1
  if (fatal && !isEnd)
    faults.push({ ...fatal.fault, path: `document ${at.document} ${fatal.place} ${fatal.fault.path}`.trim() })
  const next =
    isEnd || fetched.repeated ? { url: null, counted: false } : wayOn(work, at, fetched, file, faults)
  const cursor = { ...next, page: at.page + 1, document: at.document + 1, settled: 0, hash: null }
  const single = at.document === 1 && next.url === null && faults.length === 0
  yield {
    ...pageOf(at, cursor),
    events,
    bytes,
    faults,
    last: next.url === null && (isEnd || !fatal),
    ...(single && fetched.validators ? { validators: fetched.validators } : {}),
  }
}

function wayOn(
  work: Work,
  at: FileCursor,
  fetched: Fetched,
  file: OpenedFile,
  faults: Fault[],
): Pick<FileCursor, 'url' | 'counted'> {
  const told = [file.next?.(), fetched.next].filter((text) => text !== undefined)
  const { source, visited } = work
  const next = followLink(told, { base: fetched.url, source: source.url, visited, page: at.page, faults })
  if (next !== undefined || told.length > 0 || source.kind !== 'dcat-us')
    return { url: next ?? null, counted: false }
  return { url: numberedNext(at.url!) ?? null, counted: true }
}

/** The place within the document; which one, where there are several. */
const placed = (event: ReadEvent, document: number): ReadEvent =>
  document === 1 ? event : { ...event, place: `document ${document} ${event.place}` }

/** A web site that moved answers every address with a page; a table of its lines would be the result. */
async function refuseWebPage(path: string, url: string): Promise<void> {
  let head = ''
  for await (const chunk of createReadStream(path, { end: 1_023 }) as AsyncIterable<Buffer>)
    head += chunk.toString('latin1')
  if (/^(\xef\xbb\xbf)?\s*<(!doctype\s+html|html)[\s>]/i.test(head))
    throw failed(shownAddress(url), 'web_page', `is a web page: ${beginningOf(head)}`, {
      remedy: 'Give the address of the file itself, as its download link has it.',
    })
}

const pageOf = (at: FileCursor, cursor: FileCursor): RemotePage => ({
  number: at.page,
  events: [],
  removed: [],
  cursor: { ...cursor },
  bytes: 0,
  faults: [],
  notes: [],
  last: false,
})
