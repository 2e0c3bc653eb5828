import type { Job } from '../platform/jobs.ts'
import type { Profile } from '../platform/profile.ts'
import { selectLatestDay } from './coverage.queries.ts'
import { type AskAddress, askLinks } from './observation.ts'
import { followChanges } from './score.ts'
import { takeSnapshot, thinSnapshots } from './snapshot.ts'

/** Background work of coverage; times are UTC. */
export const coverageJobs = (profile: Profile, ask: AskAddress): Job[] => [
  {
    // A change of an entry counts within a minute; in a bulk import it may take some more.
    name: 'coverage-score',
    cron: '* * * * *',
    work: async (_payload, db) => {
      await followChanges(db, profile)
      // A new node shows its figures at once, not at the next full hour.
      if ((await selectLatestDay(db)) === undefined) await takeSnapshot(db, profile)
    },
  },
  {
    // The last count of a day stands for it.
    name: 'coverage-snapshot',
    cron: '5 * * * *',
    work: async (_payload, db) => {
      await takeSnapshot(db, profile)
    },
  },
  {
    name: 'coverage-links',
    cron: '*/10 * * * *',
    work: async (_payload, db) => {
      await askLinks(db, profile, ask)
    },
  },
  {
    name: 'coverage-thin',
    cron: '40 2 * * *',
    work: async (_payload, db) => {
      await thinSnapshots(db, profile)
    },
  },
]
