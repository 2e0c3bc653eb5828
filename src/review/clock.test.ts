import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CatalogApp,
  createCatalogApp,
  sampleContent,
  sampleRecord,
} from '../../test/support/catalog-app.ts'
import { upsertDatasets } from '../catalog/index.ts'
import { dueAt } from '../platform/deadline.ts'
import { loadProfile } from '../platform/profile.ts'
import { datesOf, daysLeft } from './clock.ts'
import { watchClocks } from './clock-watch.ts'
import { alarmUpdates } from './update-alarm.ts'

const at = (text: string) => new Date(text)

describe('dates', () => {
  const cn = loadProfile('cn')
  test('go over the New Year by the calendars of both years, make-up days included', () => {
    // 2025-01-01 is a holiday; Spring Festival takes 28 January to 4 February, and 26 January is worked.
    const clock = datesOf(cn, { days: 20, unit: 'working_day' }, at('2024-12-30T02:00:00Z'))
    expect(clock.dueAt.toISOString()).toBe('2025-01-27T15:59:59.999Z')
    expect(clock.remindAt.toISOString()).toBe('2025-01-26T15:59:59.999Z')
  })
  test('a year nobody announced is an error', () => {
    expect(() => datesOf(cn, { days: 300, unit: 'working_day' }, at('2026-12-30T02:00:00Z'))).toThrow(
      expect.objectContaining({ code: 'calendar_year_missing' }),
    )
  })
  test('a clock of one day reminds half-way', () => {
    const clock = datesOf(loadProfile('neutral'), { days: 1, unit: 'day' }, at('2026-06-01T00:00:00Z'))
    expect(clock.remindAt.toISOString().slice(0, 16)).toBe('2026-06-01T23:59')
  })
  test('a pause leaves the days after the one on which it began', () => {
    const profile = loadProfile('neutral')
    const due = dueAt(profile, { days: 5, unit: 'working_day' }, at('2026-06-01T09:00:00Z'))
    const left = (pausedAt: string, unit: 'working_day' | 'day' = 'working_day') =>
      daysLeft(profile, { unit, dueAt: due.toISOString(), pausedAt })
    expect(due.toISOString()).toBe('2026-06-08T23:59:59.999Z')
    expect([
      left('2026-06-01T10:00:00Z'),
      left('2026-06-05T10:00:00Z'),
      left('2026-06-06T10:00:00Z'),
    ]).toEqual([5, 1, 1])
    expect(left('2026-06-05T10:00:00Z', 'day')).toBe(3)
    expect([left('2026-06-08T10:00:00Z'), left('2026-06-09T00:00:01Z')]).toEqual([0, null])
  })
})

