import { ConcordError } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { type Actor, audit } from '../security/index.ts'
import { type NoticeLanguage, noticeLanguage, noticeText } from './kind.schema.ts'
import { countUnread, markRead, markUnread, type NoticeRow, selectNotices } from './notice.queries.ts'
import type { Notice, ReadInput } from './notice.schema.ts'
import { selectSetting, upsertSetting } from './setting.queries.ts'
import type { NoticeSettings, NoticeSettingsInput } from './setting.schema.ts'

/** Notices are a person's own; nobody reads those of others. @throws forbidden for the program itself */
function personOf(actor: Actor): number {
  if (actor.personId === null) throw new ConcordError('forbidden', 'Only people have notices.')
  return actor.personId
}

/** Own notices, newest first, page by page. */
export async function listNotices(
  db: Db,
  ctx: { actor: Actor; profile: Profile },
  query: { unread?: boolean; limit: number; cursor?: string },
): Promise<{ items: Notice[]; next: string | null; unread: number }> {
  const personId = personOf(ctx.actor)
  const { limit, unread, cursor } = query
  const rows = await selectNotices(db, { personId, unread, before: fromCursor(cursor), limit: limit + 1 })
  const setting = await selectSetting(db, personId)
  const language = noticeLanguage(setting.language ?? setting.personLanguage ?? ctx.profile.language)
  return {
    items: rows.slice(0, limit).map((row) => withText(row, language, ctx.profile)),
    next: rows.length > limit ? toCursor(rows[limit - 1]!.id) : null,
    unread: await countUnread(db, personId),
  }
}

const withText = (row: NoticeRow, language: NoticeLanguage, profile: Profile): Notice => ({
  ...row,
  ...noticeText(row, { language, timeZone: profile.calendar.timeZone }),
})

const toCursor = (id: number): string => Buffer.from(String(id)).toString('base64url')

function fromCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const text = Buffer.from(cursor, 'base64url').toString()
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new ConcordError('invalid_cursor', 'This cursor was not made here; begin again without it.')
}

export const unreadNotices = (db: Db, actor: Actor): Promise<number> => countUnread(db, personOf(actor))

/** @returns the ids that this has marked, so that it can be undone. */
export const readNotices = (db: Db, actor: Actor, which: ReadInput): Promise<number[]> =>
  markRead(db, personOf(actor), which)

export const unreadAgain = (db: Db, actor: Actor, ids: number[]): Promise<void> =>
  markUnread(db, personOf(actor), ids)

export async function getSettings(db: Db, actor: Actor, mailEnabled: boolean): Promise<NoticeSettings> {
  const { mail, language, email } = await selectSetting(db, personOf(actor))
  return { mail, language, email, mailEnabled }
}

export async function putSettings(
  db: Db,
  actor: Actor,
  input: NoticeSettingsInput,
  via: { requestId?: string },
): Promise<void> {
  const personId = personOf(actor)
  await inTransaction(db, async (tx) => {
    await upsertSetting(tx, personId, input)
    await audit(tx, {
      actor,
      action: 'notice:update',
      objectKind: 'person',
      objectId: actor.uid ?? undefined,
      decision: 'allow',
      requestId: via.requestId,
      detail: { mail: input.mail, language: input.language },
    })
  })
}
