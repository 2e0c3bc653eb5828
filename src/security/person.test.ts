import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSecurityApp, password, type SecurityApp, signInAs } from '../../test/support/security-app.ts'

let s: SecurityApp
type Headers = Awaited<ReturnType<typeof signInAs>>
const as: Record<string, Headers> = {}
const uid: Record<string, string> = {}

beforeAll(async () => {
  s = await createSecurityApp()
  for (const [login, roles] of [
    ['system', ['system_admin']],
    ['guard', ['security_admin']],
    ['auditor', ['audit_admin']],
    ['steward', ['steward']],
    ['nobody', []],
  ] as const) {
    uid[login] = (await s.person(login, [...roles])).uid
    as[login] = await signInAs(s.app, login)
  }
})
afterAll(() => s.close())

async function call(
  who: string | undefined,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
) {
  const answer = await s.app.inject({ method, url: `/api/v1${url}`, headers: who ? as[who] : {}, payload })
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
}

describe('role separation', () => {
  test('the system administrator makes accounts and cannot grant', async () => {
    const made = await call('system', 'POST', '/people', {
      login: 'fresh',
      name: 'Fresh',
      organisationUid: s.below.uid,
      password,
    })
    expect(made).toMatchObject({
      status: 201,
      body: { roles: [], hasPassword: true, organisationUid: s.below.uid },
    })
    uid.fresh = made.body.uid
    expect((await call('system', 'PUT', `/people/${uid.fresh}/roles/steward`)).status).toBe(403)
    expect((await call('system', 'PUT', `/people/${uid.system}/roles/security_admin`)).status).toBe(403)
  })
  test('the security administrator grants, and cannot make accounts', async () => {
    expect((await call('guard', 'PUT', `/people/${uid.fresh}/roles/steward`)).status).toBe(204)
    expect((await call('guard', 'GET', `/people/${uid.fresh}`)).body.roles).toEqual(['steward'])
    expect((await call('guard', 'DELETE', `/people/${uid.fresh}/roles/steward`)).status).toBe(204)
    expect((await call('guard', 'GET', `/people/${uid.fresh}`)).body.roles).toEqual([])
    expect(
      (await call('guard', 'POST', '/people', { login: 'x', name: 'x', organisationUid: s.below.uid }))
        .status,
    ).toBe(403)
  })
  test('nobody grants themselves, reads the audit log and grants, or is two administrators', async () => {
    expect((await call('guard', 'PUT', `/people/${uid.guard}/roles/steward`)).status).toBe(403)
    expect((await call('guard', 'GET', '/audit')).status).toBe(403)
    expect((await call('auditor', 'PUT', `/people/${uid.nobody}/roles/viewer`)).status).toBe(403)
    const second = await call('guard', 'PUT', `/people/${uid.auditor}/roles/system_admin`)
    expect(second).toMatchObject({ status: 403, body: { code: 'separation_of_duties' } })
    expect(second.body.detail).toContain('audit_admin')
  })
  test('the database refuses two administrators in one person, and grants to oneself, too', async () => {
    const { rows } = await s.database.pool.query(`select id from security.person where login = 'auditor'`)
    await expect(
      s.database.pool.query(
        `insert into security.person_role (person_id, role) values ($1, 'system_admin')`,
        [rows[0].id],
      ),
    ).rejects.toThrow('person_role_one_administrator')
    await expect(
      s.database.pool.query(`insert into security.person_role values ($1, 'viewer', $1)`, [rows[0].id]),
    ).rejects.toThrow('check constraint')
  })
  test('two grants at once do not join two administrators', async () => {
    const two = await s.person('two', [])
    const answers = await Promise.all(
      ['system_admin', 'audit_admin', 'security_admin'].map((r) =>
        call('guard', 'PUT', `/people/${two.uid}/roles/${r}`),
      ),
    )
    expect(answers.map((a) => a.status).sort()).toEqual([204, 403, 403])
  })
  test('no administrator takes over another: password and e-mail are their own', async () => {
    expect((await call('system', 'PUT', `/people/${uid.auditor}/password`, { password })).status).toBe(403)
    expect((await call('system', 'PATCH', `/people/${uid.guard}`, { email: 'me@example.org' })).status).toBe(
      403,
    )
    expect(
      (await call('system', 'PUT', `/people/${uid.steward}/password`, { password: `${password}!` })).status,
    ).toBe(204)
    expect((await call('steward', 'GET', '/tokens')).status).toBe(401)
    as.steward = await signInAs(s.app, 'steward', `${password}!`)
  })
})