describe('clocks of a review', () => {
  let s: CatalogApp
  const as: Record<string, Record<string, string>> = {}
  beforeAll(async () => {
    s = await createCatalogApp()
    as.steward = await s.signIn('steward', ['steward'], 'county')
    as.reviewer = await s.signIn('reviewer', ['department_reviewer'], 'county')
    as.above = await s.signIn('above', ['department_reviewer'], 'province')
    as.top = await s.signIn('top', ['department_reviewer'], 'nation')
    as.office = await s.signIn('office', ['data_office_reviewer'], 'province')
  })
  afterAll(() => s?.close())

  const post = async (who: string, url: string, payload: object, headers = {}) => {
    const answer = await s.app.inject({
      method: 'POST',
      url: `/api/v1${url}`,
      payload,
      headers: { ...as[who], ...headers },
    })
    expect(answer.statusCode, answer.body).toBeLessThan(300)
    return answer.json()
  }
  const assessment = { secrecy: { result: 'not_secret' }, personal: { result: 'none' } }
  const create = async (title: string) =>
    (await post('steward', '/datasets', { content: sampleContent({ title, grade: 'general_1' }) }))
      .uid as string
  const submit = (uid: string) => post('steward', `/datasets/${uid}/submit`, { assessment })
  const decide = (who: string, r: { uid: string; revision: number }, decision: string) =>
    post(who, `/reviews/${r.uid}/decision`, { decision, opinion: 'x' }, { 'if-match': `"r${r.revision}"` })
  const save = async (uid: string, version: number) => {
    const answer = await s.app.inject({
      method: 'PUT',
      url: `/api/v1/datasets/${uid}`,
      headers: { ...as.steward, 'if-match': `"v${version}"` },
      payload: { content: sampleContent({ title: `Saved ${version}`, grade: 'general_1' }) },
    })
    expect(answer.statusCode, answer.body).toBe(200)
  }
  const move = (text: string) => {
    s.clock.now = at(text)
    return s.clock.now
  }
  const told = async (objectId: string) =>
    (
      await s.database.pool.query(
        `select p.login, n.kind from notice.notice n join security.person p on p.id = n.person_id
         where n.object_id = $1 and n.kind not like 'review.waiting' order by n.id, p.login`,
        [objectId],
      )
    ).rows.map((r) => `${r.login} ${r.kind}`)

  test('stand still while the author completes, then go on with the days they had', async () => {
    move('2026-06-01T09:00:00Z')
    const uid = await create('Paused')
    const first = await submit(uid)
    // Three working days: Thursday's end.
    expect(first.dueAt).toBe('2026-06-04T23:59:59.999Z')
    move('2026-06-02T09:00:00Z')
    const returned = await decide('reviewer', first, 'return')
    // The author has ten working days of their own.
    expect(returned.dueAt).toBe('2026-06-16T23:59:59.999Z')
    expect(returned.clocks.map((c: { stage: string; pausedAt: string }) => [c.stage, c.pausedAt])).toEqual([
      ['department', '2026-06-02T09:00:00.000Z'],
      ['completion', null],
    ])
    move('2026-06-12T09:00:00Z')
    await save(uid, 1)
    const completed = await submit(uid)
    // Two days were left on Tuesday; from Friday on they end on Tuesday.
    expect(completed).toMatchObject({ dueAt: '2026-06-16T23:59:59.999Z', due: 'in_time' })
    expect(completed.clocks[0]).toMatchObject({
      pausedAt: null,
      pauses: [{ from: '2026-06-02T09:00:00.000Z', to: '2026-06-12T09:00:00.000Z' }],
      policyVersion: expect.stringMatching(/^neutral@/),
      basis: expect.stringContaining('section 4'),
    })
    expect(completed.clocks[1].endedAt).toBe('2026-06-12T09:00:00.000Z')
    const agreed = await decide('reviewer', completed, 'agree')
    expect(
      agreed.clocks.map((c: { stage: string; endedAt: string | null }) => [c.stage, c.endedAt !== null]),
    ).toEqual([
      ['department', true],
      ['completion', true],
      ['office', false],
    ])
  })

  test('a later policy does not move a due date', async () => {
    move('2026-06-01T09:00:00Z')
    const review = await submit(await create('Old policy'))
    const row = s.profile.deadlines.find((d) => d.event === 'review.department')!
    const days = row.days
    row.days = 9
    try {
      const again = await s.app.inject({ url: `/api/v1/reviews/${review.uid}`, headers: as.reviewer })
      expect(again.json().dueAt).toBe(review.dueAt)
    } finally {
      row.days = days
    }
  })

  test('remind, then escalate to the next level, each once', async () => {
    move('2026-06-01T09:00:00Z')
    const review = await submit(await create('Forgotten'))
    await watchClocks(s.db, move('2026-06-03T09:00:00Z'))
    expect(await told(review.uid)).toEqual([])
    const remind = move('2026-06-04T00:00:00Z')
    await Promise.all([watchClocks(s.db, remind), watchClocks(s.db, remind)])
    await watchClocks(s.db, move('2026-06-04T12:00:00Z'))
    expect(await told(review.uid)).toEqual(['reviewer review.due'])
    const late = move('2026-06-05T00:00:00Z')
    await Promise.all([watchClocks(s.db, late), watchClocks(s.db, late), watchClocks(s.db, late)])
    await watchClocks(s.db, move('2026-06-09T00:00:00Z'))
    // The province is told, not the nation above it.
    expect((await told(review.uid)).slice(1).sort()).toEqual([
      'above review.late',
      'reviewer review.late',
      'steward review.late',
    ])
    const seen = (await s.app.inject({ url: `/api/v1/reviews/${review.uid}`, headers: as.reviewer })).json()
    expect(seen).toMatchObject({ due: 'overdue', clocks: [{ breachedAt: '2026-06-05T00:00:00.000Z' }] })
    const { rows } = await s.database.pool.query(
      `select action from (select action, object_id from security.audit_intake union all
        select action, object_id from security.audit_event) a where object_id = $1 and action = 'review:escalate'`,
      [review.uid],
    )
    expect(rows).toHaveLength(1)
  })

  test('of a late author the submitter and the department are told', async () => {
    move('2026-06-01T09:00:00Z')
    const returned = await decide('reviewer', await submit(await create('Idle')), 'return')
    await watchClocks(s.db, move('2026-06-15T09:00:00Z'))
    await watchClocks(s.db, move('2026-06-16T09:00:00Z'))
    expect(await told(returned.uid)).toEqual([
      'steward review.returned',
      'steward review.due',
      'steward review.late',
      'reviewer review.late',
    ])
  })
})

