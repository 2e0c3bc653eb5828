import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSecurityApp, type SecurityApp, seeder } from '../../test/support/security-app.ts'
import { type Child, startChild } from '../platform/supervise.ts'
import { callbackPath, safeReturn } from './oidc.ts'
import { createPerson } from './person.ts'
import { setPersonDisabled } from './person-access.ts'

const publicUrl = 'http://concord.test'
const secret = { clientId: 'concord', clientSecret: 'a secret of the test client' }
const quiet = { info() {}, warn: console.warn, error: console.error }
let provider: Child
let s: SecurityApp
const uid: Record<string, string> = {}

beforeAll(async () => {
  provider = startChild({
    name: 'oidc-provider',
    module: new URL('../../test/support/oidc-provider-process.ts', import.meta.url),
    env: { OIDC_TEST_CLIENT: JSON.stringify({ ...secret, redirectUri: publicUrl + callbackPath }) },
    log: quiet,
  })
  const { issuer } = (await provider.ready) as { issuer: string }
  s = await createSecurityApp({
    config: {
      publicUrl,
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: secret.clientId,
      OIDC_CLIENT_SECRET: secret.clientSecret,
      OIDC_LABEL: 'State sign-in',
    },
  })
  for (const login of ['mei', 'gone', 'twin1', 'twin2', 'unsure']) {
    const person = await createPerson(s.db, seeder, {
      login,
      name: login,
      email: `${login.startsWith('twin') ? 'twin' : login === 'mei' ? 'Mei' : login}@example.org`,
      organisationUid: s.below.uid,
      roles: ['viewer'],
    })
    uid[login] = person.uid
  }
})
afterAll(async () => {
  await s?.close()
  await provider?.stop()
})

const start = async (returnTo = '/workbench?tab=1') => {
  const answer = await s.app.inject({
    url: `/api/v1/session/oidc/start?returnTo=${encodeURIComponent(returnTo)}`,
  })
  const cookie = answer.cookies.find((c) => c.name === 'concord_oidc')!
  return { answer, address: answer.headers.location as string, cookie: `concord_oidc=${cookie.value}` }
}
const comeBack = (address: string, cookie: string) =>
  s.app.inject({ url: address.replace(publicUrl, ''), headers: cookie ? { cookie } : {} })

/** Does what a browser and a person do at the provider, until it sends the browser back to us. */
async function atProvider(address: string, name: string): Promise<string> {
  const jar = new Map<string, string>()
  let at = address
  let form: URLSearchParams | undefined
  for (let step = 0; step < 20; step++) {
    const answer = await fetch(at, {
      method: form ? 'POST' : 'GET',
      body: form,
      redirect: 'manual',
      headers: { cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; ') },
    })
    form = undefined
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(';')
      jar.set(pair!.slice(0, pair!.indexOf('=')), pair!.slice(pair!.indexOf('=') + 1))
    }
    const location = answer.headers.get('location')
    if (location) {
      at = new URL(location, at).href
      if (at.startsWith(publicUrl)) return at
      continue
    }
    const html = await answer.text()
    at = /action="([^"]+)"/.exec(html)?.[1] ?? at
    const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1]
    if (!prompt) throw new Error(`The provider shows no form: ${html.slice(0, 500)}`)
    form = new URLSearchParams(prompt === 'login' ? { prompt, login: name, password: 'x' } : { prompt })
  }
  throw new Error('The provider goes in circles')
}

async function signIn(name: string) {
  const { address, cookie } = await start()
  return comeBack(await atProvider(address, name), cookie)
}

test('the first time by verified e-mail, from then on by subject', async () => {
  const answer = await signIn('mei')
  expect(answer.statusCode).toBe(302)
  expect(answer.headers.location).toBe('/workbench?tab=1')
  const session = answer.cookies.find((c) => c.name === 'concord_session')!
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
  const state = await s.app.inject({
    url: '/api/v1/session',
    headers: { cookie: `concord_session=${session.value}` },
  })
  expect(state.json().actor).toMatchObject({ kind: 'person', uid: uid.mei, roles: ['viewer'] })
  await s.database.pool.query(`update security.person set email = null where login = 'mei'`)
  expect((await signIn('mei')).headers.location).toBe('/workbench?tab=1')
  const { rows } = await s.database.pool.query(
    `select detail from security.audit_intake where action = 'session:create' and object_id = $1`,
    [uid.mei],
  )
  expect(rows.map((r) => JSON.parse(r.detail).method)).toEqual(['oidc', 'oidc'])
})

