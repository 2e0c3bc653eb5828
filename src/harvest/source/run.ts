import { ConcordError } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import { type Db, inTransaction } from '../../platform/postgres.ts'
import type { Profile } from '../../platform/profile.ts'
import type { RunError } from '../import.queries.ts'
import { recordRow } from '../import-batch.ts'
import { deleteClosing, insertRecords, selectLastPosition } from '../import-record.queries.ts'
import { RunLost } from '../import-write.ts'
import { assumptionFaults } from '../mapping-sharing.ts'
import type { RemoteBody, RemoteOptions, RemoteSource } from '../remote/index.ts'
import { harvestActor } from './actor.ts'
import { judgeReading } from './complete.ts'
import { tellFailed, tellWaiting } from './notice.ts'
import { newReading, readSource, retryPages } from './read.ts'
import { deleteRunMarks, deleteUnseenLinks, selectSeen } from './record.queries.ts'
import { countRemovals, type RemovalKind, removeEntries } from './removal.ts'
import {
  finishHarvest,
  type HarvestRunRow,
  selectReading,
  takeHarvestRun,
  updateFailedPages,
  updateReading,
} from './run.queries.ts'
import { createSeenEntries } from './seen.ts'
import { deleteSource, rememberClean, type SourceRow } from './source.queries.ts'
import { RunEnding, RunStalled, RunStopped, watchRun } from './watch.ts'
import { supersedeWaiting } from './wish.queries.ts'
import type { HarvestWork, OpenRemote } from './work.ts'

export interface HarvestOptions {
  db: Db
  profile: Profile
  run: HarvestRunRow
  source: SourceRow
  /** Opens its token, which may fail. */
  remote(): Promise<RemoteSource>
  open: OpenRemote
  /** The bodies of the node that the source is. */
  bodies(): Promise<RemoteBody[]>
  access: RemoteOptions['access']
  /** This process ends: the run goes on in another. */
  signal: AbortSignal
  log?: Pick<Logger, 'error'>
}

/** Time without progress (ms) after which a run is ended, where the source says nothing else. */
const stallMinutes = 20
/** Pauses before a run that failed for a passing reason is tried again (minutes); progress begins the list anew. */
const retryMinutes = [1, 5, 15]

/**
 * Works on a run from where it stands: reads, tries broken pages again, removes what is gone, or asks. Call it within
 * `withSource`. How it ended is in its row.
 */
export async function runHarvest(options: HarvestOptions): Promise<void> {
  const { db, profile, source } = options
  const run = await takeHarvestRun(db, options.run.id)
  if (!run) return
  const watch = watchRun(db, run, {
    ending: options.signal,
    stallMs: (source.limits.stallMinutes ?? stallMinutes) * 60_000,
  })
  try {
    const seen = createSeenEntries(await selectSeen(db, run.id))
    const ctx = { actor: harvestActor({ ...source, publish: run.publish }), profile }
    const { open, bodies, access } = options
    const remote = await options.remote()
    const work: HarvestWork = { db, ctx, run, source, remote, open, bodies, access, seen, watch }
    await (run.task === 'removal' ? removeSource(work) : harvest(work))
  } catch (error) {
    await endEarly(options, run, watch.signal.aborted ? watch.signal.reason : error)
  } finally {
    watch.end()
  }
}

async function harvest(work: HarvestWork): Promise<void> {
  const { run } = work
  if (run.complete === null) await read(work)
  const kind: RemovalKind = run.since === null ? 'unseen' : 'told'
  if (run.complete) {
    let any = true
    // One that was approved, or has begun to remove, was asked for already.
    if (run.decision !== 'approved' && run.counts.gone === 0) {
      const found = await countRemovals(work, kind)
      await keepFindings(work, { complete: true, removals: found.gone })
      if (asksFirst(work.source, found)) return finish(work, 'waiting')
      any = found.any
    }
    if (any) await removeEntries(work, kind)
  }
  await finish(work, 'done')
}

