import type { Job } from '../platform/jobs.ts'
import { foldFigureChanges } from './figure.queries.ts'

/** Background work of the catalogue. */
export const catalogJobs: readonly Job[] = [
  {
    name: 'figure-fold',
    cron: '* * * * *',
    work: async (_payload, db) => {
      await foldFigureChanges(db)
    },
  },
]
