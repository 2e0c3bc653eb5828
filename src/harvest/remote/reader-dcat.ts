import { isUtf8 } from 'node:buffer'
import type { Fault } from '../../platform/errors.ts'
import type { RemoteClient, Validators } from './client.ts'
import { failed, type RemoteFailure, shownAddress } from './failure.ts'
import { type RemoteLimits, remoteLimits } from './limits.ts'
import { beginningOf, failureFault, fingerprint, isOfOnePage, pageFault } from './page.ts'
import { followLink, numberedNext, Visited, withNested } from './paging.ts'
import type { CataloguePage } from './rdf-catalogue.ts'
import { eventOf } from './rdf-event.ts'
import { createRdfParser, type RdfParser } from './rdf-parser.ts'
import { decodeText, rdfAccept, syntaxOf } from './rdf-syntax.ts'
import type { RemoteOptions, RemotePage, RemoteSource } from './remote.ts'

/** Bytes looked at to tell the syntax. */
const headBytes = 4_096

interface DcatCursor {
  /** Of the next page; null at the end. */
  url: string | null
  page: number
  /** The catalogue and those within it that are known; each is read to its end before the next. */
  catalogues: string[]
  /** The one that is being read. */
  reading: number
  /** Data sets of the present catalogue so far, and how many it announces. */
  received: number
  total: number | null
  /** What the catalogues before it announced; null when one did not. */
  totalBefore: number | null
  lastPrint: string | null
  /** Pages in a row that brought nothing. */
  failed: number
}

/**
 * Reads a DCAT catalogue in any syntax of RDF, following its pages (Hydra, or the header Link) and the catalogues within
 * it that have the same origin. A page that cannot be read is left out; where it at least says what comes next, the
 * reading goes on there.
 */
export async function* readDcat(
  source: RemoteSource,
  client: RemoteClient,
  options: RemoteOptions,
): AsyncGenerator<RemotePage> {
  const limits: RemoteLimits = { ...remoteLimits, ...options.limits }
  const parser = createRdfParser()
  options.signal.addEventListener('abort', parser.close)
  let at = (options.from as unknown as DcatCursor | undefined) ?? begin(source, options)
  const visited = new Visited()
  const prints = new Set(at.lastPrint === null ? [] : [at.lastPrint])
  try {
    while (at.url !== null) {
      if (at.page > limits.pages)
        throw failed(shownAddress(at.url), 'too_many_pages', `has more than ${limits.pages} pages`)
      visited.add(at.url)
      const page = await readPage({ source, client, options, parser, limits, visited, prints }, at)
      options.signal.throwIfAborted()
      yield page
      at = page.cursor as unknown as DcatCursor
    }
  } finally {
    options.signal.removeEventListener('abort', parser.close)
    parser.close()
  }
}

function begin(source: RemoteSource, options: RemoteOptions): DcatCursor {
  const url = new URL(source.url)
  // Catalogues of this form, ours and those of CKAN, tell what changed; others would not know the parameter.
  if (options.since !== undefined && /\/catalog\.(ttl|jsonld|xml|n3|rdf)$/.test(url.pathname))
    url.searchParams.set('modified_since', options.since)
  return {
    url: url.href,
    page: 1,
    catalogues: [url.href],
    reading: 0,
    received: 0,
    total: null,
    totalBefore: 0,
    lastPrint: null,
    failed: 0,
  }
}

interface Work {
  source: RemoteSource
  client: RemoteClient
  options: RemoteOptions
  parser: RdfParser
  limits: RemoteLimits
  /** Addresses of pages read by this process. */
  visited: Visited
  prints: Set<string>
}

interface Fetched {
  page: CataloguePage
  bytes: number
  /** After redirects: what links on the page are relative to. */
  url: string
  link?: string
  validators?: Validators
  notModified?: boolean
  /** The page holds bytes that are no text in its encoding. */
  damaged?: boolean
}

async function readPage(work: Work, at: DcatCursor): Promise<RemotePage> {
  let fetched: Fetched
  try {
    fetched = await fetchPage(work, at)
  } catch (failure) {
    if (at.page === 1 || !isOfOnePage(failure) || at.failed + 1 >= work.limits.failedPages) throw failure
    return lostPage(at, failure)
  }
  if (fetched.notModified)
    return { ...pageOf(at, fetched, { ...at, url: null }), last: true, notModified: true }
  return judge(work, at, fetched)
}

async function fetchPage({ client, parser, options }: Work, at: DcatCursor): Promise<Fetched> {
  const isFirst = at.page === 1
  const answer = await client.get(at.url!, {
    accept: rdfAccept,
    ...(isFirst && options.validators ? { validators: options.validators } : {}),
  })
  const about = { bytes: answer.bytes, url: answer.url, link: answer.next, validators: answer.validators }
  if (answer.notModified) return { ...about, page: nothing, notModified: true }
  const text = decodeText(answer.body, answer.contentType)
  const syntax = syntaxOf(answer.contentType, text.slice(0, headBytes))
  if (!syntax)
    throw failed(shownAddress(answer.url), 'not_rdf', `is no RDF: ${beginningOf(text.slice(0, headBytes))}`, {
      remedy: 'Give the address of the catalogue in Turtle, JSON-LD or RDF/XML, not that of a web page.',
    })
  const page = await parser.read({ text, syntax, base: answer.url })
  return { ...about, page, damaged: text.includes('\ufffd') && !isUtf8(answer.body) }
}

