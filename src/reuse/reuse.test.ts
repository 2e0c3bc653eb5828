import { describe, expect, test, vi } from 'vitest'
import { sampleRecord } from '../../test/support/catalog-app.ts'
import { type Item, profile, reuseKit } from '../../test/support/reuse-kit.ts'
import { upsertDatasets } from '../catalog/index.ts'
import { sql } from '../platform/postgres.ts'
import { systemActor } from '../security/index.ts'
import type { NamePort } from './context.ts'
import type { EntryReuse } from './decision.schema.ts'
import { undecidedItems } from './index.ts'
import type { SimilarAnswer } from './reuse.schema.ts'

const { node, uids, call, similar } = reuseKit()
const system = systemActor('test')

describe('who holds an item', () => {
  test('every spelling is found, with the base database before the others', async () => {
    const [item] = await similar({ name: '燈塔編號', dataType: 'character' })
    const holders = item!.matches.filter((m) => m.level === 'same').flatMap((m) => m.holders)
    expect(holders.map((h) => h.body.code)).toEqual(expect.arrayContaining(['ru-register', 'ru-harbour']))
    expect(item!.matches[0]!.holders[0]!.body.code).toBe('ru-register')
    expect(item!.source).toMatchObject({ body: { code: 'ru-register' }, reason: 'base_database', asOf: null })
    expect(item!.matches[0]!.reasons).toEqual(['name_equal', 'type_equal'])
  })
  test('a holder of another type is told apart', async () => {
    const [item] = await similar({ name: '灯塔编号', dataType: 'numeric' })
    const all = item!.matches.flatMap((m) => m.holders)
    expect(all.find((h) => h.body.code === 'ru-coast')!.reasons).toContain('type_differs')
    expect(item!.matches[0]!.holders.at(-1)!.body.code).toBe('ru-coast')
    expect(all.find((h) => h.body.code === 'ru-register')!.reasons).toContain('type_convertible')
  })
  test('synonyms, and names that say more, each with its reason', async () => {
    const [item] = await similar('灯塔守护人手机号码')
    const levels = new Map(item!.matches.map((m) => [m.name, [m.level, m.reasons[0]]]))
    expect(levels.get('灯塔守护人移动电话')).toEqual(['same', 'synonym'])
    expect(levels.get('岛上灯塔守护人手机号码')).toEqual(['similar', 'more_specific'])
  })
  test('the body that others name as the source is proposed', async () => {
    const [item] = await similar('灯塔守护人手机')
    expect(item!.source).toMatchObject({ body: { code: 'ru-harbour' }, reason: 'named_source' })
  })
  test('the same data element is the same item whatever it is called', async () => {
    const [item] = await similar({ name: 'something else', dataElement: 'DE-77' })
    expect(item).toMatchObject({ level: 'same' })
    expect(item!.matches[0]!.reasons).toContain('data_element')
    expect(new Set(item!.matches.flatMap((m) => m.holders.map((h) => h.body.code)))).toEqual(
      new Set(['ru-isle', 'ru-sea']),
    )
  })
  test('an entry does not find itself', async () => {
    const ask = (dataset?: string) =>
      call<SimilarAnswer>(
        'POST',
        '/reuse/similar',
        { items: [{ name: '岛上灯塔守护人手机号码' }], dataset },
        'data_office_reviewer',
      )
    const bodies = (a: SimilarAnswer) => a.items[0]!.matches.flatMap((m) => m.holders.map((h) => h.uid))
    expect(bodies((await ask()).body)).toContain(uids.isle)
    expect(bodies((await ask(uids.isle)).body)).not.toContain(uids.isle)
  })
  test('nothing is found for what nobody holds, and answers keep the order of the questions', async () => {
    const items = await similar('火星基地编号', '灯塔编号', '！！', "'; drop table catalog.item; --")
    expect(items.map((i) => i.level)).toEqual(['none', 'same', 'none', 'none'])
    const unstorable = await call('POST', '/reuse/similar', { items: [{ name: '\ud800' }] })
    expect(unstorable.status).toBe(400)
  })
  test('fifty items are one question, more are refused', async () => {
    const items = Array.from({ length: 51 }, () => ({ name: '灯塔编号' }))
    expect((await call('POST', '/reuse/similar', { items: items.slice(1) })).status).toBe(200)
    expect((await call('POST', '/reuse/similar', { items })).status).toBe(400)
    expect((await call('POST', '/reuse/similar', { items: [{ name: 'x'.repeat(501) }] })).status).toBe(400)
  })
  test('an entry that is gone is held by nobody', async () => {
    await upsertDatasets(
      node().db,
      { actor: system, profile },
      [
        sampleRecord(
          'gone',
          { body: 'ru-sea', title: 'Gone', items: [{ name: '灯塔玻璃厚度' }] },
          'reuse-test',
        ),
      ],
      { publish: true },
    )
    await vi.waitFor(async () => expect((await similar('灯塔玻璃厚度'))[0]!.level).toBe('same'), 20_000)
    await sql`update catalog.dataset set state = 'retired' where source = 'reuse-test' and source_id = 'gone'`.execute(
      node().db,
    )
    expect((await similar('灯塔玻璃厚度'))[0]!.level).toBe('none')
  })
})

