import { validateDataset } from '../../catalog/index.ts'
import type { Profile } from '../../platform/profile.ts'
import type { ImportRecordRow } from '../import.queries.ts'
import {
  batchBytes,
  batchRecords,
  isPrepared,
  type PreparedEntry,
  type PrepareOptions,
  settle,
} from '../import-batch.ts'
import { createSeen } from '../import-seen.ts'
import type { Assumptions } from '../mapping-sharing.ts'
import type { RemotePage } from '../remote/index.ts'

/** Writes pages that come one by one: those that come while others are written are written together. */
export interface PageWriter<T> {
  /** Takes a page; waits while enough others wait. @throws what the writing of an earlier one threw */
  add(page: T): Promise<void>
  /** Waits until all is written. */
  end(): Promise<void>
}

/**
 * A source that is faster than the database gets one transaction for many of its pages, a slow one a transaction for each.
 * @param fits whether the page may join those that wait
 */
export function createPageWriter<T>(
  write: (pages: T[]) => Promise<void>,
  fits: (waiting: readonly T[], page: T) => boolean,
): PageWriter<T> {
  let waiting: T[] = []
  let current: Promise<void> | undefined
  let working: Promise<void> | undefined
  let failure: { error: unknown } | undefined
  const work = async () => {
    try {
      while (waiting.length > 0) {
        const pages = waiting
        waiting = []
        current = write(pages)
        await current
      }
    } catch (error) {
      failure = { error }
    }
    working = undefined
  }
  return {
    async add(page) {
      while (!failure && waiting.length > 0 && !fits(waiting, page)) await Promise.allSettled([current])
      if (failure) throw failure.error
      waiting.push(page)
      working ??= work()
    },
    async end() {
      await working
      if (failure) throw failure.error
    },
  }
}

/** Places that a page takes in the report: its events, then what is said of it as a whole. */
export const placesOf = (pages: readonly RemotePage[]): number =>
  pages.reduce((sum, p) => sum + p.events.length + p.faults.length + p.notes.length, 0)

const bytesOf = ({ events }: RemotePage) =>
  events.reduce((sum, event) => sum + (event.kind === 'record' ? event.bytes : 0), 0)

/** Whether a page may be written together with those before it: one batch, and a broken page is the last of its batch. */
export function joins(before: readonly RemotePage[], page: RemotePage): boolean {
  const all = [...before, page]
  return (
    before.every((p) => p.faults.length === 0) &&
    placesOf(all) <= batchRecords &&
    all.reduce((sum, p) => sum + bytesOf(p), 0) <= batchBytes
  )
}

/** What became of an event of a page. */
interface SettledEvent {
  position: number
  item: PreparedEntry | ImportRecordRow | undefined
  bytes: number
}

/** A page on its way to be written. */
export interface SettledPage {
  page: RemotePage
  /** Position before its first event. */
  start: number
  /** Its events but those passed over; of a page larger than a batch they come as they are asked for. */
  events: Iterable<SettledEvent>
  /** What its records were taken with, as far as they came. */
  assumed: Assumptions
}

/**
 * Maps the records of a page, so that this goes on while the database writes those before. @param settled position up to
 * which everything was written by an earlier attempt
 */
export function settlePage(
  page: RemotePage,
  prepare: PrepareOptions,
  start: number,
  settled: number,
): SettledPage {
  const assumed: Assumptions = new Map()
  const seen = createSeen()
  function* settleEvents(): Generator<SettledEvent> {
    let position = start
    for (const event of page.events) {
      position++
      if (position <= settled) continue
      const item = settle(event, position, seen, { ...prepare, seen, assumed })
      yield { position, item, bytes: event.kind === 'record' ? event.bytes : 0 }
    }
  }
  const events = page.events.length <= batchRecords ? [...settleEvents()] : settleEvents()
  return { page, start, events, assumed }
}

/** Checks the records of a page as new entries. A page larger than a batch is checked as it is written. */
export function checkNew({ events }: SettledPage, profile: Profile): void {
  if (!Array.isArray(events)) return
  for (const { item } of events as SettledEvent[])
    if (item && isPrepared(item)) item.checked = validateDataset(item.content, profile)
}
