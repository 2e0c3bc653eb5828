import { afterAll, beforeAll, expect, test } from 'vitest'
import type { App } from '../src/platform/http.ts'
import { sql } from '../src/platform/postgres.ts'
import { type Action, createOrganisation, createPerson, type Role, roles } from '../src/security/index.ts'
import { startTestNode, type TestNode } from './support/node.ts'
import { password, seeder, signInAs } from './support/security-app.ts'

/**
 * Walks every route with every role. The table says in plain words who may come in where; it is written by hand,
 * so that a change of a policy is a change here too. What is allowed on which object is tested with the rules.
 */
type Who = 'everybody' | 'signed in' | Role[]
const editors: Role[] = ['steward', 'department_reviewer', 'data_office_reviewer']
/** Who keeps harvested sources. */
const keepers: Role[] = ['steward', 'data_office_reviewer']
const table: Record<Action, Who> = {
  'public:read': 'everybody',
  'figure:read': 'everybody',
  'search:read': 'everybody',
  'dataset:read': 'everybody',
  'organisation:read': 'everybody',
  'session:create': 'everybody',
  'session:read': 'everybody',
  'session:delete': 'everybody',
  'token:create': 'signed in',
  'token:read': 'signed in',
  'token:revoke': 'signed in',
  'password:set': 'signed in',
  'notice:read': 'signed in',
  'notice:update': 'signed in',
  'dataset:read-draft': [...editors, 'viewer'],
  'dataset:create': editors,
  'dataset:update': editors,
  'dataset:publish': ['data_office_reviewer'],
  'dataset:retire': ['data_office_reviewer'],
  'dataset:restore': editors,
  'dataset:import': editors,
  'review:submit': editors,
  'review:withdraw': editors,
  'review:decide': ['department_reviewer', 'data_office_reviewer'],
  'review:read': [...editors, 'viewer'],
  'import:create': editors,
  'import:read': [...editors, 'viewer', 'system_admin'],
  'import:stop': [...editors, 'system_admin'],
  'source:read': [...editors, 'viewer', 'system_admin'],
  'source:create': keepers,
  'source:update': keepers,
  'source:run': keepers,
  'source:decide': keepers,
  'source:delete': keepers,
  'source:register': ['system_admin'],
  'coverage:declare': ['data_office_reviewer'],
  'reuse:read': [...editors, 'viewer'],
  'reuse:decide': editors,
  'reuse:run': ['data_office_reviewer'],
  'table:read': [...editors, 'viewer'],
  'table:rows': keepers,
  'table:collect': keepers,
  'search:rebuild': ['system_admin'],
  'organisation:create': ['system_admin'],
  'organisation:update': ['system_admin'],
  'person:read': ['system_admin', 'security_admin', 'audit_admin'],
  'person:create': ['system_admin'],
  'person:update': ['system_admin'],
  'person:disable': ['system_admin', 'security_admin'],
  'role:grant': ['security_admin'],
  'audit:read': ['audit_admin'],
  'audit:verify': ['audit_admin'],
  'metrics:read': ['system_admin'],
}
const callers = ['the public', 'nobody special', ...roles] as const
type Caller = (typeof callers)[number]

let node: TestNode
let app: App
const headers = new Map<Caller, Record<string, string>>()

beforeAll(async () => {
  node = await startTestNode()
  app = node.app
  const body = await createOrganisation(node.db, seeder, { code: 'body', name: 'Body', tier: 'nation' })
  headers.set('the public', {})
  for (const caller of callers.slice(1)) {
    const login = caller.replaceAll(/[ _]/g, '.')
    const granted = caller === 'nobody special' ? [] : [caller as Role]
    await createPerson(node.db, seeder, {
      login,
      name: login,
      organisationUid: body.uid,
      password,
      roles: granted,
    })
    headers.set(caller, await signInAs(app, login))
  }
})
afterAll(() => node?.close())

const may = (caller: Caller, who: Who) =>
  who === 'everybody' || (who === 'signed in' ? caller !== 'the public' : (who as string[]).includes(caller))

/** An address of the route: no object has these names, so what is let in changes nothing. */
const addressOf = (url: string) =>
  url
    .replaceAll(/:role\b/g, 'viewer')
    .replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000')
    .replaceAll('*', 'none')

const isCkan = (url: string) => /^\/api\/(3\/)?action\//.test(url)

