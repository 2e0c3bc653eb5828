import { expect, test } from 'vitest'
import { packagesOf, portalOf, rulesIn, sourceKit } from '../../../test/support/source-kit.ts'
import { createDataset } from '../../catalog/dataset.ts'
import { originOf } from './origin.ts'

const kit = sourceKit()
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const withUuids = (n: number, from = 0) => packagesOf(n, (i) => ({ id: uuid(i + from) }))

test('the same address at its origin: one entry, which the first source writes', async () => {
  const first = await kit.add('first', portalOf(withUuids(40)), { guardShare: 1 })
  await kit.run(first)
  const portal = portalOf(withUuids(40).map((p) => ({ ...p, title: `Copy of ${p.title}` })))
  const second = await kit.add('second', portal)
  const run = await kit.run(second)
  expect(run.counts).toMatchObject({ read: 40, linked: 40, added: 0 })
  const [line] = await kit.report(run, 'linked')
  expect(line!.faults[0]!.message).toContain('linked to an entry of the source first')
  const entries = await kit.entries('first')
  expect(entries[0]!.title).toBe('Title 0')
  // The address is that of the origin.
  expect(entries.map((e) => e.uid)).toEqual(withUuids(40).map((p) => p.id))
  expect(await originOf(kit.db(), uuid(3))).toMatchObject({
    source: { name: 'first', identifier: uuid(3) },
    linked: [{ name: 'second', reason: 'uid', identifier: uuid(3) }],
  })
  // Known links are counted, not told again.
  const again = await kit.run(second)
  expect(again.counts).toMatchObject({ linked: 40, added: 0, gone: 0 })
  expect(await kit.report(again, 'linked')).toEqual([])
})

test('when the first source drops it, the second carries it on at the same address', async () => {
  kit.portals.get('http://first.example/')!.records = withUuids(39)
  const [first] = (await kit.query(`select uid from harvest.source where name = 'first'`)) as {
    uid: string
  }[]
  const run = await kit.run({ uid: first!.uid } as never)
  expect(run.counts).toMatchObject({ unchanged: 39, gone: 0 })
  expect(rulesIn(await kit.report(run, 'gone'))).toEqual(['carried_on'])
  const [second] = (await kit.query(`select uid from harvest.source where name = 'second'`)) as {
    uid: string
  }[]
  const next = await kit.run({ uid: second!.uid } as never)
  expect(next.counts).toMatchObject({ changed: 1, linked: 39 })
  expect(await kit.entries('second')).toMatchObject([
    { id: uuid(39), uid: uuid(39), title: 'Copy of Title 39', state: 'published' },
  ])
})

test('an entry its source dropped before is carried on by one that comes later', async () => {
  const portal = portalOf(withUuids(20, 200))
  const early = await kit.add('early', portal, { guardShare: 1 })
  await kit.run(early)
  portal.records = withUuids(19, 200)
  expect((await kit.run(early)).counts.gone).toBe(1)
  const late = await kit.add('late', portalOf(withUuids(1, 219)))
  const run = await kit.run(late)
  expect(run.counts).toMatchObject({ changed: 1, added: 0, linked: 0 })
  expect(await kit.entries('late')).toMatchObject([{ uid: uuid(219), state: 'published' }])
  expect((await kit.query('select from harvest.record_link where source_id = $1', [uuid(219)])).length).toBe(
    0,
  )
})

test('the same global identifier, whichever source came first; never the same title', async () => {
  const uri = 'https://data.example/id/dataset/7'
  const extras = (value: string) => ({ extras: [{ key: 'guid', value }] })
  await kit.run(await kit.add('ckan-copy', portalOf([{ id: 'c7', title: 'Seven', ...extras(uri) }])))
  const run = await kit.run(
    await kit.add(
      'original',
      portalOf([
        { id: uri, title: 'Seven' },
        { id: 'https://data.example/id/dataset/8', title: 'Seven' },
      ]),
    ),
  )
  expect(run.counts).toMatchObject({ linked: 1, added: 1 })
  const other = await kit.run(
    await kit.add(
      'third',
      portalOf([{ id: 'x8', title: 'Eight', ...extras('https://data.example/id/dataset/8') }]),
    ),
  )
  expect(other.counts).toMatchObject({ linked: 1, added: 0 })
})

test('the same resource code as an entry compiled here: linked to it, and it stays ours', async () => {
  const ctx = { actor: kit.actor, profile: kit.profile }
  const content = {
    body: 'nation',
    language: 'en',
    title: 'Register of wells',
    abstract: 'Wells of the nation.',
    classification: ['B01'],
    resourceCode: ['B01/000777'],
    sharingType: 'unconditional',
    openType: 'not_open',
    updateCycle: 'yearly',
    items: [{ name: 'well', dataType: 'character' }],
  }
  await createDataset(kit.db(), ctx, content)
  const source = await kit.add(
    'codes',
    portalOf([
      {
        id: 'w1',
        title: 'Wells',
        classification: ['B01'],
        resourceCode: ['B01/000777'],
        updateCycle: 'yearly',
      },
    ]),
    { kind: 'jsonl' },
  )
  const run = await kit.run(source)
  expect(run.counts).toMatchObject({ linked: 1, added: 0, rejected: 0 })
  expect((await kit.report(run, 'linked'))[0]!.faults[0]!.message).toContain('an entry compiled here')
})

test('an edit made here is told when the source replaces it, and stays while the source stays', async () => {
  const portal = portalOf(packagesOf(2))
  const source = await kit.add('edited', portal)
  await kit.run(source)
  const [person] = (await kit.query(
    `insert into security.person (login, name, organisation_id) select 'pat', 'Pat', id from security.organisation limit 1 returning id`,
  )) as { id: number }[]
  await kit.query(
    `update catalog.dataset set title = 'Better', changed_by = $1 where source = 'edited' and source_id = 'p000000'`,
    [person!.id],
  )
  expect((await kit.run(source)).counts).toMatchObject({ unchanged: 2 })
  expect((await kit.entries('edited'))[0]!.title).toBe('Better')
  portal.records = packagesOf(2, () => ({ notes: 'New words' }))
  const run = await kit.run(source)
  expect(run.counts).toMatchObject({ changed: 2 })
  expect(rulesIn(await kit.report(run, 'changed'))).toEqual(['local_edit_replaced'])
  const kept = await kit.query(
    `select content ->> 'title' as title from catalog.dataset_version v join catalog.dataset d on d.id = v.dataset_id where d.source = 'edited' and d.source_id = 'p000000'`,
  )
  expect(kept).toContainEqual({ title: 'Better' })
})
