import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSecurityApp, password, type SecurityApp, signInAs } from '../../test/support/security-app.ts'
import { addressKey } from './address.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { delaySeconds } from './throttle.ts'

let s: SecurityApp
beforeAll(async () => {
  s = await createSecurityApp()
  await s.person('steward', ['steward'])
  await s.person('clerk', ['viewer'])
  await s.person('gone', [])
})
afterAll(() => s.close())
beforeEach(() => s.database.pool.query('delete from security.sign_in_failure'))

const signIn = (login: string, secret: string, remoteAddress = '10.0.0.1') =>
  s.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    payload: { login, password: secret },
    remoteAddress,
  })

describe('passwords', () => {
  test('are kept as argon2id', async () => {
    const hash = await hashPassword(password)
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await verifyPassword(hash, password)).toBe(true)
    expect(await verifyPassword(hash, `${password}.`)).toBe(false)
    expect(await verifyPassword(null, 'no account has this password')).toBe(false)
  })
  test('the right one opens a session; the cookie is closed to scripts', async () => {
    const answer = await signIn('Steward', password)
    expect(answer.statusCode).toBe(200)
    expect(answer.cookies[0]).toMatchObject({
      name: 'concord_session',
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
    })
    expect(answer.json()).toMatchObject({ actor: { kind: 'person', login: 'steward', roles: ['steward'] } })
    expect(answer.json().allowed).toContain('dataset:create')
    expect(answer.json().allowed).not.toContain('audit:read')
  })
  test('a wrong one, an unknown login and a disabled account get the same answer in about the same time', async () => {
    await s.database.pool.query(`update security.person set disabled_at = now() where login = 'gone'`)
    const times: number[] = []
    const bodies = new Set<string>()
    for (const [login, secret] of [
      ['clerk', 'wrong wrong wrong'],
      ['nobody', 'wrong wrong wrong'],
      ['gone', password],
    ] as const) {
      const started = performance.now()
      const answer = await signIn(login, secret)
      times.push(performance.now() - started)
      expect(answer.statusCode).toBe(401)
      const { requestId: _, ...body } = answer.json()
      bodies.add(JSON.stringify(body))
    }
    expect(bodies.size).toBe(1)
    expect(Math.min(...times)).toBeGreaterThan(8)
  })
})

describe('throttling', () => {
  test('grows from the fifth failure to a minute', () => {
    expect([3, 4, 5, 6, 7, 8, 9, 10, 11, 50].map((n) => delaySeconds(n, 4))).toEqual([
      0, 0, 2, 4, 8, 16, 32, 60, 60, 60,
    ])
  })
  test('many at once do not slip through, and the right password waits too', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => signIn('clerk', 'wrong wrong wrong')))
    expect(answers.filter((a) => a.statusCode === 401)).toHaveLength(5)
    const late = answers.find((a) => a.statusCode === 429)!
    expect(late.json()).toMatchObject({ code: 'too_many_requests', retryAfter: 2 })
    expect(late.headers['retry-after']).toBe('2')
    expect((await signIn('clerk', password)).statusCode).toBe(429)
    await s.database.pool.query(`update security.sign_in_failure set at = at - interval '3 s'`)
    expect((await signIn('clerk', password)).statusCode).toBe(200)
    expect((await signIn('clerk', 'wrong wrong wrong')).statusCode).toBe(401)
  })
  test('an address that tries many logins waits, others do not', async () => {
    for (let i = 0; i < 21; i++) expect((await signIn(`guess${i}`, 'wrong wrong wrong')).statusCode).toBe(401)
    expect((await signIn('clerk', password)).statusCode).toBe(429)
    expect((await signIn('clerk', password, '10.0.0.2')).statusCode).toBe(200)
  })
  test('an IPv6 network is one address, as it is handed out whole', async () => {
    for (let i = 0; i < 21; i++)
      expect((await signIn(`six${i}`, 'wrong wrong wrong', `2001:db8:5:6::${i + 1}`)).statusCode).toBe(401)
    expect((await signIn('clerk', password, '2001:db8:5:6:7::1')).statusCode).toBe(429)
    expect((await signIn('clerk', password, '2001:db8:5:7::1')).statusCode).toBe(200)
  })
  test('neither logins nor addresses are kept in clear', async () => {
    await signIn('my secret typed here', 'x')
    const { rows } = await s.database.pool.query('select subject from security.sign_in_failure')
    expect(JSON.stringify(rows)).not.toMatch(/secret|10\.0/)
  })
})

