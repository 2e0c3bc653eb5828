import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSecurityApp, password, type SecurityApp, signInAs } from '../../test/support/security-app.ts'
import { systemActor } from './actor.ts'
import { grantRole } from './person-access.ts'

let s: SecurityApp
beforeAll(async () => {
  s = await createSecurityApp()
  await s.person('system', ['system_admin'])
  await s.person('guard', ['security_admin'])
})
afterAll(() => s.close())

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH'
const call = async (login: string, method: Method, url: string, payload?: object, secret?: string) => {
  const headers = await signInAs(s.app, login, secret)
  return s.app.inject({ method, url: `/api/v1${url}`, headers, payload })
}
const uidOf = async (login: string): Promise<string> => {
  const { rows } = await s.database.pool.query('select uid from security.person where login = $1', [login])
  return rows[0].uid
}
const rolesOf = async (login: string): Promise<string[]> =>
  (await call('guard', 'GET', `/people/${await uidOf(login)}`)).json().roles
const tokenOf = async (login: string): Promise<string> => {
  const expiresAt = new Date(Date.now() + 60_000).toISOString()
  const made = await call(login, 'POST', '/tokens', { name: 't', scopes: ['search:read'], expiresAt })
  return made.json().token
}
const works = async (token: string) =>
  (await s.app.inject({ url: '/api/v1/session', headers: { authorization: `Bearer ${token}` } }))
    .statusCode === 200

test('nobody moves themselves: a system administrator who is steward would reach further', async () => {
  const made = await s.person('both', ['system_admin', 'steward'], s.below.uid)
  const moved = await call('both', 'PATCH', `/people/${made.uid}`, { organisationUid: s.root.uid })
  expect(moved.statusCode).toBe(403)
  expect((await call('both', 'PATCH', `/people/${made.uid}`, { name: 'B' })).statusCode).toBe(200)
  const grown = await call('both', 'PATCH', '/organisations/beside', { parentUid: s.below.uid })
  expect(grown.statusCode).toBe(403)
  expect((await call('system', 'PATCH', '/organisations/beside', { parentUid: s.root.uid })).statusCode).toBe(
    200,
  )
  await call('system', 'PATCH', '/organisations/beside', { parentUid: null })
})

test('who is moved out of the body loses what was granted for it, and the log says so', async () => {
  const { uid } = await s.person('mover', ['steward', 'viewer'], s.root.uid)
  expect((await call('system', 'PATCH', `/people/${uid}`, { organisationUid: s.below.uid })).statusCode).toBe(
    200,
  )
  expect(await rolesOf('mover')).toEqual(['steward', 'viewer'])
  const moved = await call('system', 'PATCH', `/people/${uid}`, { organisationUid: s.root.uid })
  expect(moved.json().roles).toEqual([])
  const { rows } = await s.database.pool.query(
    `select count(*)::int as n from security.audit_intake
     where action = 'role:grant' and object_id = $1 and detail::json->>'reason' is not null`,
    [uid],
  )
  expect(rows[0].n).toBe(2)
})

test('who becomes an administrator signs in anew', async () => {
  const { uid } = await s.person('rising', ['steward'])
  const headers = await signInAs(s.app, 'rising')
  const token = await tokenOf('rising')
  const state = async () => (await s.app.inject({ url: '/api/v1/session', headers })).json().actor.kind
  await call('guard', 'PUT', `/people/${uid}/roles/viewer`)
  expect([await state(), await works(token)]).toEqual(['person', true])
  expect((await call('guard', 'PUT', `/people/${uid}/roles/audit_admin`)).statusCode).toBe(204)
  expect([await state(), await works(token)]).toEqual(['anonymous', false])
})

test('an administrator who sets another password ends sessions and tokens; one’s own change keeps the tokens', async () => {
  const { uid } = await s.person('owner', ['steward'])
  const token = await tokenOf('owner')
  const own = { currentPassword: password, password: 'four new words together' }
  expect((await call('owner', 'PUT', `/people/${uid}/password`, own)).statusCode).toBe(204)
  expect(await works(token)).toBe(true)
  const set = await call('system', 'PUT', `/people/${uid}/password`, { password: 'chosen by somebody else' })
  expect(set.statusCode).toBe(204)
  expect(await works(token)).toBe(false)
})

test('guesses at the present password are slowed and kept', async () => {
  const { uid } = await s.person('victim', [])
  const headers = await signInAs(s.app, 'victim')
  const guess = (currentPassword: string) =>
    s.app.inject({
      method: 'PUT',
      url: `/api/v1/people/${uid}/password`,
      headers,
      payload: { currentPassword, password: 'four new words together' },
    })
  const codes: number[] = []
  for (let i = 0; i < 6; i++) codes.push((await guess(`guess ${i}`)).statusCode)
  expect(codes).toEqual([422, 422, 422, 422, 422, 429])
  expect((await guess(password)).statusCode).toBe(429)
  const { rows } = await s.database.pool.query(
    `select count(*)::int as n from security.audit_intake where action = 'password:set' and decision = 'deny' and object_id = $1`,
    [uid],
  )
  expect(rows[0].n).toBe(5)
  await s.database.pool.query(`update security.sign_in_failure set at = at - interval '3 s'`)
  expect((await guess(password)).statusCode).toBe(204)
})

test('the program, too, makes no two administrators of one person', async () => {
  const { uid } = await s.person('single', ['system_admin'])
  await expect(grantRole(s.db, systemActor('test'), uid, 'audit_admin')).rejects.toMatchObject({
    code: 'separation_of_duties',
  })
})
