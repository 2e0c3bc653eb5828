import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CatalogApp,
  createCatalogApp,
  sampleContent,
  sampleRecord,
} from '../../test/support/catalog-app.ts'
import { getPerson, personActor } from '../security/index.ts'
import { publishDataset, upsertDatasets } from './index.ts'

type Headers = Record<string, string>
let s: CatalogApp
const as: Record<string, Headers> = {}
beforeAll(async () => {
  s = await createCatalogApp()
  as.steward = await s.signIn('steward', ['steward'], 'county')
  as.colleague = await s.signIn('colleague', ['steward'], 'county')
  as.province = await s.signIn('province', ['data_office_reviewer'], 'province')
  as.viewer = await s.signIn('viewer', ['viewer'], 'county')
  as.other = await s.signIn('other', ['steward'], 'other')
})
afterAll(() => s?.close())

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
async function call(
  who: string | null,
  method: Method,
  url: string,
  payload?: object,
  headers: Headers = {},
) {
  const answer = await s.app.inject({
    method,
    url: `/api/v1${url}`,
    headers: { ...(who ? as[who] : {}), ...headers },
    payload,
  })
  return {
    status: answer.statusCode,
    etag: answer.headers.etag as string,
    body: answer.body ? answer.json() : undefined,
  }
}
const create = async (more: Record<string, unknown> = {}, who = 'steward') => {
  const made = await call(who, 'POST', '/datasets', { content: sampleContent(more), reason: 'first' })
  expect([made.status, made.body.faults]).toEqual([201, undefined])
  return made.body.uid as string
}
const save = (who: string, uid: string, version: number, more: Record<string, unknown>) =>
  call(
    who,
    'PUT',
    `/datasets/${uid}`,
    { content: sampleContent(more), reason: `saved ${more.title}` },
    { 'if-match': `"v${version}"` },
  )
/** As the data office does with what comes from elsewhere; everything else is published by a review. */
const publish = async (uid: string) => {
  const actor = personActor(await getPerson(s.db, s.system.actor, 'province'))
  await publishDataset(s.db, { ...s.system, actor }, uid, { reason: 'go' })
  return call('province', 'GET', `/datasets/${uid}`)
}
const events = async () =>
  (
    await s.database.pool.query(
      `select payload from platform.outbox where topic = 'catalog.dataset' order by seq`,
    )
  ).rows.length
const audits = async (uid: string) =>
  (
    await s.database.pool.query(
      `select action from (select action, object_id, at from security.audit_intake union all
        select action, object_id, at from security.audit_event) a where object_id = $1 order by at`,
      [uid],
    )
  ).rows.map((r) => r.action)