describe('a session', () => {
  const state = async (cookie: string) =>
    (await s.app.inject({ url: '/api/v1/session', headers: { cookie } })).json()
  test('ends by time, by idleness, by sign-out, and when its person is disabled', async () => {
    for (const change of [
      `update security.session set expires_at = now() - interval '1 s'`,
      `update security.session set last_seen_at = now() - interval '2 h 1 s'`,
      `update security.person set disabled_at = now() where login = 'clerk'`,
    ]) {
      const { cookie } = await signInAs(s.app, 'clerk')
      expect((await state(cookie)).actor.kind).toBe('person')
      await s.database.pool.query(change)
      expect((await state(cookie)).actor.kind).toBe('anonymous')
      await s.database.pool.query(`update security.person set disabled_at = null where login = 'clerk'`)
    }
    const headers = await signInAs(s.app, 'clerk')
    const out = await s.app.inject({ method: 'DELETE', url: '/api/v1/session', headers })
    expect(out.statusCode).toBe(204)
    expect((await state(headers.cookie)).actor.kind).toBe('anonymous')
  })
  test('is kept as a hash', async () => {
    const { cookie } = await signInAs(s.app, 'clerk')
    const { rows } = await s.database.pool.query('select * from security.session')
    expect(JSON.stringify(rows)).not.toContain(cookie.split('=')[1])
  })
  test('feels a role that is taken away at the next request', async () => {
    const { cookie } = await signInAs(s.app, 'steward')
    expect((await state(cookie)).allowed).toContain('dataset:create')
    await s.database.pool.query(`delete from security.person_role where role = 'steward'`)
    expect((await state(cookie)).allowed).not.toContain('dataset:create')
  })
})

describe('changes asked for by other sites', () => {
  const change = (headers: Record<string, string>) =>
    s.app.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers,
      payload: { name: 'x', scopes: ['search:read'], expiresAt: new Date(Date.now() + 60_000).toISOString() },
    })
  test('need the session’s token', async () => {
    const headers = await signInAs(s.app, 'clerk')
    expect((await change(headers)).statusCode).toBe(201)
    expect((await change({ cookie: headers.cookie })).json().code).toBe('csrf')
    const other = await signInAs(s.app, 'steward')
    expect((await change({ ...headers, 'x-csrf-token': other['x-csrf-token'] })).json().code).toBe('csrf')
  })
  test('are refused by where the browser says they come from', async () => {
    const headers = await signInAs(s.app, 'clerk')
    expect((await change({ ...headers, origin: 'https://evil.example' })).json().code).toBe('csrf')
    expect((await change({ ...headers, origin: 'null' })).json().code).toBe('csrf')
    expect((await change({ ...headers, 'sec-fetch-site': 'cross-site' })).json().code).toBe('csrf')
    expect((await change({ ...headers, origin: 'http://localhost' })).statusCode).toBe(201)
    const signInElsewhere = await s.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: { origin: 'https://evil.example' },
      payload: { login: 'clerk', password },
    })
    expect(signInElsewhere.json().code).toBe('csrf')
  })
  test('are audited', async () => {
    await change({})
    const { rows } = await s.database.pool.query(
      `select action, decision, object_id from security.audit_intake order by seq desc limit 1`,
    )
    expect(rows[0]).toEqual({ action: 'token:create', decision: 'deny', object_id: 'POST /api/v1/tokens' })
  })
})

test('rate limits count IPv6 networks as one', () => {
  expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
  expect(addressKey('2001:db8::6')).toBe('2001:db8:0:0')
  expect(addressKey('10.1.2.3')).toBe('10.1.2.3')
})

test('rate limits: sign-in sixty a minute, the public six hundred, health never', async () => {
  const limited = await createSecurityApp({ rateLimits: true })
  try {
    const codes: number[] = []
    for (let i = 0; i < 61; i++)
      codes.push(
        (
          await limited.app.inject({
            method: 'POST',
            url: '/api/v1/session',
            payload: { login: `p${i}`, password: 'x' },
          })
        ).statusCode,
      )
    // Failures from one address are throttled before its sixty sign-ins are over.
    const from = codes.indexOf(429)
    expect(from).toBeGreaterThanOrEqual(10)
    expect(codes).toEqual([...Array(from).fill(401), ...Array(61 - from).fill(429)])
    let refused = 0
    for (let i = 0; i < 601; i++)
      if ((await limited.app.inject({ url: '/api/v1/session' })).statusCode === 429) refused++
    expect(refused).toBe(1)
    const answer = await limited.app.inject({ url: '/api/v1/session' })
    expect(answer.json()).toMatchObject({ code: 'too_many_requests' })
    expect((await limited.app.inject({ url: '/healthz' })).statusCode).toBe(200)
  } finally {
    await limited.close()
  }
})

test('health is told also while the database is away', async () => {
  const { pool } = s.database
  const connect = pool.connect
  pool.connect = (() => Promise.reject(new Error('connect ECONNREFUSED'))) as typeof connect
  try {
    const headers = { cookie: 'concord_session=anything' }
    expect((await s.app.inject({ url: '/healthz', headers })).statusCode).toBe(200)
    expect((await s.app.inject({ url: '/readyz', headers })).json()).toMatchObject({ ready: true })
    expect((await s.app.inject({ url: '/nowhere', headers })).statusCode).toBe(404)
  } finally {
    pool.connect = connect
  }
})
