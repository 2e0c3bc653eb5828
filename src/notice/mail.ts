import { endOfDay, localDate, nextDate } from '../platform/calendar.ts'
import type { Logger } from '../platform/log.ts'
import { MailError, type Mailer, mailConnections } from '../platform/mail.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { noticeLanguage } from './kind.schema.ts'
import {
  claimMail,
  composedPeople,
  composeMails,
  endMail,
  type MailRow,
  mailLifeHours,
  postponeMail,
  selectMailNotices,
} from './mail.queries.ts'
import { mailText } from './mail-text.ts'

export interface MailContext {
  db: Db
  profile: Profile
  /** Opens the connection to the mail server, when there is something to send. */
  open(): Mailer
  publicUrl: string
  log: Pick<Logger, 'warn'>
  now(): Date
}

/** Hour of the profile's time zone from which the day's digest goes out: before work begins. */
const digestHour = 7
/** Longer than a message may take (platform/mail.ts): whoever holds a mail longer is dead. */
const leaseSeconds = 300
/** Minutes to the next attempt after the first, second … one; then the last again. A greylist wants a few. */
const pauses = [1, 3, 10, 30, 60]
/** Notices that a mail lists; the rest is a number. */
const listedNotices = 50
/** A run ends in time for the next one (ms). */
const runLimitMs = 50_000

async function compose(db: Db, choice: 'each' | 'daily', now: Date, day: string | null): Promise<void> {
  while ((await composeMails(db, choice, now, day)) === composedPeople);
}

/** Makes the day's digests once the morning has come. */
export async function makeDigests({ db, profile, now }: MailContext): Promise<void> {
  const at = now()
  const today = localDate(profile, at)
  const midnight = endOfDay(profile, nextDate(today, -1)).getTime()
  if (at.getTime() > midnight + digestHour * 3_600_000) await compose(db, 'daily', at, today)
}

/**
 * Sends what is due. A mail is marked as sent after the server has taken it, so that none is lost; when the process
 * dies between the two it goes out a second time, with the same Message-ID. SMTP allows no better.
 * @returns how many were sent.
 */
export async function sendMail(ctx: MailContext): Promise<number> {
  const { db, now } = ctx
  await compose(db, 'each', now(), null)
  const mailer = ctx.open()
  const until = performance.now() + runLimitMs
  let sent = 0
  // The server is not to be had: the rest would only wait for it, one after the other.
  let down = false
  const worker = async () => {
    while (!down && performance.now() < until) {
      const mail = await claimMail(db, now(), leaseSeconds)
      if (!mail) return
      const outcome = await sendOne(ctx, mailer, mail)
      if (outcome === 'sent') sent++
      if (outcome === 'unreachable') down = true
    }
  }
  try {
    await Promise.all(Array.from({ length: mailConnections }, worker))
  } finally {
    mailer.close()
  }
  return sent
}

async function sendOne(
  ctx: MailContext,
  mailer: Mailer,
  mail: MailRow,
): Promise<'sent' | 'dropped' | MailError['kind']> {
  const { db, now, log } = ctx
  const { notices, count } = await selectMailNotices(db, mail.id, listedNotices)
  // Read in the meantime, or nobody there any more.
  if (mail.address === null || count === 0) {
    await endMail(db, mail.id, { state: 'dropped', now: now() })
    return 'dropped'
  }
  const outOfDate = now().getTime() - Date.parse(mail.createdAt) > mailLifeHours * 3_600_000
  const failure = outOfDate
    ? new MailError('refused', `not taken within ${mailLifeHours} hours`)
    : await deliver(ctx, mailer, { ...mail, address: mail.address }, { notices, count })
  if (!failure) {
    await endMail(db, mail.id, { state: 'sent', now: now() })
    return 'sent'
  }
  log.warn({ mail: mail.id, attempts: mail.attempts, reason: failure.message }, 'mail not sent')
  if (failure.kind === 'refused')
    await endMail(db, mail.id, { state: 'failed', now: now(), error: failure.message })
  else {
    const minutes = pauses[Math.min(mail.attempts, pauses.length) - 1]!
    await postponeMail(db, mail.id, new Date(now().getTime() + minutes * 60_000), failure.message)
  }
  return failure.kind
}

/** @returns why it was not taken. */
async function deliver(
  { profile, publicUrl }: MailContext,
  mailer: Mailer,
  { name, address, uid, language }: MailRow & { address: string },
  told: Awaited<ReturnType<typeof selectMailNotices>>,
): Promise<MailError | undefined> {
  try {
    const text = mailText(told.notices, {
      count: told.count,
      name,
      language: noticeLanguage(language ?? profile.language),
      timeZone: profile.calendar.timeZone,
      publicUrl,
    })
    await mailer.send({ ...text, to: { name, address }, messageId: `${uid}@${new URL(publicUrl).hostname}` })
  } catch (error) {
    if (error instanceof MailError) return error
    throw error
  }
}
