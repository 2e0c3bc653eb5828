import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { startSmtp } from '../../test/support/smtp.ts'
import { createLogger } from '../platform/log.ts'
import { openMailer } from '../platform/mail.ts'
import { sql } from '../platform/postgres.ts'
import { loadProfile } from '../platform/profile.ts'
import { workPage } from '../platform/work-page.ts'
import { createOrganisation, createPerson, systemActor } from '../security/index.ts'
import { countMail, trimMail } from './mail.queries.ts'
import { type MailContext, makeDigests, sendMail } from './mail.ts'
import { noticeJobs } from './notice.jobs.ts'
import { markRead, type NoticeInput } from './notice.queries.ts'
import { notify } from './notify.ts'
import { upsertSetting } from './setting.queries.ts'
import type { MailChoice } from './setting.schema.ts'

type Smtp = Awaited<ReturnType<typeof startSmtp>>
const system = systemActor('test')
const profile = loadProfile('cn')
const minuteMs = 60_000
/** Real notices are of now; 02:00 UTC is 10:00 in Shanghai. */
const day = new Date().toISOString().slice(0, 10)
const at = (time: string, days = 0) => new Date(Date.parse(`${day}T${time}Z`) + days * 86_400_000)

let database: TestDatabase
let bodyUid: string
const servers: Smtp[] = []
const people: Record<string, number> = {}
const warnings: unknown[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  bodyUid = (await createOrganisation(database.db, system, { code: 'b', name: 'B', tier: 'nation' })).uid
  await person('each', { mail: 'each', language: 'en' })
  await person('daily', { language: 'zh-CN' })
  await person('never', { mail: 'never' })
  await person('nowhere', { email: null, mail: 'each' })
})
afterAll(() => database?.drop())
beforeEach(async () => {
  await sql`truncate notice.notice, notice.mail`.execute(database.db)
  warnings.length = 0
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

async function person(
  login: string,
  o: { email?: string | null; mail?: MailChoice; language?: 'en' | 'zh-CN'; name?: string } = {},
) {
  const { id } = await createPerson(database.db, system, {
    login,
    name: o.name ?? login.toUpperCase(),
    email: o.email === undefined ? `${login}@example.org` : o.email,
    language: o.language,
    organisationUid: bodyUid,
  })
  if (o.mail) await upsertSetting(database.db, id, { mail: o.mail, language: null })
  people[login] = id
  return id
}

const notice = (logins: string[], more: Partial<NoticeInput> = {}): NoticeInput => ({
  to: logins.map((l) => people[l]!),
  kind: 'import.done',
  params: { file: 'wells <1>.csv', added: 1200, changed: 0, rejected: 3, unchanged: 4 },
  link: `${workPage('imports', '7')}?a=1&b=2`,
  objectKind: 'import',
  objectId: '7',
  ...more,
})

async function smtp(mode: string): Promise<Smtp> {
  const server = await startSmtp(mode)
  servers.push(server)
  return server
}
const limits = { connectMs: 500, answerMs: 500, messageMs: 1_000 }
const context = (server: Pick<Smtp, 'url'>, now: Date): MailContext => ({
  db: database.db,
  profile,
  open: () => openMailer({ url: server.url, from: 'Concord <noreply@concord.example>' }, limits),
  publicUrl: 'https://concord.example',
  log: { warn: (...args: unknown[]) => void warnings.push(args) } as MailContext['log'],
  now: () => now,
})
const later = (minutes: number) => new Date(Date.now() + minutes * minuteMs)
const states = async () =>
  (
    await sql<{
      state: string
      attempts: number
      error: string | null
    }>`select state, attempts, error from notice.mail order by id`.execute(database.db)
  ).rows

describe('each as it comes', () => {
  it('goes to whoever wants it and has an address, in their language, with a link', async () => {
    const server = await smtp('accept')
    await notify(database.db, notice(['each', 'daily', 'never', 'nowhere']))
    expect(await sendMail(context(server, later(0.1)))).toBe(1)
    expect(await sendMail(context(server, later(1)))).toBe(0)
    const [mail, ...others] = server.taken()
    expect(others).toEqual([])
    expect(mail).toMatchObject({
      to: ['each@example.org'],
      headers: { subject: 'Import finished: wells <1>.csv' },
    })
    expect(mail!.text).toContain('Added 1,200, changed 0, rejected 3, unchanged 4.')
    expect(mail!.text).toContain(`https://concord.example${workPage('imports', '7')}?a=1&b=2`)
    expect(mail!.html).toContain(`href="https://concord.example${workPage('imports', '7')}?a=1&amp;b=2"`)
    expect(mail!.html).toContain('wells &lt;1&gt;.csv')
    expect(mail!.html).not.toContain('wells <1>')
  })

  it('puts what came together into one mail, and leaves out what was read', async () => {
    const server = await smtp('accept')
    await notify(
      database.db,
      Array.from({ length: 60 }, (_, i) => notice(['each'], { objectId: String(i) })),
    )
    const read = (
      await sql<{ id: number }>`select id from notice.notice where object_id = '0'`.execute(database.db)
    ).rows[0]!
    await markRead(database.db, people.each!, { ids: [read.id] })
    await sendMail(context(server, later(0.1)))
    const [mail] = server.taken()
    expect(mail!.headers.subject).toBe('59 notices from Concord')
    expect(mail!.text.match(/Import finished/g)).toHaveLength(50)
    expect(mail!.text).toContain(`And 9 more. https://concord.example${workPage('notices')}`)
  })

  it('is not sent when all of it was read before', async () => {
    const down = { url: 'smtp://127.0.0.1:1' }
    await notify(database.db, notice(['each']))
    await sendMail(context(down, later(0.1)))
    await markRead(database.db, people.each!, { upTo: Number.MAX_SAFE_INTEGER })
    const server = await smtp('accept')
    expect(await sendMail(context(server, later(10)))).toBe(0)
    expect(server.taken()).toEqual([])
    expect(await states()).toMatchObject([{ state: 'dropped' }])
  })
})

describe('a digest a day', () => {
  const digest = async (server: Smtp, now: Date) => {
    await makeDigests(context(server, now))
    await sendMail(context(server, now))
  }
  /** Moves the notices to the moment they would have been written at. */
  const writtenAt = (time: Date) =>
    sql`update notice.notice set created_at = ${time}::timestamptz where mail is not null`.execute(
      database.db,
    )

  it('waits for the morning where people are, and comes once', async () => {
    const server = await smtp('accept')
    await notify(database.db, [
      notice(['daily', 'each']),
      notice(['daily'], { kind: 'import.failed', params: { file: 'x', error: 'e' } }),
    ])
    await sql`update notice.notice set mail = null where person_id = ${people.each}`.execute(database.db)
    await writtenAt(at('22:00:00', -1))
    // 06:59 in Shanghai.
    await digest(server, at('22:59:00', -1))
    expect(server.taken()).toEqual([])
    await digest(server, at('23:01:00', -1))
    expect(server.taken()).toHaveLength(1)
    expect(server.taken()[0]).toMatchObject({
      to: ['daily@example.org'],
      headers: { subject: 'Concord：2 条通知' },
    })
    expect(server.taken()[0]!.text).toContain('DAILY，您好：')
    // What comes later that day waits for the next one.
    await notify(database.db, notice(['daily']))
    await writtenAt(at('02:00:00'))
    await digest(server, at('09:00:00'))
    expect(server.taken()).toHaveLength(1)
    await digest(server, at('23:01:00'))
    expect(server.taken()).toHaveLength(2)
    expect(server.taken()[1]!.headers.subject).toBe('导入完成：wells <1>.csv')
  })

  it('comes once from any number of nodes', async () => {
    const server = await smtp('accept')
    await notify(
      database.db,
      Array.from({ length: 20 }, (_, i) => notice(['daily'], { objectId: String(i) })),
    )
    const now = new Date(Math.max(Date.now(), at('01:00:00').getTime()) + 1000)
    await Promise.all(Array.from({ length: 5 }, () => digest(server, now)))
    await digest(server, now)
    expect(server.taken()).toHaveLength(1)
    expect(server.taken()[0]!.headers.subject).toBe('Concord：20 条通知')
  })

  it('is made for everybody, in as many statements as that takes', async () => {
    await sql`insert into security.person (login, name, email, organisation_id)
      select 'many' || i, 'M', 'many' || i || '@example.org', organisation_id
      from generate_series(1, 1200) i, security.person p where p.id = ${people.each}`.execute(database.db)
    const { rows } = await sql<{ id: number }>`
      select id from security.person where login ~ '^many'`.execute(database.db)
    await notify(database.db, [
      notice([], { to: rows.map((r) => r.id) }),
      notice([], { to: rows.map((r) => r.id) }),
    ])
    await makeDigests(context({ url: 'smtp://127.0.0.1:1' }, at('09:00:00', 1)))
    const made = await sql<{ mails: number; people: number; left: number }>`
      select count(*) as mails, count(distinct person_id) as people,
        (select count(*) from notice.notice where mail is not null or mail_id is null) as left
      from notice.mail`.execute(database.db)
    expect(made.rows[0]).toEqual({ mails: 1200, people: 1200, left: 0 })
    await sql`delete from security.person where login ~ '^many'`.execute(database.db)
  })

  it('nobody who chose never gets what waited', async () => {
    const server = await smtp('accept')
    const id = await person('changed')
    await notify(database.db, notice(['changed']))
    await upsertSetting(database.db, id, { mail: 'never', language: null })
    await digest(server, at('09:00:00'))
    await upsertSetting(database.db, id, { mail: 'each', language: null })
    await digest(server, at('09:00:00'))
    expect(server.taken()).toEqual([])
  })
})

describe('servers that do not take it', () => {
  it('a greylist is waited for, with growing pauses', async () => {
    const server = await smtp('greylist')
    await notify(database.db, notice(['each']))
    await sendMail(context(server, later(0.1)))
    expect(await states()).toMatchObject([
      { state: 'waiting', attempts: 1, error: expect.stringContaining('451') },
    ])
    expect(await sendMail(context(server, later(0.9)))).toBe(0)
    expect(await sendMail(context(server, later(1.2)))).toBe(1)
    expect(await states()).toMatchObject([{ state: 'sent', attempts: 2, error: null }])
    expect(warnings).toHaveLength(1)
  })

  it('a recipient who does not exist is not tried again', async () => {
    const server = await smtp('refuse')
    await notify(database.db, notice(['each']))
    await sendMail(context(server, later(0.1)))
    expect(await states()).toMatchObject([
      { state: 'failed', attempts: 1, error: expect.stringContaining('550') },
    ])
    expect(JSON.stringify([await states(), warnings])).not.toContain('each@example.org')
    expect(await countMail(database.db, later(-60))).toEqual({ waiting: 0, failed: 1 })
  })

  it.each(['mute', 'closed', 'down'])(
    '%s: everything waits, nothing is lost, it is given up after two days',
    async (mode) => {
      const server = mode === 'down' ? { url: 'smtp://127.0.0.1:1' } : await smtp(mode)
      for (let i = 0; i < 12; i++) if (people[`p${i}`] === undefined) await person(`p${i}`, { mail: 'each' })
      await notify(database.db, notice(Array.from({ length: 12 }, (_, i) => `p${i}`)))
      const started = performance.now()
      await sendMail(context(server, later(0.1)))
      // Only one mail for each connection was tried: the others do not wait behind a wall.
      expect(performance.now() - started).toBeLessThan(5_000)
      const tried = (await states()).filter((m) => m.attempts > 0).length
      expect(tried).toBeGreaterThan(0)
      expect(tried).toBeLessThanOrEqual(4)
      expect((await states()).every((m) => m.state === 'waiting')).toBe(true)
      const good = await smtp('accept')
      expect(await sendMail(context(good, later(5)))).toBe(12)
      expect(new Set(good.taken().map((m) => m.to[0])).size).toBe(12)
      await notify(database.db, notice(['each']))
      await sendMail(context(server, later(1)))
      expect(await sendMail(context(good, later(49 * 60)))).toBe(0)
      expect((await states()).at(-1)).toMatchObject({
        state: 'failed',
        error: expect.stringContaining('48 hours'),
      })
    },
  )

  it('what waited longer than two days for a mail server is in the product, not in a flood of mail', async () => {
    const server = await smtp('accept')
    await notify(database.db, notice(['each', 'daily']))
    await trimMail(database.db, later(49 * 60), 90)
    await makeDigests(context(server, at('09:00:00')))
    expect(await sendMail(context(server, later(0.1)))).toBe(0)
  })
})

describe('the jobs of a node', () => {
  const jobs = (config: object) =>
    noticeJobs({
      config: { publicUrl: 'https://concord.example', ...config },
      profile,
      log: createLogger('silent'),
    })

  it('send mail where there is a mail server, and none where there is not', async () => {
    expect(jobs({}).map((j) => j.name)).toEqual(['notice-fold', 'notice-trim'])
    const server = await smtp('accept')
    const all = jobs({ SMTP_URL: server.url, CONCORD_MAIL_FROM: 'Concord <noreply@concord.example>' })
    await notify(database.db, notice(['each']))
    for (const name of ['mail-digest', 'mail-send', 'notice-fold', 'notice-trim'])
      await all.find((j) => j.name === name)!.work({}, database.db)
    expect(server.taken().map((m) => [m.to, m.headers.from])).toEqual([
      [['each@example.org'], 'Concord <noreply@concord.example>'],
    ])
  })
})

describe('a process that is killed', () => {
  it('loses no mail, and repeats at most those it was handing over', async () => {
    const server = await smtp('accept')
    const count = 120
    const kills = 4
    for (let i = 0; i < count; i++) if (people[`k${i}`] === undefined) await person(`k${i}`, { mail: 'each' })
    await notify(database.db, notice(Array.from({ length: count }, (_, i) => `k${i}`)))
    const module = new URL('../../test/support/mail-process.ts', import.meta.url)
    const start = (round: number) =>
      fork(module, [database.url, server.url, String(round * 10)], {
        execArgv: ['--import', 'tsx'],
        stdio: 'inherit',
      })
    let landed = 0
    for (let round = 0; round < kills; round++) {
      const child = start(round)
      await once(child, 'message')
      const before = server.taken().length
      while (server.taken().length < before + 5 && child.exitCode === null) await sleep(5)
      if (child.exitCode === null) landed++
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    const last = start(kills)
    await once(last, 'exit')
    const taken = server.taken()
    expect(landed).toBe(kills)
    expect(new Set(taken.map((m) => m.to[0])).size).toBe(count)
    // Four connections of each killed process may have been between the server's yes and our note of it.
    expect(taken.length).toBeLessThanOrEqual(count + kills * 4)
    // A repeat has the same Message-ID, so that a mailbox can tell.
    expect(new Set(taken.map((m) => m.headers['message-id'])).size).toBe(count)
    expect((await states()).every((m) => m.state === 'sent')).toBe(true)
  }, 300_000)
})