describe('accounts', () => {
  test('one’s own password needs the present one and ends other sessions', async () => {
    const elsewhere = await signInAs(s.app, 'nobody')
    const url = `/people/${uid.nobody}/password`
    expect((await call('nobody', 'PUT', url, { password: 'another long one' })).status).toBe(422)
    expect((await call('nobody', 'PUT', url, { password: 'short', currentPassword: password })).status).toBe(
      400,
    )
    expect(
      (await call('nobody', 'PUT', url, { password: 'another long one', currentPassword: password })).status,
    ).toBe(204)
    expect((await call('nobody', 'GET', '/tokens')).status).toBe(200)
    expect((await s.app.inject({ url: '/api/v1/tokens', headers: elsewhere })).statusCode).toBe(401)
    expect((await call('steward', 'PUT', url, { password: 'another long one' })).status).toBe(403)
  })
  test('disabling ends sessions and tokens at once; nobody locks themselves out', async () => {
    const url = `/people/${uid.nobody}/disabled`
    expect((await call('system', 'PUT', url, { disabled: true })).body.disabledAt).not.toBeNull()
    expect((await call('nobody', 'GET', '/tokens')).status).toBe(401)
    expect((await call('system', 'PUT', url, { disabled: false })).body.disabledAt).toBeNull()
    expect((await call('system', 'PUT', `/people/${uid.system}/disabled`, { disabled: true })).status).toBe(
      403,
    )
  })
  test('a login is taken once; an unknown body is named', async () => {
    const twice = { login: 'fresh', name: 'Fresh', organisationUid: s.below.uid }
    expect((await call('system', 'POST', '/people', twice)).body.code).toBe('conflict')
    const lost = { login: 'lost', name: 'Lost', organisationUid: uid.fresh }
    expect((await call('system', 'POST', '/people', lost)).body.faults[0]).toMatchObject({
      path: '/organisationUid',
    })
  })
  test('are listed page by page and by body; others learn nothing', async () => {
    const one = await call('guard', 'GET', '/people?limit=2')
    expect(one.body.items).toHaveLength(2)
    const two = await call('guard', 'GET', `/people?limit=200&cursor=${one.body.next}`)
    expect(two.body.items.map((p: { login: string }) => p.login)).toContain('fresh')
    expect(two.body.next).toBeNull()
    expect(
      (await call('guard', 'GET', `/people?organisation=${s.root.uid}`)).body.items.length,
    ).toBeGreaterThan(4)
    expect((await call('guard', 'GET', `/people?organisation=${s.beside.uid}`)).body.items).toEqual([])
    expect((await call('guard', 'GET', '/people?role=audit_admin')).body.items).toHaveLength(1)
    expect((await call('steward', 'GET', '/people')).status).toBe(403)
    expect(JSON.stringify(two.body)).not.toMatch(/argon2|hash/i)
    expect((await call('guard', 'GET', '/people?cursor=____')).body.code).toBe('invalid_cursor')
    expect((await call('guard', 'GET', '/people?cursor=OTk5OTk5OTk5OTk5OTk5')).body.items).toEqual([])
  })
})

describe('bodies', () => {
  const input = {
    code: 'water',
    name: '水利局',
    tier: 'nation',
    translations: { en: { name: 'Water Bureau' } },
  }
  test('are made and changed by the system administrator, and found by everybody', async () => {
    const made = await call('system', 'POST', '/organisations', {
      ...input,
      creditCode: '91350100M000100Y43',
      parentUid: s.below.uid,
    })
    expect(made).toMatchObject({ status: 201, body: { code: 'water', parentUid: s.below.uid } })
    const page = await call(undefined, 'GET', '/organisations/water')
    expect(page.body).toMatchObject({
      uid: made.body.uid,
      children: 0,
      path: [{ code: 'root' }, { code: 'below' }],
    })
    const changed = await call('system', 'PATCH', '/organisations/water', {
      homepage: 'https://water.example',
      parentUid: null,
    })
    expect(changed.body).toMatchObject({
      homepage: 'https://water.example',
      parentUid: null,
      creditCode: '91350100M000100Y43',
    })
    expect((await call(undefined, 'GET', '/organisations?q=water')).body.items).toHaveLength(1)
    expect((await call(undefined, 'GET', '/organisations?q=100%25')).body.items).toEqual([])
    expect((await call(undefined, 'GET', '/organisations/tree')).body.items).toHaveLength(4)
    expect((await call('steward', 'POST', '/organisations', input)).status).toBe(403)
    expect((await call(undefined, 'GET', '/organisations/none')).status).toBe(404)
  })
  test('every fault is told at once; a wrong check digit is an error', async () => {
    const bad = await call('system', 'POST', '/organisations', {
      ...input,
      code: 'x',
      creditCode: '91350211M0000XUF46',
      parentUid: uid.fresh,
    })
    expect(bad.status).toBe(422)
    expect(bad.body.faults.map((f: { rule: string }) => f.rule)).toEqual(['check_digit', 'unknown'])
    expect((await call('system', 'POST', '/organisations', input)).body.code).toBe('conflict')
    expect((await call('system', 'POST', '/organisations', { ...input, code: 'y', extra: 1 })).status).toBe(
      400,
    )
    expect((await call('system', 'PATCH', '/organisations/water', {})).status).toBe(400)
    expect((await call('system', 'PATCH', '/organisations/water', { code: 'other' })).status).toBe(400)
    const nul = await call('system', 'POST', '/organisations', { ...input, code: 'z', name: 'a\u0000b' })
    expect(nul.body).toMatchObject({ code: 'invalid_request', faults: [{ path: 'body/name', rule: 'text' }] })
  })
})

