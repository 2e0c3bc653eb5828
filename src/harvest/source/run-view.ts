import type { HarvestRunRow } from './run.queries.ts'
import type { HarvestRun } from './source.schema.ts'

/** Page faults shown with a run; all are in its report. */
const shownPages = 50
/** Seconds after which a speed means something. */
const steadySeconds = 0.5

/** A run as it is sent, with its speed and what is left of it at that. */
export function toRun(run: HarvestRunRow): HarvestRun {
  const seconds = run.resumedAt
    ? ((run.finishedAt ? Date.parse(run.finishedAt) : Date.now()) - Date.parse(run.resumedAt)) / 1_000
    : 0
  const removing = run.task === 'removal' || run.complete === true
  const done = removing ? run.counts.gone : run.counts.read
  const total = removing ? run.removals : run.total
  const speed =
    !removing && seconds > steadySeconds && done > run.resumedRead ? (done - run.resumedRead) / seconds : null
  return {
    uid: run.uid,
    task: run.task,
    source: run.source!,
    state: run.state,
    stopRequested: run.stopRequested,
    counts: run.counts,
    progress: {
      pages: run.pages,
      total: run.total,
      bytes: run.bytes,
      share: total ? Math.min(1, done / total) : null,
      recordsPerSecond: speed,
      secondsLeft: speed && total && run.state === 'running' ? Math.max(0, total - done) / speed : null,
    },
    since: run.since,
    complete: run.complete,
    failedPages: run.failedPages.slice(0, shownPages).map(({ faults, tries }) => ({
      message: faults.map((f) => `${f.path} ${f.message}`).join(' · '),
      tries,
    })),
    repeated: run.repeated,
    unread: run.unread,
    removals: run.removals,
    decision: run.decision,
    decidedBy: run.decidedBy,
    decidedAt: run.decidedAt,
    tries: run.tries,
    retryAt: run.retryAt,
    createdAt: run.createdAt,
    createdBy: run.actor.name,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    error: run.error,
  }
}
