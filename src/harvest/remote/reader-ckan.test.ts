import { describe, expect, test } from 'vitest'
import { pages, portalKit, walk } from '../../../test/support/portal.ts'
import { baseOf } from './reader-ckan.ts'
import type { RemotePage } from './remote.ts'

const { start } = portalKit()

interface Package {
  id: string
  title: string
  [member: string]: unknown
}

const id = (n: number) => `p${String(n).padStart(6, '0')}`
const packages = (count: number): Package[] =>
  Array.from({ length: count }, (_, n) => ({ id: id(n), title: `Package ${n}`, resources: [] }))

/** A CKAN portal that holds a list which a test may change while it is read. */
function ckan(list: Package[], at = '/api/3/action') {
  return (url: URL) => {
    if (url.pathname !== `${at}/package_search`) return null
    const from = Number(url.searchParams.get('start') ?? 0)
    const rows = Math.min(1_000, Number(url.searchParams.get('rows') ?? 10))
    return {
      help: 'x',
      success: true,
      result: { count: list.length, results: list.slice(from, from + rows) },
    }
  }
}

const ids = (w: { records: { value: Record<string, unknown> }[] }) => w.records.map((r) => r.value.id)

describe('package_search', () => {
  test('every package comes once, in order, with its place', async () => {
    const list = packages(250)
    const portal = await start(ckan(list))
    const w = await walk('ckan', portal.url)
    expect(ids(w)).toEqual(list.map((p) => p.id))
    expect(w.complete).toBe(true)
    expect(w.records[0]!.place).toBe('page 1, record 1')
    expect(w.records[100]!.place).toBe('page 2, record 1')
    expect(w.pages.map((p) => p.total)).toEqual([250, 250, 250])
    expect(new URL(portal.asked[0]!, portal.url).searchParams.get('sort')).toBe('id asc')
  })

  test('a portal without packages is read to its end', async () => {
    const portal = await start(ckan([]))
    expect(await walk('ckan', portal.url)).toMatchObject({ complete: true, records: [] })
  })

  test('the other prefix is found', async () => {
    const portal = await start(ckan(packages(3), '/data/api/action'))
    expect(ids(await walk('ckan', `${portal.url}/data/dataset?q=x`))).toHaveLength(3)
  })

  test('a full last page needs one more look, and that is all', async () => {
    const portal = await start(ckan(packages(199)))
    expect((await walk('ckan', portal.url)).complete).toBe(true)
    expect(portal.asked).toHaveLength(3)
  })

  test('only what changed since the last run, with an hour of overlap, within the filter', async () => {
    const portal = await start(ckan(packages(2)))
    await walk('ckan', portal.url, {
      since: '2026-03-01T12:00:00.000Z',
      source: { filter: 'organization:x' },
    })
    expect(new URL(portal.asked[0]!, portal.url).searchParams.get('fq')).toBe(
      'organization:x metadata_modified:[2026-03-01T11:00:00.000Z TO *]',
    )
  })

  test('a search for changes that fails is not made good by reading everything', async () => {
    const portal = await start(() => null)
    const read = walk('ckan', portal.url, { since: '2026-03-01T12:00:00.000Z' })
    await expect(read).rejects.toMatchObject({ code: 'source_failed' })
    expect(portal.asked.every((path) => path.includes('package_search'))).toBe(true)
  })

  test('goes on after the page that was kept', async () => {
    const list = packages(450)
    const portal = await start(ckan(list))
    const before: RemotePage[] = []
    for await (const page of pages('ckan', portal.url)) {
      before.push(page)
      if (before.length === 2) break
    }
    // As it comes back from a database.
    const from = JSON.parse(JSON.stringify(before[1]!.cursor))
    const w = await walk('ckan', portal.url, { from })
    expect(ids(w)).toEqual(list.slice(199).map((p) => p.id))
    expect(w.records[0]!.place).toBe('page 3, record 1')
    expect(w.complete).toBe(true)
  })

  test('a page that fails is left out, the others are read, and the run is not complete', async () => {
    const serve = ckan(packages(450))
    const portal = await start((url, _request, response) => {
      if (url.searchParams.get('start') !== '198') return serve(url)
      response.writeHead(500).end('{"success":false}')
    })
    const w = await walk('ckan', portal.url, { limits: { attempts: 2 } })
    expect(w.faults).toEqual(['http_status', 'total_mismatch'])
    expect(w.complete).toBe(false)
    expect(ids(w)).toHaveLength(351)
    expect(w.pages[2]!.faults[0]).toMatchObject({ path: expect.stringContaining('page 3 http://') })
  })

  test('a source that is down ends the run with its last failure', async () => {
    const serve = ckan(packages(1_000))
    const portal = await start((url, _request, response) => {
      if (Number(url.searchParams.get('start')) < 150) return serve(url)
      response.writeHead(503).end()
    })
    await expect(walk('ckan', portal.url, { limits: { attempts: 1 } })).rejects.toMatchObject({
      code: 'source_failed',
      fault: { rule: 'http_status', message: 'answers 503' },
    })
  })

  test('a page that is no JSON is a fault with its place', async () => {
    const serve = ckan(packages(150))
    const portal = await start((url) =>
      url.searchParams.get('start') === '99'
        ? '{"success":true,\n"result":{"results":[{"id":"a"},%'
        : serve(url),
    )
    const w = await walk('ckan', portal.url)
    expect(w.pages[1]!.faults[0]).toMatchObject({
      path: 'page 2 /result/results/1 line 2',
      rule: 'page_unreadable',
      message: expect.stringContaining('byte 49, line 2'),
    })
    expect(w.complete).toBe(false)
  })

  test('a record removed while reading would hide another one: the run is not complete', async () => {
    const list = packages(250)
    const serve = ckan(list)
    const portal = await start((url) => {
      if (url.searchParams.get('start') === '99') list.splice(10, 1)
      return serve(url)
    })
    const w = await walk('ckan', portal.url)
    expect(w.faults).toContain('list_shifted')
    expect(w.faults).toContain('total_shrank')
    expect(w.complete).toBe(false)
  })

  test('one removed and one added: the total is the same, the list is not', async () => {
    const list = packages(250)
    const serve = ckan(list)
    const portal = await start((url) => {
      if (url.searchParams.get('start') === '99') {
        list.splice(10, 1)
        list.push({ id: 'z', title: 'New' })
      }
      return serve(url)
    })
    const w = await walk('ckan', portal.url)
    expect(w.pages.map((p) => p.total)).toEqual([250, 250, 250])
    expect(w.faults).toContain('list_shifted')
    expect(w.complete).toBe(false)
  })

  test.each([
    ['more than there are', 300],
    ['less than there are', 5],
  ])('a total that lies, %s', async (_name, count) => {
    const serve = ckan(packages(250))
    const portal = await start((url) => {
      const answer = serve(url)
      if (answer) answer.result.count = count
      return answer
    })
    const w = await walk('ckan', portal.url)
    expect(ids(w)).toHaveLength(250)
    expect(w.faults).toContain('total_mismatch')
  })

  test('a portal that ignores the start sends one page for ever; it is read once', async () => {
    const serve = ckan(packages(250))
    const portal = await start((url) => {
      url.searchParams.set('start', '0')
      return serve(url)
    })
    const w = await walk('ckan', portal.url)
    expect(ids(w)).toHaveLength(100)
    expect(w.faults).toContain('identical_page')
    expect(w.complete).toBe(false)
    expect(portal.asked).toHaveLength(2)
  })

  test('a portal that sends fewer rows than asked for is read to its end', async () => {
    const serve = ckan(packages(45))
    const portal = await start((url) => {
      url.searchParams.set('rows', '10')
      return serve(url)
    })
    const w = await walk('ckan', portal.url)
    expect(ids(w)).toHaveLength(45)
    expect(w.complete).toBe(true)
  })

  test('a record over the limit is a reject, the others are taken', async () => {
    const list = packages(3)
    list[1]!.notes = 'x'.repeat(5 * 1024 * 1024)
    const portal = await start(ckan(list))
    const w = await walk('ckan', portal.url)
    expect(w.rejects).toEqual(['record_too_large'])
    expect(ids(w)).toEqual([id(0), id(2)])
    expect(w.complete).toBe(true)
  })

  test('pages too large are asked for in smaller ones', async () => {
    const list = packages(120)
    for (const pack of list) pack.notes = 'x'.repeat(1_000)
    const portal = await start(ckan(list))
    const w = await walk('ckan', portal.url, { limits: { pageBytes: 60_000 } })
    expect(ids(w)).toEqual(list.map((p) => p.id))
    expect(w.complete).toBe(true)
  })

  test('an answer that says it failed is no empty portal', async () => {
    const portal = await start(() => ({ success: false, error: { __type: 'Search Index Error' } }))
    await expect(walk('ckan', portal.url)).rejects.toMatchObject({
      fault: { rule: 'ckan_error', message: expect.stringContaining('Search Index Error') },
    })
  })
})

test.each([
  ['https://a.example', 'https://a.example'],
  ['https://a.example/', 'https://a.example'],
  ['https://a.example/data/dataset?q=1#x', 'https://a.example/data'],
  ['https://a.example/api/3/action/package_search?q=', 'https://a.example'],
])('the address of the portal in %s', (given, wanted) => expect(baseOf(given)).toBe(wanted))