test('from draft to published, changed, retired: every version with who, when and why', async () => {
  const uid = await create()
  expect((await call(null, 'GET', `/datasets/${uid}`)).status).toBe(404)
  expect((await call('viewer', 'GET', `/datasets/${uid}`)).body).toMatchObject({
    state: 'draft',
    version: 1,
    hasDraft: false,
  })
  const saved = await save('steward', uid, 1, { title: 'Second' })
  expect(saved).toMatchObject({
    status: 200,
    etag: '"v2"',
    body: { version: 2, content: { title: 'Second' } },
  })
  let seen = await events()
  expect((await publish(uid)).body).toMatchObject({
    state: 'published',
    version: 3,
    latestVersion: 3,
  })
  expect(await events()).toBe(++seen)
  const shown = await call(null, 'GET', `/datasets/${uid}`)
  expect(shown).toMatchObject({
    status: 200,
    etag: '"v3"',
    body: { content: { title: 'Second' }, body: { code: 'county' } },
  })
  expect(shown.body.publishedAt).toMatch(/^\d{4}-/)

  expect((await save('steward', uid, 3, { title: 'Third' })).body).toMatchObject({
    version: 4,
    hasDraft: true,
  })
  expect(await events()).toBe(seen)
  expect((await call(null, 'GET', `/datasets/${uid}`)).body).toMatchObject({
    hasDraft: false,
    latestVersion: 3,
    content: { title: 'Second' },
  })
  expect((await call(null, 'GET', `/datasets/${uid}?version=4`)).status).toBe(404)
  expect((await call('viewer', 'GET', `/datasets/${uid}?version=4`)).body).toMatchObject({
    content: { title: 'Third' },
    changedBy: 'Person steward',
  })
  expect((await publish(uid)).body).toMatchObject({ version: 5, content: { title: 'Third' } })
  expect(await events()).toBe(++seen)
  const retired = await call('province', 'POST', `/datasets/${uid}/retire`, { reason: 'law repealed' })
  expect(retired.body).toMatchObject({ state: 'retired', version: 6, changeReason: 'law repealed' })
  expect(await events()).toBe(++seen)
  expect((await call(null, 'GET', `/datasets/${uid}`)).body).toMatchObject({
    state: 'retired',
    content: { title: 'Third' },
  })

  const { versions } = (await call('steward', 'GET', `/datasets/${uid}/versions`)).body
  expect(
    versions.map((v: Record<string, unknown>) => [v.version, v.state, v.by, v.reason, v.current]),
  ).toEqual([
    [6, 'retired', 'Person province', 'law repealed', true],
    [5, 'published', 'Person province', 'go', false],
    [4, 'draft', 'Person steward', 'saved Third', false],
    [3, 'published', 'Person province', 'go', false],
    [2, 'draft', 'Person steward', 'saved Second', false],
    [1, 'draft', 'Person steward', 'first', false],
  ])
  const pages: number[][] = []
  for (let next: string | null = ''; next !== null; ) {
    const page: { versions: { version: number }[]; next: string | null } = (
      await call('steward', 'GET', `/datasets/${uid}/versions?limit=1${next && `&cursor=${next}`}`)
    ).body
    pages.push(page.versions.map((v) => v.version))
    next = page.next
  }
  expect(pages).toEqual(versions.map((v: { version: number }) => [v.version]))
  expect((await call('steward', 'GET', `/datasets/${uid}/versions?cursor=xx`)).body.code).toBe(
    'invalid_cursor',
  )
  const forAll = (await call(null, 'GET', `/datasets/${uid}/versions`)).body.versions
  expect(forAll.map((v: { version: number }) => v.version)).toEqual([6, 5, 3])
  expect(await audits(uid)).toEqual([
    'dataset:create',
    'dataset:update',
    'dataset:publish',
    'dataset:update',
    'dataset:publish',
    'dataset:retire',
  ])
  expect((await publish(uid)).body).toMatchObject({ state: 'published', version: 7 })
})

test('the second of two editors is told who was first', async () => {
  const uid = await create()
  await publish(uid)
  const [a, b] = await Promise.all([
    save('steward', uid, 2, { title: 'A' }),
    save('colleague', uid, 2, { title: 'B' }),
  ])
  expect([a.status, b.status].sort()).toEqual([200, 412])
  const [won, lost] = a.status === 200 ? [a, b] : [b, a]
  expect(lost.body).toMatchObject({
    code: 'stale',
    currentVersion: 3,
    changedBy: won.body.changedBy,
    changedAt: won.body.changedAt,
  })
  expect((await call('steward', 'PUT', `/datasets/${uid}`, { content: sampleContent() })).status).toBe(428)
  for (const tag of ['v3', '*', '"3"', '"v99999999999"'])
    expect(
      (await call('steward', 'PUT', `/datasets/${uid}`, { content: sampleContent() }, { 'if-match': tag }))
        .status,
    ).toBe(400)
  expect((await call('province', 'POST', `/datasets/${uid}/retire`, {}, { 'if-match': '"v2"' })).status).toBe(
    412,
  )
})