/** A draft of the steward's own body. */
async function makeDraft(items: Item[], role = 'steward'): Promise<string> {
  const content = { ...sampleRecord('x').content, body: undefined, title: 'Harbour lights', items }
  const { status, body } = await call<{ uid: string }>('POST', '/datasets', { content }, role)
  expect([status, body]).toEqual([201, expect.anything()])
  return body.uid
}
const reuseOf = async (uid: string, role = 'steward') =>
  (await call<EntryReuse>('GET', `/datasets/${uid}/reuse`, undefined, role)).body

describe('decisions', () => {
  test('an entry lists what others hold, until each is decided; who decided is on record', async () => {
    const uid = await makeDraft([
      { name: '灯塔编号' },
      { name: '灯塔守护人手机' },
      { name: '我们自己的奇特项' },
    ])
    expect(await reuseOf(uid)).toMatchObject({ undecided: 2, checked: 3, required: false })
    const answer = await call('PUT', `/datasets/${uid}/reuse`, {
      decisions: [
        {
          item: '灯塔编号',
          decision: 'reuse',
          source: { body: 'ru-register', uid: uids.register, item: '灯塔编号' },
        },
        { item: '灯塔守护人手机', decision: 'collect', reason: 'Theirs is updated once a year only.' },
      ],
    })
    expect(answer.status).toBe(204)
    const after = await reuseOf(uid, 'department_reviewer')
    expect(after.undecided).toBe(0)
    expect(after.items.map((i) => [i.index, i.decided])).toEqual([
      [0, true],
      [1, true],
    ])
    const [collect, reuse] = [...after.decisions].sort((a, b) => a.decision.localeCompare(b.decision))
    expect(collect).toMatchObject({
      decision: 'collect',
      reason: 'Theirs is updated once a year only.',
      source: null,
    })
    expect(reuse).toMatchObject({
      decision: 'reuse',
      source: { body: { code: 'ru-register' }, uid: uids.register },
    })
    expect(reuse!.by).toBeTruthy()
    const { rows } = await sql<{ detail: string }>`
      select detail::text from (select detail, action, object_id from security.audit_intake
        union all select detail, action, object_id from security.audit_event) e
      where action = 'reuse:decide' and object_id = ${uid}`.execute(node().db)
    expect(rows.map((r) => JSON.parse(r.detail))).toEqual([
      { collect: 1, items: ['灯塔编号', '灯塔守护人手机'], reuse: 1 },
    ])
  })
  test('a decision holds for every way to write the item, and a later one replaces it', async () => {
    const uid = await makeDraft([{ name: '灯塔守护人移动电话' }])
    const decide = (reason: string, item: string) =>
      call('PUT', `/datasets/${uid}/reuse`, { decisions: [{ item, decision: 'collect', reason }] })
    await decide('first', '灯塔守护人手机号')
    await decide('second', '灯塔守护人手机号码')
    expect(await reuseOf(uid)).toMatchObject({ undecided: 0, decisions: [{ reason: 'second' }] })
  })
  test('an item that names its source in the entry itself needs no decision', async () => {
    const uid = await makeDraft([{ name: '灯塔编号', body: 'ru-register', sourceItem: '灯塔编号' }])
    expect(await reuseOf(uid)).toMatchObject({ undecided: 0, items: [{ decided: true }] })
  })
  test('a reason must say something, a source must exist', async () => {
    const uid = await makeDraft([{ name: '灯塔编号' }])
    const decide = (decision: object) =>
      call<{ code: string; faults: Item[] }>('PUT', `/datasets/${uid}/reuse`, { decisions: [decision] })
    expect((await decide({ item: '灯塔编号', decision: 'collect', reason: '  ' })).status).toBe(400)
    expect((await decide({ item: '灯塔编号', decision: 'collect' })).status).toBe(400)
    const unknown = await decide({ item: '灯塔编号', decision: 'reuse', source: { body: 'nobody' } })
    expect([unknown.status, unknown.body.code]).toEqual([422, 'invalid_content'])
    expect(unknown.body.faults[0]).toMatchObject({ path: '/decisions/0/source/body', rule: 'unknown_body' })
    expect((await reuseOf(uid)).decisions).toEqual([])
  })
  test('only for entries of the own body and below', async () => {
    const uid = await makeDraft([{ name: '灯塔编号' }], 'steward')
    const decisions = [{ item: '灯塔编号', decision: 'collect', reason: 'because' }]
    expect((await call('PUT', `/datasets/${uids.sea}/reuse`, { decisions })).status).toBe(403)
    expect((await call('PUT', `/datasets/${uid}/reuse`, { decisions }, 'viewer')).status).toBe(403)
    expect((await call('GET', `/datasets/${uid}/reuse`, undefined, 'viewer')).status).toBe(404)
    expect((await call('POST', '/reuse/similar', { items: [{ name: 'a' }] }, 'nobody')).status).toBe(401)
    expect((await call('POST', '/reuse/similar', { items: [{ name: 'a' }] }, 'system_admin')).status).toBe(
      403,
    )
  })
})

