import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packagesOf, portalOf, sourceKit } from '../../../test/support/source-kit.ts'
import { type App, createHttp } from '../../platform/http.ts'
import { createLogger } from '../../platform/log.ts'
import { type Actor, findOrganisation, type Role } from '../../security/index.ts'
import { importSchemas } from '../import.schema.ts'
import { harvestRunRoutes } from './run.routes.ts'
import { remoteOf } from './runner.ts'
import { startDue } from './source.jobs.ts'
import { selectSourceByName } from './source.queries.ts'
import { sourceRoutes } from './source.routes.ts'
import { sourceSchemas } from './source.schema.ts'

const kit = sourceKit()
let app: App
let who: Actor

const as = async (code: string, ...roles: Role[]) => {
  const body = await findOrganisation(kit.db(), { code })
  who = {
    kind: 'person',
    personId: null,
    uid: null,
    name: `${roles.join()} of ${code}`,
    organisationId: body!.id,
    roles,
    scopes: null,
  }
}

beforeAll(async () => {
  app = await createHttp({ log: createLogger('silent'), version: '0' })
  app.decorateRequest('actor', null as never)
  app.addHook('onRequest', async (request) => {
    request.actor = who
  })
  for (const schema of [...importSchemas, ...sourceSchemas]) app.addSchema(schema)
  const options = { ...kit.node(), runner: kit.runner() }
  sourceRoutes(app, options)
  harvestRunRoutes(app, options)
  await app.ready()
})
afterAll(() => app?.close())

const call = async (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: object,
  headers = {},
) => {
  const answer = await app.inject({ method, url: `/api/v1${url}`, payload, headers })
  return {
    status: answer.statusCode,
    text: answer.body,
    body: answer.body ? answer.json() : null,
    headers: answer.headers,
  }
}

const input = (name: string, more: object = {}) => {
  const url = `http://${name}.example/`
  if (!kit.portals.has(url)) kit.portals.set(url, portalOf(packagesOf(10)))
  return { name, title: `Portal ${name}`, kind: 'ckan', url, ...more }
}

describe('a source', () => {
  test('belongs to the body of whoever made it; others below do not see it', async () => {
    await as('nation', 'steward')
    const made = await call('POST', '/sources', input('wells'))
    expect(made).toMatchObject({
      status: 201,
      headers: { etag: '"v2"' },
      body: { organisation: 'nation', publish: false },
    })
    await as('city', 'steward')
    expect((await call('GET', '/sources')).body.items).toEqual([])
    for (const [method, url] of [
      ['GET', `/sources/${made.body.uid}`],
      ['POST', `/sources/${made.body.uid}/run`],
      ['GET', `/sources/${made.body.uid}/runs`],
      ['DELETE', `/sources/${made.body.uid}?entries=keep`],
    ] as const)
      expect((await call(method, url)).body.code, url).toBe('forbidden')
    expect((await call('POST', '/sources', input('upward', { organisation: 'nation' }))).body.code).toBe(
      'forbidden',
    )
    expect((await call('POST', '/sources', input('wells'))).body.code).toBe('conflict')
    await as('nation', 'viewer')
    expect((await call('GET', '/sources')).body.items).toHaveLength(1)
  })

  test('is changed from the version that was read, and only so', async () => {
    await as('nation', 'steward')
    const { body } = await call('POST', '/sources', input('locks'))
    const { name: _, ...change } = input('locks', { title: 'Locks' })
    const url = `/sources/${body.uid}`
    expect((await call('PUT', url, change)).body.code).toBe('etag_required')
    const saved = await call('PUT', url, change, { 'if-match': `"v${body.version}"` })
    expect(saved).toMatchObject({ status: 200, body: { title: 'Locks', version: body.version + 1 } })
    expect(await call('PUT', url, change, { 'if-match': `"v${body.version}"` })).toMatchObject({
      status: 412,
      body: { code: 'stale', changedBy: 'steward of nation' },
    })
  })

  test('has a key that is kept sealed and never told, and goes with a new address only when entered again', async () => {
    await as('nation', 'steward')
    const secret = 'tok-3b1c-secret'
    const made = await call('POST', '/sources', input('keys', { token: secret }))
    expect(made.body.hasToken).toBe(true)
    const row = (await selectSourceByName(kit.db(), 'keys'))!
    expect((await remoteOf(kit.node(), row)).authorization).toBe(secret)
    const answers = [made, await call('GET', `/sources/${made.body.uid}`), await call('GET', '/sources')]
    for (const { text } of answers) expect(text).not.toContain(secret)
    const kept = await kit.query(
      `select s::text as all from harvest.source s union all select a::text from security.audit_intake a`,
    )
    expect(JSON.stringify(kept)).not.toContain(secret)
    // The test of another address must not carry the key there.
    const sent: (string | undefined)[] = []
    const open = kit.node().open
    kit.node().open = (source, options) => {
      sent.push(source.authorization)
      return open(source, options)
    }
    kit.portals.set('http://elsewhere.example/', portalOf([]))
    // Routes have their own copy of the node: asked through the rule itself.
    const { testSource } = await import('./preview.ts')
    await testSource(kit.node(), who, { kind: 'ckan', url: made.body.url }, made.body.uid)
    await testSource(kit.node(), who, { kind: 'ckan', url: 'http://elsewhere.example/' }, made.body.uid)
    kit.node().open = open
    expect(sent).toEqual([secret, undefined])
  })

  test('a source that changes its address loses its key', async () => {
    const row = (await selectSourceByName(kit.db(), 'keys'))!
    const change = { title: 'Keys', kind: 'ckan', url: 'http://elsewhere.example/' }
    const moved = await call('PUT', `/sources/${row.uid}`, change, { 'if-match': `"v${row.version}"` })
    expect(moved.body).toMatchObject({ hasToken: false })
  })

  test('bad settings are refused with their place', async () => {
    await as('nation', 'steward')
    for (const more of [
      { url: 'ftp://a.example' },
      { schedule: 'daily 25:00' },
      { guardShare: 2 },
      { kind: 'oai' },
      { name: '../../x' },
      { limits: { pages: 0 } },
    ]) {
      const { status, body } = await call('POST', '/sources', { ...input('bad'), ...more })
      expect([status, body.faults?.[0]?.path], JSON.stringify(more)).toEqual([
        400,
        expect.stringContaining('body'),
      ])
    }
    const table = await call('POST', '/sources', input('table', { kind: 'csv', active: true }))
    expect(table.body).toMatchObject({ code: 'invalid_content', faults: [{ path: '/mapping' }] })
  })
})