test('a draft given up stays in the history and can be restored; differences are told', async () => {
  const uid = await create({ keyword: ['a'] })
  await publish(uid)
  await save('steward', uid, 2, { title: 'Draft', keyword: ['b'] })
  const diff = (await call('steward', 'GET', `/datasets/${uid}/diff?from=2&to=3`)).body
  expect(diff.differences).toEqual([
    { path: '/title', kind: 'changed', before: 'Road accidents', after: 'Draft' },
    { path: '/keyword/a', kind: 'removed', before: 'a', after: null },
    { path: '/keyword/b', kind: 'added', before: null, after: 'b' },
  ])
  expect((await call(null, 'GET', `/datasets/${uid}/diff?from=2&to=3`)).status).toBe(404)
  const gone = await call('steward', 'POST', `/datasets/${uid}/discard-draft`, { reason: 'no' })
  expect(gone.body).toMatchObject({
    version: 4,
    latestVersion: 4,
    hasDraft: false,
    content: { title: 'Road accidents' },
  })
  expect((await call('steward', 'POST', `/datasets/${uid}/discard-draft`, {})).status).toBe(409)
  const restored = await call(
    'steward',
    'POST',
    `/datasets/${uid}/restore`,
    { version: 3, reason: 'yes after all' },
    { 'if-match': '"v4"' },
  )
  expect(restored.body).toMatchObject({
    version: 5,
    hasDraft: true,
    content: { title: 'Draft' },
    changeReason: 'yes after all',
  })
  expect((await call('steward', 'POST', `/datasets/${uid}/restore`, { version: 77 })).status).toBe(404)
  const { versions } = (await call('steward', 'GET', `/datasets/${uid}/versions`)).body
  expect(versions.map((v: { state: string }) => v.state)).toEqual([
    'draft',
    'published',
    'discarded',
    'published',
    'draft',
  ])
  expect(await audits(uid)).toContain('dataset:restore')
})

test('only drafts that were never published are removed', async () => {
  const uid = await create({ classification: ['B01'], resourceCode: ['B01/000009'] })
  expect((await call('colleague', 'DELETE', `/datasets/${uid}`)).status).toBe(204)
  expect((await call('steward', 'GET', `/datasets/${uid}`)).status).toBe(404)
  const again = await create({ classification: ['B01'], resourceCode: ['B01/000009'] })
  await publish(again)
  expect((await call('steward', 'DELETE', `/datasets/${again}`)).status).toBe(409)
  const { rows } = await s.database.pool.query(
    'select count(*) from catalog.item i where not exists (select from catalog.dataset d where d.id = i.dataset_id)',
  )
  expect(rows[0].count).toBe(0)
})

describe('rights', () => {
  test('who may do what with an entry of the county', async () => {
    const uid = await create()
    const tries: [string | null, Method, string, object?][] = [
      [null, 'POST', '/discard-draft', {}],
      ['viewer', 'POST', '/discard-draft', {}],
      ['other', 'POST', '/discard-draft', {}],
      ['other', 'GET', ''],
      ['viewer', 'DELETE', ''],
    ]
    const got = await Promise.all(
      tries.map(
        async ([who, method, path, body]) =>
          (await call(who, method, `/datasets/${uid}${path}`, body)).status,
      ),
    )
    expect(got).toEqual([401, 403, 404, 404, 403])
    await publish(uid)
    // Not even the body's own steward: taking an entry out at once is for the data office.
    for (const who of ['other', 'steward'])
      expect((await call(who, 'POST', `/datasets/${uid}/retire`, {})).status).toBe(403)
    expect((await call('province', 'POST', `/datasets/${uid}/publish`, {})).status).toBe(404)
    expect((await save('viewer', uid, 2, {})).status).toBe(403)
    expect((await save('steward', uid, 2, { body: 'other' })).status).toBe(403)
  })
  test('an entry without a body is that of its author’s; one for another body is refused', async () => {
    const { body: _, ...rest } = sampleContent()
    expect((await call('steward', 'POST', '/datasets', { content: rest })).body.body.code).toBe('county')
    expect(
      (await call('steward', 'POST', '/datasets', { content: sampleContent({ body: 'other' }) })).status,
    ).toBe(403)
  })
})

