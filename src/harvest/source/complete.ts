import type { Fault } from '../../platform/errors.ts'
import type { Reading } from './read.ts'
import type { FailedPage, HarvestRunRow, selectReading } from './run.queries.ts'

export interface Verdict {
  /** What is absent is gone. */
  complete: boolean
  /** Everything asked for was read: the next run may ask for what changed since this one began. */
  clean: boolean
  /** Why nothing is removed, for the report. */
  notes: Fault[]
  /** Pages whose fault stands. */
  failed: FailedPage[]
}

/**
 * Judges what was read. Absent means gone only when every announced page was read without a fault, what was announced came,
 * and every piece of it was a readable record; or, asked for changes only, when the source itself named what is gone.
 */
export function judgeReading(
  run: Pick<HarvestRunRow, 'since'>,
  read: Awaited<ReturnType<typeof selectReading>>,
  failed: FailedPage[],
  { notModified }: Pick<Reading, 'notModified'>,
): Verdict {
  if (notModified) return { complete: false, clean: false, notes: [notModifiedNote], failed }
  const received = read.counts.read - read.repeated
  // A total that did not fit because of pages that came later fits now.
  const open = failed.filter(
    ({ faults }) => !(faults.every((f) => f.rule === 'total_mismatch') && received === read.total),
  )
  const clean = read.readEnd && open.length === 0
  if (run.since !== null)
    return { complete: clean, clean, notes: clean ? [] : [incomplete(pagesMissing(open))], failed: open }
  const why = !read.readEnd
    ? 'the end of the source was not reached'
    : open.length > 0
      ? pagesMissing(open)
      : read.unread > 0
        ? `${count(read.unread, 'piece')} of it could not be read as a record`
        : undefined
  return {
    complete: why === undefined,
    clean,
    notes: why === undefined ? [] : [incomplete(why)],
    failed: open,
  }
}

const count = (n: number, word: string) => `${n.toLocaleString('en')} ${word}${n === 1 ? '' : 's'}`

const pagesMissing = (pages: FailedPage[]) =>
  pages.length === 0
    ? 'the end of the source was not reached'
    : `${count(pages.length, 'page')} had a fault (${pages[0]!.faults[0]?.path ?? ''} ${pages[0]!.faults[0]?.message ?? ''})`

const incomplete = (why: string): Fault => ({
  path: '',
  rule: 'run_incomplete',
  message: `Nothing was removed, because ${why}.`.slice(0, 500),
  remedy: 'What is absent may be there all the same; the next complete run decides.',
})

const notModifiedNote: Fault = {
  path: '',
  rule: 'not_modified',
  message: 'The source says that nothing changed since the last run; nothing was read.',
}
