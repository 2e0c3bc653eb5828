import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSecurityApp, type SecurityApp, signInAs } from '../../test/support/security-app.ts'
import { inTransaction, sql } from '../platform/postgres.ts'
import { loadProfile } from '../platform/profile.ts'
import { workPage } from '../platform/work-page.ts'
import { foldUnread, type NoticeInput, trimNotices } from './notice.queries.ts'
import { noticeRoutes } from './notice.routes.ts'
import { noticeLimits } from './notice.schema.ts'
import { notify } from './notify.ts'

let world: SecurityApp
const ids: Record<string, number> = {}
const headers: Record<string, Record<string, string>> = {}

beforeAll(async () => {
  world = await createSecurityApp({
    routes: (app, db) => noticeRoutes(app, { db, profile: loadProfile('neutral'), mailEnabled: true }),
  })
  for (const login of ['ada', 'emmy', 'gone']) {
    const { id } = await world.person(login, ['viewer'])
    ids[login] = id
    headers[login] = await signInAs(world.app, login)
  }
  await sql`update security.person set disabled_at = now() where id = ${ids.gone}`.execute(world.db)
})
afterAll(() => world?.close())
beforeEach(() => sql`truncate notice.notice cascade`.execute(world.db))

const notice = (more: Partial<NoticeInput> = {}): NoticeInput => ({
  to: [ids.ada!],
  kind: 'import.done',
  params: { file: 'a.csv', added: 1, changed: 2, rejected: 3, unchanged: 4 },
  link: workPage('imports', '1'),
  objectKind: 'import',
  objectId: '1',
  ...more,
})
const get = async (who: string, path = '') =>
  (await world.app.inject({ url: `/api/v1/notices${path}`, headers: headers[who] })).json()
const send = (who: string, method: 'POST' | 'PUT', path: string, payload: object) =>
  world.app.inject({ method, url: `/api/v1/notices${path}`, headers: headers[who], payload })

describe('telling people', () => {
  it('tells all of them, once each, and nobody who is disabled', async () => {
    await notify(world.db, notice({ to: [ids.ada!, ids.emmy!, ids.ada!, ids.gone!, 999_999] }))
    const { items, unread } = await get('ada')
    expect(unread).toBe(1)
    expect(items).toEqual([
      expect.objectContaining({ kind: 'import.done', title: 'Import finished: a.csv', readAt: null }),
    ])
    expect((await get('emmy', '/unread')).unread).toBe(1)
    const { rows } = await sql<{ n: number }>`select count(*) n from notice.notice`.execute(world.db)
    expect(rows[0]!.n).toBe(2)
  })

  it('is so when the change is, and only then', async () => {
    const broken = inTransaction(world.db, async (tx) => {
      await notify(tx, notice())
      throw new Error('the change failed')
    })
    await expect(broken).rejects.toThrow('the change failed')
    expect((await get('ada', '/unread')).unread).toBe(0)
  })

  it('says the same thing once, also after it was read, and to each person', async () => {
    await notify(world.db, notice({ dedupe: 'k' }))
    await send('ada', 'POST', '/read', { upTo: Number.MAX_SAFE_INTEGER })
    await notify(world.db, [notice({ dedupe: 'k' }), notice({ dedupe: 'k', to: [ids.ada!, ids.emmy!] })])
    expect((await get('ada')).items).toHaveLength(1)
    expect((await get('emmy')).items).toHaveLength(1)
  })

  it('keeps the order of what it is given, also over several statements', async () => {
    const many = Array.from({ length: 6_000 }, (_, i) =>
      notice({ objectId: String(i), to: [ids.ada!, ids.emmy!] }),
    )
    await notify(world.db, many)
    const { rows } = await sql<{ ordered: boolean; n: number }>`
      select count(*) as n, array_agg(object_id::int order by id) = array_agg(object_id::int order by object_id::int) as ordered
      from notice.notice where person_id = ${ids.emmy}`.execute(world.db)
    expect(rows[0]).toEqual({ ordered: true, n: 6_000 })
  })

  it('refuses a text with a hole, a link to elsewhere and a kind that nobody knows', async () => {
    await expect(notify(world.db, notice({ params: {} }))).rejects.toThrow('lacks file, added')
    for (const link of ['https://evil.example', '//evil.example', '/a\nBcc: x', 'work'])
      await expect(notify(world.db, notice({ link }))).rejects.toThrow('no path')
    await expect(notify(world.db, notice({ kind: 'constructor' as never }))).rejects.toThrow('kind.schema')
  })

  it('shortens a long text without breaking a character', async () => {
    await notify(world.db, notice({ params: { ...notice().params, file: '🏛'.repeat(400) } }))
    const { items } = await get('ada')
    expect(items[0].params.file.length).toBeLessThanOrEqual(noticeLimits.param)
    expect(items[0].params.file.isWellFormed()).toBe(true)
  })
})

