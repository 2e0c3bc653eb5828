import { beforeAll, describe, expect, test, vi } from 'vitest'
import { profile, reuseKit } from '../../test/support/reuse-kit.ts'
import { sql } from '../platform/postgres.ts'
import type { DuplicateBodies, Duplicates } from './duplicate.schema.ts'
import { buildReport } from './report-build.ts'

const { node, uids, call, similar } = reuseKit()

describe('the report of duplicates', () => {
  beforeAll(async () => {
    expect(await buildReport(node().db, profile)).toBe(true)
  }, 60_000)
  const list = async (query = '') => (await call<Duplicates>('GET', `/reuse/duplicates?${query}`)).body

  test('has each item once, with bodies, entries, types and the proposed source', async () => {
    const { items, report } = await list('q=灯塔编号')
    expect(report).toMatchObject({ problem: null, runningSince: null })
    expect(report.asOf).toBeTruthy()
    expect(items[0]).toMatchObject({
      name: '灯塔编号',
      bodies: 3,
      entries: 3,
      types: ['character', 'date'],
      source: { body: { code: 'ru-register' }, reason: 'base_database', uid: uids.register },
    })
  })
  test('synonyms are one item; a body that others name is its source', async () => {
    const [item] = (await list('q=灯塔守护人手机')).items
    expect(item).toMatchObject({
      bodies: 3,
      source: { body: { code: 'ru-harbour' }, reason: 'named_source' },
    })
    const { body } = await call<DuplicateBodies>('GET', `/reuse/duplicates/${item!.item}`)
    expect(body.bodies.map((b) => [b.body.code, b.entries, b.named]).sort()).toEqual([
      ['ru-coast', 1, 0],
      ['ru-harbour', 1, 1],
      ['ru-sea', 1, 0],
    ])
  })
  test('a data element joins different names; entries of one body count as one body', async () => {
    const { items } = await list('body=ru-sea')
    const beam = items.find((i) => i.dataElement === 'DE-77')
    expect(beam).toMatchObject({
      bodies: 2,
      entries: 3,
      source: { reason: 'most_entries', body: { code: 'ru-isle' } },
    })
  })
  test('pages have no gap and no repeat, filters hold', async () => {
    const seen: string[] = []
    const sizes: number[] = []
    for (let cursor = ''; ; ) {
      const page = await list(`limit=7&minBodies=40${cursor && `&cursor=${cursor}`}`)
      seen.push(...page.items.map((i) => i.item))
      sizes.push(...page.items.map((i) => i.bodies))
      if (!page.next) break
      cursor = page.next
    }
    expect(seen.length).toBeGreaterThan(7)
    expect(new Set(seen).size).toBe(seen.length)
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(40)
    expect((await list('body=no-such-body')).items).toEqual([])
    for (const item of (await list('theme=water&limit=5')).items) expect(item.themes).toContain('water')
    expect((await call('GET', '/reuse/duplicates?cursor=zzzz')).status).toBe(400)
    expect((await call('GET', '/reuse/duplicates/1')).status).toBe(404)
  })
  test('agrees with a count over the rows', async () => {
    const { rows } = await sql<{ bodies: number; entries: number }>`
      select count(distinct d.organisation_id)::int as bodies, count(distinct d.id)::int as entries
      from catalog.item i join catalog.dataset d on d.id = i.dataset_id
      where d.state = 'published' and i.name in ('经度', 'Longitude', 'longitude', '东经')`.execute(node().db)
    const item = (await list('q=经度')).items.find((i) => ['经度', 'Longitude'].includes(i.name))
    expect(item).toMatchObject(rows[0]!)
  })
  test('as CSV, with formulas disarmed', async () => {
    const { body, status } = await call<string>('GET', '/reuse/duplicates.csv?q=灯塔编号')
    expect(status).toBe(200)
    expect(body).toMatch(/^\ufeffitem,dataElement,bodies/)
    expect(body).toContain(`灯塔编号,,3,3,character date,`)
    expect(body.trim().split('\r\n').length).toBeGreaterThan(1)
  })
  test('is what the proposed source is taken from', async () => {
    const [item] = await similar('灯塔编号')
    expect(item!.source!.asOf).toBe((await list()).report.asOf)
    expect(item!.source).toMatchObject({ uid: uids.register, item: '灯塔编号' })
  })
  test('is made by one process at a time, readers see the old one until the swap', async () => {
    const before = (await list()).report.asOf
    const both = Promise.all([buildReport(node().db, profile), buildReport(node().db, profile)])
    expect((await list('limit=1')).items).toHaveLength(1)
    expect((await both).sort()).toEqual([false, true])
    expect((await list()).report.asOf! > before!).toBe(true)
  })
  test('leaves nothing behind and gives the connection back as it was', async () => {
    const { rows } = await sql<{ name: string }>`
      select relname as name from pg_class where relname like '%\_next' or relname in ('holding', 'raw_name')`.execute(
      node().db,
    )
    expect(rows).toEqual([])
  })
  test('is made now when the data office asks, on record, and for nobody else', async () => {
    expect((await call('POST', '/reuse/duplicates/run')).status).toBe(403)
    const before = (await list()).report.asOf!
    expect((await call('POST', '/reuse/duplicates/run', undefined, 'data_office_reviewer')).status).toBe(202)
    await vi.waitFor(async () => expect((await list()).report.asOf! > before).toBe(true), 30_000)
    const { rows } = await sql<{
      n: number
    }>`select count(*)::int as n from (select action, decision from security.audit_intake
      union all select action, decision from security.audit_event) e where action = 'reuse:run' and decision = 'allow'`.execute(
      node().db,
    )
    expect(rows[0]!.n).toBe(1)
  }, 60_000)
})
