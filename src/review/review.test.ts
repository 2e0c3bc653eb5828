import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type CatalogApp,
  createCatalogApp,
  sampleContent,
  sampleRecord,
} from '../../test/support/catalog-app.ts'
import { publishDataset, upsertDatasets } from '../catalog/index.ts'
import { workPage } from '../platform/work-page.ts'

type Headers = Record<string, string>
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
let s: CatalogApp
const as: Record<string, Headers> = {}
/** A Monday without holidays near it. */
const monday = new Date('2026-06-01T09:00:00Z')

beforeAll(async () => {
  s = await createCatalogApp()
  as.steward = await s.signIn('steward', ['steward'], 'county')
  as.colleague = await s.signIn('colleague', ['steward'], 'county')
  as.both = await s.signIn('both', ['steward', 'department_reviewer', 'data_office_reviewer'], 'county')
  as.reviewer = await s.signIn('reviewer', ['department_reviewer'], 'county')
  as.above = await s.signIn('above', ['department_reviewer'], 'province')
  as.office = await s.signIn('office', ['data_office_reviewer'], 'province')
  as.viewer = await s.signIn('viewer', ['viewer'], 'county')
  as.other = await s.signIn('other', ['steward', 'department_reviewer', 'data_office_reviewer'], 'other')
})
afterAll(() => s?.close())
beforeEach(() => {
  s.clock.now = monday
})

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
    replayed: answer.headers['idempotency-replayed'],
    body: answer.headers['content-type']?.toString().includes('json') ? answer.json() : answer.body,
  }
}

const assessment = {
  secrecy: { result: 'not_secret' },
  personal: { result: 'none', note: 'No persons in it.' },
}
const ready = (more: Record<string, unknown> = {}) => sampleContent({ grade: 'general_1', ...more })
const create = async (more: Record<string, unknown> = {}, who = 'steward'): Promise<string> =>
  (await call(who, 'POST', '/datasets', { content: ready(more) })).body.uid
const submit = (uid: string, more: object = {}, who = 'steward') =>
  call(who, 'POST', `/datasets/${uid}/submit`, { assessment, ...more })
const decide = (who: string, review: { uid: string; revision: number }, decision: string, opinion?: string) =>
  call(
    who,
    'POST',
    `/reviews/${review.uid}/decision`,
    { decision, opinion },
    { 'if-match': `"r${review.revision}"` },
  )
const save = (uid: string, version: number, more: Record<string, unknown>, who = 'steward') =>
  call(who, 'PUT', `/datasets/${uid}`, { content: ready(more) }, { 'if-match': `"v${version}"` })
/** An entry that was reviewed and is public. */
const publish = async (more: Record<string, unknown> = {}) => {
  const uid = await create(more)
  const agreed = await decide('reviewer', (await submit(uid)).body, 'agree')
  expect((await decide('office', agreed.body, 'agree')).body.state).toBe('approved')
  return uid
}
const audits = async (uid: string) =>
  (
    await s.database.pool.query(
      `select action, detail::jsonb ->> 'step' as step from (
        select action, object_id, detail, at from security.audit_intake union all
        select action, object_id, detail, at from security.audit_event) a where object_id = $1 order by at`,
      [uid],
    )
  ).rows.map((r) => r.step ?? r.action)
const notices = async (review: string) =>
  (
    await s.database.pool.query(
      `select p.login, n.kind from notice.notice n join security.person p on p.id = n.person_id
       where n.object_id = $1 order by n.id, p.login`,
      [review],
    )
  ).rows.map((r) => `${r.login} ${r.kind}`)

