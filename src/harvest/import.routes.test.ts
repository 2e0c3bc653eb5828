import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { type App, createHttp } from '../platform/http.ts'
import { createLogger } from '../platform/log.ts'
import { loadProfile } from '../platform/profile.ts'
import { type Actor, createOrganisation, reloadOrganisationTree, systemActor } from '../security/index.ts'
import { withSourceLock } from './import.queries.ts'
import { importRoutes } from './import.routes.ts'
import { importSchemas } from './import.schema.ts'
import { createImportRunner, type ImportRunner } from './import-runner.ts'
import { spoolUpload } from './import-spool.ts'

const log = createLogger('silent')
let database: TestDatabase
let dataDir: string
let app: App
let runner: ImportRunner
let actor: Actor
let other: Actor

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = mkdtempSync(join(tmpdir(), 'concord-routes-'))
  const { db } = database
  const seeder = systemActor('test')
  const root = await createOrganisation(db, seeder, { code: 'water', name: 'Water', tier: 'nation' })
  const beside = await createOrganisation(db, seeder, { code: 'roads', name: 'Roads', tier: 'nation' })
  await reloadOrganisationTree(db)
  const person = (organisationId: number): Actor => ({
    kind: 'person',
    personId: null,
    uid: null,
    name: 'S',
    organisationId,
    roles: ['steward', 'data_office_reviewer', 'department_reviewer'],
    scopes: null,
  })
  actor = person(root.id)
  other = person(beside.id)
  const profile = loadProfile('neutral')
  app = await createHttp({ log, version: '0' })
  runner = createImportRunner({ db, profile, dataDir, log })
  app.decorateRequest('actor', null as never)
  app.addHook('onRequest', async (request) => {
    request.actor = request.headers['x-other'] ? other : actor
  })
  for (const schema of importSchemas) app.addSchema(schema)
  await app.register(async (scope) => importRoutes(scope as App, { db, profile, dataDir, runner }))
  await app.ready()
})
afterAll(async () => {
  await runner?.close()
  await app?.close()
  await database?.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

const call = async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object, headers = {}) => {
  const answer = await app.inject({ method, url: `/api/v1/imports${url}`, payload, headers })
  return {
    status: answer.statusCode,
    body: String(answer.headers['content-type']).includes('json;') ? answer.json() : answer.body,
    headers: answer.headers,
  }
}

async function upload(name: string, content: string) {
  const boundary = 'xxBOUNDARYxx'
  const payload = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: text/plain\r\n\r\n${content}\r\n--${boundary}--\r\n`
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/imports',
    payload,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  })
  return { status: answer.statusCode, body: answer.json() }
}

const table = '编号,名称,摘要\n1,=cmd|calc,甲\n2,道路,乙\n2,道路二,丙\n3,,丁\n'

test('upload, preview, start, progress, records, reports', async () => {
  const { status, body: run } = await upload('清单.csv', table)
  expect(status).toBe(201)
  expect(run).toMatchObject({
    state: 'uploaded',
    format: 'csv',
    fileName: '清单.csv',
    fileSize: Buffer.byteLength(table),
  })

  const preview = await call('POST', '/preview', { uid: run.uid })
  expect(preview.status).toBe(200)
  expect(preview.body).toMatchObject({
    encoding: 'utf-8',
    delimiter: ',',
    columns: ['编号', '名称', '摘要'],
    mapping: { identifier: { from: '编号' }, fields: { title: { from: '名称' } } },
    faults: [],
  })
  expect(preview.body.records).toHaveLength(4)
  expect(preview.body.records[1]).toMatchObject({
    identifier: '2',
    title: '道路',
    content: { body: 'water' },
    faults: [],
  })
  expect(preview.body.records[3].faults).not.toEqual([])
  expect(preview.body.records[1].warnings).toMatchObject([
    {
      path: '/sharingType',
      rule: 'sharing_assumed',
      message: expect.stringContaining('"conditional" is taken'),
    },
    { path: '/openType', rule: 'sharing_assumed', message: expect.stringContaining('"not_open" is taken') },
  ])

  const started = await call('POST', `/${run.uid}/start`, { mapping: preview.body.mapping, source: 'list' })
  expect(started).toMatchObject({ status: 202, body: { state: 'queued', source: 'list' } })
  await runner.idle()
  const done = await call('GET', `/${run.uid}`)
  expect(done.body).toMatchObject({
    state: 'done',
    counts: { read: 4, added: 2, rejected: 2, unchanged: 0, changed: 0, gone: 0 },
    progress: { share: 1 },
    error: null,
  })
  expect(readdirSync(join(dataDir, 'imports'))).toEqual([])

  const first = await call('GET', `/${run.uid}/records?limit=3`)
  expect(first.body.items).toHaveLength(3)
  const rest = await call('GET', `/${run.uid}/records?limit=3&cursor=${first.body.next}`)
  expect([...first.body.items, ...rest.body.items].map((r: { place: string }) => r.place)).toEqual([
    'line 2',
    'line 3',
    'line 4',
    'line 5',
    // Of the file as a whole: what was assumed about sharing.
    '',
  ])
  expect(rest.body.next).toBeNull()
  const rejected = await call('GET', `/${run.uid}/records?outcome=rejected`)
  expect(rejected.body.items.map((r: { faults: { rule: string }[] }) => r.faults[0]!.rule)[0]).toBe(
    'duplicate_identifier',
  )

  const csv = await call('GET', `/${run.uid}/report.csv`)
  expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
  expect(csv.body).toContain(`line 2,1,'=cmd|calc,added,`)
  const jsonl = await call('GET', `/${run.uid}/report.jsonl`)
  expect((jsonl.body as string).trim().split('\n')).toHaveLength(5)

  expect((await call('POST', `/${run.uid}/start`, {})).status).toBe(409)
  expect((await call('GET', '?limit=1')).body.items[0].uid).toBe(run.uid)
})

