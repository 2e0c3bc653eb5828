import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleRecord } from '../../test/support/catalog-app.ts'
import { upsertDatasets } from '../catalog/index.ts'
import { sql } from '../platform/postgres.ts'
import { loadProfile } from '../platform/profile.ts'
import { createOrganisation, putDivisions } from '../security/index.ts'
import type { Coverage, CoverageRanking, CoverageTrend } from './coverage.schema.ts'
import { coverageRoutes } from './index.ts'
import { type RatioId, ratioIds, share } from './ratio.ts'
import { refreshCoverage, takeSnapshot, thinSnapshots, writeDemoHistory } from './snapshot.ts'

const noon = new Date('2026-03-31T12:00:00Z')

describe('coverage', () => {
  let app: CatalogApp
  const get = async <T>(path: string): Promise<T> => {
    const answer = await app.app.inject(`/api/v1/coverage${path}`)
    if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.body}`)
    return answer.json() as T
  }
  const ratio = (current: Coverage['current'], id: RatioId) => {
    const { numerator, denominator, ratio } = current!.ratios.find((r) => r.id === id)!
    return [numerator, denominator, ratio]
  }

  beforeAll(async () => {
    app = await createCatalogApp(async (http, db) =>
      coverageRoutes(http, { db, profile: loadProfile('neutral') }),
    )
    const { db, system } = app
    const division = (code: string, parentCode: string | null) => ({
      ...{ code, name: `Land ${code}`, translations: {}, parentCode },
      ...{ tier: parentCode ? 'city' : 'province', validFrom: null, validTo: null },
    })
    await putDivisions(db, system.actor, [
      division('LD01', null),
      division('LD0101', 'LD01'),
      division('LD02', null),
    ])
    for (const [code, tier, divisionCode] of [
      ['p1', 'province', 'LD01'],
      ['c1', 'city', 'LD0101'],
      ['p2', 'province', 'LD02'],
    ] as const)
      await createOrganisation(db, system.actor, { code, name: `Office ${code}`, tier, divisionCode })
    const entry = (id: string, body: string, more: Record<string, unknown> = {}) =>
      sampleRecord(id, { body, title: `Entry ${id}`, ...more })
    const csv = [{ format: 'CSV', accessUrl: 'https://data.example/a' }]
    await upsertDatasets(
      db,
      system,
      [
        entry('1', 'p1', { distributions: csv, modified: '2026-03-20T00:00:00.000Z' }),
        entry('2', 'p1', { modified: '2025-01-01T00:00:00.000Z', openType: 'unconditional' }),
        entry('3', 'c1', { sharingType: 'not_shared', refusalBasis: 'Act, section 1' }),
        entry('4', 'c1', { updateCycle: 'once', distributions: csv }),
        entry('5', 'nation', { updateCycle: 'irregular', grade: 'general_1', items: undefined }),
      ],
      { publish: true },
    )
    await upsertDatasets(db, system, [entry('6', 'p2')], { publish: false })
    await sql`update catalog.dataset set published_at = '2026-01-01' where source_id = '3'`.execute(db)
    await refreshCoverage(db, app.profile, noon)
  })
  afterAll(() => app?.close())

  it('counts the nation with numerators and denominators', async () => {
    const { place, current } = await get<Coverage>('')
    expect(place).toMatchObject({ scope: 'nation', key: '' })
    expect(current).toMatchObject({ day: '2026-03-31', origin: 'measured', published: 5, bodies: 3 })
    expect(current!.rules).toContain('neutral')
    expect(ratio(current, 'mounted')).toEqual([2, 5, 0.4])
    expect(ratio(current, 'shared')).toEqual([4, 5, 0.8])
    expect(ratio(current, 'opened')).toEqual([1, 5, 0.2])
    expect(ratio(current, 'graded')).toEqual([1, 5, 0.2])
    // Three have a cycle with a date; one of them changed within it, one too long ago, one was published too long ago.
    expect(ratio(current, 'inTime')).toEqual([1, 3, 0.3333])
  })

  it('calls a ratio without a denominator not measured, never nought or full', async () => {
    const { current } = await get<Coverage>('')
    expect(ratio(current, 'catalogued')).toEqual([0, 0, null])
    expect(ratio((await get<Coverage>('?body=nation')).current, 'inTime')).toEqual([0, 0, null])
    expect([share(0, 0), share(0, 3), share(3, 3)]).toEqual([null, 0, 1])
    // A body that has published nothing is there, and has no figures.
    expect(await get<Coverage>('?body=p2')).toMatchObject({ current: null, target: null })
  })

  it('adds up territories from the bodies in them and below, and tiers', async () => {
    expect((await get<Coverage>('?region=LD01')).current!.published).toBe(4)
    expect((await get<Coverage>('?region=LD0101')).current!.published).toBe(2)
    expect((await get<Coverage>('?region=LD02')).current).toBeNull()
    expect((await get<Coverage>('?tier=province')).current!.published).toBe(2)
    expect((await get<Coverage>('?body=c1')).current!.published).toBe(2)
  })

  it('shows quality by dimension and check, which add up', async () => {
    const { current } = await get<Coverage>('')
    const sum = (member: 'points' | 'possible') => current!.dimensions.reduce((n, d) => n + d[member], 0)
    expect(sum('points')).toBe(current!.quality.points)
    expect(sum('possible')).toBe(current!.quality.possible)
    expect(current!.ratings.reduce((n, r) => n + r.entries, 0)).toBe(5)
    expect(current!.checks.find((c) => c.id === 'items')).toMatchObject({ passed: 4, measured: 5 })
  })

  it('ranks bodies, territories and tiers, and filters them', async () => {
    const keys = async (query: string) =>
      (await get<CoverageRanking>(`/ranking?${query}`)).rows.map((r) => r.key)
    expect(await keys('sort=shared')).toEqual(['p1', 'nation', 'c1'])
    expect(await keys('sort=shared&order=asc')).toEqual(['c1', 'p1', 'nation'])
    expect((await keys('sort=inTime')).at(-1)).toBe('nation')
    expect((await keys('region=LD01&sort=name')).sort()).toEqual(['c1', 'p1'])
    expect(await keys('q=c1')).toEqual(['c1'])
    expect(await keys('by=region')).toEqual(['LD01'])
    expect(await keys('by=region&region=LD01')).toEqual(['LD0101'])
    expect((await keys('by=tier')).sort()).toEqual(['city', 'province'])
    expect(await keys('tier=city&sort=published')).toEqual(['c1', 'nation'])
    const page = await get<CoverageRanking>('/ranking?limit=1&offset=1&sort=published')
    expect(page).toMatchObject({ total: 3, day: '2026-03-31' })
    expect(page.rows).toHaveLength(1)
  })

  it('gives everything as CSV, with time and rules', async () => {
    const answer = await app.app.inject('/api/v1/coverage/ranking.csv?sort=name')
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
    const lines = answer.body.trimEnd().split('\r\n')
    expect(lines).toHaveLength(4)
    const header = lines[0]!.replace('\ufeff', '').split(',')
    const first = Object.fromEntries(lines[1]!.split(',').map((cell, i) => [header[i]!, cell]))
    expect(first).toMatchObject({ key: 'nation', catalogued_denominator: '0', catalogued_ratio: '' })
    expect(first.counted_at).toBe(noon.toISOString())
  })

  it('names one place only, and says what is not there', async () => {
    const both = await app.app.inject('/api/v1/coverage?body=p1&region=LD01')
    expect(both.statusCode).toBe(400)
    expect(both.json().faults.map((f: { path: string }) => f.path)).toEqual([
      'querystring/region',
      'querystring/body',
    ])
    for (const query of ['body=none', 'region=XX', 'tier=galaxy', 'body=a%00b'])
      expect([400, 404], query).toContain((await app.app.inject(`/api/v1/coverage?${query}`)).statusCode)
  })

  it('measures what was catalogued against what the data office declared, no body beyond its own', async () => {
    const office = await app.signIn('office', ['data_office_reviewer'], 'nation')
    const steward = await app.signIn('steward', ['steward'], 'nation')
    const put = (code: string, payload: object, headers: Record<string, string>) =>
      app.app.inject({ method: 'PUT', url: `/api/v1/coverage/targets/${code}`, payload, headers })
    const basis = 'Inventory of duties 2026'
    expect((await put('county', { resources: 4, basis }, steward)).statusCode).toBe(403)
    expect((await put('p1', { resources: 4, basis }, office)).statusCode).toBe(403)
    expect((await put('county', { resources: 0, basis }, office)).statusCode).toBe(400)
    expect((await put('nation', { resources: 10, basis }, office)).statusCode).toBe(200)
    await sql`insert into coverage.target (organisation_id, resources, basis, declared_by)
      select id, 1, ${basis}, 'test' from security.organisation where code = 'p1'`.execute(app.db)
    await takeSnapshot(app.db, app.profile, noon)
    const nation = await get<Coverage>('')
    // One of ten, and the two of p1 count as the one it has to bring; c1 has no number and is left out.
    expect(ratio(nation.current, 'catalogued')).toEqual([2, 11, 0.1818])
    const body = await get<Coverage>('?body=nation')
    expect(body.target).toMatchObject({ resources: 10, basis, declaredBy: 'Person office' })
    const { rows } = await sql<{ detail: string }>`
      select detail from security.audit_intake where action = 'coverage:declare' and decision = 'allow'`.execute(
      app.db,
    )
    expect(rows.map((r) => JSON.parse(r.detail))).toEqual([{ before: null, resources: 10 }])
    const gone = await app.app.inject({
      method: 'DELETE',
      url: '/api/v1/coverage/targets/nation',
      headers: office,
    })
    expect(gone.statusCode).toBe(204)
    expect((await get<Coverage>('?body=nation')).target).toBeNull()
  })

  it('keeps a day once, days for a quarter, then the last of each month', async () => {
    const { db, profile } = app
    await takeSnapshot(db, profile, new Date('2026-03-31T15:00:00Z'))
    const days = ['2025-10-05', '2025-10-30', '2025-11-30', '2026-02-01', '2026-02-02']
    for (const day of days) await takeSnapshot(db, profile, new Date(`${day}T12:00:00Z`))
    expect(await thinSnapshots(db, profile, noon)).toBe(1)
    const { points } = await get<CoverageTrend>('/trend')
    expect(points.map((p) => p.day)).toEqual([...days.slice(1), '2026-03-31'])
    expect(points.at(-1)!.at).toBe('2026-03-31T15:00:00.000Z')
    const some = await get<CoverageTrend>('/trend?region=LD01&from=2025-11-01&to=2026-02-01')
    expect(some.points.map((p) => p.day)).toEqual(['2025-11-30', '2026-02-01'])
  })

  it('marks the past of the demo, and never puts it over what was counted', async () => {
    await writeDemoHistory(app.db, app.profile, noon)
    const { points } = await get<CoverageTrend>('/trend')
    const told = points.filter((p) => p.origin === 'demo')
    expect(told.length).toBeGreaterThan(20)
    expect(points.find((p) => p.day === '2026-02-02')?.origin ?? 'measured').toBe('measured')
    for (const { ratios } of told)
      for (const r of ratios) expect(r.numerator, r.id).toBeLessThanOrEqual(r.denominator)
    expect((await get<Coverage>('')).current!.origin).toBe('measured')
  })

  it('answers for an entry with what to do, in both languages', async () => {
    const { rows } = await sql<{ uid: string }>`
      select uid from catalog.dataset where source_id in ('1', '6') order by source_id`.execute(app.db)
    const answer = await app.app.inject(`/api/v1/datasets/${rows[0]!.uid}/score`)
    expect(answer.statusCode).toBe(200)
    const score = answer.json()
    const theme = score.dimensions[0].checks.find((c: { id: string }) => c.id === 'theme')
    expect(theme).toMatchObject({ state: 'failed', points: 30, field: '/theme' })
    expect(theme.todo['zh-CN']).toMatch(/主题/)
    expect(score.points).toBe(score.dimensions.reduce((n: number, d: { points: number }) => n + d.points, 0))
    // A draft is nobody's business.
    expect((await app.app.inject(`/api/v1/datasets/${rows[1]!.uid}/score`)).statusCode).toBe(404)
  })

  it('tells how it counts', async () => {
    const rules = await get<{ ratios: { id: string }[]; checks: { points: number }[] }>('/rules')
    expect(rules.ratios.map((r) => r.id)).toEqual([...ratioIds])
    expect(rules.checks.reduce((n, c) => n + c.points, 0)).toBe(505)
  })
})
