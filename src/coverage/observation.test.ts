import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleRecord } from '../../test/support/catalog-app.ts'
import { upsertDatasets } from '../catalog/index.ts'
import { sql } from '../platform/postgres.ts'
import { type CheckId, checkIds, hasBit } from './check.ts'
import { noteConformity } from './index.ts'
import { askLinks } from './observation.ts'
import { followChanges } from './score.ts'

const day = 86_400_000
const now = new Date('2026-03-01T00:00:00Z')

describe('observations', () => {
  let app: CatalogApp
  const asked: string[] = []
  /** What the world answers; an address that is not here may not be asked. */
  let world: Record<string, boolean> = {}
  const ask = async (address: string) => {
    asked.push(address)
    return world[address]
  }
  const put = async (id: string, distributions: object[]) => {
    await upsertDatasets(
      app.db,
      app.system,
      [sampleRecord(id, { openType: 'unconditional', distributions })],
      {
        publish: true,
      },
    )
    // Until the news are settled: transactions of other tests in the same server hold them back.
    let followed = 0
    await vi.waitFor(async () => {
      followed += (await followChanges(app.db, app.profile)) ?? 0
      expect(followed).toBeGreaterThan(0)
    }, 20_000)
  }
  const stateOf = async (id: string, check: CheckId): Promise<'passed' | 'failed' | 'open'> => {
    const { rows } = await sql<{ passed: number; measured: number }>`
      select s.passed, s.measured from coverage.entry_score s join catalog.dataset d on d.id = s.dataset_id
      where d.source_id = ${id}`.execute(app.db)
    const bit = checkIds.indexOf(check)
    const { passed, measured } = rows[0]!
    return !hasBit(measured, bit) ? 'open' : hasBit(passed, bit) ? 'passed' : 'failed'
  }
  const run = (at = now) => {
    asked.length = 0
    return askLinks(app.db, app.profile, ask, at)
  }

  beforeAll(async () => {
    app = await createCatalogApp()
  })
  afterAll(() => app?.close())

  it('ask the addresses of an entry once, and again when it changed', async () => {
    await put('a', [{ format: 'CSV', accessUrl: 'https://a.org/1', downloadUrl: 'https://a.org/1.csv' }])
    expect(await stateOf('a', 'accessReachable')).toBe('open')
    world = { 'https://a.org/1': true, 'https://a.org/1.csv': false }
    expect(await run()).toBe(1)
    expect(asked.sort()).toEqual(['https://a.org/1', 'https://a.org/1.csv'])
    expect(await stateOf('a', 'accessReachable')).toBe('passed')
    expect(await stateOf('a', 'downloadReachable')).toBe('failed')
    expect(await run()).toBe(0)
    expect(asked).toEqual([])
    world = { 'https://a.org/2': true }
    await put('a', [{ format: 'CSV', accessUrl: 'https://a.org/2' }])
    expect(await stateOf('a', 'accessReachable')).toBe('open')
    await run()
    expect(asked).toEqual(['https://a.org/2'])
    expect(await stateOf('a', 'accessReachable')).toBe('passed')
    // There is no download to reach, and nothing to wait for.
    expect(await stateOf('a', 'downloadReachable')).toBe('failed')
  })

  it('ask an address that did not answer again after a week, not before', async () => {
    world = { 'https://b.org/1': false }
    await put('b', [{ accessUrl: 'https://b.org/1' }])
    await run()
    expect(await stateOf('b', 'accessReachable')).toBe('failed')
    expect(await run(new Date(now.getTime() + 6 * day))).toBe(0)
    world = { 'https://b.org/1': true }
    expect(await run(new Date(now.getTime() + 8 * day))).toBe(1)
    expect(await stateOf('b', 'accessReachable')).toBe('passed')
    expect(await run(new Date(now.getTime() + 80 * day))).toBe(0)
  })

  it('know nothing of an address that may not be asked, and do not ask it again', async () => {
    world = {}
    await put('c', [{ accessUrl: 'https://inside.org/1' }])
    expect(await run()).toBe(1)
    expect(await stateOf('c', 'accessReachable')).toBe('open')
    expect(await run()).toBe(0)
  })

  it('blame nobody when no host at all answers', async () => {
    for (const name of ['d', 'e', 'f']) await put(name, [{ accessUrl: `https://${name}.org/1` }])
    world = Object.fromEntries(['d', 'e', 'f'].map((name) => [`https://${name}.org/1`, false]))
    expect(await run()).toBe(0)
    expect(await stateOf('d', 'accessReachable')).toBe('open')
    world['https://e.org/1'] = true
    expect(await run()).toBe(3)
    expect(await stateOf('d', 'accessReachable')).toBe('failed')
    expect(await stateOf('e', 'accessReachable')).toBe('passed')
  })

  it('of conformity hold for the version that was checked', async () => {
    const { rows } = await sql<{ id: number; version: number }>`
      select id, version from catalog.dataset where source_id = 'a'`.execute(app.db)
    await noteConformity(app.db, app.profile, [{ ...rows[0]!, conforms: true }])
    expect(await stateOf('a', 'dcatConformity')).toBe('passed')
    await noteConformity(app.db, app.profile, [{ ...rows[0]!, conforms: false }])
    expect(await stateOf('a', 'dcatConformity')).toBe('failed')
    await put('a', [{ format: 'XLSX', accessUrl: 'https://a.org/3' }])
    expect(await stateOf('a', 'dcatConformity')).toBe('open')
  })
})
