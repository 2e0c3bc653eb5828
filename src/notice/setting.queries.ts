import { type Db, sql } from '../platform/postgres.ts'
import type { NoticeLanguage } from './kind.schema.ts'
import { defaultMail, type MailChoice } from './setting.schema.ts'

export interface SettingRow {
  mail: MailChoice
  language: NoticeLanguage | null
  email: string | null
  /** Of the account. */
  personLanguage: string | null
}

export async function selectSetting(db: Db, personId: number): Promise<SettingRow> {
  const { rows } = await sql<SettingRow>`
    select coalesce(s.mail, ${defaultMail}) as mail, s.language, p.email, p.language as "personLanguage"
    from security.person p left join notice.setting s on s.person_id = p.id where p.id = ${personId}`.execute(
    db,
  )
  return rows[0]!
}

/** Also for what waits to be mailed. */
export async function upsertSetting(
  db: Db,
  personId: number,
  s: { mail: MailChoice; language: NoticeLanguage | null },
): Promise<void> {
  await sql`
    insert into notice.setting (person_id, mail, language) values (${personId}, ${s.mail}, ${s.language})
    on conflict (person_id) do update
      set mail = excluded.mail, language = excluded.language, changed_at = now()`.execute(db)
  await sql`update notice.notice set mail = ${s.mail === 'never' ? null : s.mail}
    where person_id = ${personId} and mail in ('each', 'daily')`.execute(db)
}