describe('faults', () => {
  test('saving tells all of them; checking tells them without saving', async () => {
    const content = sampleContent({ title: '', sharingType: 'not_shared', body: 'county' })
    const refused = await call('steward', 'POST', '/datasets', { content })
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_content' } })
    expect(refused.body.faults.map((f: { path: string }) => f.path).sort()).toEqual([
      '/refusalBasis',
      '/title',
    ])
    const checked = await call('steward', 'POST', '/datasets/validate', { content })
    expect(checked.body).toMatchObject({ valid: false, content: null, quality: null })
    expect(checked.body.faults).toHaveLength(2)
    const good = await call('steward', 'POST', '/datasets/validate', {
      content: sampleContent({ keyword: ['a', 'a'] }),
    })
    expect(good.body).toMatchObject({ valid: true, faults: [], content: { keyword: ['a'] } })
    expect(good.body.quality).toBeGreaterThan(300)
  })
  test.each([
    [{}, 400],
    [[], 400],
    [{ content: sampleContent(), colour: 1 }, 400],
    [{ content: sampleContent(), reason: 5 }, 400],
    [{ content: null }, 422],
    [{ content: 'x' }, 422],
    [{ content: { ...sampleContent(), body: 'nobody' } }, 422],
  ])('%j', async (payload, status) => {
    expect((await call('steward', 'POST', '/datasets', payload as object)).status).toBe(status)
  })
  test('a resource code of another entry', async () => {
    const more = { classification: ['B02'], resourceCode: ['B02/000001'] }
    await create(more)
    const second = await call('steward', 'POST', '/datasets', { content: sampleContent(more) })
    expect(second.body.faults).toMatchObject([{ path: '/resourceCode/0', rule: 'duplicate_identifier' }])
    const both = await Promise.all(
      [1, 2].map(() =>
        call('steward', 'POST', '/datasets', {
          content: sampleContent({ classification: ['B02'], resourceCode: ['B02/000002'] }),
        }),
      ),
    )
    expect(both.map((b) => b.status).sort()).toEqual(expect.arrayContaining([201]))
    expect(both.filter((b) => b.status === 201)).toHaveLength(1)
  })
})

describe('lists', () => {
  beforeAll(async () => {
    const records = Array.from({ length: 57 }, (_, i) =>
      sampleRecord(`list-${i}`, { title: `Listed ${i}`, body: i % 2 ? 'other' : 'county' }),
    )
    await upsertDatasets(s.db, s.system, records, { publish: true })
  })
  const walk = async (who: string | null, query: string, limit: number, between?: () => Promise<unknown>) => {
    const found: string[] = []
    for (let cursor = '', pages = 0; pages < 100; pages++) {
      const page = await call(who, 'GET', `/datasets?limit=${limit}&${query}${cursor && `&cursor=${cursor}`}`)
      expect(page.status).toBe(200)
      found.push(...page.body.items.map((d: { title: string }) => d.title))
      if (page.body.next === null) return found
      cursor = page.body.next
      await between?.()
    }
    throw new Error('no end')
  }
  test('pages hold every entry once, also while others are added', async () => {
    let n = 0
    const all = await walk(null, 'q=listed', 10, () =>
      upsertDatasets(s.db, s.system, [sampleRecord(`late-${n}`, { title: `Later ${n++}` })], {
        publish: true,
      }),
    )
    expect(all).toEqual(Array.from({ length: 57 }, (_, i) => `Listed ${i}`))
    const byChange = await walk(null, 'q=listed&order=changed', 7)
    expect([...byChange].sort()).toEqual([...all].sort())
    expect(await walk(null, 'q=Listed%205&body=other', 3)).toEqual([
      'Listed 5',
      'Listed 51',
      'Listed 53',
      'Listed 55',
    ])
    expect(await walk(null, 'q=%25', 10)).toEqual([])
    expect(await walk(null, 'body=nobody', 10)).toEqual([])
  })
  test('drafts are for those who may see them', async () => {
    const title = 'Draft of the county'
    const uid = await create({ title })
    expect(await walk('steward', 'drafts=true', 50)).toContain(title)
    expect((await walk('colleague', 'mine=true', 50)).includes(title)).toBe(false)
    expect(await walk('steward', 'mine=true', 3)).toContain(title)
    expect(await walk('province', 'state=draft', 50)).toContain(title)
    expect(await walk('other', 'state=draft', 50)).not.toContain(title)
    expect(await walk(null, 'q=draft', 50)).not.toContain(title)
    expect((await call(null, 'GET', '/datasets?drafts=true')).status).toBe(401)
    await publish(uid)
    await save('steward', uid, 2, { title: 'Draft beside' })
    const mine = (await call('province', 'GET', '/datasets?drafts=true')).body.items
    expect(mine.find((d: { uid: string }) => d.uid === uid)).toMatchObject({
      title,
      draftTitle: 'Draft beside',
      hasDraft: true,
    })
    const shown = (await call(null, 'GET', '/datasets?q=draft')).body.items
    expect(shown.find((d: { uid: string }) => d.uid === uid)).toMatchObject({
      title,
      draftTitle: null,
      hasDraft: false,
      latestVersion: 2,
    })
  })
  test.each(['abc', 'MTIz%20', 'OTk5OTk5OTk5OTk', 'MSAyMDI0LTk5LTk5VDAwOjAwOjAwLjAwMFo'])(
    'a cursor that is none: %s',
    async (cursor) => {
      const { status, body } = await call(null, 'GET', `/datasets?cursor=${cursor}`)
      expect([status, ['invalid_cursor', 'invalid_request'].includes(body.code)]).toEqual([400, true])
    },
  )
  test('items by pages, with the body that answers for each', async () => {
    const items = Array.from({ length: 5 }, (_, i) => ({
      name: `item ${i}`,
      ...(i === 3 ? { body: 'other' } : {}),
    }))
    const [made] = await upsertDatasets(s.db, s.system, [sampleRecord('items', { items })], { publish: true })
    const page = (await call(null, 'GET', `/datasets/${made!.uid}/items?limit=3`)).body
    expect(page).toMatchObject({ total: 5, next: 3 })
    const rest = (await call(null, 'GET', `/datasets/${made!.uid}/items?limit=3&after=3`)).body
    expect(
      rest.items.map((i: { name: string; source: { code: string } }) => [i.name, i.source.code]),
    ).toEqual([
      ['item 3', 'other'],
      ['item 4', 'county'],
    ])
    expect(rest.next).toBeNull()
  })
  test('related entries carry their present title', async () => {
    const [target] = await upsertDatasets(s.db, s.system, [sampleRecord('target', { title: 'Target' })], {
      publish: true,
    })
    const uid = await create({ related: [{ kind: 'source', uid: target!.uid }] })
    expect((await call('steward', 'GET', `/datasets/${uid}`)).body.content.related).toEqual([
      { kind: 'source', uid: target!.uid, title: 'Target' },
    ])
  })
})

