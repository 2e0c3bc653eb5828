import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleRecord } from '../../test/support/catalog-app.ts'
import { upsertDatasets } from '../catalog/index.ts'
import { sql } from '../platform/postgres.ts'
import { loadProfile } from '../platform/profile.ts'
import { type CheckId, checkIds, checksOf, hasBit, observedChecks } from './check.ts'
import { selectScore } from './score.queries.ts'
import { followChanges, mostOneByOne, rebuildScores, restsFromWhole } from './score.ts'

/** An entry in which nothing is missing that can be seen in it. */
const whole = {
  abstract: 'Accidents on public roads reported by the police, by place, time and cause. '.repeat(2),
  keyword: ['accident', 'road'],
  theme: ['transport'],
  spatial: ['Norvale'],
  temporalStart: '2020-01-01',
  translations: { 'zh-CN': { title: '道路交通事故', abstract: '公共道路交通事故' } },
  classification: ['D01.01'],
  resourceCode: ['D01.01/000001'],
  openType: 'unconditional',
  license: 'https://creativecommons.org/licenses/by/4.0/',
  contact: { name: 'Desk', email: 'desk@example.org' },
  issued: '2024-01-01',
  modified: '2026-01-15T00:00:00.000Z',
  grade: 'general_1',
  duty: 'Road safety act, section 4',
  distributions: [
    {
      format: 'CSV',
      mediaType: 'text/csv',
      accessUrl: 'https://data.example/a',
      downloadUrl: 'https://data.example/a.csv',
      byteSize: 1000,
    },
  ],
  items: [
    {
      name: 'place',
      description: 'Where it happened',
      dataType: 'character',
      grade: 'general_1',
      dataElement: 'DE0001',
    },
  ],
}
/** One with nothing but what must be there. */
const bare = {
  abstract: undefined,
  openType: 'unconditional',
  sharingType: 'conditional',
  sharingCondition: 'by_agreement',
  items: undefined,
}

