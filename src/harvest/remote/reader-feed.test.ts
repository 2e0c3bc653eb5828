import { describe, expect, test } from 'vitest'
import { portalKit, walk } from '../../../test/support/portal.ts'
import { compileMapping, formatMapping } from '../mapping.ts'

const { start } = portalKit()

const entry = (uid: string, title = uid) => ({
  uid,
  version: 1,
  body: { code: 'b' },
  content: { body: 'b', title },
})
const change = (ordinal: number, kind: string, uid: string, has?: object) => ({
  ordinal,
  kind,
  uid,
  version: 1,
  at: '2026-01-01T00:00:00.000Z',
  ...(has ? { entry: has } : {}),
})

/** A node with a list of changes, as `GET /api/v1/changes` serves it. */
function node(changes: ReturnType<typeof change>[], most = 1_000) {
  return (url: URL) => {
    if (url.pathname !== '/api/v1/changes') return null
    const after = Number(url.searchParams.get('after'))
    const page = changes.slice(after, after + Math.min(most, Number(url.searchParams.get('limit'))))
    const next = page.at(-1)?.ordinal ?? after
    return { changes: page, next, end: next >= changes.length, last: changes.length }
  }
}
const uidsOf = (w: Awaited<ReturnType<typeof walk>>) => w.records.map((r) => r.value.uid)

describe('the change feed of a node', () => {
  test('is read to its end and followed from there', async () => {
    const changes = [1, 2, 3, 4, 5].map((n) => change(n, 'create', `u${n}`, entry(`u${n}`)))
    const portal = await start(node(changes, 2))
    const w = await walk('concord', `${portal.url}/`)
    expect(uidsOf(w)).toEqual(['u1', 'u2', 'u3', 'u4', 'u5'])
    expect(w.complete).toBe(true)
    changes.push(change(6, 'delete', 'u2'), change(7, 'update', 'u3', entry('u3', 'New')))
    const rest = await walk('concord', portal.url, { from: w.pages.at(-1)!.cursor })
    expect(rest.pages.flatMap((p) => p.removed)).toEqual([
      { sourceId: 'u2', place: 'change 6', at: '2026-01-01T00:00:00.000Z' },
    ])
    expect(uidsOf(rest)).toEqual(['u3'])
  })

  test('within a page the last change of an entry counts', async () => {
    const portal = await start(
      node([
        change(1, 'create', 'a', entry('a')),
        change(2, 'delete', 'a'),
        change(3, 'delete', 'b'),
        change(4, 'create', 'b', entry('b')),
        change(5, 'update', 'c'),
      ]),
    )
    const w = await walk('concord', portal.url)
    expect(uidsOf(w)).toEqual(['b'])
    expect(w.pages[0]!.removed.map((r) => r.sourceId)).toEqual(['a'])
  })

  test('pages too large are asked for in smaller ones', async () => {
    const big = [1, 2, 3, 4].map((n) => change(n, 'create', `u${n}`, entry(`u${n}`, 'x'.repeat(20_000))))
    const portal = await start(node(big))
    const w = await walk('concord', portal.url, { limits: { pageBytes: 50_000 } })
    expect(uidsOf(w)).toEqual(['u1', 'u2', 'u3', 'u4'])
  })

  test('a page that cannot be read ends the run before it: no change is passed over', async () => {
    const serve = node(
      [1, 2, 3].map((n) => change(n, 'create', `u${n}`, entry(`u${n}`))),
      1,
    )
    const portal = await start((url) =>
      url.searchParams.get('after') === '1' ? '{"changes":[{"kind"' : serve(url),
    )
    const w = await walk('concord', portal.url)
    expect(uidsOf(w)).toEqual(['u1'])
    expect(w.complete).toBe(false)
    expect(w.pages.at(-1)!.cursor).toEqual(w.pages[0]!.cursor)
  })

  test('one that does not go on, and what is no node', async () => {
    const stuck = await start(() => ({ changes: [], next: 0, end: false }))
    await expect(walk('concord', stuck.url)).rejects.toMatchObject({ fault: { rule: 'paging_loop' } })
    const other = await start(() => ({ hello: 'world' }))
    await expect(walk('concord', other.url)).rejects.toMatchObject({ fault: { rule: 'not_concord' } })
  })

  test('an entry is taken as it is, under its address, for the body of the source', () => {
    const map = compileMapping(formatMapping('concord'))
    const mapped = map({
      uid: 'u',
      content: { body: 'theirs', title: 'T', sharingType: 'not_shared', openType: 'not_open' },
    })
    expect(mapped).toMatchObject({ sourceId: 'u', title: 'T', faults: [], bodyName: undefined })
    expect(mapped.content).toEqual({
      title: 'T',
      sharingType: 'not_shared',
      openType: 'not_open',
      updateCycle: 'irregular',
    })
    const named = compileMapping({ ...formatMapping('concord'), bodyFrom: { from: '/body/code' } })
    expect(named({ uid: 'u', body: { code: 'b' }, content: { title: 'T' } }).bodyName).toBe('b')
  })
})