test('compile, submit, return, correct, agree twice: published, with every opinion', async () => {
  const uid = await create({ title: 'Bridges' })
  const submitted = await submit(uid, { text: 'New register' })
  expect(submitted).toMatchObject({
    status: 200,
    etag: '"r1"',
    body: {
      state: 'dept_review',
      stage: 'department',
      version: 1,
      baseVersion: null,
      submittedBy: 'Person steward',
      // Three working days from Monday.
      dueAt: '2026-06-04T23:59:59.999Z',
      assessment: { secrecy: { result: 'not_secret' }, by: 'Person steward', at: monday.toISOString() },
    },
  })
  const { uid: review } = submitted.body
  expect(submitted.body.gates.every((g: { passed: boolean }) => g.passed)).toBe(true)
  expect(submitted.body.differences).toContainEqual({
    path: '/title',
    kind: 'added',
    before: null,
    after: 'Bridges',
  })
  const agreed = await decide('reviewer', submitted.body, 'agree', 'Complete.')
  expect(agreed.body).toMatchObject({ state: 'centre_review', stage: 'office', revision: 2 })
  expect((await decide('office', agreed.body, 'return')).body.faults).toMatchObject([{ path: '/opinion' }])
  const returned = await decide('office', agreed.body, 'return', 'Say which bridges.')
  expect(returned.body).toMatchObject({ state: 'returned', stage: 'office' })
  const saved = await save(uid, 1, { title: 'Bridges', abstract: 'All public bridges.' })
  expect(saved.status).toBe(200)
  // What the department agreed to has changed: it looks again.
  const completed = await submit(uid, { text: 'Said which.' })
  expect(completed.body).toMatchObject({ uid: review, state: 'dept_review', version: 2, revision: 4 })
  const again = await decide('reviewer', completed.body, 'agree')
  expect(again.body.state).toBe('centre_review')
  const done = await decide('office', again.body, 'agree', 'Good.')
  expect(done.body).toMatchObject({ state: 'approved', dueAt: null, due: null })
  expect(
    done.body.opinions.map((o: Record<string, unknown>) => [o.step, o.by, o.from, o.to, o.version, o.text]),
  ).toEqual([
    ['submit', 'Person steward', null, 'dept_review', 1, 'New register'],
    ['agree', 'Person reviewer', 'dept_review', 'centre_review', 1, 'Complete.'],
    ['return', 'Person office', 'centre_review', 'returned', 1, 'Say which bridges.'],
    ['complete', 'Person steward', 'returned', 'dept_review', 2, 'Said which.'],
    ['agree', 'Person reviewer', 'dept_review', 'centre_review', 2, null],
    ['agree', 'Person office', 'centre_review', 'approved', 2, 'Good.'],
  ])
  expect((await call(null, 'GET', `/datasets/${uid}`)).body).toMatchObject({
    state: 'published',
    content: { abstract: 'All public bridges.' },
    changedBy: 'Person office',
    changeReason: 'Said which.',
  })
  expect(await audits(review)).toEqual(['submit', 'agree', 'return', 'complete', 'agree', 'agree'])
  expect(await notices(review)).toEqual([
    'both review.waiting',
    'reviewer review.waiting',
    'both review.waiting',
    'steward review.returned',
    'both review.waiting',
    'reviewer review.waiting',
    'both review.waiting',
    'steward review.approved',
  ])
  const history = (await call('viewer', 'GET', `/datasets/${uid}/reviews`)).body
  expect(history.reviews[0].opinions).toHaveLength(6)
  await expect(s.database.pool.query(`update review.opinion set text = 'better'`)).rejects.toThrow(/kept/)
  await expect(s.database.pool.query('delete from review.opinion')).rejects.toThrow(/kept/)
})

describe('while it is reviewed', () => {
  test('the draft stays as it is; who holds it and where is told', async () => {
    const uid = await publish()
    const { latestVersion } = (await call('steward', 'GET', `/datasets/${uid}`)).body
    await save(uid, latestVersion, { title: 'Second' })
    const { body: review } = await submit(uid)
    const link = workPage('reviews', review.uid)
    for (const [who, method, path, body] of [
      ['steward', 'PUT', '', { content: ready() }],
      ['steward', 'POST', '/discard-draft', {}],
      ['steward', 'POST', '/restore', { version: 1 }],
      ['office', 'POST', '/retire', {}],
    ] as const) {
      const refused = await call(who, method, `/datasets/${uid}${path}`, body, {
        'if-match': `"v${latestVersion + 1}"`,
      })
      expect(refused).toMatchObject({ status: 409, body: { code: 'held', link, heldBy: 'Person steward' } })
    }
    expect((await submit(uid, {}, 'colleague')).body).toMatchObject({ code: 'held', link })
    const returned = await decide('reviewer', review, 'return', 'A better title.')
    expect((await call('steward', 'POST', `/datasets/${uid}/discard-draft`, {})).body.code).toBe('held')
    expect((await save(uid, latestVersion + 1, { title: 'Third' })).status).toBe(200)
    const withdrawn = await call('colleague', 'POST', `/reviews/${review.uid}/withdraw`, {
      opinion: 'Not now.',
    })
    expect(withdrawn.body).toMatchObject({ state: 'withdrawn', dueAt: null })
    expect((await call('steward', 'POST', `/datasets/${uid}/discard-draft`, {})).status).toBe(200)
    expect((await decide('reviewer', returned.body, 'agree')).body).toMatchObject({
      status: 409,
      state: 'withdrawn',
    })
  })

  test('an import does not change it, and leaves its neighbours in', async () => {
    const record = (title: string, id = 'held') => sampleRecord(id, { title, grade: 'general_1' })
    const [made] = await upsertDatasets(s.db, s.system, [record('First')], { publish: false })
    await submit(made!.uid!)
    const outcomes = await upsertDatasets(s.db, s.system, [record('Second'), record('Beside', 'free')], {
      publish: true,
    })
    expect(outcomes.map((o) => [o.outcome, o.faults?.[0]?.rule])).toEqual([
      ['rejected', 'held'],
      ['added', undefined],
    ])
    expect((await upsertDatasets(s.db, s.system, [record('First')], { publish: false }))[0]!.outcome).toBe(
      'unchanged',
    )
  })

  test('nothing is published in the name of a review that does not exist', async () => {
    const uid = await create()
    await expect(publishDataset(s.db, s.system, uid, { holder: 'review' })).rejects.toMatchObject({
      code: 'conflict',
    })
  })
})

