import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { catalogue, prefixes, send } from '../../../test/support/dcat-pages.ts'
import { access, type Handler, portalKit } from '../../../test/support/portal.ts'
import { sharedFile } from '../../../test/support/shared-data.ts'
import { portalOf, sourceKit } from '../../../test/support/source-kit.ts'
import { openRemote } from '../remote/index.ts'
import type { SourceInput } from './source.schema.ts'

const kit = sourceKit()
const { start } = portalKit()

beforeAll(() => {
  // Real servers on loopback instead of portals in memory.
  Object.assign(kit.node(), { open: openRemote, access: { ...access, spoolDir: kit.folder() } })
})

const limits = { requestsPerSecond: 100 }

async function harvest(name: string, handler: Handler, more: Partial<SourceInput>) {
  const portal = await start(handler)
  return kit.add(name, portalOf([]), { url: portal.url, limits, ...more })
}

/** What the catalogue holds of a source, to be compared. */
const held = async (name: string) =>
  (await kit.entries(name)).map((e) => `${e.id} ${e.state} ${e.version} ${e.title}`).sort()

describe('every kind of source over the wire, twice: the second time changes nothing', () => {
  const ids = ['p1', 'p2', 'p3']
  const kinds: [SourceInput['kind'], Handler, number, Partial<SourceInput>][] = [
    [
      'ckan',
      (url) => {
        if (!url.pathname.endsWith('/package_search')) return null
        const results = ids
          .map((id) => ({ id, title: `T ${id}` }))
          .slice(Number(url.searchParams.get('start')))
        return { success: true, result: { count: 3, results } }
      },
      3,
      {},
    ],
    ['dcat', send('text/turtle', catalogue([1, 2, 3, 4])), 4, {}],
    [
      'concord',
      (url) => {
        const all = ids.map((uid, i) => ({
          ordinal: i + 1,
          kind: 'create',
          uid,
          version: 1,
          at: '2026-01-01T00:00:00Z',
          entry: {
            uid,
            content: {
              title: uid,
              sharingType: 'unconditional',
              openType: 'unconditional',
              updateCycle: 'daily',
            },
          },
        }))
        const after = Number(url.searchParams.get('after'))
        return { changes: all.slice(after), next: 3, end: true, last: 3 }
      },
      3,
      {},
    ],
    [
      'csv',
      () => 'code,name\n1,甲\n2,乙\n',
      2,
      {
        mapping: {
          name: 'table',
          format: 'csv',
          identifier: { from: 'code' },
          fields: { title: { from: 'name' } },
        },
      },
    ],
    ['jsonl', () => '{"identifier":"a","title":"甲"}\n{"identifier":"b","title":"乙"}\n', 2, {}],
  ]
  test.each(kinds)('%s', async (kind, handler, count, more) => {
    const source = await harvest(`kind-${kind}`, handler, { kind, ...more })
    const first = await kit.run(source)
    expect(kit.errors).toEqual([])
    expect(first).toMatchObject({
      state: 'done',
      complete: true,
      counts: { read: count, added: count, rejected: 0 },
    })
    const before = await held(`kind-${kind}`)
    const second = await kit.run(source)
    expect(second).toMatchObject({
      state: 'done',
      counts: { added: 0, changed: 0, unchanged: count, gone: 0 },
    })
    expect(await held(`kind-${kind}`)).toEqual(before)
  })

  const files = [
    'dcatus',
    'dcatus_with_none',
    'dcatus3_0',
    'dcatus3_0_nested_catalog',
    'dcatus3_0_with_services',
  ]
  test.each(files)('data.json: %s', async (name) => {
    const file = sharedFile('negative', `${name}.json`)
    if (!file) return
    const body = await readFile(file)
    const source = await harvest(name.replaceAll('_', '-'), () => body, { kind: 'dcat-us' })
    const first = await kit.run(source)
    expect(first).toMatchObject({ state: 'done', complete: true, counts: { rejected: 0 } })
    expect(first.counts.added).toBeGreaterThan(0)
    expect((await kit.run(source)).counts).toMatchObject({
      added: 0,
      changed: 0,
      unchanged: first.counts.added,
      gone: 0,
    })
  })
})

