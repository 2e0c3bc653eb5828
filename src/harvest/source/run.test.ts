import { describe, expect, test } from 'vitest'
import { packagesOf, portalOf, rulesIn, sourceKit } from '../../../test/support/source-kit.ts'
import { decideRemovals, getHarvestRun, resumeHarvest, startHarvest, stopHarvest } from './runs.ts'

const kit = sourceKit()

describe('a harvest', () => {
  test('brings everything in, and the second time changes nothing', async () => {
    const source = await kit.add('twice', portalOf(packagesOf(250)))
    const first = await kit.run(source)
    expect(kit.errors).toEqual([])
    expect(first).toMatchObject({
      state: 'done',
      complete: true,
      counts: { read: 250, added: 250, gone: 0 },
      progress: { pages: 3, total: 250 },
    })
    const second = await kit.run(source)
    expect(second.counts).toMatchObject({ read: 250, added: 0, changed: 0, unchanged: 250, gone: 0 })
    expect(await kit.report(second, 'added')).toEqual([])
    // Nothing of the run is left behind.
    expect(await kit.query('select from harvest.run_seen')).toHaveLength(0)
  })

  test('identity is the identifier: a new title is a new version of the same entry', async () => {
    const portal = portalOf(packagesOf(30))
    const source = await kit.add('titles', portal)
    await kit.run(source)
    const before = await kit.entries('titles')
    portal.records = packagesOf(30, (i) => (i === 7 ? { title: 'Another title' } : {}))
    const run = await kit.run(source)
    expect(run.counts).toMatchObject({ changed: 1, unchanged: 29, added: 0 })
    const after = await kit.entries('titles')
    expect(after.map((e) => e.uid)).toEqual(before.map((e) => e.uid))
    expect(after[7]).toMatchObject({ title: 'Another title', version: 2 })
  })

  test('an identifier met before in the run is reported, on the same page and on another', async () => {
    const records = packagesOf(120)
    records[50] = { ...records[3]!, title: 'Same page' }
    records[110] = { ...records[4]!, title: 'Other page' }
    const source = await kit.add('repeats', portalOf(records))
    const run = await kit.run(source)
    expect(run.counts).toMatchObject({ added: 118, rejected: 2 })
    expect(rulesIn(await kit.report(run, 'rejected'))).toEqual([
      'duplicate_identifier',
      'duplicate_identifier',
    ])
  })

  test('a source of drafts makes drafts', async () => {
    const source = await kit.add('drafts', portalOf(packagesOf(3)), { publish: false })
    await kit.run(source)
    expect((await kit.entries('drafts')).map((e) => e.state)).toEqual(['draft', 'draft', 'draft'])
    expect((await kit.run(source)).counts).toMatchObject({ unchanged: 3, changed: 0 })
  })
})

describe('what is gone', () => {
  test('becomes a tombstone after a complete run, and comes back with its address', async () => {
    const portal = portalOf(packagesOf(100))
    const source = await kit.add('gone', portal)
    await kit.run(source)
    portal.records = packagesOf(100).filter((_, i) => i !== 5 && i !== 50)
    const run = await kit.run(source)
    expect(run).toMatchObject({ state: 'done', complete: true, removals: 2, counts: { gone: 2 } })
    expect((await kit.report(run, 'removed')).map((r) => r.id)).toEqual(['p000005', 'p000050'])
    const [dead] = (await kit.entries('gone')).filter((e) => e.state === 'retired')
    expect(dead).toMatchObject({ id: 'p000005', retiredBy: 'source' })
    portal.records = packagesOf(100)
    const back = await kit.run(source)
    expect(back.counts).toMatchObject({ changed: 2, unchanged: 98 })
    expect((await kit.report(back, 'restored')).map((r) => r.id)).toEqual(['p000005', 'p000050'])
    const [alive] = (await kit.entries('gone')).filter((e) => e.id === 'p000005')
    expect(alive).toMatchObject({ state: 'published', uid: dead!.uid })
  })

  test('more than the share allowed: the run asks; refused, nothing goes', async () => {
    const portal = portalOf(packagesOf(100))
    const source = await kit.add('guard', portal)
    await kit.run(source)
    portal.records = packagesOf(94)
    const run = await kit.run(source)
    expect(run).toMatchObject({ state: 'waiting', removals: 6, counts: { gone: 0 } })
    const refused = await decideRemovals(kit.db(), kit.actor, run.uid, false)
    expect(refused).toMatchObject({ state: 'done', decision: 'refused' })
    expect((await kit.entries('guard')).every((e) => e.state === 'published')).toBe(true)
    await expect(decideRemovals(kit.db(), kit.actor, run.uid, true)).rejects.toThrow('does not ask')
  })

  test('approved, it goes; exactly the share needs no question', async () => {
    const portal = portalOf(packagesOf(100))
    const source = await kit.add('approve', portal)
    await kit.run(source)
    portal.records = packagesOf(95)
    expect(await kit.run(source)).toMatchObject({ state: 'done', counts: { gone: 5 } })
    portal.records = packagesOf(10)
    const run = await kit.run(source)
    expect(run.state).toBe('waiting')
    await decideRemovals(kit.db(), kit.actor, run.uid, true)
    await kit.runner().idle()
    expect(await getHarvestRun(kit.db(), kit.actor, run.uid)).toMatchObject({
      state: 'done',
      decision: 'approved',
      decidedBy: 'test',
      counts: { gone: 85 },
    })
    expect((await kit.entries('approve')).filter((e) => e.state === 'published')).toHaveLength(10)
  })

  test('a number is a guard too', async () => {
    const portal = portalOf(packagesOf(100))
    const source = await kit.add('number', portal, { guardShare: 1, guardCount: 2 })
    await kit.run(source)
    portal.records = packagesOf(97)
    expect((await kit.run(source)).state).toBe('waiting')
  })

  test('a newer run that saw them again ends the question', async () => {
    const portal = portalOf(packagesOf(40))
    const source = await kit.add('newer', portal)
    await kit.run(source)
    portal.records = packagesOf(10)
    const asks = await kit.run(source)
    portal.records = packagesOf(40)
    expect((await kit.run(source)).state).toBe('done')
    expect(await getHarvestRun(kit.db(), kit.actor, asks.uid)).toMatchObject({ decision: 'superseded' })
    await expect(decideRemovals(kit.db(), kit.actor, asks.uid, true)).rejects.toThrow('does not ask')
  })

  test('a record that is rejected now is not gone', async () => {
    const portal = portalOf(packagesOf(30))
    const source = await kit.add('broken', portal)
    await kit.run(source)
    portal.records = packagesOf(30, (i) => (i === 3 ? { title: 'x'.repeat(5_000) } : {}))
    const run = await kit.run(source)
    expect(run.counts).toMatchObject({ rejected: 1, gone: 0 })
    expect((await kit.entries('broken')).every((e) => e.state === 'published')).toBe(true)
  })

  test('what a source announces and does not give says nothing of what is absent', async () => {
    const portal = portalOf(packagesOf(30))
    const source = await kit.add('short', portal)
    await kit.run(source)
    portal.records = packagesOf(29)
    portal.total = 30
    const run = await kit.run(source)
    expect(run).toMatchObject({ state: 'done', complete: false, removals: null, counts: { gone: 0 } })
    expect(rulesIn(await kit.report(run, 'note'))).toContain('run_incomplete')
  })
})

