import { afterAll, beforeAll, expect, vi } from 'vitest'
import { upsertDatasets } from '../../src/catalog/index.ts'
import { loadProfile } from '../../src/platform/profile.ts'
import type { SimilarAnswer, SimilarItem } from '../../src/reuse/reuse.schema.ts'
import { createOrganisation, systemActor } from '../../src/security/index.ts'
import { sampleRecord } from './catalog-app.ts'
import { startTestNode, type TestNode } from './node.ts'

export const profile = loadProfile('neutral')
const system = systemActor('test')

export type Item = Record<string, unknown>
const records: [string, string, Record<string, unknown>, Item[]][] = [
  ['register', 'ru-register', { database: 'base_population' }, [{ name: '灯塔编号', dataType: 'character' }]],
  ['harbour', 'ru-harbour', {}, [{ name: '灯塔 編號', dataType: 'character' }, { name: '灯塔守护人手机号' }]],
  [
    'coast',
    'ru-coast',
    {},
    [
      { name: '灯塔编号', dataType: 'date' },
      { name: '灯塔守护人移动电话', body: 'ru-harbour' },
    ],
  ],
  ['isle', 'ru-isle', {}, [{ name: '岛上灯塔守护人手机号码' }, { name: 'beam', dataElement: 'DE-77' }]],
  ['isle2', 'ru-isle', {}, [{ name: '光束', dataElement: 'DE-77' }]],
  ['sea', 'ru-sea', {}, [{ name: 'ray of light', dataElement: 'DE-77' }, { name: '灯塔守护人手机' }]],
]

/** The capability in a whole node over the demo country, with entries of five bodies of its own. */
export function reuseKit() {
  let node: TestNode
  const headers: Record<string, Record<string, string>> = {}
  /** Address of each entry by its name here. */
  const uids: Record<string, string> = {}

  beforeAll(async () => {
    node = await startTestNode({ seed: 'demo' })
    for (const role of ['steward', 'department_reviewer', 'data_office_reviewer', 'viewer', 'system_admin'])
      headers[role] = await node.headersFor(role)
    for (const code of new Set(records.map(([, body]) => body)))
      await createOrganisation(node.db, system, {
        code,
        name: `Body ${code}`,
        tier: code === 'ru-register' ? 'nation' : 'city',
        parentUid: null,
      })
    const written = await upsertDatasets(
      node.db,
      { actor: system, profile },
      records.map(([id, body, more, items]) =>
        sampleRecord(
          id,
          { body, title: `Lighthouses ${id}`, language: 'zh-CN', items, ...more },
          'reuse-test',
        ),
      ),
      { publish: true },
    )
    expect(written.map((w) => [w.outcome, w.faults])).toEqual(records.map(() => ['added', undefined]))
    for (const [i, [id]] of records.entries()) uids[id] = written[i]!.uid!
    await vi.waitFor(async () => expect((await similar('灯塔编号'))[0]!.level).toBe('same'), 20_000)
  }, 180_000)
  afterAll(() => node?.close())

  const call = async <T>(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    payload?: object,
    role = 'steward',
  ) => {
    const answer = await node.app.inject({
      method,
      url: `/api/v1${path}`,
      headers: headers[role] ?? {},
      payload,
    })
    const isJson = answer.headers['content-type']?.toString().includes('json')
    return { status: answer.statusCode, body: (isJson ? answer.json() : answer.body) as T }
  }
  async function similar(...items: (string | Item)[]): Promise<SimilarItem[]> {
    const asked = items.map((item) => (typeof item === 'string' ? { name: item } : item))
    const { status, body } = await call<SimilarAnswer>('POST', '/reuse/similar', { items: asked })
    expect([status, body]).toEqual([200, expect.anything()])
    return body.items
  }
  return { node: () => node, uids, call, similar }
}
