import Type from 'typebox'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { observeMail } from './mail-metrics.ts'
import { Notice, NoticeIds, noticeLimits, ReadInput, UnreadCount } from './notice.schema.ts'
import { getSettings, listNotices, putSettings, readNotices, unreadAgain, unreadNotices } from './notice.ts'
import { NoticeSettings, NoticeSettingsInput } from './setting.schema.ts'

const tags = ['notices']

/** What the signed-in person was told, and how they want to be told. */
export function noticeRoutes(
  app: App,
  { db, profile, mailEnabled }: { db: Db; profile: Profile; mailEnabled: boolean },
): void {
  if (mailEnabled) observeMail(db)
  readRoutes(app, db, profile)
  settingRoutes(app, db, mailEnabled)
}

function readRoutes(app: App, db: Db, profile: Profile): void {
  app.get(
    '/api/v1/notices',
    {
      config: { action: 'notice:read' },
      schema: {
        tags,
        operationId: 'listNotices',
        summary: 'Own notices, newest first',
        querystring: Type.Object(
          {
            unread: Type.Optional(Type.Boolean({ description: 'Only those that were not read.' })),
            limit: Type.Integer({ minimum: 1, maximum: noticeLimits.page, default: 30 }),
            cursor: Type.Optional(Type.String({ maxLength: 40, description: '`next` of the page before.' })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({
            items: Type.Array(Notice, { maxItems: noticeLimits.page }),
            next: Type.Union([Type.String(), Type.Null()]),
            unread: UnreadCount.properties.unread,
          }),
          ...problems,
        },
      },
    },
    ({ actor, query }) => listNotices(db, { actor, profile }, query),
  )
  app.get(
    '/api/v1/notices/unread',
    {
      // Asked for by every open page once a minute: that is nobody at work.
      config: { action: 'notice:read', background: true },
      schema: {
        tags,
        operationId: 'countUnreadNotices',
        summary: 'How many own notices were not read; does not keep a session alive',
        response: { 200: UnreadCount, ...problems },
      },
    },
    async ({ actor }) => ({ unread: await unreadNotices(db, actor) }),
  )
  app.post(
    '/api/v1/notices/read',
    {
      config: { action: 'notice:update' },
      schema: {
        tags,
        operationId: 'readNotices',
        summary: 'Mark notices as read: those named, or all up to one; answers which were unread',
        body: ReadInput,
        response: {
          200: Type.Object({ ids: Type.Array(Type.Integer()) }),
          ...problems,
        },
      },
    },
    async ({ actor, body }) => ({ ids: await readNotices(db, actor, body) }),
  )
  app.post(
    '/api/v1/notices/unread',
    {
      config: { action: 'notice:update' },
      schema: {
        tags,
        operationId: 'unreadNotices',
        summary: 'Mark notices as not read',
        body: NoticeIds,
        response: { 204: Type.Null(), ...problems },
      },
    },
    async ({ actor, body }, reply) => {
      await unreadAgain(db, actor, body.ids)
      return reply.code(204).send(null)
    },
  )
}

function settingRoutes(app: App, db: Db, mailEnabled: boolean): void {
  app.get(
    '/api/v1/notices/settings',
    {
      config: { action: 'notice:read' },
      schema: {
        tags,
        operationId: 'getNoticeSettings',
        summary: 'How you are told by e-mail',
        response: { 200: NoticeSettings, ...problems },
      },
    },
    ({ actor }) => getSettings(db, actor, mailEnabled),
  )
  app.put(
    '/api/v1/notices/settings',
    {
      config: { action: 'notice:update' },
      schema: {
        tags,
        operationId: 'putNoticeSettings',
        summary: 'Choose how you are told by e-mail',
        body: NoticeSettingsInput,
        response: { 200: NoticeSettings, ...problems },
      },
    },
    async (request) => {
      await putSettings(db, request.actor, request.body, { requestId: request.id })
      return getSettings(db, request.actor, mailEnabled)
    },
  )
}