const nothing: CataloguePage = {
  records: [],
  next: [],
  total: null,
  catalogues: [],
  undescribed: 0,
  unlisted: 0,
}

/** What a page brings, where it leads, and what is wrong with it. */
function judge(work: Work, at: DcatCursor, fetched: Fetched): RemotePage {
  const { page } = fetched
  const number = at.page
  const faults: Fault[] = []
  const notes: Fault[] = []
  if (page.error) {
    const { rule, message, at: line, remedy } = page.error
    faults.push(pageFault(number, rule, message, { at: line, remedy }))
  }
  if (page.undescribed > 0)
    faults.push(
      pageFault(
        number,
        'not_described',
        `lists ${page.undescribed} data sets without saying anything of them, e.g. ${page.undescribedOne?.slice(0, 200)}`,
      ),
    )
  if (page.unlisted > 0)
    notes.push(
      pageFault(
        number,
        'not_listed',
        `describes ${page.unlisted} data sets that its catalogue does not list`,
      ),
    )
  let events = page.records.map((record, index) => eventOf(record, number, index, fetched.damaged))
  const print = fingerprint(events)
  if (print !== undefined && work.prints.has(print)) {
    faults.push(pageFault(number, 'identical_page', 'holds the same records as a page before it'))
    events = []
  } else if (print !== undefined) work.prints.add(print)
  const total = page.total ?? at.total
  if (at.total !== null && total !== null && total < at.total)
    faults.push(
      pageFault(number, 'total_shrank', `announces ${total} records, the page before announced ${at.total}`),
    )
  const catalogues = withNested(at.catalogues, page.catalogues, { page: number, notes, faults })
  const received =
    at.received + (events.length > 0 ? page.records.filter((r) => r.type === 'dataset').length : 0)
  const vain = events.length > 0 ? 0 : at.failed + 1
  const repeated = events.length === 0 && print !== undefined
  const next = repeated ? undefined : wayOn(work, { ...at, failed: vain }, fetched, faults)
  const cursor: DcatCursor = {
    ...at,
    page: number + 1,
    catalogues,
    received,
    total,
    failed: vain,
    lastPrint: print ?? at.lastPrint,
  }
  const onward = moveOn(cursor, next, page.error !== undefined, faults)
  const single = number === 1 && onward.url === null && faults.length === 0
  return {
    ...pageOf(at, fetched, onward),
    events,
    faults,
    notes,
    last: onward.url === null && !page.error,
    ...(single && fetched.validators ? { validators: fetched.validators } : {}),
  }
}

/** Where the next page is: as the page or its header says, or by its number after a page that could not be read. */
function wayOn(
  { source, visited, limits }: Work,
  at: DcatCursor,
  fetched: Fetched,
  faults: Fault[],
): string | undefined {
  const told = [...fetched.page.next, ...(fetched.link ? [fetched.link] : [])]
  const next = followLink(told, { base: fetched.url, source: source.url, visited, page: at.page, faults })
  if (next !== undefined && at.failed >= limits.failedPages) {
    faults.push(pageFault(at.page, 'paging_loop', `leads on after ${at.failed} pages without a record`))
    return undefined
  }
  const isShort = at.total !== null && at.received < at.total
  return next ?? (fetched.page.error && isShort ? numberedNext(at.url!) : undefined)
}

/** The place after a page: the next one of this catalogue, else the first one of the next catalogue, else the end. */
function moveOn(at: DcatCursor, next: string | undefined, isBroken: boolean, faults: Fault[]): DcatCursor {
  if (next !== undefined) return { ...at, url: next }
  if (!isBroken && at.total !== null && at.received !== at.total)
    faults.push(
      pageFault(
        at.page - 1,
        'total_mismatch',
        `the catalogue announces ${at.total} data sets and gave ${at.received}`,
        {
          remedy: 'It may have changed meanwhile; the next run will tell.',
        },
      ),
    )
  const reading = at.reading + 1
  const url = at.catalogues[reading] ?? null
  if (url === null) return { ...at, url }
  const totalBefore = at.total === null || at.totalBefore === null ? null : at.totalBefore + at.total
  return { ...at, url, reading, received: 0, total: null, totalBefore, failed: 0 }
}

/** A page that did not come: the one after it can be guessed where pages are numbered and more are announced. */
function lostPage(at: DcatCursor, failure: RemoteFailure): RemotePage {
  const faults = [failureFault(at.page, failure)]
  const next = at.total !== null && at.received < at.total ? numberedNext(at.url!) : undefined
  const cursor = moveOn({ ...at, page: at.page + 1, failed: at.failed + 1 }, next, true, faults)
  return { ...pageOf(at, { bytes: 0 }, cursor), faults }
}

function pageOf(at: DcatCursor, { bytes }: { bytes: number }, cursor: DcatCursor): RemotePage {
  const total = cursor.reading === at.reading ? cursor.total : at.total
  const announced = total === null || at.totalBefore === null ? undefined : at.totalBefore + total
  return {
    number: at.page,
    events: [],
    removed: [],
    cursor: { ...cursor },
    ...(announced === undefined ? {} : { total: announced }),
    bytes,
    faults: [],
    notes: [],
    last: false,
  }
}