describe('what a source may write', () => {
  test('is what its body may: a record of another body is rejected, whatever the mapping says', async () => {
    await as('city', 'steward')
    const mapping = { name: 'm', format: 'ckan', bodyFrom: { from: '/owner' } }
    kit.portals.set(
      'http://reach.example/',
      portalOf([
        { id: 'own', title: 'Own', owner: 'city' },
        { id: 'above', title: 'Above', owner: 'nation' },
      ]),
    )
    const { body: source } = await call('POST', '/sources', input('reach', { mapping }))
    const run = await kit.run(source)
    expect(run.counts).toMatchObject({ added: 1, rejected: 1 })
    expect((await kit.report(run, 'rejected'))[0]!.faults[0]).toMatchObject({ rule: 'forbidden' })
  })
})

describe('runs over the API', () => {
  test('are started, read and listed; the test of a source writes nothing', async () => {
    await as('nation', 'steward')
    const { body: source } = await call('POST', '/sources', input('rivers'))
    const tested = await call('POST', '/sources/test', { kind: 'ckan', url: source.url })
    expect(tested.body).toMatchObject({ total: 10, faults: [] })
    expect(tested.body.records).toHaveLength(10)
    expect(await kit.entries('rivers')).toEqual([])
    const started = await call('POST', `/sources/${source.uid}/run`)
    expect(started.status).toBe(202)
    await kit.runner().idle()
    expect((await call('GET', `/harvest-runs/${started.body.uid}`)).body).toMatchObject({
      state: 'done',
      counts: { added: 10 },
    })
    expect((await call('GET', `/sources/${source.uid}/runs`)).body.items).toHaveLength(1)
    expect((await call('POST', `/harvest-runs/${started.body.uid}/resume`)).body.code).toBe('conflict')
    expect((await call('GET', `/sources/${source.uid}`)).body.lastRun.state).toBe('done')
  })

  test('a source is removed with its entries in a run of its own, or without', async () => {
    await as('nation', 'steward')
    const source = await kit.add('leaving', portalOf(packagesOf(30)))
    await kit.run(source)
    const removal = await call('DELETE', `/sources/${source.uid}?entries=retire`)
    expect(removal).toMatchObject({ status: 202, body: { task: 'removal' } })
    await kit.runner().idle()
    expect((await kit.entries('leaving')).map((e) => e.state)).toEqual(Array(30).fill('retired'))
    expect((await call('GET', `/sources/${source.uid}`)).status).toBe(404)
    const stays = await kit.add('staying', portalOf(packagesOf(3)))
    await kit.run(stays)
    expect((await call('DELETE', `/sources/${stays.uid}?entries=keep`)).status).toBe(204)
    expect((await kit.entries('staying')).map((e) => e.state)).toEqual([
      'published',
      'published',
      'published',
    ])
  })

  test('a source that is due is started once, and due again at its next time', async () => {
    const source = await kit.add('timely', portalOf(packagesOf(5)), { schedule: 'daily 03:00', active: true })
    const due = new Date(Date.parse(source.nextRunAt!) + 1_000)
    const started = await Promise.all([
      startDue(kit.db(), kit.profile, due),
      startDue(kit.db(), kit.profile, due),
    ])
    expect(started[0]! + started[1]!).toBe(1)
    await kit.runner().idle()
    const { lastRun, nextRunAt } = (await call('GET', `/sources/${source.uid}`)).body
    expect(lastRun).toMatchObject({ state: 'done', createdBy: 'schedule' })
    expect(Date.parse(nextRunAt) - Date.parse(source.nextRunAt!)).toBe(86_400_000)
  })
})