describe('four eyes', () => {
  test('who wrote or submitted does not decide, also when another submits', async () => {
    const uid = await create({}, 'both')
    const { body: review } = await submit(uid, {}, 'steward')
    for (const decision of ['agree', 'return', 'refuse'])
      expect((await decide('both', review, decision, 'x')).body).toMatchObject({
        status: 403,
        code: 'four_eyes',
        barred: 'author',
      })
    const { body: other } = await submit(await create({}, 'colleague'), {}, 'both')
    expect((await decide('both', other, 'agree')).body).toMatchObject({
      code: 'four_eyes',
      barred: 'submitter',
    })
    const waiting = (await call('both', 'GET', '/reviews?limit=200')).body.items
    expect(waiting.map((r: { uid: string }) => r.uid)).not.toContain(review.uid)
    expect((await call('both', 'GET', `/reviews/${review.uid}`)).body).toMatchObject({
      barred: 'author',
      may: { decide: false },
    })
  })
  test('nobody decides at both stages, not even after a return', async () => {
    const uid = await create()
    const first = await decide('both', (await submit(uid)).body, 'return', 'More.')
    await save(uid, 1, { title: 'More' })
    const { body: second } = await submit(uid)
    expect(first.body.state).toBe('returned')
    const agreed = await decide('reviewer', second, 'agree')
    expect((await decide('both', agreed.body, 'agree')).body).toMatchObject({
      code: 'four_eyes',
      barred: 'other_stage',
    })
    expect((await decide('office', agreed.body, 'agree')).body.state).toBe('approved')
  })
  test('a refusal for it is on record', async () => {
    const { body: review } = await submit(await create({}, 'both'), {}, 'both')
    await decide('both', review, 'agree')
    const { rows } = await s.database.pool.query(
      `select detail from security.audit_intake where decision = 'deny' and object_id like $1
       union all select detail from security.audit_event where decision = 'deny' and object_id like $1`,
      [`%${review.uid}%`],
    )
    expect(rows.map((r) => JSON.parse(r.detail).code)).toEqual(['four_eyes'])
  })
})

describe('gates', () => {
  const rules = (answer: { body: { faults?: { path: string; rule: string }[] } }) =>
    answer.body.faults?.map((f) => `${f.path} ${f.rule}`)
  test('every missing thing is named at once, with its place and remedy', async () => {
    const made = await call('steward', 'POST', '/datasets', { content: sampleContent() })
    const refused = await call('steward', 'POST', `/datasets/${made.body.uid}/submit`, {})
    expect(refused.status).toBe(422)
    expect(rules(refused)).toEqual([
      '/grade grade_required',
      '/items/0/grade grade_required',
      '/items/1/grade grade_required',
      '/assessment/secrecy assessment_required',
      '/assessment/personal assessment_required',
    ])
    expect(refused.body.faults.every((f: { remedy?: string }) => f.remedy)).toBe(true)
  })
  test.each([
    [{ secrecy: { result: 'secret' }, personal: { result: 'none' } }, {}, '/assessment/secrecy secret'],
    [
      assessment,
      { items: [{ name: 'address', personal: true }] },
      '/assessment/personal personal_contradiction',
    ],
    [
      { ...assessment, personal: { result: 'not_acceptable' } },
      {},
      '/assessment/personal personal_not_acceptable',
    ],
    [{ ...assessment, personal: { result: 'acceptable' } }, {}, '/assessment/personal safeguards_required'],
    [assessment, { extension: { secrecy: 'secret' } }, '/extension/secrecy secret'],
  ])('%j with %j', async (given, more, fault) => {
    expect(rules(await submit(await create(more), { assessment: given }))).toEqual([fault])
  })
  test('are looked at again when it is decided', async () => {
    const uid = await create()
    const { body: review } = await submit(uid)
    await s.database.pool.query(`update catalog.dataset set grade = null where uid = $1`, [uid])
    const refused = await decide('reviewer', review, 'agree')
    expect(rules(refused)).toContain('/grade grade_required')
    expect((await decide('reviewer', review, 'refuse', 'No grade.')).body.state).toBe('refused')
  })
})

