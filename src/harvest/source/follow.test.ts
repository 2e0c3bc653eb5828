import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { access, portalKit } from '../../../test/support/portal.ts'
import { portalOf, rulesIn, sourceKit } from '../../../test/support/source-kit.ts'
import {
  actingFor,
  freshOrganisationTree,
  listOrganisations,
  reloadOrganisationTree,
  subtree,
} from '../../security/index.ts'
import { openRemote } from '../remote/index.ts'
import { createFollower, type Follower } from './follow.ts'
import { listHarvestRuns } from './runs.ts'
import type { SourceInput } from './source.schema.ts'
import { createSource } from './source.ts'

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
    if (node.answer) return node.answer
    // Asked whether there is one, it says so; asked for them, it has none.
    if (node.lies && after > 0) {
      const told = url.searchParams.get('entries') === 'false'
      return { changes: told ? [{ ordinal: after + 1 }] : [], next: after, end: true, last: after }
    }
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
    lies: false,
    answer: undefined as object | string | undefined,
    changes,
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

/** Follows a node as a source of this name. */
async function follow(name: string, url: string, more: Partial<SourceInput> = {}) {
  const source = await kit.add(name, portalOf([]), {
    url,
    kind: 'concord',
    schedule: 'continuous',
    active: true,
    limits,
    ...more,
  })
  follower = createFollower(kit.node(), kit.runner().wake)
  return { runs: async () => (await listHarvestRuns(kit.db(), kit.actor, source.uid, {})).items }
}

describe('a node that is followed continuously', () => {
  test('is copied at once, then from change to change, deletions too, in one run', async () => {
    const node = await startNode()
    const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()]
    node.put(one, 'One')
    node.put(two, 'Two')
    const { runs } = await follow('followed', node.url, { guardShare: 1 })
    const titles = async () =>
      (await kit.entries('followed'))
        .map((e) => `${e.title} ${e.state}`)
        .sort()
        .join()
    await until(async () => (await titles()) === 'One published,Two published')
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
    const { runs } = await follow('stopped', node.url)
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
    const { runs } = await follow('broken', node.url)
    await until(async () => (await runs())[0]?.state === 'done')
    expect((await runs())[0]).toMatchObject({ complete: false, counts: { added: 1 } })
    await sleep(1_000)
    expect(await runs()).toHaveLength(1)
  })

  test('one that does not let wait, or tells of changes that it does not have, is asked slowly', async () => {
    const node = await startNode()
    node.put(randomUUID(), 'First')
    const { runs } = await follow('liar', node.url)
    await until(async () => (await runs())[0]?.state === 'done')
    node.answer = { changes: [], next: 1, end: true, last: 1 }
    await sleep(1_200)
    const asked = node.asked.length
    await sleep(2_500)
    expect(node.asked.length - asked).toBeLessThanOrEqual(3)
    // It says that there is one, and the run finds none.
    node.answer = undefined
    node.lies = true
    await until(async () => (await runs()).length === 2)
    await until(async () => (await runs())[0]!.state === 'done')
    await sleep(1_500)
    const epochs = () => kit.query('select sum(epoch) as sum from harvest.import_run')
    const before = await epochs()
    await sleep(1_500)
    expect(await epochs()).toEqual(before)
  })

  test('a record nested beyond measure is a reject, and the rest comes in', async () => {
    const node = await startNode()
    const [deep, flat] = [randomUUID(), randomUUID()]
    node.put(deep, 'Deep', { extension: 'NESTED' })
    node.put(flat, 'Flat')
    const nested = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    node.answer = JSON.stringify({ changes: node.changes, next: 2, end: true, last: 2 }).replace(
      '"NESTED"',
      nested,
    )
    const source = await kit.add('deep', portalOf([]), { url: node.url, kind: 'concord', limits })
    const run = await kit.run(source)
    expect(kit.errors).toEqual([])
    expect(run).toMatchObject({ state: 'done', counts: { added: 1, rejected: 1 } })
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
  test('are known to the first entries, though somebody read the tree before they were committed', async () => {
    const node = await startNode()
    const city = (await listOrganisations(kit.db())).find((o) => o.code === 'city')!
    for (let i = 0; i < 150; i++) {
      const common = { translations: {}, tier: 'city', divisionCode: null, parentUid: null }
      node.bodies.push({ uid: randomUUID(), code: `office-${i}`, name: `Office ${i}`, ...common })
      node.put(randomUUID(), `Of office ${i}`, { body: `office-${i}` })
    }
    const known = subtree(city.id).length
    const source = await kit.add('offices', portalOf([]), {
      url: node.url,
      kind: 'concord',
      organisation: 'city',
      copyBodies: true,
      limits,
    })
    // In the middle of the transaction, and as if it held for a minute.
    const timer = setInterval(() => {
      if (subtree(city.id).length === known) return
      clearInterval(timer)
      void freshOrganisationTree(kit.db(), Date.now() + 60_000)
    }, 1)
    const run = await kit.run(source)
    clearInterval(timer)
    expect(run.counts).toMatchObject({ added: 150, rejected: 0 })
    await reloadOrganisationTree(kit.db())
  })

  test('are registered only for those who may publish', async () => {
    const city = (await listOrganisations(kit.db())).find((o) => o.code === 'city')!
    const input = { title: 'Node', kind: 'concord', url: 'https://node.example/', copyBodies: true } as const
    for (const [role, fails] of [
      ['steward', true],
      ['data_office_reviewer', false],
    ] as const) {
      const made = createSource(kit.node(), actingFor(role, city.id, [role]), {
        name: `by-${role}`,
        ...input,
      })
      if (fails) await expect(made).rejects.toMatchObject({ code: 'forbidden' })
      else expect(await made).toMatchObject({ copyBodies: true })
    }
  })

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
    // One event of the log for those that were registered together, highest first.
    const events = await kit.query(
      `select actor_id, detail::jsonb -> 'codes' as codes from security.audit_intake where action = 'organisation:create'
         and actor_id = 'harvest: province' order by seq`,
    )
    expect(events.map((e) => e.codes)).toEqual([['province'], ['parks', 'nation.province']])
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
    // What the other node says of bodies elsewhere here does not move anything there.
    const nation = bodies.find((o) => o.code === 'nation')!
    const outside = randomUUID()
    node.bodies.push(body(outside, 'intruder', 'Intruder\u0000', nation.uid))
    node.put(randomUUID(), 'Intrusion', { body: 'intruder' })
    expect((await kit.run(source)).counts).toMatchObject({ added: 1 })
    const intruder = (await listOrganisations(kit.db())).find((o) => o.uid === outside)!
    expect(intruder).toMatchObject({ parentId: city.id, name: 'Intruder ' })
    // The second time nothing is new, and nobody asks for the tree where codes are the same.
    const again = await kit.run(source)
    expect(again.counts).toMatchObject({ unchanged: 3, rejected: 1, added: 0, changed: 0 })
    expect((await listOrganisations(kit.db())).length).toBe(bodies.length + 1)
  })
})
