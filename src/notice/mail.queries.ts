import { type Db, sql } from '../platform/postgres.ts'
import type { NoticeParams } from './kind.schema.ts'

/** Hours after which a mail that could not be sent is given up, and a notice that nobody mailed is not mailed any more. */
export const mailLifeHours = 48
/** People for whom one statement makes mails: whatever the planner believes of these tables, it stays short. */
export const composedPeople = 500

/**
 * Puts what people wait for into one mail each: at once (`each`, without a day), or once a day. When two nodes do so at
 * the same time one of them makes mails without notices, which are dropped.
 * @returns for how many people; when it is `composedPeople` there may be more.
 */
export async function composeMails(
  db: Db,
  choice: 'each' | 'daily',
  now: Date,
  day: string | null,
): Promise<number> {
  const { rows } = await sql<{ people: number }>`
    with waiting as materialized (
      select distinct n.person_id from notice.notice n
      where n.mail = ${choice} and n.created_at > ${now}::timestamptz - make_interval(hours => ${mailLifeHours})
        and not exists (select from notice.mail m where m.person_id = n.person_id and m.digest_on = ${day}::date)
      order by n.person_id limit ${composedPeople}
    ), made as (
      insert into notice.mail (person_id, digest_on, created_at, next_attempt_at)
      select person_id, ${day}::date, ${now}::timestamptz, ${now}::timestamptz from waiting
      on conflict (person_id, digest_on) where digest_on is not null do nothing
      returning id, person_id
    ), filled as (
      -- The fence (offset 0) has each person's notices looked up in the index, whatever the statistics say.
      update notice.notice n set mail = null, mail_id = made.id
      from made cross join lateral (
        select w.id from notice.notice w where w.mail = ${choice} and w.person_id = made.person_id offset 0) w
      where n.id = w.id and n.mail is not distinct from ${choice}
    )
    select count(*)::int as people from waiting`.execute(db)
  return rows[0]!.people
}

export interface MailRow {
  id: number
  uid: string
  attempts: number
  createdAt: string
  name: string
  /** Null when there is nobody to write to: no address, or the account is disabled. */
  address: string | null
  language: string | null
}

/**
 * The next mail that is due, held for `leaseSeconds`: when the process that holds it dies, another one has it after
 * that. Two processes never get the same one.
 */
export async function claimMail(db: Db, now: Date, leaseSeconds: number): Promise<MailRow | undefined> {
  const { rows } = await sql<MailRow>`
    with due as (
      select id from notice.mail where state = 'waiting' and next_attempt_at <= ${now}::timestamptz
      order by next_attempt_at limit 1 for update skip locked
    )
    update notice.mail m set attempts = m.attempts + 1,
      next_attempt_at = ${now}::timestamptz + make_interval(secs => ${leaseSeconds})
    from due, security.person p left join notice.setting s on s.person_id = p.id
    where m.id = due.id and p.id = m.person_id
    returning m.id, m.uid, m.attempts, m.created_at as "createdAt", p.name,
      case when p.disabled_at is null then p.email end as address, coalesce(s.language, p.language) as language`.execute(
    db,
  )
  return rows[0]
}

/** What a mail tells: notices of it that are still unread, newest first, and how many there are. */
export async function selectMailNotices(
  db: Db,
  mailId: number,
  limit: number,
): Promise<{ notices: { kind: string; params: NoticeParams; link: string }[]; count: number }> {
  const { rows } = await sql<{ kind: string; params: NoticeParams; link: string; count: number }>`
    select kind, params, link, count(*) over () as count from notice.notice
    where mail_id = ${mailId} and read_at is null order by id desc limit ${limit}`.execute(db)
  return { notices: rows, count: rows[0]?.count ?? 0 }
}

export async function endMail(
  db: Db,
  id: number,
  end: { state: 'sent' | 'failed' | 'dropped'; now: Date; error?: string },
): Promise<void> {
  await sql`update notice.mail set state = ${end.state}, ended_at = ${end.now}::timestamptz, error = ${end.error ?? null}
    where id = ${id}`.execute(db)
}

export async function postponeMail(db: Db, id: number, until: Date, error: string): Promise<void> {
  await sql`update notice.mail set next_attempt_at = ${until}::timestamptz, error = ${error}
    where id = ${id} and state = 'waiting'`.execute(db)
}

/** Forgets mails and that a notice was to be mailed, when it is too late or long ago. */
export async function trimMail(db: Db, now: Date, keepDays: number): Promise<void> {
  await sql`update notice.notice set mail = null
    where mail is not null and created_at < ${now}::timestamptz - make_interval(hours => ${mailLifeHours})`.execute(
    db,
  )
  await sql`delete from notice.mail
    where created_at < ${now}::timestamptz - make_interval(days => ${keepDays})`.execute(db)
}

export interface MailCounts {
  waiting: number
  failed: number
}

/** Mails that wait, and those that were given up since the time given. */
export async function countMail(db: Db, since: Date): Promise<MailCounts> {
  const { rows } = await sql<MailCounts>`
    select (select count(*) from notice.mail where state = 'waiting') as waiting,
      (select count(*) from notice.mail where state = 'failed' and created_at > ${since}::timestamptz) as failed`.execute(
    db,
  )
  return rows[0]!
}