describe('a page that cannot be read', () => {
  test('is tried again at the end, and then nothing is missing', async () => {
    const portal = portalOf(packagesOf(500))
    portal.broken.set(3, 1)
    const source = await kit.add('retry', portal)
    const run = await kit.run(source)
    expect(run).toMatchObject({ state: 'done', complete: true, failedPages: [], counts: { added: 500 } })
    expect(portal.fetched).toEqual([1, 2, 3, 4, 5, 3, 5])
  })

  test('still broken, it removes nothing', async () => {
    const portal = portalOf(packagesOf(300))
    const source = await kit.add('still', portal)
    await kit.run(source)
    portal.broken.set(2, 5)
    const run = await kit.run(source)
    expect(run).toMatchObject({ state: 'done', complete: false, counts: { unchanged: 200, gone: 0 } })
    expect(run.failedPages[0]).toMatchObject({ tries: 2, message: expect.stringContaining('page 2') })
  })
})

describe('stopping', () => {
  test('is at once, and the run goes on where it was', async () => {
    const portal = portalOf(packagesOf(400))
    portal.before = (page, signal) =>
      page < 3
        ? Promise.resolve()
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const source = await kit.add('stop', portal)
    const { uid } = await startHarvest(kit.db(), kit.actor, source.uid)
    kit.runner().wake()
    while ((await getHarvestRun(kit.db(), kit.actor, uid)).progress.pages < 2)
      await new Promise((r) => setTimeout(r, 20))
    await stopHarvest(kit.db(), kit.actor, uid)
    const asked = performance.now()
    await kit.runner().idle()
    expect(performance.now() - asked).toBeLessThan(2_000)
    expect(await getHarvestRun(kit.db(), kit.actor, uid)).toMatchObject({
      state: 'stopped',
      counts: { added: 200 },
    })
    portal.before = undefined
    await resumeHarvest(kit.db(), kit.actor, uid)
    await kit.runner().idle()
    expect(await getHarvestRun(kit.db(), kit.actor, uid)).toMatchObject({
      state: 'done',
      complete: true,
      counts: { read: 400, added: 400 },
    })
    expect(portal.fetched).toEqual([1, 2, 3, 4])
  })

  test('one run of a source at a time: asked twice, there is one', async () => {
    const source = await kit.add('once', portalOf(packagesOf(300)))
    const [one, two] = await Promise.all([
      startHarvest(kit.db(), kit.actor, source.uid),
      startHarvest(kit.db(), kit.actor, source.uid),
    ])
    expect(one.uid).toBe(two.uid)
    await kit.runner().idle()
    expect(await kit.entries('once')).toHaveLength(300)
  })
})

test('a log of changes: the last state of an entry counts, and what it says is gone goes', async () => {
  const change = (uid: string, title: string) => ({
    id: uid,
    uid,
    content: { title, sharingType: 'unconditional', openType: 'unconditional', updateCycle: 'daily' },
  })
  const portal = portalOf(
    Array.from({ length: 40 }, (_, i) => change(`n${String(i).padStart(2, '0')}`, `First ${i}`)),
    20,
  )
  portal.records.push(change('n03', 'Changed later'))
  portal.removed = ['n07']
  const source = await kit.add('log', portal, { kind: 'concord', guardShare: 1 })
  const run = await kit.run(source)
  expect(run.counts).toMatchObject({ added: 40, changed: 1, rejected: 0, gone: 1 })
  const entries = await kit.entries('log')
  expect(entries.find((e) => e.id === 'n03')).toMatchObject({ title: 'Changed later', version: 2 })
  expect(entries.filter((e) => e.state === 'retired').map((e) => e.id)).toEqual(['n07'])
  // Only changes from here on: what is not mentioned stays.
  portal.records = []
  portal.removed = ['n08']
  const next = await kit.run(source, {})
  expect(next).toMatchObject({ since: expect.any(String), counts: { gone: 1 } })
  const live = (await kit.entries('log')).filter((e) => e.state === 'published')
  expect(live).toHaveLength(38)
})