describe('retirement', () => {
  test('goes through both stages and needs a reason', async () => {
    const uid = await publish()
    const ask = (text?: string) =>
      call('steward', 'POST', `/datasets/${uid}/submit`, { kind: 'retirement', text })
    expect((await ask()).body.faults).toMatchObject([{ path: '/text', rule: 'text_required' }])
    const { body: review } = await ask('The register was closed.')
    expect(review).toMatchObject({ kind: 'retirement', gates: [], differences: [] })
    const agreed = await decide('reviewer', review, 'agree')
    await decide('office', agreed.body, 'agree')
    expect((await call(null, 'GET', `/datasets/${uid}`)).body).toMatchObject({
      state: 'retired',
      changeReason: 'The register was closed.',
    })
  })
  test('is not for what has a draft, or is not public', async () => {
    const draft = await create()
    const answer = await call('steward', 'POST', `/datasets/${draft}/submit`, {
      kind: 'retirement',
      text: 'x',
    })
    expect(answer.body).toMatchObject({ status: 409, code: 'conflict' })
    const uid = await publish()
    expect((await submit(uid)).body).toMatchObject({ status: 409, code: 'conflict' })
  })
})

describe('many at once', () => {
  test('each is decided about as it was seen, and has an outcome', async () => {
    const uids = await Promise.all([1, 2, 3].map((n) => create({ title: `Bulk ${n}` })))
    const ungraded = (await call('steward', 'POST', '/datasets', { content: sampleContent() })).body.uid
    const sent = await call('steward', 'POST', '/reviews/bulk-submit', {
      datasets: [...uids, ungraded],
      assessment,
    })
    expect(sent.body).toMatchObject({ done: 3, failed: 1 })
    expect(sent.body.outcomes[3]).toMatchObject({ uid: ungraded, code: 'invalid_content' })
    const reviews = sent.body.outcomes
      .slice(0, 3)
      .map((o: { review: string }) => ({ uid: o.review, revision: 1 }))
    await decide('above', reviews[0], 'agree')
    const payload = { decision: 'agree', reviews }
    const decided = await call('reviewer', 'POST', '/reviews/bulk-decision', payload, {
      'idempotency-key': 'bulk',
    })
    expect(decided.body.outcomes.map((o: Record<string, unknown>) => [o.done, o.state ?? o.code])).toEqual([
      [false, 'stale'],
      [true, 'centre_review'],
      [true, 'centre_review'],
    ])
    const again = await call('reviewer', 'POST', '/reviews/bulk-decision', payload, {
      'idempotency-key': 'bulk',
    })
    expect([again.replayed, again.body]).toEqual(['true', decided.body])
    const returned = await call('office', 'POST', '/reviews/bulk-decision', {
      decision: 'return',
      reviews: [{ ...reviews[1], revision: 2 }],
    })
    expect(returned.body.outcomes[0]).toMatchObject({
      code: 'invalid_content',
      faults: [{ path: '/opinion' }],
    })
    const many = Array.from({ length: 201 }, () => reviews[1])
    expect(
      (await call('office', 'POST', '/reviews/bulk-decision', { decision: 'agree', reviews: many })).status,
    ).toBe(400)
  })
})

