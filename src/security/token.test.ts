import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSecurityApp, type SecurityApp, signInAs } from '../../test/support/security-app.ts'

let s: SecurityApp
let steward: Awaited<ReturnType<typeof signInAs>>
let guard: typeof steward
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()

beforeAll(async () => {
  s = await createSecurityApp()
  await s.person('steward', ['steward', 'system_admin'])
  await s.person('guard', ['security_admin'])
  steward = await signInAs(s.app, 'steward')
  guard = await signInAs(s.app, 'guard')
})
afterAll(() => s.close())

const make = async (more: object = {}, headers: Record<string, string> = steward) => {
  const answer = await s.app.inject({
    method: 'POST',
    url: '/api/v1/tokens',
    headers,
    payload: { name: 'nightly', scopes: ['organisation:create'], expiresAt: inDays(30), ...more },
  })
  return { status: answer.statusCode, body: answer.json() }
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const createBody = async (token: string, code: string) =>
  (
    await s.app.inject({
      method: 'POST',
      url: '/api/v1/organisations',
      headers: bearer(token),
      payload: { code, name: code, tier: 'nation' },
    })
  ).statusCode

test('a token is shown once, kept as a hash, and recognised by its beginning', async () => {
  const { status, body } = await make()
  expect(status).toBe(201)
  expect(body.token).toMatch(/^concord_[\w-]{43}$/)
  const list = (await s.app.inject({ url: '/api/v1/tokens', headers: steward })).json()
  expect(list.items[0]).toMatchObject({ uid: body.uid, prefix: body.token.slice(0, 14), revokedAt: null })
  const { rows } = await s.database.pool.query('select * from security.api_token')
  expect(JSON.stringify([rows, list])).not.toContain(body.token)
})

describe('limits', () => {
  test('a scope that its maker has not is refused, each named', async () => {
    const { status, body } = await make({ scopes: ['audit:read', 'search:read', 'role:grant'] })
    expect(status).toBe(422)
    expect(body.faults.map((f: { path: string }) => f.path)).toEqual(['/scopes/0', '/scopes/2'])
  })
  test.each([inDays(-1), inDays(367), '2016-12-31T23:59:60Z', '0000-01-01T00:00:00Z'])(
    'an end at %s is refused',
    async (expiresAt) => {
      const { status, body } = await make({ expiresAt })
      expect([status, body.faults[0].path]).toEqual([422, '/expiresAt'])
    },
  )
  test('an end and a scope are mandatory', async () => {
    expect((await make({ expiresAt: undefined })).status).toBe(400)
    expect((await make({ scopes: [] })).status).toBe(400)
  })
})

describe('use', () => {
  test('what its scopes name, without a CSRF token, and nothing else', async () => {
    const { body } = await make()
    expect(await createBody(body.token, 'made-by-token')).toBe(201)
    const rebuild = await s.app.inject({ url: '/api/v1/people', headers: bearer(body.token) })
    expect(rebuild.json()).toMatchObject({
      code: 'forbidden',
      detail: 'This token is not made for person:read.',
    })
    expect(
      (await s.app.inject({ url: '/api/v1/organisations', headers: bearer(body.token) })).statusCode,
    ).toBe(200)
    const more = await make({ scopes: ['token:create'] })
    expect((await make({}, bearer(more.body.token))).status).toBe(403)
  })
  test('ends by time, revocation, its owner’s lost role, and its owner’s account', async () => {
    const pool = s.database.pool
    const ended = (await make()).body
    await pool.query(`update security.api_token set expires_at = now() where uid = $1`, [ended.uid])
    expect(await createBody(ended.token, 'a')).toBe(401)

    const revoked = (await make()).body
    const answer = await s.app.inject({
      method: 'DELETE',
      url: `/api/v1/tokens/${revoked.uid}`,
      headers: steward,
    })
    expect(answer.statusCode).toBe(204)
    expect(await createBody(revoked.token, 'b')).toBe(401)

    const { token } = (await make()).body
    await pool.query(`delete from security.person_role where role = 'system_admin'`)
    expect(await createBody(token, 'c')).toBe(403)
    await pool.query(`update security.person set disabled_at = now() where login = 'steward'`)
    expect(await createBody(token, 'd')).toBe(401)
    await pool.query(`update security.person set disabled_at = null where login = 'steward'`)
  })
  test('others cannot revoke it; the security administrator can', async () => {
    const { body } = await make({ scopes: ['dataset:create'] })
    const viewer = await s.person('viewer', ['viewer'])
    expect(viewer.roles).toEqual(['viewer'])
    const revoke = async (headers: Record<string, string>) =>
      (await s.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${body.uid}`, headers })).statusCode
    expect(await revoke(await signInAs(s.app, 'viewer'))).toBe(403)
    expect(await revoke(guard)).toBe(204)
  })
  test.each(['Bearer nonsense', 'Bearer concord_nonsense', 'Basic eDp5', 'Bearer'])(
    '%s is refused',
    async (authorization) => {
      const answer = await s.app.inject({ url: '/api/v1/organisations', headers: { authorization } })
      expect(answer.json().code).toBe('not_signed_in')
      expect((await s.app.inject({ url: '/healthz', headers: { authorization } })).statusCode).toBe(200)
    },
  )
})

describe('Idempotency-Key', () => {
  const post = (key: string, code: string) =>
    s.app.inject({
      method: 'POST',
      url: '/api/v1/organisations',
      headers: { ...admin, 'idempotency-key': key },
      payload: { code, name: code, tier: 'nation' },
    })
  let admin: typeof steward
  beforeAll(async () => {
    await s.person('admin', ['system_admin'])
    admin = await signInAs(s.app, 'admin')
  })
  test('the same request gets the first answer; another one a conflict', async () => {
    const first = await post('k1', 'once')
    const again = await post('k1', 'once')
    expect(first.statusCode).toBe(201)
    expect(again.statusCode).toBe(201)
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(again.headers['content-type']).toBe(first.headers['content-type'])
    expect(again.json()).toEqual(first.json())
    expect((await post('k1', 'twice')).json().code).toBe('idempotency_conflict')
    expect((await post('k2', 'once')).json().code).toBe('conflict')
  })
  test('ten at once make one', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('k3', 'race')))
    expect(answers.map((a) => a.statusCode)).toEqual(Array(10).fill(201))
    expect(new Set(answers.map((a) => a.json().uid)).size).toBe(1)
  })
  test('a refusal is kept too, a key of another person is another key, a bad key is refused', async () => {
    expect((await post('k4', 'once')).statusCode).toBe(409)
    expect((await post('k4', 'once')).headers['idempotency-replayed']).toBe('true')
    const { rows } = await s.database.pool.query(
      'select count(distinct actor)::int as n from platform.idempotency',
    )
    expect(rows[0].n).toBe(1)
    expect((await post('has space', 'z')).statusCode).toBe(400)
  })
  test('secrets are not kept', async () => {
    const token = await make({ scopes: ['search:read'] }, { ...admin, 'idempotency-key': 'k5' })
    expect(token.status).toBe(201)
    const { rows } = await s.database.pool.query('select answer from platform.idempotency')
    expect(JSON.stringify(rows)).not.toContain(token.body.token)
  })
})