/** Asks with a body that no route reads: what passes the guards ends there, before anything is done. */
const ask = (method: string, url: string, sent: Record<string, string>) =>
  app.inject({
    method: method as 'GET',
    url: addressOf(url),
    headers: {
      ...sent,
      ...(/GET|HEAD|OPTIONS/.test(method) ? {} : { 'content-type': 'application/x-none' }),
    },
    ...(/GET|HEAD|OPTIONS/.test(method) ? {} : { payload: 'none' }),
    remoteAddress: '192.0.2.1',
  })

test('every route names an action of the table', () => {
  expect(app.guardedRoutes.length).toBeGreaterThan(25)
  for (const route of app.guardedRoutes)
    expect(Object.keys(table), `${route.method} ${route.url}`).toContain(route.action)
})

test.each(callers)(
  '%s comes in where the table says, and nowhere else',
  async (caller) => {
    const wrong: string[] = []
    for (const { method, url, action } of app.guardedRoutes) {
      const answer = await ask(method, url, headers.get(caller)!)
      const refused = answer.statusCode === 401 || answer.statusCode === 403
      const expected = may(caller, table[action as Action])
      if (refused === expected) wrong.push(`${method} ${url} (${action}): ${answer.statusCode}`)
      if (refused && method !== 'HEAD') {
        // Clients of CKAN's API read CKAN's words.
        const told = isCkan(url) ? answer.json().error?.__type : answer.json().code
        const code = isCkan(url)
          ? 'Authorization Error'
          : caller === 'the public'
            ? 'not_signed_in'
            : 'forbidden'
        if (told !== code) wrong.push(`${method} ${url}: ${told}, not ${code}`)
      }
    }
    expect(wrong).toEqual([])
  },
  120_000,
)

test('a token does nothing beyond its scopes but what is public', async () => {
  const made = await app.inject({
    method: 'POST',
    url: '/api/v1/tokens',
    headers: headers.get('system_admin')!,
    payload: {
      name: 'narrow',
      scopes: ['organisation:create'],
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    },
  })
  const sent = { authorization: `Bearer ${made.json().token}` }
  const wrong: string[] = []
  for (const { method, url, action } of app.guardedRoutes) {
    if (action === 'session:create') continue
    const refused = [401, 403].includes((await ask(method, url, sent)).statusCode)
    const expected = table[action as Action] === 'everybody' || action === 'organisation:create'
    if (refused === expected) wrong.push(`${method} ${url} (${action})`)
  }
  expect(wrong).toEqual([])
}, 120_000)

test('refusals are in the audit log', async () => {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (select decision, object_kind from security.audit_intake
      union all select decision, object_kind from security.audit_event) e
    where decision = 'deny' and object_kind = 'route'`.execute(node.db)
  expect(rows[0]!.n).toBeGreaterThan(50)
})

test('the OpenAPI document says of every operation how a caller shows who they are', async () => {
  const document = (await app.inject({ url: '/api/openapi.json' })).json() as {
    components: { securitySchemes: Record<string, unknown> }
    paths: Record<string, Record<string, { security?: Record<string, string[]>[] }>>
  }
  const schemes = Object.keys(document.components.securitySchemes)
  expect(schemes.sort()).toEqual(['csrf', 'session', 'token'])
  const wrong: string[] = []
  for (const { method, url, action } of app.guardedRoutes) {
    const operation = document.paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    if (!operation) continue
    const anybody = !operation.security || operation.security.length === 0
    const choices = operation.security ?? []
    const open = anybody || choices.some((c) => Object.keys(c).length === 0)
    if (open !== (table[action as Action] === 'everybody')) wrong.push(`${method} ${url}`)
    if (action !== 'public:read' && !choices.some((c) => 'token' in c))
      wrong.push(`${method} ${url}: no token`)
    for (const c of choices)
      if ('session' in c && 'csrf' in c === (method === 'GET')) wrong.push(`${method} ${url}: csrf`)
  }
  expect(wrong).toEqual([])
  expect(document.paths['/api/v1/people']!.post!.security).toEqual([{ token: [] }, { session: [], csrf: [] }])
})

test('the metrics tell of the audit log and of child processes', async () => {
  const answer = await app.inject({ url: '/metrics', headers: headers.get('system_admin')! })
  expect(answer.body).toMatch(/^concord_audit_backlog \d+$/m)
  expect(answer.body).toMatch(/^concord_child_restarts\{child="[^"]+"\} 0$/m)
})
