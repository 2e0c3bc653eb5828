import { datasetRange, datasetTopic } from '../catalog/index.ts'
import { readFact, writeFact } from '../platform/fact.queries.ts'
import { missedNews, type OutboxPosition, outboxHead, readOutbox } from '../platform/outbox.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { ifUnlocked } from '../platform/server.queries.ts'
import { rulesOf } from './check.ts'
import { createNextScores, insertNextScores, swapScores, upsertScores } from './score.queries.ts'

/** Entries scored by one statement: a fraction of a second of work, far from the limit of a statement on a cold disk. */
const rangeSize = 10_000
/** Statements at a time: one for each core of a small server. */
const parallel = 2
/** Entries whose change is followed by one statement. */
const batch = 2_000
/**
 * Changed entries from which everything is scored anew: one by one they would cost more, some 0.3 ms each instead of
 * 0.015. That is this share of the catalogue, but never fewer than the number, which is some seconds of work.
 */
const wholeShare = 0.05
const wholeFrom = 20_000
/** … and no sooner than so many times what it took: a bulk import is not scored anew all the time. */
const wholeRest = 20
/** Readers wait at most this long for the new table (ms); when they hold it longer the next run tries again. */
const swapLockMs = 5_000
/** Any number that no other program uses as an advisory lock in this database. */
const scoreLock = 7_226_051

/** How far changes were followed, and under which rules. */
interface ScorePlace {
  position: OutboxPosition
  rules: string
  /** When everything was scored last, and how long it took (ms). */
  whole?: { at: string; ms: number }
}
const placeFact = 'coverage.scores'

/** Scores every published entry into a new table and swaps it in. @returns how many there are. */
export async function rebuildScores(db: Db, profile: Profile): Promise<number> {
  // Taken before: what changes meanwhile is scored once more afterwards.
  const position = await outboxHead(db)
  const began = Date.now()
  const { min, max } = await datasetRange(db)
  await createNextScores(db)
  let next = min
  let scored = 0
  const work = async () => {
    for (let from = next; from <= max; from = next) {
      next = from + rangeSize
      const added = await insertNextScores(db, profile, from, from + rangeSize)
      scored += added
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  await db.transaction().execute(async (tx) => {
    await swapScores(tx, swapLockMs)
    await writeFact(tx, placeFact, {
      position,
      rules: rulesOf(profile),
      whole: { at: new Date().toISOString(), ms: Date.now() - began },
    } satisfies ScorePlace)
  })
  return scored
}

/** Scores these entries anew, e.g. because something about them was observed. */
export async function refreshScores(db: Db, profile: Profile, ids: number[]): Promise<void> {
  for (let i = 0; i < ids.length; i += batch) await upsertScores(db, profile, ids.slice(i, i + batch))
}

/**
 * Brings the scores up to date with the catalogue: what changed since the last time, or everything where that is not
 * known, the rules changed or the changes are too many. Does nothing while another process does it.
 * @returns entries scored; undefined where another process is at it
 */
export const followChanges = (db: Db, profile: Profile): Promise<number | undefined> =>
  ifUnlocked(db, scoreLock, async () => {
    const place = await readFact<ScorePlace>(db, placeFact)
    const lost =
      !place || place.rules !== rulesOf(profile) || (await missedNews(db, datasetTopic, place.position))
    if (lost) return rebuildScores(db, profile)
    const { min, max } = await datasetRange(db)
    const most = mostOneByOne(max - min + 1)
    let { position } = place
    const ids = new Set<number>()
    for (;;) {
      const events = await readOutbox<{ ids: number[] }>(db, datasetTopic, position)
      if (events.length === 0) break
      for (const { payload } of events) for (const id of payload.ids) ids.add(id)
      position = events.at(-1)!.position
      if (ids.size >= most) return restsFromWhole(place.whole) ? 0 : rebuildScores(db, profile)
    }
    if (ids.size === 0) return 0
    await refreshScores(db, profile, [...ids])
    await writeFact(db, placeFact, { ...place, position } satisfies ScorePlace)
    return ids.size
  })

/** Changed entries of a catalogue of this size up to which each is scored by itself. */
export const mostOneByOne = (entries: number): number => Math.max(wholeFrom, wholeShare * entries)

/** Everything was scored so shortly before that it waits: what changed meanwhile keeps the score it had. */
export const restsFromWhole = (whole: ScorePlace['whole'], now = Date.now()): boolean =>
  whole !== undefined && now - Date.parse(whole.at) < wholeRest * whole.ms