describe('updates that are due', () => {
  let s: CatalogApp
  let steward: Record<string, string>
  beforeAll(async () => {
    s = await createCatalogApp()
    steward = await s.signIn('steward', ['steward'], 'county')
    await s.signIn('colleague', ['steward'], 'county')
    const records = [
      ...Array.from({ length: 1_200 }, (_, i) =>
        sampleRecord(`old-${i}`, { modified: '2026-01-10T00:00:00Z' }),
      ),
      sampleRecord('yearly', { modified: '2026-01-10T00:00:00Z', updateCycle: 'yearly' }),
      sampleRecord('once', { modified: '2016-01-10T00:00:00Z', updateCycle: 'once' }),
      sampleRecord('next', { modified: '2026-03-31T00:00:00Z', title: 'Comes due' }),
      sampleRecord('other', { modified: '2026-01-10T00:00:00Z', body: 'other' }),
    ]
    await upsertDatasets(s.db, s.system, records, { publish: true })
    await upsertDatasets(s.db, s.system, [sampleRecord('draft', { modified: '2016-01-10T00:00:00Z' })], {
      publish: false,
    })
  })
  afterAll(() => s?.close())

  const told = async () =>
    (
      await s.database.pool.query(
        `select p.login, n.params from notice.notice n join security.person p on p.id = n.person_id
         where n.kind = 'update.overdue' order by n.id, p.login`,
      )
    ).rows
      .map((r) => `${r.login} ${r.params.fresh}/${r.params.all}`)
      .sort()
  const list = async (query = '') =>
    (await s.app.inject({ url: `/api/v1/datasets/overdue?${query}`, headers: steward })).json()

  test('are told as one notice for a body, however many they are, and not twice', async () => {
    const noon = at('2026-04-02T12:00:00Z')
    await Promise.all([alarmUpdates(s.db, noon), alarmUpdates(s.db, noon)])
    await alarmUpdates(s.db, at('2026-04-03T12:00:00Z'))
    expect(await told()).toEqual(['colleague 1200/1200', 'steward 1200/1200'])
    // A month and three days after the last day of March is 3 May.
    await alarmUpdates(s.db, at('2026-05-03T12:00:00Z'))
    expect(await told()).toEqual([
      'colleague 1/1201',
      'colleague 1200/1200',
      'steward 1/1201',
      'steward 1200/1200',
    ])
  })
  test('are listed for the own body, the longest overdue first, in pages', async () => {
    s.clock.now = at('2026-05-03T12:00:00Z')
    const found: string[] = []
    let total = 0
    for (let cursor = ''; ; ) {
      const answer: {
        items: { title: string; uid: string; updateDue: string }[]
        next: string | null
        total: number
      } = await list(`limit=200${cursor && `&cursor=${cursor}`}`)
      total = answer.total
      found.push(...answer.items.map((i) => i.uid))
      if (answer.next === null) {
        expect(answer.items.at(-1)).toMatchObject({
          title: 'Comes due',
          updateDue: '2026-05-03T00:00:00.000Z',
        })
        break
      }
      cursor = answer.next
    }
    expect([found.length, new Set(found).size, total]).toEqual([1201, 1201, 1201])
    expect((await list('body=other')).items).toEqual([])
    expect((await list('cursor=abc')).code).toBe('invalid_cursor')
    const entry = (await s.app.inject({ url: `/api/v1/datasets/${found.at(-1)}` })).json()
    expect(entry.updateDue).toBe('2026-05-03T00:00:00.000Z')
  })
  test('come from the index of due dates', async () => {
    const { rows } = await s.database.pool.query(
      `explain select id from catalog.dataset d where d.organisation_id = 1 and d.state = 'published'
        and catalog.update_due(d.update_cycle, d.modified, d.published_at) < now()
        order by catalog.update_due(d.update_cycle, d.modified, d.published_at), d.id limit 10`,
    )
    expect(rows.map((r) => r['QUERY PLAN']).join('\n')).toContain('dataset_update_due')
  })
})