describe('reading', () => {
  it('goes page by page, and by what is unread', async () => {
    await notify(
      world.db,
      Array.from({ length: 25 }, (_, i) => notice({ objectId: String(i) })),
    )
    const seen: string[] = []
    let cursor = ''
    for (let pages = 0; ; pages++) {
      const page = await get('ada', `?limit=10${cursor}`)
      seen.push(...page.items.map((n: { objectId: string }) => n.objectId))
      if (!page.next) {
        expect(pages).toBe(2)
        break
      }
      cursor = `&cursor=${page.next}`
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => String(24 - i)))
    const first = (await get('ada', '?limit=1')).items[0].id
    expect((await send('ada', 'POST', '/read', { ids: [first] })).json()).toEqual({ ids: [first] })
    const unread = await get('ada', '?unread=true&limit=100')
    expect(unread.unread).toBe(24)
    expect(unread.items.map((n: { id: number }) => n.id)).not.toContain(first)
    expect((await get('ada', '?cursor=nonsense')).code).toBe('invalid_cursor')
  })

  it('marks all that were there, not what came since, and can be undone', async () => {
    await notify(world.db, [notice(), notice()])
    const upTo = (await get('ada')).items[0].id
    await notify(world.db, notice())
    const { ids: marked } = (await send('ada', 'POST', '/read', { upTo })).json()
    expect(marked).toHaveLength(2)
    expect((await get('ada', '/unread')).unread).toBe(1)
    // A second time there is nothing to mark, and so nothing to undo.
    expect((await send('ada', 'POST', '/read', { upTo })).json()).toEqual({ ids: [] })
    expect((await send('ada', 'POST', '/unread', { ids: marked })).statusCode).toBe(204)
    expect((await get('ada', '/unread')).unread).toBe(3)
  })

  it('touches nothing of others', async () => {
    await notify(world.db, notice({ to: [ids.emmy!] }))
    const id = (await get('emmy')).items[0].id
    expect((await send('ada', 'POST', '/read', { ids: [id] })).json()).toEqual({ ids: [] })
    await send('ada', 'POST', '/read', { upTo: id })
    expect((await get('emmy', '/unread')).unread).toBe(1)
    await send('emmy', 'POST', '/read', { ids: [id] })
    await send('ada', 'POST', '/unread', { ids: [id] })
    expect((await get('emmy', '/unread')).unread).toBe(0)
  })

  it('refuses what is neither ids nor a place, and both', async () => {
    for (const body of [{}, { ids: [] }, { ids: ['x'] }, { ids: [1], upTo: 1 }, { upTo: 0 }, { all: true }])
      expect((await send('ada', 'POST', '/read', body)).json().code, JSON.stringify(body)).toBe(
        'invalid_request',
      )
  })

  it('counting what is unread keeps no session alive; looking at the list does', async () => {
    const age = () =>
      sql`update security.session set last_seen_at = now() - interval '30 minutes'`.execute(world.db)
    const idle = async () =>
      (
        await sql<{ idle: number }>`select max(extract(epoch from now() - s.last_seen_at))::int as idle
          from security.session s where s.person_id = ${ids.ada}`.execute(world.db)
      ).rows[0]!.idle
    await age()
    await get('ada', '/unread')
    expect(await idle()).toBeGreaterThan(1_700)
    await get('ada')
    expect(await idle()).toBeLessThan(60)
  })
})

describe('settings', () => {
  it('are a digest a day until somebody chooses, and every choice is on record', async () => {
    expect(await get('ada', '/settings')).toEqual({
      mail: 'daily',
      language: null,
      email: null,
      mailEnabled: true,
    })
    const put = await send('ada', 'PUT', '/settings', { mail: 'never', language: 'zh-CN' })
    expect(put.json()).toMatchObject({ mail: 'never', language: 'zh-CN' })
    expect(await get('emmy', '/settings')).toMatchObject({ mail: 'daily' })
    await notify(world.db, notice())
    expect((await get('ada')).items[0].title).toBe('导入完成：a.csv')
    const { rows } = await sql<{ detail: string }>`select detail from security.audit_intake
      where action = 'notice:update' union all select detail from security.audit_event where action = 'notice:update'`.execute(
      world.db,
    )
    expect(rows.map((r) => JSON.parse(r.detail))).toContainEqual({ mail: 'never', language: 'zh-CN' })
    const wrong = await send('ada', 'PUT', '/settings', { mail: 'hourly', language: null })
    expect(wrong.json().faults[0].path).toBe('body/mail')
  })
})

it('the metrics tell of mails that wait', async () => {
  const { body } = await world.app.inject({ url: '/metrics' })
  expect(body).toMatch(/^concord_mail_waiting 0$/m)
  expect(body).toMatch(/^concord_mail_failed 0$/m)
})

describe('keeping', () => {
  const flood = (n: number) =>
    notify(
      world.db,
      Array.from({ length: n }, (_, i) => notice({ objectId: String(i) })),
    )

  it('folds what is unread beyond the limit into one notice, once', async () => {
    await flood(noticeLimits.unread)
    await foldUnread(world.db)
    expect((await get('ada')).items[0].kind).toBe('import.done')
    await flood(5)
    await foldUnread(world.db)
    const { items, unread } = await get('ada')
    expect(items[0]).toMatchObject({ kind: 'notice.folded', params: { count: 6 } })
    expect(unread).toBe(noticeLimits.unread)
    await foldUnread(world.db)
    expect((await get('ada')).items[0].id).toBe(items[0].id)
    await flood(3)
    await foldUnread(world.db)
    // The notice before it is taken in, so that the sum is of all.
    expect((await get('ada')).items[0].params).toEqual({ count: 10 })
    expect(
      (await get('ada', '?unread=true&limit=100')).items.filter(
        (n: { kind: string }) => n.kind === 'notice.folded',
      ),
    ).toHaveLength(1)
  })

  it('keeps read ones for 90 days and any for a year', async () => {
    await flood(4)
    const age = (objectId: string, days: number, readDays: number | null) =>
      sql`update notice.notice set created_at = now() - make_interval(days => ${days}),
        read_at = now() - make_interval(days => ${readDays}) where object_id = ${objectId}`.execute(world.db)
    await age('0', 100, 91)
    await age('1', 100, 89)
    await age('2', 364, null)
    await age('3', 366, null)
    expect(await trimNotices(world.db, new Date())).toBe(2)
    expect((await get('ada')).items.map((n: { objectId: string }) => n.objectId)).toEqual(['2', '1'])
  })
})
