import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { followedNode } from '../../../test/support/followed-node.ts'
import { access, portalKit } from '../../../test/support/portal.ts'
import { portalOf, sourceKit } from '../../../test/support/source-kit.ts'
import { openRemote } from '../remote/index.ts'
import { createFollower, type Follower } from './follow.ts'
import { listHarvestRuns } from './runs.ts'
import type { SourceInput } from './source.schema.ts'

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
    const node = await followedNode(start)
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
    const node = await followedNode(start)
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
    const node = await followedNode(start)
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
    const node = await followedNode(start)
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
    const node = await followedNode(start)
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
