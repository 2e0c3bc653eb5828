import type { Job } from '../platform/jobs.ts'
import type { Profile } from '../platform/profile.ts'
import { buildReport } from './report-build.ts'

export const reportJob = 'reuse-duplicates'

/** The report of duplicates, every night (UTC) and when the data office asks for it. */
export const reuseJobs = (profile: Profile): readonly Job[] => [
  {
    name: reportJob,
    cron: '41 1 * * *',
    work: async (_payload, db) => void (await buildReport(db, profile)),
  },
]
