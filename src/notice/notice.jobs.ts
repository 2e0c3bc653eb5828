import type { Job } from '../platform/jobs.ts'
import { foldUnread, trimNotices } from './notice.queries.ts'

/** Background work on notices. */
export function noticeJobs({ now = () => new Date() }: { now?: () => Date } = {}): Job[] {
  return [
    { name: 'notice-fold', cron: '*/10 * * * *', work: (_payload, db) => foldUnread(db) },
    {
      name: 'notice-trim',
      cron: '41 * * * *',
      work: async (_payload, db) => void (await trimNotices(db, now())),
    },
  ]
}
