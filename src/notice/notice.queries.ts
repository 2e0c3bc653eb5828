import { type Db, sql } from '../platform/postgres.ts'
import { workPage } from '../platform/work-page.ts'
import type { NoticeKind, NoticeParams } from './kind.schema.ts'
import { noticeLimits } from './notice.schema.ts'
import { defaultMail } from './setting.schema.ts'

/** Something that people are to know. */
export interface NoticeInput {
  /** Rows of people; whoever is disabled is left out. */
  to: number[]
  kind: NoticeKind
  params: NoticeParams
  /** Path in the web UI, e.g. from `workPage`. */
  link: string
  objectKind: string
  objectId: string
  /** The same key is said once to a person, also when it was read. */
  dedupe?: string
}

export interface NoticeRow {
  id: number
  kind: string
  params: NoticeParams
  link: string
  objectKind: string
  objectId: string
  createdAt: string
  readAt: string | null
}

const columns = sql`n.id, n.kind, n.params, n.link, n.object_kind as "objectKind", n.object_id as "objectId",
  n.created_at as "createdAt", n.read_at as "readAt"`

/** One statement for any number of people and notices; what was said before (dedupe) is left out. */
export async function insertNotices(tx: Db, notices: NoticeInput[]): Promise<void> {
  await sql`
    insert into notice.notice (person_id, kind, params, link, object_kind, object_id, dedupe, mail)
    select p.id, n.kind, n.params, n.link, n."objectKind", n."objectId", n.dedupe,
      case when p.email is not null then nullif(coalesce(s.mail, ${defaultMail}), 'never') end
    from rows from (jsonb_to_recordset(${JSON.stringify(notices)}::jsonb) as ("to" int[], kind text, params jsonb,
        link text, "objectKind" text, "objectId" text, dedupe text)) with ordinality as n
      cross join unnest(n."to") as r(person_id)
      join security.person p on p.id = r.person_id and p.disabled_at is null
      left join notice.setting s on s.person_id = p.id
    order by n.ordinality, p.id
    on conflict (person_id, dedupe) where dedupe is not null do nothing`.execute(tx)
}

/** A person's notices, newest first, from before an id. */
export async function selectNotices(
  db: Db,
  f: { personId: number; unread?: boolean; before?: number; limit: number },
): Promise<NoticeRow[]> {
  const { rows } = await sql<NoticeRow>`
    select ${columns} from notice.notice n
    where n.person_id = ${f.personId} ${f.unread ? sql`and n.read_at is null` : sql``}
      ${f.before === undefined ? sql`` : sql`and n.id < ${f.before}::bigint`}
    order by n.id desc limit ${f.limit}`.execute(db)
  return rows
}

/** Looks at no more index entries than can be unread. */
export async function countUnread(db: Db, personId: number): Promise<number> {
  const { rows } = await sql<{ unread: number }>`
    select count(*)::int as unread from (
      select from notice.notice where person_id = ${personId} and read_at is null limit ${noticeLimits.unread}) n`.execute(
    db,
  )
  return rows[0]!.unread
}

/** @returns the ids that were unread: the newest ones, not more than can be taken back by one request. */
export async function markRead(
  db: Db,
  personId: number,
  which: { ids: number[] } | { upTo: number },
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    update notice.notice set read_at = now(), mail = null where id in (
      select id from notice.notice where person_id = ${personId} and read_at is null
        and ${'ids' in which ? sql`id = any(${which.ids}::bigint[])` : sql`id <= ${which.upTo}::bigint`}
      order by id desc limit ${noticeLimits.ids})
    returning id`.execute(db)
  return rows.map((r) => r.id)
}

export async function markUnread(db: Db, personId: number, ids: number[]): Promise<void> {
  await sql`update notice.notice set read_at = null
    where person_id = ${personId} and id = any(${ids}::bigint[]) and read_at is not null`.execute(db)
}

/** Rows changed by one statement of the housekeeping, so that none holds locks for long. */
const keptRows = 10_000

/**
 * Marks what is unread beyond the limit as read and says so in one notice, which takes in an unread one of that kind.
 * Goes over the people, because each is one look into the index of what is unread.
 */
export async function foldUnread(db: Db): Promise<void> {
  const nth = (offset: number) => sql`(select n.id from notice.notice n
    where n.person_id = p.id and n.read_at is null order by n.id desc offset ${offset} limit 1)`
  for (;;) {
    const { rows } = await sql<{ count: number }>`
      with over as materialized (
        select p.id as person_id, ${nth(noticeLimits.unread - 2)} as cut
        from security.person p where ${nth(noticeLimits.unread)} is not null
      ), surplus as materialized (
        select n.id from over join notice.notice n using (person_id)
        where n.read_at is null and (n.id < over.cut or n.kind = 'notice.folded')
        order by n.id limit ${keptRows}
      ), folded as (
        update notice.notice n set read_at = now(), mail = null where id = any(array(select id from surplus))
        returning n.person_id, case n.kind when 'notice.folded' then (n.params ->> 'count')::int else 1 end as count
      ), told as (
        insert into notice.notice (person_id, kind, params, link, object_kind, object_id)
        select person_id, 'notice.folded', jsonb_build_object('count', sum(count)), ${workPage('notices')}, 'person',
          person_id::text from folded group by person_id
      )
      select count(*)::int as count from surplus`.execute(db)
    if (rows[0]!.count < keptRows) return
  }
}

/** Deletes what is kept no longer. @returns the count of notices. */
export async function trimNotices(db: Db, now: Date): Promise<number> {
  let gone = 0
  for (;;) {
    const { numAffectedRows } = await sql`
      delete from notice.notice where id in (
        select id from notice.notice
        where created_at < ${now}::timestamptz - make_interval(days => ${noticeLimits.readDays})
          and (read_at < ${now}::timestamptz - make_interval(days => ${noticeLimits.readDays})
            or created_at < ${now}::timestamptz - make_interval(days => ${noticeLimits.days}))
        limit ${keptRows})`.execute(db)
    gone += Number(numAffectedRows)
    if (Number(numAffectedRows) < keptRows) return gone
  }
}
