import { describe, expect, test } from 'vitest'
import { portalKit, walk } from '../../../test/support/portal.ts'

const { start } = portalKit()

interface Package {
  id: string
  title: string
}

const id = (n: number) => `p${String(n).padStart(6, '0')}`
const packages = (count: number): Package[] =>
  Array.from({ length: count }, (_, n) => ({ id: id(n), title: `Package ${n}` }))
const ids = (w: { records: { value: Record<string, unknown> }[] }) => w.records.map((r) => r.value.id)

describe('package_list and package_show', () => {
  function lists(list: Package[], o: { at?: string; ignoreOffset?: boolean; private?: string } = {}) {
    const at = o.at ?? '/api/3/action'
    return (
      url: URL,
      _request: unknown,
      response: { writeHead(status: number): { end(text: string): void } },
    ) => {
      if (url.pathname === `${at}/package_list`) {
        const offset = o.ignoreOffset ? 0 : Number(url.searchParams.get('offset'))
        const limit = Number(url.searchParams.get('limit'))
        return { success: true, result: list.slice(offset, offset + limit).map((p) => p.id) }
      }
      const found = list.find((p) => p.id === url.searchParams.get('id'))
      if (url.pathname !== `${at}/package_show` || !found) {
        response
          .writeHead(url.pathname.includes('package_search') ? 400 : 404)
          .end('"Bad request - Action name not known"')
        return undefined
      }
      if (found.id === o.private) {
        response.writeHead(403).end('{}')
        return undefined
      }
      return { success: true, result: found }
    }
  }

  test('a portal without search is read by its list', async () => {
    const list = packages(130)
    const portal = await start(lists(list))
    const w = await walk('ckan', portal.url)
    expect(ids(w)).toEqual(list.map((p) => p.id))
    expect(w.complete).toBe(true)
    expect(w.pages.at(-1)!.total).toBe(130)
  })

  test('over several lists, and taken up in the middle of one', async () => {
    const list = packages(1_120)
    const portal = await start(lists(list, { private: id(3) }))
    const w = await walk('ckan', portal.url)
    expect(ids(w)).toHaveLength(1_119)
    expect(w.notes).toEqual(['not_shown'])
    expect(w.complete).toBe(true)
    const rest = await walk('ckan', portal.url, { from: w.pages[20]!.cursor })
    expect(ids(rest)).toEqual(list.slice(1_050).map((p) => p.id))
  })

  test('a list that ignores the offset is read once and is not complete', async () => {
    const portal = await start(lists(packages(1_200), { ignoreOffset: true }))
    const w = await walk('ckan', portal.url)
    expect(ids(w)).toHaveLength(1_000)
    expect(w.faults).toEqual(['identical_page'])
  })

  test('CKAN 1 lists and shows without a wrapper', async () => {
    const portal = await start((url) => {
      if (url.pathname === '/api/2/rest/package') return ['a', 'b']
      const name = /^\/api\/2\/rest\/package\/(\w)$/.exec(url.pathname)?.[1]
      return name ? { id: name, name, title: name, tags: ['old'], extras: { k: 'v' } } : null
    })
    expect(ids(await walk('ckan', portal.url))).toEqual(['a', 'b'])
  })
})
