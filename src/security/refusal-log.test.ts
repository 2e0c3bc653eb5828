import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSecurityApp, type SecurityApp, signInAs } from '../../test/support/security-app.ts'
import { anonymous } from './actor.ts'
import { startRefusalLog } from './refusal-log.ts'

let s: SecurityApp
beforeAll(async () => {
  s = await createSecurityApp({ rateLimits: true })
})
afterAll(() => s.close())

const events = async (condition: string) => {
  const { rows } = await s.database.pool.query(
    `select count(*)::int as n from security.audit_intake where ${condition}`,
  )
  return rows[0].n as number
}

test('requests with a bad token are counted like all others, and do not fill the audit log', async () => {
  const before = await events(`decision = 'deny'`)
  const codes = new Map<number, number>()
  for (let i = 0; i < 610; i++) {
    const { statusCode } = await s.app.inject({
      url: '/api/v1/tokens',
      headers: { authorization: i % 2 ? 'Bearer x' : `Bearer concord_${i}` },
      remoteAddress: '2001:db8::7',
    })
    codes.set(statusCode, (codes.get(statusCode) ?? 0) + 1)
  }
  expect([...codes]).toEqual([
    [401, 600],
    [429, 10],
  ])
  expect((await events(`decision = 'deny'`)) - before).toBe(20)
})

test('a bad token opens nothing, and takes nothing that is public to everybody', async () => {
  const headers = { authorization: 'Bearer x' }
  const answer = await s.app.inject({ url: '/api/v1/organisations', headers, remoteAddress: '10.0.0.9' })
  expect(answer.json()).toMatchObject({ status: 401, code: 'not_signed_in' })
  expect((await s.app.inject({ url: '/healthz', headers })).statusCode).toBe(200)
})

test('refusals of a known person are each an event', async () => {
  await s.person('curious', [])
  const headers = await signInAs(s.app, 'curious')
  const before = await events(`actor_kind = 'person' and decision = 'deny'`)
  for (let i = 0; i < 30; i++) await s.app.inject({ url: '/api/v1/audit', headers })
  expect((await events(`actor_kind = 'person' and decision = 'deny'`)) - before).toBe(30)
})

test('what is not kept whole is kept as a number, for each address and for the many together', async () => {
  const refused = startRefusalLog(s.db, { error: console.error })
  const event = { actor: anonymous, action: 'token:read', objectKind: 'counted', decision: 'deny' as const }
  for (let i = 0; i < 50; i++) await refused.note(event, '10.9.9.9')
  for (let i = 0; i < 500; i++) await refused.note(event, `10.1.${i % 250}.${i}`)
  expect(await events(`object_kind = 'counted'`)).toBeLessThanOrEqual(200)
  await refused.stop()
  const { rows } = await s.database.pool.query(
    `select object_id as id, detail::json->>'count' as count from security.audit_intake where action = 'request:refuse'`,
  )
  expect(rows).toContainEqual({ id: '10.9.9.9', count: '30' })
  const kept = await events(`object_kind = 'counted'`)
  expect(kept + rows.reduce((n, r) => n + Number(r.count), 0)).toBe(550)
  expect(rows.length).toBeLessThanOrEqual(101)
})
