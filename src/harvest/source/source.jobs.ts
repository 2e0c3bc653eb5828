import type { Job } from '../../platform/jobs.ts'
import { type Db, inTransaction } from '../../platform/postgres.ts'
import type { Profile } from '../../platform/profile.ts'
import { systemActor } from '../../security/index.ts'
import { queueHarvest } from './runs.ts'
import { nextRun } from './schedule.ts'
import { lockDueSources, updateNextRun } from './source.queries.ts'

/** Sources started in one look: more wait for the next minute. */
const dueRows = 100

/**
 * Puts a run into the queue for each source that is due. One whose last run still waits or works is passed over until its
 * next time. Of two nodes each takes others.
 */
export async function startDue(db: Db, profile: Profile, now = new Date()): Promise<number> {
  return inTransaction(db, async (tx) => {
    const due = await lockDueSources(tx, now, dueRows)
    let started = 0
    for (const source of due) {
      await updateNextRun(tx, source.id, nextRun(profile, source, now))
      const run = await queueHarvest(tx, source, systemActor('schedule'), { now })
      if (run) started++
    }
    return started
  })
}

/** Looks every minute which sources are due; the runners of all nodes take the runs from there. */
export const sourceJobs = (profile: Profile): Job[] => [
  {
    name: 'harvest-start',
    cron: '* * * * *',
    work: async (_payload, db) => void (await startDue(db, profile)),
  },
]
