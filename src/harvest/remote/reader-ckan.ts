import type { Fault } from '../../platform/errors.ts'
import { objectOf, textOf } from '../mapping-values.ts'
import type { ReadEvent } from '../reader-event.ts'
import { type RecordLayout, recordLayouts } from '../reader-json.ts'
import type { RemoteClient } from './client.ts'
import { failed, RemoteFailure, shownAddress } from './failure.ts'
import { type RemoteLimits, remoteLimits } from './limits.ts'
import {
  failureFault,
  fingerprint,
  isOfOnePage,
  isTooLarge,
  type JsonPage,
  pageFault,
  readJsonPage,
  renumber,
  shiftedMessage,
} from './page.ts'
import { listPackages } from './reader-ckan-list.ts'
import type { RemoteOptions, RemotePage, RemoteSource } from './remote.ts'

/** Packages asked for at a time: what CKAN's own harvester asks for, and every portal serves. */
const pageRows = 100
/** Changes of this time before the last clean run are read again (ms): a portal indexes late, and clocks differ. */
const overlapMs = 3_600_000

/** Where the actions of a portal may be: nearly everyone uses the first, the client of CKAN's makers the second. */
const prefixes = ['/api/3/action/', '/api/action/'] as const

interface SearchCursor {
  mode: 'search'
  /** Address of the actions. */
  api: string
  page: number
  /** Packages asked for: fewer once a page was too large. */
  rows: number
  /** Position in the list that the next page begins at. */
  start: number
  /** Different records so far. */
  received: number
  total: number | null
  /** Of the last record of the last page; the next page begins with it again. */
  lastId: string | null
  lastPrint: string | null
  failed: number
}

/**
 * Reads a CKAN portal by `package_search`, ordered by id; one that has no search, by the list of its packages.
 * Each page begins with the last record of the one before: where it does not, records were added or removed in between
 * and one may have slipped through, which makes the run incomplete.
 */
export async function* readCkan(
  source: RemoteSource,
  client: RemoteClient,
  options: RemoteOptions,
): AsyncGenerator<RemotePage> {
  const from = options.from
  if (from?.mode === 'list') return yield* listPackages(client, options, from)
  const found = from
    ? { cursor: from as unknown as SearchCursor, first: undefined }
    : await findSearch(source, client, options)
  if (!found) return yield* listPackages(client, options, { base: baseOf(source.url) })
  yield* search(source, client, options, found.cursor, found.first)
}

/** The address of the portal, also when that of one of its pages or actions was given. */
export function baseOf(address: string): string {
  const url = new URL(address)
  url.hash = ''
  url.search = ''
  url.pathname = url.pathname.replace(/\/(api|dataset|organization|group)(\/.*)?$/, '').replace(/\/+$/, '')
  return url.href.replace(/\/+$/, '')
}

type Found = { answer: Awaited<ReturnType<RemoteClient['get']>>; page: SearchPage }

/** Looks for the search under both prefixes. Undefined when the portal has none. */
async function findSearch(source: RemoteSource, client: RemoteClient, options: RemoteOptions) {
  let unlike: RemoteFailure | undefined
  for (const prefix of prefixes) {
    const cursor: SearchCursor = {
      mode: 'search',
      api: `${baseOf(source.url)}${prefix}`,
      page: 1,
      rows: pageRows,
      start: 0,
      received: 0,
      total: null,
      lastId: null,
      lastPrint: null,
      failed: 0,
    }
    try {
      return { cursor, first: await fetchPage(source, client, options, cursor) }
    } catch (failure) {
      // It is there; smaller pages are asked for in their turn.
      if (isTooLarge(failure)) return { cursor, first: undefined }
      if (!(failure instanceof RemoteFailure) || !meansNoSearch(failure)) throw failure
      unlike = failure
    }
  }
  // Asked for changes only, a portal must not be read whole because one search failed.
  if (options.since !== undefined) throw unlike
  return undefined
}

/** A portal without this action: nothing there, or CKAN's answer to an action it does not know, a bare text. */
const meansNoSearch = ({ answered, answer, fault }: RemoteFailure) =>
  answered === 404 ||
  answered === 405 ||
  answered === 410 ||
  (answered === 400 && !answer.trimStart().startsWith('{')) ||
  fault.rule === 'not_ckan'

async function* search(
  source: RemoteSource,
  client: RemoteClient,
  options: RemoteOptions,
  cursor: SearchCursor,
  first: Found | undefined,
): AsyncGenerator<RemotePage> {
  const limits: RemoteLimits = { ...remoteLimits, ...options.limits }
  const seen = new Set(cursor.lastPrint === null ? [] : [cursor.lastPrint])
  let at = cursor
  let got = first
  for (;;) {
    const page = await nextPage(
      at,
      seen,
      limits,
      async (place) => got ?? fetchPage(source, client, options, place),
    )
    got = undefined
    yield page
    if (page.last) return
    at = page.cursor as unknown as SearchCursor
    if (at.page > limits.pages) throw failed(at.api, 'too_many_pages', `has more than ${limits.pages} pages`)
  }
}

