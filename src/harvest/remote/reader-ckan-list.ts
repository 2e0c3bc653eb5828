import type { Fault } from '../../platform/errors.ts'
import { objectOf, textOf } from '../mapping-values.ts'
import { excerptOf, type ReadEvent, recordByteLimit } from '../reader-event.ts'
import { oversizedFault } from '../reader-lines.ts'
import type { RemoteClient } from './client.ts'
import { failed, type RemoteFailure, shownAddress } from './failure.ts'
import { type RemoteLimits, remoteLimits } from './limits.ts'
import { beginningOf, failureFault, isOfOnePage, pageFault, placeOf, shiftedMessage } from './page.ts'
import type { RemoteCursor, RemoteOptions, RemotePage } from './remote.ts'

/** Names asked for at a time; portals before 2.2 send all of them whatever is asked. */
const namesRows = 1_000
/** Packages of one page, each of them a request. */
const pageRows = 50

/** The ways to list and show packages, newest first; the last one is CKAN 1. */
const dialects = [
  { list: '/api/3/action/package_list', show: '/api/3/action/package_show?id=', pages: true },
  { list: '/api/action/package_list', show: '/api/action/package_show?id=', pages: true },
  { list: '/api/2/rest/package', show: '/api/2/rest/package/', pages: false },
] as const

interface ListCursor {
  mode: 'list'
  base: string
  dialect: number
  page: number
  /** Names before those of the present list. */
  offset: number
  /** Names of the present list that are settled. */
  index: number
  /** The last of them: where it is no longer, the list has changed meanwhile. */
  lastName: string | null
  failed: number
}

/** Reads a portal that has no search: the list of its packages, and each of them. */
export async function* listPackages(
  client: RemoteClient,
  options: RemoteOptions,
  from: RemoteCursor | { base: string },
): AsyncGenerator<RemotePage> {
  const limits: RemoteLimits = { ...remoteLimits, ...options.limits }
  let at: ListCursor =
    'mode' in from ? (from as unknown as ListCursor) : { ...beginning, base: String(from.base) }
  let list = await findList(client, at)
  at = { ...at, dialect: list.dialect }
  for (;;) {
    if (at.index >= list.names.length && list.more) {
      // Begins with the last name again, so that a change in between shows.
      at = { ...at, offset: at.offset + list.names.length - 1, index: 1 }
      const next = await fetchNames(client, at)
      if (next.names[0] === list.names[0]) {
        yield { ...emptyPage(at), last: true, faults: [pageFault(at.page, 'identical_page', repeatedList)] }
        return
      }
      list = { ...list, ...next }
    }
    const page = await showPage(client, at, list, limits)
    if (at.index > 0 && list.names[at.index - 1] !== at.lastName)
      page.faults.push(pageFault(at.page, 'list_shifted', shiftedMessage))
    yield page
    if (page.last) return
    at = page.cursor as unknown as ListCursor
  }
}

const beginning = {
  mode: 'list',
  dialect: 0,
  page: 1,
  offset: 0,
  index: 0,
  lastName: null,
  failed: 0,
} as const
const repeatedList = 'the list of packages begins again: the portal ignores the offset'

interface NameList {
  names: string[]
  /** There may be further names. */
  more: boolean
}

async function findList(client: RemoteClient, at: ListCursor): Promise<NameList & { dialect: number }> {
  let first: unknown
  for (let dialect = at.dialect; dialect < dialects.length; dialect++)
    try {
      return { ...(await fetchNames(client, { ...at, dialect })), dialect }
    } catch (failure) {
      if (!isOfOnePage(failure) || failure.transient) throw failure
      first ??= failure
    }
  throw first
}

async function fetchNames(client: RemoteClient, at: ListCursor): Promise<NameList> {
  const dialect = dialects[at.dialect]!
  const address = `${at.base}${dialect.list}`
  const query = dialect.pages ? `?limit=${namesRows}&offset=${at.offset}` : ''
  const { body } = await client.get(address + query, { accept: 'application/json' })
  const value = parse(body)
  const list = Array.isArray(value) ? value : objectOf(value)?.result
  if (!Array.isArray(list))
    throw failed(shownAddress(address), 'not_ckan', `does not answer as CKAN does: ${beginningOf(body)}`, {
      remedy: 'Check the address; it should be that of the portal, and the kind CKAN.',
    })
  const names = list.flatMap((name) => textOf(name) ?? [])
  return { names, more: dialect.pages && names.length === namesRows }
}

async function showPage(
  client: RemoteClient,
  at: ListCursor,
  list: NameList,
  limits: RemoteLimits,
): Promise<RemotePage> {
  const names = list.names.slice(at.index, at.index + pageRows)
  const page = emptyPage(at)
  let failedInARow = at.failed
  for (const name of names) {
    const place = placeOf(at.page, page.events.length)
    try {
      const { body, bytes } = await client.get(showAddress(at, name), { accept: 'application/json' })
      page.bytes += bytes
      page.events.push(readPackage(body, place))
      failedInARow = 0
    } catch (failure) {
      if (!isOfOnePage(failure)) throw failure
      if (isGone(failure)) page.notes.push(goneNote(at.page, name, failure))
      else if (++failedInARow > limits.failedPages) throw failure
      else page.faults.push(failureFault(at.page, failure))
    }
  }
  const index = at.index + names.length
  page.cursor = {
    ...at,
    page: at.page + 1,
    index,
    lastName: names.at(-1) ?? at.lastName,
    failed: failedInARow,
  }
  page.last = index >= list.names.length && !list.more
  if (!list.more) page.total = at.offset + list.names.length
  return page
}

const showAddress = (at: ListCursor, name: string) =>
  `${at.base}${dialects[at.dialect]!.show}${encodeURIComponent(name)}`

/** Listed, but not to be seen any more: it went, or became private, since the list was made. */
const isGone = ({ answered }: RemoteFailure) => answered === 404 || answered === 403

const goneNote = (page: number, name: string, { answered }: RemoteFailure): Fault =>
  pageFault(page, 'not_shown', `the package ${name.slice(0, 100)} is listed but not shown (${answered})`)

function readPackage(body: Buffer, place: string): ReadEvent {
  if (body.length > recordByteLimit)
    return { kind: 'reject', place, fault: oversizedFault(body.length), excerpt: excerptOf(body) }
  const value = objectOf(parse(body))
  const pack = value && 'result' in value ? objectOf(value.result) : value
  if (pack && ('id' in pack || 'name' in pack))
    return { kind: 'record', place, value: pack, bytes: body.length, raw: body }
  const fault = { path: '', rule: 'not_ckan', message: 'the answer holds no package' }
  return { kind: 'reject', place, fault, excerpt: excerptOf(body) }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

const emptyPage = (at: ListCursor): RemotePage => ({
  number: at.page,
  events: [],
  removed: [],
  cursor: { ...at },
  bytes: 0,
  faults: [],
  notes: [],
  last: false,
})
