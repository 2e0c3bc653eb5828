import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { followedNode } from '../../../test/support/followed-node.ts'
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
import { createSource } from './source.ts'

const kit = sourceKit()
const { start } = portalKit()
const limits = { requestsPerSecond: 50 }

beforeAll(() => {
  Object.assign(kit.node(), { open: openRemote, access: { ...access, spoolDir: kit.folder() } })
})

describe('the bodies of a node', () => {
  test('are known to the first entries, though somebody read the tree before they were committed', async () => {
    const node = await followedNode(start)
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
    const node = await followedNode(start)
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
