import { batchBytes, batchRecords } from './import-batch.ts'
import type { RemotePage } from './remote/index.ts'

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
