import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSecurityApp, type SecurityApp, seeder, signInAs } from '../../test/support/security-app.ts'
import { selectChain } from './audit.queries.ts'
import { audit } from './audit.ts'
import { type AuditSequencer, startAuditSequencer } from './audit-sequencer.ts'
import { verifyAudit } from './audit-verify.ts'
import { canonicalJson } from './canonical-json.ts'

let s: SecurityApp
let sequencer: AuditSequencer
const logged: string[] = []
const log = {
  warn: (...a: unknown[]) => logged.push(String(a.at(-1))),
  error: (...a: unknown[]) => logged.push(String(a.at(-1))),
}
const write = (n: number) =>
  audit(s.db, {
    actor: seeder,
    action: 'dataset:update',
    objectKind: 'dataset',
    objectId: `entry ${n}`,
    decision: 'allow',
    detail: { n, text: '城市 "quoted" \u0000 \ud800' },
  })
const verify = () => verifyAudit(s.db, { dataDir: s.dataDir })

beforeAll(async () => {
  s = await createSecurityApp()
})
afterAll(() => s.close())

describe('the chain', () => {
  beforeAll(() => {
    sequencer = startAuditSequencer({ db: s.db, dataDir: s.dataDir, log })
  })
  afterAll(() => sequencer.stop())

  test('is whole and complete under many writers and two sequencers; what was rolled back is not in it', async () => {
    const second = startAuditSequencer({ db: s.db, dataDir: s.dataDir, log })
    await sequencer.flush()
    const before = (await verify()).events
    await Promise.all(
      Array.from({ length: 8 }, async (_, w) => {
        for (let i = 0; i < 50; i++)
          await s.db
            .transaction()
            .execute(async (tx) => {
              await audit(tx, {
                actor: seeder,
                action: 'dataset:update',
                objectId: `${w}/${i}`,
                decision: 'allow',
              })
              if (i % 5 === 0) throw new Error('rolled back')
            })
            .catch(() => {})
      }),
    )
    await second.stop()
    await sequencer.flush()
    const result = await verify()
    expect(result.problems).toEqual([])
    expect(result.events - before).toBe(8 * 40)
    expect(result.lastSeq).toBe(result.events)
    expect(result.waiting).toBe(0)
    const { rows } = await s.database.pool.query(
      `select count(distinct object_id)::int as n from security.audit_event where object_id ~ '^\\d/\\d'`,
    )
    expect(rows[0].n).toBe(320)
  })
  test('a transaction that is still open holds nobody up', async () => {
    const { promise, resolve } = withResolvers()
    const open = s.db.transaction().execute(async (tx) => {
      await audit(tx, { actor: seeder, action: 'slow:first', decision: 'allow' })
      await promise
    })
    await new Promise((r) => setTimeout(r, 100))
    await audit(s.db, { actor: seeder, action: 'quick:second', decision: 'allow' })
    await sequencer.flush()
    const chain = await selectChain(s.db, 0, 10_000)
    expect(chain.at(-1)!.action).toBe('quick:second')
    resolve()
    await open
    await sequencer.flush()
    expect((await selectChain(s.db, 0, 10_000)).at(-1)!.action).toBe('slow:first')
    expect((await verify()).ok).toBe(true)
  })
  test('refuses update, delete and truncate in all three tables', async () => {
    await write(1)
    await sequencer.flush()
    for (const text of [
      `update security.audit_event set action = 'x'`,
      'delete from security.audit_event',
      'truncate security.audit_event',
      `update security.audit_checkpoint set line = 'x'`,
      'delete from security.audit_checkpoint',
      'truncate security.audit_checkpoint',
      'truncate security.audit_intake',
    ])
      await expect(s.database.pool.query(text), text).rejects.toThrow('append-only')
  })
  test('the key is readable by its owner only', () => {
    expect(statSync(join(s.dataDir, 'audit', 'checkpoint-key.pem')).mode & 0o777).toBe(0o600)
  })
})

test('the audit administrator reads, filters, pages and verifies; others are refused', async () => {
  const running = startAuditSequencer({ db: s.db, dataDir: s.dataDir, log })
  const auditor = await s.person('auditor', ['audit_admin'])
  const headers = await signInAs(s.app, 'auditor')
  expect((await s.app.inject({ url: '/api/v1/audit' })).statusCode).toBe(401)
  await running.flush()
  const get = async (query: string) => (await s.app.inject({ url: `/api/v1/audit?${query}`, headers })).json()
  const mine = await get(`actor=${auditor.uid}`)
  expect(mine.items[0]).toMatchObject({ action: 'session:create', actorName: 'AUDITOR', decision: 'allow' })
  const refused = await get('decision=deny&action=audit:read')
  expect(refused.items[0]).toMatchObject({ actorKind: 'anonymous', objectId: 'GET /api/v1/audit' })
  const seen: number[] = []
  let cursor = ''
  do {
    const page = await get(`limit=200&objectKind=organisation${cursor}`)
    seen.push(...page.items.map((e: { seq: number }) => e.seq))
    cursor = page.next === null ? '' : `&cursor=${page.next}`
  } while (cursor)
  expect(seen).toEqual([...seen].sort((a, b) => b - a))
  expect(new Set(seen).size).toBe(3)
  expect((await get(`from=${new Date(Date.now() + 60_000).toISOString()}`)).items).toEqual([])
  expect((await get('from=0000-01-01T00:00:00Z')).code).toBe('invalid_request')
  const verified = await s.app.inject({ url: '/api/v1/audit/verify', headers })
  expect(verified.json()).toMatchObject({ ok: true, problems: [] })
  await running.flush()
  expect((await get('action=audit:verify')).items[0].detail).toMatchObject({ ok: true, problems: 0 })
  await running.stop()
})

test('canonical JSON has one form', () => {
  expect(canonicalJson({ b: [1, 1.5, 1e21, -0], a: { 城: '\u0000"', A: null }, c: undefined })).toBe(
    '{"a":{"A":null,"城":"\\u0000\\""},"b":[1,1.5,1e+21,0]}',
  )
  expect(() => canonicalJson(Number.NaN)).toThrow()
})

function withResolvers() {
  let resolve!: () => void
  const promise = new Promise<void>((r) => {
    resolve = r
  })
  return { promise, resolve }
}