describe('scores', () => {
  let app: CatalogApp
  const profile = loadProfile('neutral')
  const checks = checksOf(profile)
  const put = async (id: string, content: Record<string, unknown>, publish = true) => {
    const [outcome] = await upsertDatasets(app.db, app.system, [sampleRecord(id, content)], { publish })
    if (outcome!.outcome === 'rejected') throw new Error(JSON.stringify(outcome))
    const { rows } = await sql<{ id: number }>`
      select id from catalog.dataset where source_id = ${id}`.execute(app.db)
    return rows[0]!.id
  }
  const passedBy = async (id: number): Promise<CheckId[]> => {
    const score = (await selectScore(app.db, profile, id))!
    return checkIds.filter((_, bit) => hasBit(score.passed, bit))
  }
  const stored = async () =>
    (
      await sql<{ row: { dataset_id: number; points: number } }>`
        select to_jsonb(s) as row from coverage.entry_score s order by dataset_id`.execute(app.db)
    ).rows.map((r) => r.row)

  beforeAll(async () => {
    app = await createCatalogApp()
  })
  afterAll(() => app?.close())

  it('are full for a whole entry, but for what is not observed yet, which does not count against it', async () => {
    const id = await put('whole', whole)
    expect((await passedBy(id)).sort()).toEqual(checkIds.filter((c) => !observedChecks.has(c)).sort())
    const score = (await selectScore(app.db, profile, id))!
    const outside = checks.filter((c) => observedChecks.has(c.id)).reduce((n, c) => n + c.points, 0)
    expect(score.points).toBe(score.possible)
    expect(score.possible).toBe(505 - outside)
    expect(score.rating).toBe(0)
    expect(score.dueAt).toBe('2026-02-18T00:00:00.000Z')
  })

  it('every check fails where its subject is missing', async () => {
    const score = (await selectScore(app.db, profile, await put('bare', bare)))!
    const failing = checkIds.filter((_, bit) => hasBit(score.measured, bit) && !hasBit(score.passed, bit))
    // These hold for every entry that the catalogue takes, or are of the terms that the bare entry states.
    const always: CheckId[] = ['publisher', 'accessRights', 'accessRightsVocabulary', 'shared', 'opened']
    expect(failing.sort()).toEqual(
      checkIds.filter((c) => !always.includes(c) && c !== 'dcatConformity').sort(),
    )
    expect(score.rating).toBe(3)
  })

  it('asks no licence and no download of data that is not open', async () => {
    const id = await put('closed', { ...bare, openType: 'not_open' })
    const { measured } = (await selectScore(app.db, profile, id))!
    for (const check of ['license', 'licenseVocabulary', 'downloadUrl', 'downloadReachable'] as const)
      expect(hasBit(measured, checkIds.indexOf(check)), check).toBe(false)
  })

  it.each([
    ['a format of one product only', { format: 'XLSX' }, ['nonProprietary']],
    ['a format nobody computes with', { format: 'PDF' }, ['machineReadable']],
    ['an unknown format', { format: 'QQQ' }, ['nonProprietary', 'machineReadable', 'formatVocabulary']],
    ['no media type', { mediaType: undefined }, ['mediaType']],
    ['no download', { downloadUrl: undefined }, ['downloadUrl']],
  ] as const)('lose the points of %s', async (name, change, lost) => {
    const id = await put(name, {
      ...whole,
      resourceCode: undefined,
      distributions: [{ ...whole.distributions[0], ...change }],
    })
    const missing = checkIds.filter((c) => !observedChecks.has(c) && c !== 'resourceCode')
    const passed = await passedBy(id)
    expect(missing.filter((c) => !passed.includes(c)).sort()).toEqual([...lost].sort())
  })

  it('let the grade of the entry count for its items only where the profile does', async () => {
    const items = [{ ...whole.items[0], grade: undefined }]
    const id = await put('inherited', { ...whole, resourceCode: undefined, items })
    for (const [name, passes] of [
      ['neutral', true],
      ['cn', false],
    ] as const) {
      const { passed } = (await selectScore(app.db, loadProfile(name), id))!
      expect(hasBit(passed, checkIds.indexOf('graded')), name).toBe(passes)
    }
  })

  /** Until all news are settled: transactions of other tests in the same server hold some of them back. */
  const untilFollowed = async () => {
    let count = 0
    await vi.waitFor(async () => {
      count += (await followChanges(app.db, profile)) ?? 0
      expect(count).toBeGreaterThanOrEqual(2)
    }, 20_000)
    return count
  }

  it('follow changes, and come out as if everything were scored anew', async () => {
    await followChanges(app.db, profile)
    const id = await put('moving', { ...whole, resourceCode: undefined })
    await put('gone', bare)
    await put('draft', bare, false)
    expect(await untilFollowed()).toBe(2)
    await put('moving', { ...bare, title: 'Moved' })
    await sql`update catalog.dataset set state = 'retired' where source_id = 'gone'`.execute(app.db)
    await sql`insert into platform.outbox (topic, payload)
      select 'catalog.dataset', jsonb_build_object('ids', jsonb_build_array(id))
      from catalog.dataset where source_id = 'gone'`.execute(app.db)
    expect(await untilFollowed()).toBe(2)
    const followed = await stored()
    expect(followed.find((row) => row.dataset_id === id)?.points).toBeLessThan(100)
    const published = await rebuildScores(app.db, profile)
    expect(await stored()).toEqual(followed)
    expect(followed.length).toBe(published)
    expect(await followChanges(app.db, profile)).toBe(0)
  })

  it('are not made one by one in a bulk, nor all of them all the time', async () => {
    expect([mostOneByOne(1_000), mostOneByOne(3_000_000)]).toEqual([20_000, 150_000])
    const at = '2026-01-01T00:00:00.000Z'
    const restsAfter = (seconds: number) =>
      restsFromWhole({ at, ms: 3_000 }, Date.parse(at) + seconds * 1_000)
    expect([restsAfter(59), restsAfter(61)]).toEqual([true, false])
    expect(restsFromWhole(undefined)).toBe(false)
    // More news than are followed one by one: they wait, and are not forgotten.
    await rebuildScores(app.db, profile)
    await sql`update platform.fact set value = jsonb_set(value, '{whole,ms}', '3600000') where name = 'coverage.scores'`.execute(
      app.db,
    )
    await put('in-a-bulk', { ...whole, resourceCode: undefined })
    await sql`insert into platform.outbox (topic, payload)
      select 'catalog.dataset', jsonb_build_object('ids', jsonb_agg(i)) from generate_series(1000001, 1020000) i`.execute(
      app.db,
    )
    const before = (await stored()).length
    await vi.waitFor(async () => {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from platform.outbox
        where topic = 'catalog.dataset' and xid >= pg_snapshot_xmin(pg_current_snapshot())`.execute(app.db)
      expect(rows[0]!.n).toBe(0)
    }, 20_000)
    expect(await followChanges(app.db, profile)).toBe(0)
    expect(await stored()).toHaveLength(before)
    await sql`update platform.fact set value = jsonb_set(value, '{whole,ms}', '0') where name = 'coverage.scores'`.execute(
      app.db,
    )
    expect(await followChanges(app.db, profile)).toBe(before + 1)
  })

  it('are made anew when the rules change', async () => {
    const next = { ...profile, version: '9.9.9' }
    expect(await followChanges(app.db, next)).toBe((await stored()).length)
    expect(await followChanges(app.db, next)).toBe(0)
  })

  it('count what was observed only while the addresses are those that were asked', async () => {
    const id = await put('observed', { ...whole, resourceCode: undefined })
    await sql`
      insert into coverage.observation (dataset_id, links, access_ok, download_ok, conforms, conforms_version)
      select dataset_id, links, true, false, true, 1 from (select ${id}::int as dataset_id) d
      cross join lateral (select hashtextextended(distributions::text || services::text, 0) as links
        from catalog.dataset where id = ${id}) l`.execute(app.db)
    const before = (await selectScore(app.db, profile, id))!
    const bit = (check: CheckId) => checkIds.indexOf(check)
    for (const check of observedChecks) expect(hasBit(before.measured, bit(check)), check).toBe(true)
    expect(hasBit(before.passed, bit('accessReachable'))).toBe(true)
    expect(hasBit(before.passed, bit('downloadReachable'))).toBe(false)
    expect(hasBit(before.passed, bit('dcatConformity'))).toBe(true)
    await put('observed', {
      ...whole,
      resourceCode: undefined,
      distributions: [{ ...whole.distributions[0], accessUrl: 'https://data.example/b' }],
    })
    const after = (await selectScore(app.db, profile, id))!
    for (const check of observedChecks) expect(hasBit(after.measured, bit(check)), check).toBe(false)
  })
})

describe('checks', () => {
  it('keep the points of the European method: 100, 100, 110, 75 and 20', () => {
    const sums = new Map<string, number>()
    for (const c of checksOf(loadProfile('cn')))
      sums.set(c.dimension, (sums.get(c.dimension) ?? 0) + c.points)
    expect(Object.fromEntries(sums)).toEqual({
      findability: 100,
      accessibility: 100,
      interoperability: 110,
      reusability: 75,
      context: 20,
      needs: 100,
    })
  })

  it('refuse points for what is not checked', () => {
    const profile = loadProfile('neutral')
    const coverage = { ...profile.coverage, points: { ...profile.coverage.points, beauty: 5 } }
    expect(() => checksOf({ ...profile, coverage })).toThrow(/beauty/)
  })
})
