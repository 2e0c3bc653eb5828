import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Finding } from '../src/doctor.ts'
import { verifyPassword } from '../src/security/password.ts'
import { createTestDatabase, type TestDatabase } from './support/database.ts'
import { freePort, processesOf, startProgram } from './support/program.ts'
import { startSmtp } from './support/smtp.ts'

/** Commands as the owner of a production node runs them: with a database of their own, and no demo. */

/** Time for one command on a busy machine (ms). */
const patienceMs = 60_000

let database: TestDatabase
let folder: string
beforeAll(async () => {
  database = await createTestDatabase()
  folder = mkdtempSync(join(tmpdir(), 'concord-commands-'))
})
afterAll(async () => {
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

async function run(args: string[], options: { input?: string; settings?: Record<string, string> } = {}) {
  const program = startProgram(args, {
    CONCORD_DATA: folder,
    DATABASE_URL: database.url,
    LOG_LEVEL: 'silent',
    ...options.settings,
  })
  program.child.stdin!.end(options.input ?? '')
  const code = await program.ended()
  return { code, said: program.said() }
}
const rows = async (text: string) => (await database.pool.query(text)).rows

describe('first accounts', { timeout: 4 * patienceMs }, () => {
  test('a body and the three administrators, whose passwords come from standard input', async () => {
    const nobody = await run(['person', 'create', 'ada', '--name', 'Ada', '--body', 'centre'], {
      input: 'long enough 1\n',
    })
    expect(nobody.code).toBe(1)
    expect(nobody.said).toContain('concord body create centre')
    expect((await run(['body', 'create', 'centre', '--name', 'Centre', '--tier', 'nowhere'])).code).toBe(1)
    expect((await run(['body', 'create', 'centre', '--name', 'Centre', '--tier', 'nation'])).code).toBe(0)
    const made = await run(
      ['person', 'create', 'ada', '--name', 'Ada', '--body', 'centre', '--role', 'system_admin'],
      { input: 'long enough 1\n' },
    )
    expect(made).toMatchObject({ code: 0 })
    expect(made.said).not.toContain('long enough')
    const [ada] = await rows(`select password_hash from security.person where login = 'ada'`)
    expect(await verifyPassword(ada.password_hash, 'long enough 1')).toBe(true)
    expect(
      (await run(['person', 'create', 'Bad Login', '--name', 'B', '--body', 'centre', '--no-password'])).said,
    ).toMatch(/login/)
    const short = await run(['person', 'create', 'short', '--name', 'S', '--body', 'centre'], {
      input: 'short\n',
    })
    expect(short.code).toBe(1)
  })

  test('the three stay three people, and all of it is in the log', async () => {
    const second = await run(['person', 'grant', 'ada', 'audit_admin'])
    expect(second.code).toBe(1)
    expect(second.said).toMatch(/different people/)
    expect((await run(['person', 'grant', 'ada', 'viewer'])).code).toBe(0)
    expect((await run(['person', 'revoke', 'ada', 'viewer'])).code).toBe(0)
    expect((await run(['person', 'set-password', 'ada'], { input: '' })).code).toBe(1)
    expect((await run(['person', 'set-password', 'ada'], { input: 'another long one\n' })).code).toBe(0)
    const events = await rows(
      `select action, actor_id from security.audit_intake where actor_id like 'command line: %' order by seq`,
    )
    expect(events.map((e) => e.action)).toEqual([
      'organisation:create',
      'person:create',
      'role:grant',
      'role:grant',
      'role:grant',
      'password:set',
    ])
    expect(await rows('select role from security.person_role')).toEqual([{ role: 'system_admin' }])
  })
})

describe('doctor', { timeout: 2 * patienceMs }, () => {
  const doctor = async (settings: Record<string, string>) => {
    const { code, said } = await run(['doctor', '--json'], { settings })
    const { findings } = JSON.parse(said.trim().split('\n').at(-1)!) as { findings: Finding[] }
    return { code, findings: new Map(findings.map((f) => [f.check, f])) }
  }
  test('says so when PostgreSQL and ClickHouse do not answer', async () => {
    const port = await freePort()
    const { code, findings } = await doctor({
      DATABASE_URL: `postgres://concord:hidden@127.0.0.1:${port}/concord`,
      CLICKHOUSE_URL: `http://127.0.0.1:${port}`,
      SMTP_URL: `smtp://concord:hidden@127.0.0.1:${port}`,
      CONCORD_MAIL_FROM: 'Concord <noreply@concord.example>',
    })
    expect(code).toBe(1)
    expect(findings.get('PostgreSQL')).toMatchObject({
      ok: false,
      remedy: expect.stringContaining('DATABASE_URL'),
    })
    expect(findings.get('Engine')).toMatchObject({
      ok: false,
      remedy: expect.stringContaining('CLICKHOUSE_URL'),
    })
    expect(findings.get('Migrations')).toMatchObject({ ok: false })
    expect(findings.get('E-mail')).toMatchObject({ ok: false, remedy: expect.stringContaining('SMTP_URL') })
    expect(JSON.stringify([...findings])).not.toContain('hidden')
  })
  test('looks at the schema and leaves it as it is', async () => {
    await database.pool.query('create database doctor_of_commands')
    const target = new URL(database.url)
    target.pathname = '/doctor_of_commands'
    try {
      const { findings } = await doctor({ DATABASE_URL: target.href })
      expect(findings.get('PostgreSQL')!.ok).toBe(true)
      expect(findings.get('PostgreSQL')!.detail).toContain(`127.0.0.1:${target.port}/doctor_of_commands`)
      expect(findings.get('Migrations')).toMatchObject({
        ok: false,
        remedy: expect.stringContaining('concord migrate'),
      })
      const again = await doctor({ DATABASE_URL: target.href })
      expect(again.findings.get('Migrations')!.ok).toBe(false)
    } finally {
      await database.pool.query('drop database doctor_of_commands with (force)')
    }
  })
  test('an empty folder gets no database by being looked at', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'concord-empty-'))
    const smtp = await startSmtp('accept')
    const { findings } = await doctor({
      DATABASE_URL: '',
      CONCORD_DATA: empty,
      SMTP_URL: smtp.url,
      CONCORD_MAIL_FROM: 'noreply@concord.example',
    })
    expect(findings.get('E-mail')).toMatchObject({ ok: true })
    expect(smtp.taken()).toEqual([])
    await smtp.stop()
    expect(findings.get('PostgreSQL')).toMatchObject({
      ok: false,
      remedy: expect.stringContaining('concord serve'),
    })
    expect(processesOf(empty)).toEqual([])
    rmSync(empty, { recursive: true })
  })
  test('migrate brings both stores to the newest schema, which doctor then finds', async () => {
    expect((await run(['migrate'])).said).toContain('PostgreSQL and ClickHouse are up to date')
    const { findings } = await doctor({})
    expect(findings.get('Engine')).toMatchObject({ ok: true })
    expect(findings.get('Migrations')).toMatchObject({ ok: true })
    expect(processesOf(folder)).toEqual([])
  })
})