test('of somebody who may not publish makes drafts, and says so before and after', async () => {
  const roles = actor.roles
  actor.roles = ['steward']
  try {
    const { uid } = (await upload('drafts.jsonl', '{"id":"d1","title":"Wells"}')).body
    const mapping = {
      name: 'drafts',
      format: 'jsonl',
      identifier: { from: 'id' },
      fields: { title: { from: 'title' }, updateCycle: { const: 'yearly' } },
    }
    expect((await call('POST', '/preview', { uid, mapping })).body).toMatchObject({ mayPublish: false })
    const started = await call('POST', `/${uid}/start`, { mapping, source: 'drafts', publish: true })
    expect(started.body).toMatchObject({ publish: false })
    await runner.idle()
    const { items } = (await call('GET', `/${uid}/records`)).body
    expect(items, JSON.stringify(items)).toMatchObject([{ outcome: 'added' }, { outcome: 'note' }])
    expect(items[1].faults.map((f: { rule: string }) => f.rule)).toContain('drafts')
    const { rows } = await database.pool.query(`select state from catalog.dataset where source = 'drafts'`)
    expect(rows).toEqual([{ state: 'draft' }])
  } finally {
    actor.roles = roles
  }
})

test('another body sees and stops nothing of it', async () => {
  const { body: run } = await upload('x.csv', table)
  const headers = { 'x-other': '1' }
  expect((await call('GET', '', undefined, headers)).body.items).toEqual([])
  expect((await call('GET', `/${run.uid}`, undefined, headers)).status).toBe(403)
  expect((await call('POST', `/${run.uid}/stop`, undefined, headers)).status).toBe(403)
  const stopped = await call('POST', `/${run.uid}/stop`)
  expect(stopped.body.state).toBe('stopped')
})

test('a run left by a former process is taken up', async () => {
  const { body: run } = await upload('left.csv', table.replaceAll('道路', '桥梁'))
  const mapping = (await call('POST', '/preview', { uid: run.uid })).body.mapping
  await database.pool.query(
    `update harvest.import_run set state = 'running', epoch = 7, source = 'left', mapping = $2, started_at = now() where uid = $1`,
    [run.uid, JSON.stringify(mapping)],
  )
  await runner.resume()
  await runner.idle()
  expect((await call('GET', `/${run.uid}`)).body).toMatchObject({ state: 'done', counts: { added: 2 } })
})

