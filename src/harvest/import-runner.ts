import { existsSync } from 'node:fs'
import { ConcordError } from '../platform/errors.ts'
import type { Logger } from '../platform/log.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { selectRun, selectUnfinishedRuns } from './import.queries.ts'
import { runImport, withSource } from './import-run.ts'
import { removeSpool, spoolPath, trimSpool } from './import-spool.ts'

/** Imports of uploaded files, worked in this process. */
export interface ImportRunner {
  /** Takes a queued run up when its turn comes. */
  add(uid: string): void
  /** Takes up what a former process left; call it once at start. */
  resume(): Promise<void>
  /** Ends what runs after its present batch; it goes on at the next start. */
  close(): Promise<void>
  /** Settles when nothing runs or waits: for tests and scripts. */
  idle(): Promise<void>
}

export interface RunnerOptions {
  db: Db
  profile: Profile
  dataDir: string
  log: Pick<Logger, 'info' | 'warn' | 'error'>
}

/** Runs at work at a time: each keeps a core and a connection busy. */
const atWork = 2
/** Pause (ms) before looking again for a source that another run holds. */
const busyPauseMs = 2_000

/** Makes the runner of a process. */
export function createImportRunner(options: RunnerOptions): ImportRunner {
  const { db, dataDir, log } = options
  const waiting: string[] = []
  const working = new Map<string, Promise<void>>()
  const ending = new AbortController()
  const timers = new Set<NodeJS.Timeout>()

  const next = () => {
    while (working.size < atWork && waiting.length > 0 && !ending.signal.aborted) {
      const uid = waiting.shift()!
      const work = workOne(options, uid, ending.signal)
        .then((busy) => busy && later(uid))
        .catch((error) => log.error({ err: error, import: uid }, 'import failed'))
        .then(() => {
          working.delete(uid)
          next()
        })
      working.set(uid, work)
    }
  }
  const later = (uid: string) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      add(uid)
    }, busyPauseMs)
    timers.add(timer)
  }
  const add = (uid: string) => {
    if (ending.signal.aborted || waiting.includes(uid) || working.has(uid)) return
    waiting.push(uid)
    next()
  }
  return {
    add,
    async resume() {
      await trimSpool(dataDir)
      for (const run of await selectUnfinishedRuns(db))
        if (existsSync(spoolPath(dataDir, run.spool!))) add(run.uid)
    },
    async close() {
      ending.abort()
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
      await Promise.all(working.values())
    },
    async idle() {
      while (working.size > 0 || waiting.length > 0 || timers.size > 0)
        await new Promise((resolve) => setTimeout(resolve, 20))
    },
  }
}

/** @returns true when the source is held by another run and this one has to wait. */
async function workOne(options: RunnerOptions, uid: string, signal: AbortSignal): Promise<boolean> {
  const { db, profile, dataDir, log } = options
  const run = await selectRun(db, uid)
  if (!run?.spool || !['queued', 'running', 'interrupted'].includes(run.state)) return false
  try {
    const path = spoolPath(dataDir, run.spool)
    const ctx = { actor: run.actor, profile }
    const ended = await withSource(db, run.source!, () => runImport({ db, ctx, run, path, signal }))
    log.info({ import: uid, state: ended.state, ...ended.counts }, 'import ended')
    if (ended.state === 'done') await removeSpool(dataDir, run.spool)
    return false
  } catch (error) {
    if (error instanceof ConcordError && error.code === 'conflict') return true
    throw error
  }
}
