import type { Config } from '../platform/config.ts'
import type { Job } from '../platform/jobs.ts'
import type { Logger } from '../platform/log.ts'
import { openMailer } from '../platform/mail.ts'
import type { Profile } from '../platform/profile.ts'
import { trimMail } from './mail.queries.ts'
import { type MailContext, makeDigests, sendMail } from './mail.ts'
import { foldUnread, trimNotices } from './notice.queries.ts'
import { noticeLimits } from './notice.schema.ts'

export interface NoticeJobOptions {
  config: Pick<Config, 'SMTP_URL' | 'CONCORD_MAIL_FROM' | 'publicUrl'>
  profile: Profile
  log: Logger
  now?: () => Date
}

/** Background work on notices; without a mail server nothing is mailed. */
export function noticeJobs({ config, profile, log, now = () => new Date() }: NoticeJobOptions): Job[] {
  const { SMTP_URL: url, CONCORD_MAIL_FROM: from, publicUrl } = config
  const jobs: Job[] = [
    { name: 'notice-fold', cron: '*/10 * * * *', work: (_payload, db) => foldUnread(db) },
    {
      name: 'notice-trim',
      cron: '41 * * * *',
      work: async (_payload, db) => {
        await trimNotices(db, now())
        await trimMail(db, now(), noticeLimits.readDays)
      },
    },
  ]
  if (!url || !from) return jobs
  const context: Omit<MailContext, 'db'> = {
    profile,
    publicUrl,
    log,
    now,
    open: () => openMailer({ url, from }),
  }
  return [
    ...jobs,
    {
      name: 'mail-digest',
      cron: '*/15 * * * *',
      work: (_payload, db) => makeDigests({ ...context, db }),
    },
    {
      name: 'mail-send',
      cron: '* * * * *',
      work: async (_payload, db) => void (await sendMail({ ...context, db })),
    },
  ]
}