async function nextPage(
  at: SearchCursor,
  seen: Set<string>,
  limits: RemoteLimits,
  fetch: (at: SearchCursor) => Promise<Found>,
): Promise<RemotePage> {
  try {
    const { answer, page } = await fetch(at)
    return { ...judge(at, page, seen), bytes: answer.bytes }
  } catch (failure) {
    if (isTooLarge(failure) && at.rows > 1)
      return nextPage({ ...at, rows: Math.max(1, at.rows >> 2) }, seen, limits, fetch)
    if (!isOfOnePage(failure) || at.failed + 1 >= limits.failedPages) throw failure
    const start = at.start + at.rows
    const last = at.total !== null && start >= at.total
    const cursor = { ...at, page: at.page + 1, start, failed: at.failed + 1, lastId: null }
    const faults = [failureFault(at.page, failure)]
    return { number: at.page, events: [], removed: [], cursor, bytes: 0, faults, notes: [], last }
  }
}

/** What a page brings that the one before did not, and whether the list is still the same. */
function judge(at: SearchCursor, page: SearchPage, seen: Set<string>): Omit<RemotePage, 'bytes'> {
  const number = at.page
  const faults: Fault[] = page.fault ? [page.fault] : []
  const total = page.total ?? at.total
  let events = page.events
  if (at.lastId !== null && events.length > 0) {
    if (idOf(events[0]!) === at.lastId) events = renumber(number, events.slice(1))
    else faults.push(pageFault(number, 'list_shifted', shiftedMessage))
  }
  const print = fingerprint(events)
  const repeated = print !== undefined && seen.has(print)
  if (repeated) faults.push(pageFault(number, 'identical_page', 'holds the same records as a page before it'))
  if (print !== undefined) seen.add(print)
  if (at.total !== null && total !== null && total < at.total)
    faults.push(
      pageFault(number, 'total_shrank', `announces ${total} records, the page before announced ${at.total}`),
    )
  const fresh = repeated ? 0 : events.length
  const received = at.received + fresh
  const next = at.start + page.events.length
  // A page that broke off may have been a full one.
  const last =
    repeated || (!page.fault && (fresh === 0 || (page.events.length < at.rows && next >= (total ?? 0))))
  if (last && total !== null && received !== total)
    faults.push(
      pageFault(number, 'total_mismatch', `the source announces ${total} records and gave ${received}`, {
        remedy: 'It may have changed meanwhile; the next run will tell.',
      }),
    )
  const lastEvent = page.events.at(-1)
  const lastId = page.fault || !lastEvent ? null : (idOf(lastEvent) ?? null)
  const start = page.fault ? at.start + at.rows : lastId === null ? next : next - 1
  const cursor = {
    ...at,
    page: number + 1,
    start,
    received,
    total,
    lastId,
    lastPrint: print ?? at.lastPrint,
    failed: 0,
  }
  return {
    number,
    events: repeated ? [] : events,
    removed: [],
    cursor,
    ...(total === null ? {} : { total }),
    faults,
    notes: page.notes,
    last,
  }
}

function idOf(event: ReadEvent): string | undefined {
  if (event.kind !== 'record') return undefined
  const pack = objectOf(event.value)
  return textOf(pack?.id) ?? textOf(pack?.name)
}

interface SearchPage extends JsonPage {
  total: number | null
}

async function fetchPage(
  source: RemoteSource,
  client: RemoteClient,
  options: RemoteOptions,
  at: SearchCursor,
): Promise<Found> {
  const url = new URL(`${at.api}package_search`)
  url.search = new URLSearchParams({
    ...filterOf(source, options),
    rows: String(at.rows),
    start: String(at.start),
    sort: 'id asc',
  }).toString()
  const answer = await client.get(url.href, { accept: 'application/json' })
  return { answer, page: await readSearchPage(answer.body, at) }
}

function filterOf(source: RemoteSource, options: RemoteOptions): { fq?: string } {
  const terms = source.filter ? [source.filter] : []
  if (options.since !== undefined) {
    const since = new Date(Date.parse(options.since) - overlapMs).toISOString()
    terms.push(`metadata_modified:[${since} TO *]`)
  }
  return terms.length > 0 ? { fq: terms.join(' ') } : {}
}

/** @throws RemoteFailure when the answer is none of CKAN, or says that it failed */
async function readSearchPage(body: Buffer, at: SearchCursor): Promise<SearchPage> {
  const said: Record<string, unknown> = {}
  const base = recordLayouts.ckan()
  const layout: RecordLayout = {
    ...base,
    choose: (path, kind) => (path === '/success' || path === '/error' ? 'take' : base.choose(path, kind)),
    inform(path, value) {
      said[path.slice(path.lastIndexOf('/') + 1)] = value
      return undefined
    },
    announced: undefined,
  }
  const page = await readJsonPage(body, layout, at.page)
  const address = shownAddress(`${at.api}package_search`)
  if (said.success === false)
    throw failed(
      address,
      'ckan_error',
      `says that it failed: ${JSON.stringify(said.error ?? null).slice(0, 300)}`,
    )
  const total = Number.isSafeInteger(said.count) && Number(said.count) >= 0 ? Number(said.count) : null
  if (at.page === 1 && total === null && page.events.length === 0)
    throw failed(address, 'not_ckan', 'does not answer as CKAN does', {
      remedy: 'Check the address; it should be that of the portal, and the kind CKAN.',
    })
  return { ...page, total }
}
