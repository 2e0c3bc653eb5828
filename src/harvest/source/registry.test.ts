import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { portalOf, sourceKit } from '../../../test/support/source-kit.ts'
import { ConcordError } from '../../platform/errors.ts'
import { listSources } from './list.ts'
import { importRegistry, openRegistry } from './registry.ts'

const shared =
  process.env.CONCORD_SHARED_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url))
const file = join(shared, 'real', 'data-portals.jsonl.zst')
const kit = sourceKit()
const load = (lines: unknown[]) =>
  importRegistry(
    kit.db(),
    kit.actor,
    Readable.from([
      Buffer.from(lines.map((l) => (typeof l === 'string' ? l : JSON.stringify(l))).join('\n')),
    ]),
    { packed: false },
  )
const portal = (id: string, more: object = {}) => ({
  uid: `u-${id}`,
  id,
  name: `Portal ${id}`,
  link: `https://${id}.example/`,
  ...more,
})
const namesOf = async (query: Parameters<typeof listSources>[2]) =>
  (await listSources(kit.db(), kit.actor, { registry: true, ...query })).items.map((s) => s.name)

describe('a registry', () => {
  test('gives inactive sources of nobody, with the kind their endpoints have; again it changes nothing', async () => {
    const lines = [
      portal('ckan', {
        endpoints: [
          { type: 'ckan:package-search', url: 'https://ckan.example/data/api/3/action/package_search' },
        ],
      }),
      portal('turtle', {
        endpoints: [
          { type: 'sitemap', url: 'https://a.example/s.xml' },
          { type: 'dcat:ttl', url: 'https://a.example/c.ttl' },
        ],
      }),
      portal('us', {
        endpoints: [
          { type: 'dcatap201', url: 'https://b.example/ap' },
          { type: 'dcatus11', url: 'https://b.example/data.json' },
        ],
      }),
      portal('map', {
        endpoints: [{ type: 'wms130', url: 'https://c.example/wms' }],
        owner: { name: '广州市政务服务局', location: { country: { id: 'CN', name: 'China' }, level: 30 } },
      }),
      'no json',
      { name: 'without an id' },
      portal('nowhere', { link: 'javascript:alert(1)' }),
    ]
    expect(await load(lines)).toMatchObject({ read: 7, added: 4, rejected: 3 })
    const { items } = await listSources(kit.db(), kit.actor, { registry: true })
    expect(items.map((s) => [s.name, s.kind, s.url, s.active, s.organisation])).toEqual([
      ['ckan', 'ckan', 'https://ckan.example/data/', false, null],
      ['map', null, 'https://map.example/', false, null],
      ['turtle', 'dcat', 'https://a.example/c.ttl', false, null],
      ['us', 'dcat-us', 'https://b.example/data.json', false, null],
    ])
    expect(await load(lines)).toMatchObject({ added: 0, changed: 0, unchanged: 4 })
    lines[0] = { ...(lines[0] as object), name: 'Renamed' }
    expect(await load(lines)).toMatchObject({ added: 0, changed: 1, unchanged: 3 })
  })

  test('is found by words in any script, kind, country and level', async () => {
    expect(await namesOf({ q: '政务' })).toEqual(['map'])
    expect(await namesOf({ q: 'renam' })).toEqual(['ckan'])
    expect(await namesOf({ q: 'portal china' })).toEqual(['map'])
    expect(await namesOf({ kind: 'none' })).toEqual(['map'])
    expect(await namesOf({ country: 'CN', level: 30 })).toEqual(['map'])
    expect(await namesOf({ q: "'); drop table x; --" })).toEqual([])
    expect(await namesOf({ q: '…' })).toEqual([])
  })

  test('a portal that a body took up, and a name that is taken, stay as they are', async () => {
    await kit.query(
      `update harvest.source set organisation_id = (select id from security.organisation limit 1), title = 'Ours' where name = 'us'`,
    )
    expect(await load([portal('us', { name: 'Theirs' })])).toMatchObject({ changed: 0, unchanged: 1 })
    await kit.add('taken', portalOf([]))
    expect(await load([portal('taken')])).toMatchObject({ added: 1 })
    const rows = await kit.query(
      `select name, title from harvest.source where name ~ '^(us|taken)' order by name`,
    )
    expect(rows).toEqual([
      { name: 'taken', title: 'Portal taken' },
      { name: 'taken-taken', title: 'Portal taken' },
      { name: 'us', title: 'Ours' },
    ])
  })

  test('a file that is no zstd is refused', async () => {
    const input = Readable.from([Buffer.from('no zstd at all')])
    await expect(importRegistry(kit.db(), kit.actor, input, { packed: true })).rejects.toThrow(ConcordError)
  })
})

describe.skipIf(!existsSync(file))(
  existsSync(file) ? 'the real registry' : `the real registry: SKIPPED, ${file} is not there`,
  () => {
    test('19,140 portals, all with a name of their own; a page of any question is quick', {
      timeout: 120_000,
    }, async () => {
      const read = async () => {
        const { input, packed } = await openRegistry(file)
        return importRegistry(kit.db(), kit.actor, input, { packed })
      }
      const first = await read()
      expect(first).toMatchObject({ read: 19_140 })
      expect(first.added + first.unchanged + first.rejected).toBe(19_140)
      expect(first.rejected).toBeLessThan(20)
      expect(await read()).toMatchObject({ added: 0, changed: 0, rejected: first.rejected })
      const kinds = await kit.query(
        `select kind, count(*)::int as n from harvest.source group by 1 order by 2 desc`,
      )
      console.info(JSON.stringify(kinds))
      await kit.query('analyze harvest.source')
      const started = performance.now()
      for (const q of ['data', 'beijing', 'open data germany', '广州'])
        await listSources(kit.db(), kit.actor, { registry: true, q, limit: 50 })
      expect((performance.now() - started) / 4).toBeLessThan(500)
      const plan = await kit.query(
        `explain select * from harvest.source where organisation_id is null and words @@ '''beijing'':*'::tsquery order by name limit 50`,
      )
      expect(JSON.stringify(plan)).toContain('source_words')
    })
  },
)