describe('the queue', () => {
  const queue = async (who: string, query = '') =>
    (await call(who, 'GET', `/reviews?limit=200${query}`)).body.items as {
      title: string
      due: string
      uid: string
    }[]
  test('shows each role what waits for it, what is due first', async () => {
    const titles = ['Late', 'Soon', 'In time']
    const made: Record<string, string> = {}
    for (const [i, title] of titles.entries()) {
      s.clock.now = new Date(monday.getTime() - (2 - i) * 7 * 86_400_000)
      if (title === 'Soon') s.clock.now = new Date('2026-05-28T09:00:00Z')
      made[title] = (await submit(await create({ title }))).body.uid
    }
    s.clock.now = new Date('2026-06-02T12:00:00Z')
    const own = (await queue('reviewer')).filter((r) => titles.includes(r.title))
    expect(own.map((r) => [r.title, r.due])).toEqual([
      ['Late', 'overdue'],
      ['Soon', 'soon'],
      ['In time', 'in_time'],
    ])
    const keys = (await queue('reviewer')) as unknown as { dueAt: string }[]
    expect(keys.map((r) => r.dueAt)).toEqual(keys.map((r) => r.dueAt).sort())
    for (const [query, expected] of [
      ['&due=overdue', ['Late']],
      ['&due=soon', ['Soon']],
      ['&body=county', titles],
      ['&body=province', []],
      ['&stage=office', []],
      ['&kind=retirement', []],
    ] as const)
      expect((await queue('reviewer', query)).map((r) => r.title).filter((t) => titles.includes(t))).toEqual(
        expected,
      )
    expect((await queue('office')).map((r) => r.title)).not.toContain('Late')
    expect(await queue('other')).toEqual([])
    expect((await queue('steward', '&state=open&mine=true')).map((r) => r.title)).toContain('Late')
    expect((await queue('colleague', '&state=open&mine=true')).map((r) => r.title)).not.toContain('Late')
    await decide('reviewer', { uid: made.Soon!, revision: 1 }, 'return', 'More.')
    expect((await queue('colleague')).map((r) => r.title)).toEqual(['Soon'])
    expect((await call('other', 'GET', `/reviews/${made.Late}`)).status).toBe(404)
    expect((await decide('other', { uid: made.Late!, revision: 1 }, 'agree')).status).toBe(404)
    expect((await decide('office', { uid: made.Late!, revision: 1 }, 'agree')).body.code).toBe('forbidden')
    expect((await decide('steward', { uid: made.Late!, revision: 1 }, 'agree')).status).toBe(403)
  })
  test('comes in pages that hold each once, and as CSV', async () => {
    for (let i = 0; i < 5; i++) await submit(await create({ title: `=Paged ${i}` }))
    const found: string[] = []
    for (let cursor = ''; ; ) {
      const { items, next } = (
        await call('reviewer', 'GET', `/reviews?limit=2${cursor && `&cursor=${cursor}`}`)
      ).body
      found.push(...items.map((r: { uid: string }) => r.uid))
      if (next === null) break
      cursor = next
    }
    const all = (await queue('reviewer')).map((r) => r.uid)
    expect(found).toEqual(all)
    expect(new Set(found).size).toBe(found.length)
    const ended = await queue('reviewer', '&state=ended')
    expect(ended.length).toBeGreaterThan(0)
    const csv = (await call('reviewer', 'GET', '/reviews.csv?state=open')).body as string
    expect(csv.split('\r\n').length - 2).toBe((await queue('reviewer', '&state=open')).length)
    expect(csv).toContain(`,'=Paged 3,`)
    expect((await call('reviewer', 'GET', '/reviews?cursor=abc')).body.code).toBe('invalid_cursor')
  })
})

test('a step says which one was seen, and is done once however often it is sent', async () => {
  const { body: review } = await submit(await create())
  const payload = { decision: 'agree' }
  const url = `/reviews/${review.uid}/decision`
  expect((await call('reviewer', 'POST', url, payload)).body.code).toBe('etag_required')
  expect((await call('reviewer', 'POST', url, payload, { 'if-match': '"v1"' })).status).toBe(400)
  expect((await call('reviewer', 'POST', url, payload, { 'if-match': '"r7"' })).body).toMatchObject({
    code: 'stale',
    currentRevision: 1,
  })
  const headers = { 'if-match': '"r1"', 'idempotency-key': 'once' }
  const [a, b] = await Promise.all([
    call('reviewer', 'POST', url, payload, headers),
    call('reviewer', 'POST', url, payload, headers),
  ])
  expect([a.body.revision, b.body.revision]).toEqual([2, 2])
  expect((await call('reviewer', 'GET', `/reviews/${review.uid}`)).body.opinions).toHaveLength(2)
  const uid = await create()
  expect(
    (await call('steward', 'POST', `/datasets/${uid}/submit`, { assessment }, { 'if-match': '"v9"' })).body
      .code,
  ).toBe('stale')
})
