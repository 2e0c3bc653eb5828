import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { access, portalKit } from '../../test/support/portal.ts'
import { portalOf, rulesIn, sourceKit } from '../../test/support/source-kit.ts'
import { listOrganisations } from '../security/index.ts'
import { openRemote } from './remote/index.ts'
import { createFollower, type Follower } from './source-follow.ts'
import { listHarvestRuns } from './source-runs.ts'

const kit = sourceKit()
const { start } = portalKit()
let follower: Follower | undefined

beforeAll(() => {
  Object.assign(kit.node(), { open: openRemote, access: { ...access, spoolDir: kit.folder() } })
})
afterEach(async () => {
  await follower?.close()
  follower = undefined
})

const limits = { requestsPerSecond: 50 }

/** Another node: bodies, entries, and the changes that made them. */
async function startNode() {
  const changes: object[] = []
  const bodies: object[] = []
  const portal = await start(async (url) => {
    if (url.pathname === '/api/v1/organisations/tree') return { items: bodies }
    if (url.pathname !== '/api/v1/changes') return null
    const after = Number(url.searchParams.get('after'))
    const until = Date.now() + Number(url.searchParams.get('wait') ?? 0) * 1_000
    while (changes.length <= after && Date.now() < until) await sleep(10)
    // The second page breaks off.
    if (node.broken && after > 0) return '{"changes":[{"ordinal":'
    const limit = Number(url.searchParams.get('limit'))
    const page = changes.slice(after, after + limit)
    const next = after + page.length
    return { changes: page, next, end: next >= changes.length, last: changes.length }
  })
  const change = (kind: string, uid: string, entry?: object) =>
    void changes.push({
      ordinal: changes.length + 1,
      kind,
      uid,
      version: 1,
      at: '2026-01-01T00:00:00Z',
      ...(entry && { entry: { uid, ...entry } }),
    })
  const node = {
    ...portal,
    bodies,
    broken: false,
    put: (uid: string, title: string, more: object = {}) =>
      change('update', uid, {
        content: {
          title,
          body: 'city',
          sharingType: 'unconditional',
          openType: 'unconditional',
          updateCycle: 'daily',
          items: [],
          ...more,
        },
      }),
    remove: (uid: string) => change('delete', uid),
  }
  return node
}