test('every route that writes leaves an event of its action', async () => {
  const id = await s.person('written', ['steward'])
  const who = { system: 'system', guard: 'guard', own: 'steward' }
  const token = await call(who.own, 'POST', '/tokens', {
    name: 'x',
    scopes: ['dataset:create'],
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
  })
  const requests: Record<string, [string | undefined, string, object?]> = {
    'POST /api/v1/session': [undefined, '/session', { login: 'guard', password }],
    'POST /api/v1/organisations': [
      who.system,
      '/organisations',
      { code: 'written', name: 'w', tier: 'nation' },
    ],
    'PATCH /api/v1/organisations/:uid': [who.system, '/organisations/written', { name: 'W' }],
    'POST /api/v1/people': [who.system, '/people', { login: 'w2', name: 'w', organisationUid: s.below.uid }],
    'PATCH /api/v1/people/:uid': [who.system, `/people/${id.uid}`, { name: 'W' }],
    'PUT /api/v1/people/:uid/disabled': [who.system, `/people/${id.uid}/disabled`, { disabled: true }],
    'PUT /api/v1/people/:uid/password': [who.system, `/people/${id.uid}/password`, { password }],
    'PUT /api/v1/people/:uid/roles/:role': [who.guard, `/people/${id.uid}/roles/viewer`],
    'DELETE /api/v1/people/:uid/roles/:role': [who.guard, `/people/${id.uid}/roles/viewer`],
    'POST /api/v1/tokens': [
      who.own,
      '/tokens',
      { name: 'y', scopes: ['search:read'], expiresAt: new Date(Date.now() + 60_000).toISOString() },
    ],
    'DELETE /api/v1/tokens/:uid': [who.own, `/tokens/${token.body.uid}`],
    'DELETE /api/v1/session': [who.own, '/session'],
  }
  const writing = s.app.guardedRoutes.filter((r) => !/GET|HEAD|OPTIONS/.test(r.method))
  expect(writing.map((r) => `${r.method} ${r.url}`).sort()).toEqual(Object.keys(requests).sort())
  for (const [route, [caller, url, body]] of Object.entries(requests)) {
    const { action } = writing.find((r) => `${r.method} ${r.url}` === route)!
    const count = async () =>
      (
        await s.database.pool.query(
          `select count(*)::int as n from security.audit_intake where action = $1 and decision = 'allow' and request_id is not null`,
          [action],
        )
      ).rows[0].n
    const before = await count()
    const answer = await call(caller, route.split(' ')[0] as 'POST', url, body)
    expect([route, answer.status < 300]).toEqual([route, true])
    expect([route, (await count()) - before]).toEqual([route, 1])
  }
})

test('every write left its event, with who, what and on whom, and the auditor reads it', async () => {
  const { rows } = await s.database.pool.query('select * from security.audit_intake order by seq')
  const seen = new Set(rows.filter((r) => r.decision === 'allow' && r.request_id).map((r) => r.action))
  for (const action of [
    'session:create',
    'person:create',
    'person:disable',
    'password:set',
    'role:grant',
    'organisation:create',
    'organisation:update',
  ])
    expect(seen).toContain(action)
  const grant = rows.find((r) => r.action === 'role:grant' && r.actor_id === uid.guard)
  expect(grant).toMatchObject({ object_kind: 'person', object_id: uid.fresh, decision: 'allow' })
  expect(JSON.parse(grant.detail)).toMatchObject({ role: 'steward', granted: true })
  expect(JSON.stringify(rows)).not.toContain(password)
})