test('changes of a node are followed from the last one read; what it deleted becomes a tombstone', async () => {
  const entry = (uid: string, title: string) => ({
    uid,
    content: { title, sharingType: 'unconditional', openType: 'unconditional', updateCycle: 'daily' },
  })
  const changes: object[] = Array.from({ length: 40 }, (_, i) => ({
    ordinal: i + 1,
    kind: 'create',
    uid: `e${i + 1}`,
    entry: entry(`e${i + 1}`, `E${i + 1}`),
  }))
  const asked: number[] = []
  const source = await harvest(
    'node',
    (url) => {
      const after = Number(url.searchParams.get('after'))
      asked.push(after)
      return { changes: changes.slice(after), next: changes.length, end: true, last: changes.length }
    },
    { kind: 'concord' },
  )
  expect(await kit.run(source, {})).toMatchObject({ state: 'done', counts: { added: 40 } })
  changes.push(
    { ordinal: 41, kind: 'delete', uid: 'e2' },
    { ordinal: 42, kind: 'update', uid: 'e3', entry: entry('e3', 'New') },
  )
  const run = await kit.run(source, {})
  expect(kit.errors).toEqual([])
  expect(run).toMatchObject({ state: 'done', counts: { read: 1, changed: 1 } })
  expect(asked).toEqual([0, 40])
  const after = await held('node')
  expect(after).toContainEqual(expect.stringMatching(/^e2 retired/))
  expect(after).toContain('e3 published 2 New')
  expect(after.filter((line) => line.includes('published'))).toHaveLength(39)
})

test('a source that turns hostile leaves the catalogue as it was, and the run says why', async () => {
  let serve: Handler = send('text/turtle', catalogue([1, 2, 3, 4, 5]))
  const source = await harvest('turned', (...of) => serve(...of), { kind: 'dcat' })
  expect(await kit.run(source)).toMatchObject({ complete: true, counts: { added: 5 } })
  const before = await held('turned')
  const total = (n: number, next?: string) =>
    `<> a hydra:PagedCollection ; hydra:totalItems ${n} ${next ? `; hydra:next <${next}>` : ''} .`
  const tricks: [string, Handler, string][] = [
    [
      'lies about its total',
      send('text/turtle', catalogue([1, 2], total(5))),
      'announces 5 data sets and gave 2',
    ],
    [
      'leads in a circle',
      send('text/turtle', catalogue([1], total(1, '?'))),
      'holds the same records as a page before it',
    ],
    [
      'is broken on line 7',
      send('text/turtle', `${prefixes}\n<a> a dcat:Dataset ;\n adms:status <x> .\n`),
      'line 7',
    ],
    ['is a web page', send('text/html', '<!doctype html><html>'), 'is no RDF'],
    [
      'redirects to where machines keep secrets',
      (_url, _request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      'is at an address that is not public',
    ],
    [
      'expands entities',
      send('application/rdf+xml', '<!DOCTYPE rdf:RDF [<!ENTITY a "aa">]><rdf:RDF>&a;</rdf:RDF>'),
      'document type',
    ],
    [
      'breaks off',
      (_url, _request, response) => {
        response.writeHead(200, { 'content-type': 'text/turtle', 'content-length': '99999' })
        response.write(catalogue([1]), () => response.destroy())
      },
      'breaks off',
    ],
  ]
  for (const [name, handler, why] of tricks) {
    serve = handler
    const run = await kit.run(source)
    const told = JSON.stringify([run, await kit.report(run)])
    expect(told, name).toContain(why)
    expect(run.complete, name).not.toBe(true)
    expect(await held('turned'), name).toEqual(before)
  }
}, 120_000)
