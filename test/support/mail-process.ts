import { type MailContext, sendMail } from '../../src/notice/mail.ts'
import { openMailer } from '../../src/platform/mail.ts'
import { openPostgres } from '../../src/platform/postgres.ts'
import { loadProfile } from '../../src/platform/profile.ts'

/** The process that tests kill while it sends: `DATABASE SMTP MINUTES`, its clock MINUTES ahead. */
const [databaseUrl, url, minutes] = process.argv.slice(2)
const postgres = openPostgres(databaseUrl!, { max: 8 })
const context: MailContext = {
  db: postgres.db,
  profile: loadProfile('neutral'),
  open: () => openMailer({ url: url!, from: 'Concord <noreply@concord.example>' }),
  publicUrl: 'https://concord.example',
  log: console,
  now: () => new Date(Date.now() + Number(minutes) * 60_000),
}
process.send?.('sending')
await sendMail(context)
await postgres.close()
process.disconnect?.()