test('figures, themes, bodies and the profile', async () => {
  await upsertDatasets(
    s.db,
    s.system,
    [sampleRecord('f', { theme: ['transport'], sharingType: 'conditional', sharingCondition: 'masked' })],
    { publish: true },
  )
  const figures = (await call(null, 'GET', '/figures')).body
  expect(figures.entries).toBeGreaterThan(0)
  expect(figures.publishedToday).toBe(figures.entries)
  expect((await call(null, 'GET', '/themes')).body.themes).toContainEqual({
    code: 'transport',
    entries: 1,
    items: 2,
  })
  const county = (await call(null, 'GET', '/bodies/county')).body
  expect(county).toMatchObject({ body: { code: 'county' }, sharing: { conditional: 1 } })
  expect(
    (await call(null, 'GET', '/bodies')).body.bodies
      .map((b: { body: { code: string } }) => b.body.code)
      .sort(),
  ).toEqual(['county', 'other'])
  expect((await call(null, 'GET', '/bodies/nobody')).status).toBe(404)
  expect((await call(null, 'GET', '/profile')).body).toMatchObject({
    id: 'neutral',
    codeLists: { theme: {} },
  })
})

test('the API description names every route', async () => {
  const { paths } = await s.app.swagger()
  expect(
    Object.keys(paths!)
      .filter((p) => /datasets|figures|themes|bodies|profile/.test(p))
      .sort(),
  ).toMatchInlineSnapshot(`
    [
      "/api/v1/bodies",
      "/api/v1/bodies/{code}",
      "/api/v1/datasets",
      "/api/v1/datasets/bulk",
      "/api/v1/datasets/overdue",
      "/api/v1/datasets/validate",
      "/api/v1/datasets/{uid}",
      "/api/v1/datasets/{uid}/diff",
      "/api/v1/datasets/{uid}/discard-draft",
      "/api/v1/datasets/{uid}/items",
      "/api/v1/datasets/{uid}/restore",
      "/api/v1/datasets/{uid}/retire",
      "/api/v1/datasets/{uid}/reviews",
      "/api/v1/datasets/{uid}/submit",
      "/api/v1/datasets/{uid}/versions",
      "/api/v1/datasets/{uid}/versions/{version}",
      "/api/v1/figures",
      "/api/v1/profile",
      "/api/v1/themes",
    ]
  `)
})
