import type { Job } from '../platform/jobs.ts'
import { watchClocks } from './clock-watch.ts'
import { alarmUpdates } from './update-alarm.ts'

/** The clocks of reviews every five minutes; overdue updates once a day, before work begins. Times are UTC. */
export const reviewJobs = (now: () => Date = () => new Date()): Job[] => [
  {
    name: 'review-clocks',
    cron: '*/5 * * * *',
    work: async (_payload, db) => void (await watchClocks(db, now())),
  },
  {
    name: 'update-alarms',
    cron: '7 22 * * *',
    work: async (_payload, db) => void (await alarmUpdates(db, now())),
  },
]