describe('a run whose process was killed after somebody asked to stop', () => {
  async function abandoned(source: string) {
    const { body: run } = await upload(`${source}.csv`, table.replaceAll('道路', source))
    const mapping = (await call('POST', '/preview', { uid: run.uid })).body.mapping
    await database.pool.query(
      `update harvest.import_run set state = 'running', stop_requested = true, epoch = 3, source = $2, mapping = $3,
        started_at = now() where uid = $1`,
      [run.uid, source, JSON.stringify(mapping)],
    )
    return run.uid as string
  }

  test('is stopped at the next start, and goes on when it is started', async () => {
    const uid = await abandoned('halted')
    await runner.resume()
    await runner.idle()
    expect((await call('GET', `/${uid}`)).body).toMatchObject({ state: 'stopped', stopRequested: false })
    expect((await call('POST', `/${uid}/start`, {})).status).toBe(202)
    await runner.idle()
    expect((await call('GET', `/${uid}`)).body).toMatchObject({ state: 'done', counts: { added: 2 } })
  })

  test('can be started at once where another process lives on', async () => {
    const uid = await abandoned('started')
    expect((await call('POST', `/${uid}/start`, {})).status).toBe(202)
    await runner.idle()
    expect((await call('GET', `/${uid}`)).body).toMatchObject({ state: 'done', counts: { added: 2 } })
  })

  test('is stopped at once by asking again; one that is at work is not', async () => {
    const uid = await abandoned('asked')
    await withSourceLock(database.db, 'asked', async () => {
      expect((await call('POST', `/${uid}/stop`)).body).toMatchObject({
        state: 'running',
        stopRequested: true,
      })
      expect((await call('POST', `/${uid}/start`, {})).status).toBe(409)
    })
    expect((await call('POST', `/${uid}/stop`)).body).toMatchObject({
      state: 'stopped',
      stopRequested: false,
    })
  })
})

test('mappings: those of the project, saved ones, and faults by place', async () => {
  const names = async () =>
    (await call('GET', '/mappings')).body.items.map((m: { mapping: { name: string } }) => m.mapping.name)
  expect(await names()).toContain('official-sources')
  const mapping = { name: 'mine', format: 'csv', identifier: { from: 'a' }, fields: { title: { from: 'b' } } }
  expect((await call('PUT', '/mappings/mine', mapping)).status).toBe(200)
  expect(await names()).toContain('mine')
  expect((await call('PUT', '/mappings/portals', { ...mapping, name: 'portals' })).status).toBe(409)
  const wrong = await call('PUT', '/mappings/mine', { name: 'mine', format: 'csv' })
  expect(wrong).toMatchObject({ status: 422, body: { code: 'invalid_content' } })
  expect(wrong.body.faults.map((f: { path: string }) => f.path)).toEqual(['/fields/title', '/identifier'])
})

test('an upload that breaks off is told so, and nothing is left of it', async () => {
  const before = readdirSync(join(dataDir, 'imports')).length
  const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"'
  for (const payload of [`${head}\r\n\r\n编号,名称\n1,`, `${head}\r\n`, '--x', 'no multipart at all', '']) {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/imports',
      payload,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    })
    expect([payload, answer.statusCode, answer.json().code]).toEqual([payload, 400, 'invalid_request'])
  }
  expect(readdirSync(join(dataDir, 'imports'))).toHaveLength(before)
})

test('no file, an empty file, a wrong cursor', async () => {
  expect((await call('POST', '', {})).status).toBe(415)
  expect((await upload('x.csv', '')).status).toBe(400)
  expect((await call('GET', '?cursor=zzzz')).body.code).toBe('invalid_cursor')
  expect((await call('GET', '/00000000-0000-4000-8000-000000000000')).status).toBe(404)
})

test('a full disk is told, and nothing is left', async () => {
  const full = () =>
    new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
      },
    })
  const upload = Readable.from([Buffer.alloc(1000), Buffer.alloc(1000)])
  await expect(spoolUpload(upload, dataDir, full)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('disk'),
  })
})