/** Reads to the end and judges what came. */
async function read(work: HarvestWork): Promise<void> {
  const { db, run } = work
  const reading = run.readEnd ? newReading(run) : await readSource(work)
  const left = await retryPages(work, reading)
  const found = await selectReading(db, run.id)
  const verdict = judgeReading(run, found, left, reading)
  await inTransaction(db, async (tx) => {
    // In one order, however often the run was cut off.
    const assumed = new Map([...reading.assumed].sort())
    const notes = [...verdict.notes, ...assumptionFaults(assumed)]
    let position = await selectLastPosition(tx, run.id)
    await insertRecords(
      tx,
      run.id,
      notes.map((f) => recordRow(++position, '', 'note', { faults: [f] })),
    )
    await updateFailedPages(tx, run.id, run.epoch, verdict.failed)
    await keepFindings({ ...work, db: tx }, { complete: verdict.complete, removals: null })
    if (verdict.clean)
      await rememberClean(tx, work.source.id, {
        cleanAt: run.startedAt!,
        full: run.since === null,
        validators: found.validators,
      })
  })
  run.complete = verdict.complete
}

async function keepFindings(
  { db, run }: Pick<HarvestWork, 'db' | 'run'>,
  found: Parameters<typeof updateReading>[3],
) {
  if (!(await updateReading(db, run.id, run.epoch, found))) throw new RunLost()
}

/** Whether so many removals need a person's word. */
export const asksFirst = (
  { guardShare, guardCount }: Pick<SourceRow, 'guardShare' | 'guardCount'>,
  { live, gone }: { live: number; gone: number },
): boolean => gone > guardShare * live || (guardCount !== null && gone > guardCount)

async function finish(work: HarvestWork, state: 'done' | 'waiting'): Promise<void> {
  const { db, run, source } = work
  await inTransaction(db, async (tx) => {
    if (state === 'done') {
      await deleteRunMarks(tx, run.id)
      if (run.complete && run.since === null) await deleteUnseenLinks(tx, source.id, run.id)
    }
    await supersedeWaiting(tx, source.id, run.id)
    if (!(await finishHarvest(tx, run.id, run.epoch, { state }))) throw new RunLost()
    if (state === 'waiting') await tellWaiting(tx, source, run.id)
  })
}

/** Removes every entry of the source, then the source. */
async function removeSource(work: HarvestWork): Promise<void> {
  const { db, run, source } = work
  await deleteClosing(db, run.id)
  await removeEntries(work, 'all')
  await inTransaction(db, async (tx) => {
    if (!(await finishHarvest(tx, run.id, run.epoch, { state: 'done' }))) throw new RunLost()
    await deleteSource(tx, source.id)
  })
}

async function endEarly(options: HarvestOptions, run: HarvestRunRow, reason: unknown): Promise<void> {
  const { db, log } = options
  const end = (how: Parameters<typeof finishHarvest>[3]) => finishHarvest(db, run.id, run.epoch, how)
  // Another process has it now and will end it.
  if (reason instanceof RunLost) return
  if (reason instanceof RunStopped) return void (await end({ state: 'stopped' }))
  if (reason instanceof RunEnding) return void (await end({ state: 'interrupted' }))
  const error = explain(reason)
  if (!(reason instanceof ConcordError || reason instanceof RunStalled))
    log?.error({ err: reason, harvest: run.uid }, 'harvest failed')
  // Progress since the run was taken up begins the list anew.
  const { counts } = await selectReading(db, run.id)
  const tries = counts.read > run.resumedRead ? 0 : run.tries
  const pause = retryMinutes[tries]
  if (pause !== undefined && mayPass(reason))
    return void (await end({
      state: 'interrupted',
      error,
      tries: tries + 1,
      retryAt: new Date(Date.now() + pause * 60_000),
    }))
  await inTransaction(db, async (tx) => {
    if (await finishHarvest(tx, run.id, run.epoch, { state: 'failed', error }))
      await tellFailed(tx, options.source, error.message)
  })
}

/** Trying again may help: the source was away, or something on our side. A refused address stays refused. */
const mayPass = (error: unknown): boolean =>
  error instanceof ConcordError ? (error as ConcordError & { transient?: boolean }).transient === true : true

function explain(error: unknown): RunError {
  if (error instanceof RunStalled)
    return {
      message: 'Nothing came from the source for too long. The run goes on where it was when it is resumed.',
    }
  if (error instanceof ConcordError)
    return {
      message: [
        error.message,
        ...error.faults.map((f) => [f.path, f.message, f.remedy].filter(Boolean).join(' ')),
      ]
        .join('\n')
        .slice(0, 2_000),
    }
  return {
    message:
      'Something failed on our side; the log has the details. The run goes on where it was when it is resumed.',
  }
}
