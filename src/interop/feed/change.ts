import { setTimeout as sleep } from 'node:timers/promises'
import { type Change, getChanges, getEntryTexts, lastChange } from '../../catalog/index.ts'
import type { Db } from '../../platform/postgres.ts'
import { type ChangesQuery, defaultChanges } from './change.schema.ts'

/** Pause between two looks of a request that waits (ms), and how many may wait: each costs a query a pause. */
const lookMs = 250
const maxWaiting = 200
let waiting = 0

/**
 * A page of the change feed as JSON text (`Changes`). Entries are as they are now, each once, with the last change of
 * the page that has them: a follower that applies changes in order ends with what the catalogue holds.
 */
export async function changesPage(db: Db, query: ChangesQuery, signal: AbortSignal): Promise<string> {
  const { after = 0, limit = defaultChanges, wait = 0, entries = true } = query
  let changes = await getChanges(db, after, limit)
  if (changes.length === 0 && wait > 0) changes = await waitForChanges(db, after, limit, wait, signal)
  const { ordinal: last } = await lastChange(db)
  const next = changes.at(-1)?.ordinal ?? after
  const texts = entries ? await getEntryTexts(db, [...newestOf(changes).keys()]) : new Map<number, string>()
  const newest = newestOf(changes)
  const rows = changes.map((change) => {
    const { datasetId, ...row } = change
    const text = newest.get(datasetId) === change ? texts.get(datasetId) : undefined
    const json = JSON.stringify(row)
    return text === undefined ? json : `${json.slice(0, -1)},"entry":${text}}`
  })
  return `{"changes":[${rows.join(',')}],"next":${next},"end":${next >= last},"last":${last}}`
}

/** The last change of the page of each entry that it leaves published. */
function newestOf(changes: Change[]): Map<number, Change> {
  const newest = new Map(changes.map((change) => [change.datasetId, change]))
  for (const [id, change] of newest) if (change.kind === 'delete') newest.delete(id)
  return newest
}

async function waitForChanges(
  db: Db,
  after: number,
  limit: number,
  seconds: number,
  signal: AbortSignal,
): Promise<Change[]> {
  // Whoever comes when too many wait is answered at once, and asks again.
  if (waiting >= maxWaiting) return []
  waiting++
  try {
    const until = Date.now() + seconds * 1_000
    while (Date.now() < until && !signal.aborted) {
      await sleep(lookMs, undefined, { signal }).catch(() => {})
      if ((await lastChange(db)).ordinal > after) return await getChanges(db, after, limit)
    }
    return []
  } finally {
    waiting--
  }
}
