import { objectOf, textOf } from '../mapping-values.ts'
import { excerptOf, type ReadEvent } from '../reader-event.ts'
import type { RecordLayout } from '../reader-json.ts'
import type { RemoteClient } from './client.ts'
import { failed, shownAddress } from './failure.ts'
import { type RemoteLimits, remoteLimits } from './limits.ts'
import { failureFault, isTooLarge, placeOf, readJsonPage } from './page.ts'
import { nodeOf } from './peer.ts'
import type { RemoteOptions, RemotePage, RemoteSource } from './remote.ts'

/** Changes asked for at a time: as many as a node gives. */
const pageChanges = 1_000

interface FeedCursor {
  /** The `next` of the last page, as the node gave it. */
  after: number
}

/**
 * Follows the change feed of another node. It is incremental by its nature: the cursor of the last page of a run is where
 * the next run begins, and what was deleted is told. Entries come in the order of their changes.
 */
export async function* readFeed(
  source: RemoteSource,
  client: RemoteClient,
  options: RemoteOptions,
): AsyncGenerator<RemotePage> {
  const limits: RemoteLimits = { ...remoteLimits, ...options.limits }
  const changes = `${nodeOf(source.url)}/api/v1/changes`
  let at: FeedCursor = (options.from as unknown as FeedCursor | undefined) ?? { after: 0 }
  let rows = pageChanges
  for (let number = 1; number <= limits.pages; ) {
    let page: RemotePage
    try {
      page = await readPage(client, changes, at, { number, rows })
    } catch (failure) {
      if (!isTooLarge(failure) || rows === 1) throw failure
      // Entries with thousands of items: fewer of them at a time.
      rows = Math.max(1, rows >> 2)
      continue
    }
    yield page
    if (page.last || page.faults.length > 0) return
    at = page.cursor as unknown as FeedCursor
    number++
  }
  throw failed(shownAddress(changes), 'too_many_pages', `has more than ${limits.pages} pages`)
}

async function readPage(
  client: RemoteClient,
  changes: string,
  at: FeedCursor,
  { number, rows }: { number: number; rows: number },
): Promise<RemotePage> {
  const answer = await client.get(`${changes}?after=${at.after}&limit=${rows}`, {
    accept: 'application/json',
  })
  const { said, found } = await readChanges(answer.body, number)
  const next = said.next
  const page: RemotePage = {
    number,
    events: [],
    removed: [],
    cursor: { after: Number(next) },
    bytes: answer.bytes,
    faults: found.fault ? [found.fault] : [],
    notes: found.notes,
    last: said.end === true,
  }
  const isOurs = typeof said.end === 'boolean' && Number.isSafeInteger(next)
  const isStuck = isOurs && said.end === false && Number(next) <= at.after
  if (!found.fault && (!isOurs || isStuck)) {
    const what = isStuck ? 'does not go on: next is no later than after' : 'is no page of changes'
    const failure = failed(shownAddress(changes), isStuck ? 'paging_loop' : 'not_concord', what, {
      remedy: 'Check the address; it should be that of a Concord node.',
    })
    if (number === 1) throw failure
    page.faults.push(failureFault(number, failure))
  }
  // Where a page is broken the run ends before it: a change that is passed over would be lost for good.
  if (page.faults.length > 0) return { ...page, cursor: { ...at }, last: false }
  return { ...page, ...settleChanges(found.events, number) }
}

const layoutOf = (said: Record<string, unknown>): RecordLayout => ({
  choose: (path) =>
    path === '' || path === '/changes'
      ? 'descend'
      : /^\/(changes\/\*|next|end|last)$/.test(path)
        ? 'take'
        : 'skip',
  isRecord: (path) => path === '/changes/*',
  inform(path, value) {
    said[path.slice(1)] = value
    return undefined
  },
  wanted: 'a page of changes',
})

/** Bytes up to which a page is taken apart at once: no record of it can be longer than a record may be. */
const wholeBytes = 4 * 1024 * 1024

/** The changes of a page, and what it says of itself. A page that is large or broken is read record by record. */
async function readChanges(body: Buffer, page: number) {
  if (body.length <= wholeBytes) {
    const said = objectOf(parsed(body))
    if (Array.isArray(said?.changes)) {
      const bytes = Math.ceil(body.length / Math.max(1, said.changes.length))
      const events = said.changes.map(
        (value: unknown, i): ReadEvent => ({ kind: 'record', place: placeOf(page, i), value, bytes }),
      )
      return { said, found: { events, notes: [], fault: undefined } }
    }
  }
  const said: Record<string, unknown> = {}
  return { said, found: await readJsonPage(body, layoutOf(said), page) }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** What the changes of a page come to: an entry taken or removed, whatever happened to it last. */
function settleChanges(changes: ReadEvent[], page: number): Pick<RemotePage, 'events' | 'removed'> {
  const events = new Map<string, ReadEvent>()
  const removed = new Map<string, RemotePage['removed'][number]>()
  for (const [index, event] of changes.entries()) {
    const change = event.kind === 'record' ? objectOf(event.value) : undefined
    // Changes are numbered for good, pages are cut anew each time.
    const place = change?.ordinal === undefined ? placeOf(page, index) : `change ${String(change.ordinal)}`
    const uid = textOf(change?.uid)
    if (event.kind !== 'record') events.set(place, { ...event, place })
    else if (!change || !uid || typeof change.kind !== 'string') events.set(place, noChange(event, place))
    else if (change.kind === 'delete') {
      events.delete(uid)
      removed.set(uid, { sourceId: uid, place, ...(typeof change.at === 'string' ? { at: change.at } : {}) })
    } else if (objectOf(change.entry)) {
      removed.delete(uid)
      events.set(uid, { ...event, place, value: change.entry, raw: undefined })
    }
    // A change without its entry is followed by one that has it, or deletes it.
  }
  return { events: [...events.values()], removed: [...removed.values()] }
}

const noChange = (event: Extract<ReadEvent, { kind: 'record' }>, place: string): ReadEvent => ({
  kind: 'reject',
  place,
  fault: { path: '', rule: 'not_concord', message: 'is no change: kind and uid are wanted' },
  excerpt: excerptOf(event.raw ?? JSON.stringify(event.value)),
})