describe('a profile that requires decisions', () => {
  test('has a fault for each undecided item when an entry is handed in, and none where it does not', async () => {
    expect(undecidedItems({ db: node().db, profile, port: fixedPort([]) })).toBeUndefined()
    const { rows } = await sql<{ id: number }>`
      select id from catalog.dataset where uid = ${uids.register}`.execute(node().db)
    const strict = { ...profile, reuse: { required: true } }
    const check = undecidedItems({ db: node().db, profile: strict, port: fixedPort(rows) })!
    const uid = await makeDraft([{ name: '我们的' }, { name: '灯塔编号' }])
    const { rows: own } = await sql<{
      id: number
    }>`select id from catalog.dataset where uid = ${uid}`.execute(node().db)
    const content = { ...sampleRecord('x').content, items: [{ name: '我们的' }, { name: '灯塔编号' }] }
    const entry = { id: own[0]!.id, content: content as never }
    expect(await check(node().db, entry)).toMatchObject([{ path: '/items/1', rule: 'reuse_undecided' }])
    await call('PUT', `/datasets/${uid}/reuse`, {
      decisions: [{ item: '灯塔编号', decision: 'collect', reason: 'because' }],
    })
    expect(await check(node().db, entry)).toEqual([])
  })
})

/** An index that knows one name, held by one entry. */
const fixedPort = (rows: { id: number }[]): NamePort => ({
  names: async (wanted) =>
    wanted.map(({ exact }) =>
      exact.includes('灯塔编号') ? [{ text: '灯塔编号', name: '灯塔编号', entries: 1 }] : [],
    ),
  holders: async (wanted) => wanted.map(() => ({ ids: rows.map((r) => r.id), bodies: 1, exact: true })),
})