test('the request has PKCE, state and nonce', async () => {
  const { address, answer } = await start()
  const query = new URL(address).searchParams
  expect(query.get('code_challenge_method')).toBe('S256')
  for (const name of ['code_challenge', 'state', 'nonce']) expect(query.get(name)!.length).toBeGreaterThan(40)
  expect(answer.cookies[0]).toMatchObject({ httpOnly: true, path: '/api/v1/session/oidc', maxAge: 600 })
})

describe('refused, and the page is told why', () => {
  const problem = async (answer: Awaited<ReturnType<typeof comeBack>>) => {
    expect(answer.statusCode).toBe(302)
    expect(answer.cookies.some((c) => c.name === 'concord_session')).toBe(false)
    return answer.headers.location
  }
  test('nobody here has this e-mail, two have it, or the provider does not vouch for it', async () => {
    for (const name of ['stranger', 'twin', 'unsure?'])
      expect([name, await problem(await signIn(name))]).toEqual([
        name,
        '/sign-in?problem=oidc_unknown_person',
      ])
  })
  test('a disabled account', async () => {
    await setPersonDisabled(s.db, seeder, uid.gone!, true)
    expect(await problem(await signIn('gone'))).toBe('/sign-in?problem=oidc_disabled')
  })
  test('an account that is bound to another subject', async () => {
    await s.database.pool.query(`update security.person set email = 'second@example.org' where login = 'mei'`)
    expect(await problem(await signIn('second'))).toBe('/sign-in?problem=oidc_unknown_person')
  })
  test('without the cookie, with one of another flow, with a forged one, with another state, twice', async () => {
    const { address, cookie } = await start()
    const back = await atProvider(address, 'mei')
    expect(await problem(await comeBack(back, ''))).toBe('/sign-in?problem=oidc_expired')
    const forged = cookie.replace(/\.[^.]+$/, '.AAAA')
    expect(await problem(await comeBack(back, forged))).toBe('/sign-in?problem=oidc_expired')
    const other = await start()
    expect(await problem(await comeBack(back, other.cookie))).toBe('/sign-in?problem=oidc_failed')
    const changed = back.replace(/state=[^&]+/, 'state=other')
    expect(await problem(await comeBack(changed, cookie))).toBe('/sign-in?problem=oidc_failed')
    expect((await comeBack(back, cookie)).headers.location).toBe('/workbench?tab=1')
    expect(await problem(await comeBack(back, cookie))).toBe('/sign-in?problem=oidc_failed')
  })
  test('the person said no at the provider', async () => {
    const { address, cookie } = await start()
    const state = new URL(address).searchParams.get('state')
    const no = `${publicUrl}${callbackPath}?error=access_denied&state=${state}`
    expect(await problem(await comeBack(no, cookie))).toBe('/sign-in?problem=oidc_failed')
  })
})

test('one comes back to paths of this site only', async () => {
  for (const bad of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:x',
    '',
    '/a\nb',
  ])
    expect([bad, safeReturn(bad)]).toEqual([bad, '/'])
  expect(safeReturn('/search?q=%E6%B0%B4')).toBe('/search?q=%E6%B0%B4')
})

test('the ways to sign in are told', async () => {
  const methods = (await s.app.inject({ url: '/api/v1/session/methods' })).json()
  expect(methods).toMatchObject({
    password: true,
    oidc: { label: 'State sign-in', start: '/api/v1/session/oidc/start' },
  })
})

test('a provider that does not answer is told as such, and asked again next time', async () => {
  const alone = await createSecurityApp({
    config: { publicUrl, OIDC_ISSUER: 'http://127.0.0.1:9', OIDC_CLIENT_ID: 'x' },
  })
  try {
    expect((await alone.app.inject({ url: '/api/v1/session/oidc/start' })).json().code).toBe('unavailable')
  } finally {
    await alone.close()
  }
})