/** Waits until it holds, at most some seconds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; !(await holds()); await sleep(50))
    if (Date.now() > end) throw new Error('It did not come to pass in time.')
}

describe('a node that is followed continuously', () => {
  test('is copied at once, then from change to change, deletions too, in one run', async () => {
    const node = await startNode()
    const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()]
    node.put(one, 'One')
    node.put(two, 'Two')
    const source = await kit.add('followed', portalOf([]), {
      url: node.url,
      kind: 'concord',
      schedule: 'continuous',
      active: true,
      guardShare: 1,
      limits,
    })
    follower = createFollower(kit.node(), kit.runner().wake)
    const titles = async () =>
      (await kit.entries('followed'))
        .map((e) => `${e.title} ${e.state}`)
        .sort()
        .join()
    await until(async () => (await titles()) === 'One published,Two published')
    const runs = async () => (await listHarvestRuns(kit.db(), kit.actor, source.uid, {})).items
    await until(async () => (await runs())[0]?.state === 'done')
    node.put(three, 'Three')
    await until(async () => (await titles()) === 'One published,Three published,Two published')
    await until(async () => (await runs())[0]?.state === 'done')
    node.put(one, 'One again')
    await until(async () => (await titles()) === 'One again published,Three published,Two published')
    // The first compared everything; what came later is one run.
    await until(async () => (await runs()).every((r) => r.state === 'done'))
    expect((await runs()).map((r) => r.counts)).toMatchObject([{ read: 2 }, { read: 2, added: 2 }])
    node.remove(two)
    await until(async () => (await titles()) === 'One again published,Three published,Two retired')
    expect(kit.errors).toEqual([])
  })

  test('a person who stops its run stops the following', async () => {
    const node = await startNode()
    node.put(randomUUID(), 'First')
    const source = await kit.add('stopped', portalOf([]), {
      url: node.url,
      kind: 'concord',
      schedule: 'continuous',
      active: true,
      limits,
    })
    follower = createFollower(kit.node(), kit.runner().wake)
    const runs = async () => (await listHarvestRuns(kit.db(), kit.actor, source.uid, {})).items
    await until(async () => (await runs())[0]?.state === 'done')
    await kit.query(`update harvest.import_run set state = 'stopped' where uid = $1`, [
      (await runs())[0]!.uid,
    ])
    node.put(randomUUID(), 'Second')
    await sleep(1_000)
    expect(await kit.entries('stopped')).toHaveLength(1)
    expect(await runs()).toHaveLength(1)
  })

  test('one that cannot be read whole is not read again and again', async () => {
    const node = await startNode()
    node.put(randomUUID(), 'First')
    for (let i = 0; i < 1_000; i++) node.remove(randomUUID())
    node.broken = true
    const source = await kit.add('broken', portalOf([]), {
      url: node.url,
      kind: 'concord',
      schedule: 'continuous',
      active: true,
      limits,
    })
    follower = createFollower(kit.node(), kit.runner().wake)
    const runs = async () => (await listHarvestRuns(kit.db(), kit.actor, source.uid, {})).items
    await until(async () => (await runs())[0]?.state === 'done')
    expect((await runs())[0]).toMatchObject({ complete: false, counts: { added: 1 } })
    await sleep(1_000)
    expect(await runs()).toHaveLength(1)
  })

  test('only a node can be followed so', async () => {
    await expect(
      kit.add('not-a-node', portalOf([]), { schedule: 'continuous', copyBodies: true }),
    ).rejects.toMatchObject({
      code: 'invalid_content',
      faults: [{ path: '/schedule' }, { path: '/copyBodies' }],
    })
    await expect(
      kit.add('always-full', portalOf([]), {
        kind: 'concord',
        schedule: 'continuous',
        limits: { fullDays: 0 },
      }),
    ).rejects.toMatchObject({ faults: [{ path: '/limits/fullDays' }] })
  })
})

describe('the bodies of a node', () => {
  test('come along below the body of the source, at their addresses; a code that is taken gets another', async () => {
    const node = await startNode()
    const uid = { top: randomUUID(), parks: randomUUID(), nation: randomUUID() }
    const body = (uid: string, code: string, name: string, parentUid: string | null) => ({
      uid,
      code,
      name,
      translations: { en: { name: `${name} (en)` } },
      tier: 'no-such-tier',
      divisionCode: null,
      parentUid,
    })
    // Children first; and `nation` is the code of a body here that is not below the source's.
    node.bodies.push(
      body(uid.parks, 'parks', 'Parks', uid.top),
      body(uid.nation, 'nation', 'Another nation', uid.top),
      body(uid.top, 'province', 'Province', null),
    )
    const entries = [randomUUID(), randomUUID(), randomUUID()] as const
    node.put(entries[0], 'Trees', { body: 'parks', items: [{ name: 'height', body: 'nation' }] })
    node.put(entries[1], 'Census', { body: 'nation' })
    node.put(entries[2], 'Ghost', { body: 'nobody' })
    const source = await kit.add('province', portalOf([]), {
      url: node.url,
      kind: 'concord',
      organisation: 'city',
      copyBodies: true,
      limits,
    })
    const run = await kit.run(source)
    expect(kit.errors).toEqual([])
    expect(run.counts).toMatchObject({ added: 2, rejected: 1 })
    expect(rulesIn(await kit.report(run, 'rejected'))).toEqual(['unknown_body'])
    const bodies = await listOrganisations(kit.db())
    const found = (id: string) => bodies.find((o) => o.uid === id)!
    const city = bodies.find((o) => o.code === 'city')!
    expect(found(uid.top)).toMatchObject({ code: 'province', parentId: city.id, tier: city.tier })
    expect(found(uid.parks)).toMatchObject({ code: 'parks', parentId: found(uid.top).id })
    expect(found(uid.nation)).toMatchObject({ code: 'nation.province', name: 'Another nation' })
    const rows = await kit.query(
      `select d.title, o.code, (select o2.code from catalog.item i join security.organisation o2 on o2.id = i.organisation_id
         where i.dataset_id = d.id) as item
       from catalog.dataset d join security.organisation o on o.id = d.organisation_id
       where source = 'province' order by title`,
    )
    expect(rows).toEqual([
      { title: 'Census', code: 'nation.province', item: null },
      { title: 'Trees', code: 'parks', item: 'nation.province' },
    ])
    // The second time nothing is new, and nobody asks for the tree where codes are the same.
    const again = await kit.run(source)
    expect(again.counts).toMatchObject({ unchanged: 2, rejected: 1, added: 0, changed: 0 })
    expect((await listOrganisations(kit.db())).length).toBe(bodies.length)
  })
})
