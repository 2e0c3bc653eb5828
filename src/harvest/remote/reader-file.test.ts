import { mkdtempSync } from 'node:fs'
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { access, pages, portalKit, walk } from '../../../test/support/portal.ts'
import { openFile } from '../reader.ts'
import type { ReadEvent } from '../reader-event.ts'
import type { RemoteKind, RemotePage } from './remote.ts'

const { start } = portalKit()

const dataset = (n: number) => ({ identifier: `d${n}`, title: `Data ${n}` })
const catalog = (numbers: number[], more = {}) => ({ ...more, dataset: numbers.map(dataset) })
const idsOf = (w: { records: { value: Record<string, unknown> }[] }) =>
  w.records.map((r) => r.value.identifier)
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('data.json', () => {
  test('many records come in pages, and the reading goes on in the middle of them', async () => {
    const portal = await start(() => catalog(range(0, 2_500)))
    const w = await walk('dcat-us', portal.url)
    expect(w.pages.map((p) => p.events.length)).toEqual([1_000, 1_000, 500])
    expect(w.records[1_700]!.place).toBe('/dataset/1700 line 1')
    expect(w.complete).toBe(true)
    const rest = await walk('dcat-us', portal.url, { from: JSON.parse(JSON.stringify(w.pages[0]!.cursor)) })
    expect(idsOf(rest)).toEqual(range(1_000, 2_500).map((n) => `d${n}`))
    expect(rest.complete).toBe(true)
  })

  test('a file that changed meanwhile is taken from its beginning', async () => {
    let numbers = range(0, 1_200)
    const portal = await start(() => catalog(numbers))
    const kept: RemotePage[] = []
    for await (const page of pages('dcat-us', portal.url)) {
      kept.push(page)
      break
    }
    numbers = range(100, 1_300)
    const rest = await walk('dcat-us', portal.url, { from: kept[0]!.cursor })
    expect(idsOf(rest)).toEqual(numbers.map((n) => `d${n}`))
  })

  test('pages that name the next one', async () => {
    const portal = await start((url) => {
      const page = Number(url.searchParams.get('p') ?? 0)
      return catalog([page], page < 3 ? { next: `/data.json?p=${page + 1}` } : {})
    })
    const w = await walk('dcat-us', `${portal.url}/data.json`)
    expect(idsOf(w)).toEqual(['d0', 'd1', 'd2', 'd3'])
    expect(w.records[2]!.place).toMatch(/^document 3 \/dataset\/0 line/)
    expect(w.complete).toBe(true)
  })

  test('numbered pages, until one has no records or is not there', async () => {
    const ends: ((page: number) => unknown)[] = [() => catalog([]), () => null]
    for (const end of ends) {
      const portal = await start((url) => {
        const page = Number(url.searchParams.get('page'))
        return page > 3 ? end(page) : catalog([page])
      })
      const w = await walk('dcat-us', `${portal.url}/data.json?page=1`)
      expect(idsOf(w)).toEqual(['d1', 'd2', 'd3'])
      expect(w.complete).toBe(true)
    }
  })

  test('a page that is named but not there is no end', async () => {
    const portal = await start((url) =>
      url.searchParams.get('page') === '2' ? null : catalog([1], { next: '/data.json?page=2' }),
    )
    await expect(walk('dcat-us', `${portal.url}/data.json?page=1`)).rejects.toMatchObject({ answered: 404 })
  })

  test('numbered pages of a server that ignores the number, and next links in a circle', async () => {
    const same = await start(() => catalog([1]))
    const ignoring = await walk('dcat-us', `${same.url}/data.json?page=1`)
    expect(ignoring).toMatchObject({ faults: ['identical_page'], complete: false })
    expect(idsOf(ignoring)).toEqual(['d1'])
    const circle = await start((url) => {
      const page = Number(url.searchParams.get('p') ?? 0)
      return catalog([page], { next: `/?p=${(page + 1) % 2}` })
    })
    expect(await walk('dcat-us', `${circle.url}/?p=0`)).toMatchObject({
      faults: ['paging_loop'],
      complete: false,
    })
  })

  test('an empty catalogue is a fault: nothing is taken for deleted', async () => {
    const portal = await start(() => catalog([]))
    expect(await walk('dcat-us', portal.url)).toMatchObject({ faults: ['no_records'], complete: false })
  })

  test('a text that breaks off as JSON brings what is before, and is not complete', async () => {
    const text = JSON.stringify(catalog([1, 2, 3]))
    const portal = await start(() => text.slice(0, -20))
    const w = await walk('dcat-us', portal.url)
    expect(idsOf(w)).toEqual(['d1', 'd2'])
    expect(w.faults).toEqual(['json'])
    expect(w.complete).toBe(false)
  })

  test('an answer that breaks off as HTTP brings nothing at all', async () => {
    const portal = await start((_url, _request, response) => {
      response.writeHead(200, { 'content-length': '100000' })
      response.write(JSON.stringify(catalog([1, 2, 3])).slice(0, 60), () => response.destroy())
    })
    await expect(walk('dcat-us', portal.url, { limits: { attempts: 2 } })).rejects.toMatchObject({
      fault: { rule: 'cut_off' },
    })
  })

  test('nested 100,000 deep it is passed over or refused, never a crash', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const portal = await start(
      () => `{"dataset":[{"identifier":"d1","title":"x","deep":${deep}},{"identifier":"d2"}]}`,
    )
    const w = await walk('dcat-us', portal.url)
    expect(w.records.length + w.rejects.length).toBe(2)
  })

  test('what did not change is not sent again', async () => {
    const portal = await start((_url, request, response) => {
      response.setHeader('last-modified', 'Thu, 01 Jan 2026 00:00:00 GMT')
      if (!request.headers['if-modified-since']) return catalog([1])
      response.writeHead(304).end()
      return undefined
    })
    const { validators } = (await walk('dcat-us', portal.url)).pages.at(-1)!
    const again = await walk('dcat-us', portal.url, { validators })
    expect(again.pages).toMatchObject([{ notModified: true, last: true }])
  })
})

describe('tables and lines', () => {
  test.each<[RemoteKind, string | Buffer, object | undefined]>([
    ['csv', 'id,title\n1,甲\n2,乙\n', undefined],
    ['csv', Buffer.from('id;title\n1;\xb0\xa1\n', 'latin1'), { encoding: 'gb18030' }],
    ['csv', gzipSync('id,title\n1,甲\n'), undefined],
    ['jsonl', '{"id":"1","title":"甲"}\n{"id":"2","title":"乙"}\n', undefined],
    ['json', '{"list":[{"id":"1","title":"甲"}]}', { records: '/list' }],
  ])('%s', async (kind, body, read) => {
    const portal = await start(() => body)
    const w = await walk(kind, portal.url, { source: { read } })
    expect(w.records[0]!.value).toMatchObject({ id: '1', title: expect.stringMatching(/^[甲啊]$/) })
    expect(w.complete).toBe(true)
  })

  test('a web page is no table', async () => {
    const portal = await start(() => '\n<!DOCTYPE html>\n<html><body>Moved, or sign in</body></html>')
    await expect(walk('csv', portal.url)).rejects.toMatchObject({ fault: { rule: 'web_page' } })
  })

  test('what is no workbook is refused', async () => {
    const portal = await start(() => 'id,title\n1,x\n')
    await expect(walk('xlsx', portal.url)).rejects.toMatchObject({ code: 'invalid_content' })
  })

  test('a file over the limit, and nothing left on disk however it ends', async () => {
    const spoolDir = join(mkdtempSync(join(tmpdir(), 'remote-')), 'spool')
    const portal = await start(() => `id,title\n${'1,x\n'.repeat(100_000)}`)
    const options = { access: { ...access, spoolDir } }
    await expect(
      walk('csv', portal.url, { ...options, limits: { fileBytes: 100_000 } }),
    ).rejects.toMatchObject({
      fault: { rule: 'response_too_large' },
    })
    for await (const page of pages('csv', portal.url, options)) {
      expect(page.events).toHaveLength(1_000)
      break
    }
    // As a killed process leaves them.
    for (const [name, age] of [
      ['old.remote', 2],
      ['new.remote', 0],
      ['other', 2],
    ] as const) {
      await writeFile(join(spoolDir, name), 'x')
      const at = Date.now() / 1_000 - age * 86_400
      await utimes(join(spoolDir, name), at, at)
    }
    expect((await walk('csv', portal.url, options)).records).toHaveLength(100_000)
    expect((await readdir(spoolDir)).sort()).toEqual(['new.remote', 'other'])
  })
})

const shared =
  process.env.CONCORD_SHARED_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url))
const names = await readdir(join(shared, 'negative')).catch(() => undefined)

describe.skipIf(names === undefined)(
  `shared files${names ? '' : `: SKIPPED, ${shared} is not there`}`,
  () => {
    const files: [RemoteKind, string, object | undefined][] = [
      ...(names ?? []).map(
        (name) => ['dcat-us', `negative/${name}`, undefined] as [RemoteKind, string, undefined],
      ),
      ['csv', 'real/portals.csv', undefined],
      ['csv', 'real/kaohsiung-catalogue.csv', { header: false }],
      ['csv', 'real/tainan-catalogue.csv', { header: false }],
      ['csv', 'real/yilan-catalogue.csv', { header: false }],
      ['json', 'real/official-sources.json', { records: '/sources' }],
    ]
    test.each(files)('%s %s: the same over the wire as from disk', async (kind, name, read) => {
      const path = join(shared, name)
      const body = await readFile(path)
      const portal = await start((_url, _request, response) => {
        response.setHeader('content-encoding', 'gzip').end(gzipSync(body))
      })
      const w = await walk(kind, portal.url, { source: { read } })
      const file = await openFile(path, { ...read, format: kind as 'csv' })
      const events: ReadEvent[] = []
      for await (const group of file.events) events.push(...group)
      file.close()
      // Without the bytes, which take long to compare and say the same.
      const shown = (list: ReadEvent[]) => list.map((e) => ({ ...e, raw: undefined }))
      expect(shown(w.pages.flatMap((p) => p.events))).toEqual(shown(events.filter((e) => e.kind !== 'fatal')))
      expect(w.complete).toBe(true)
    })

    test('a CKAN export of 2012 as a portal of its time answers', async () => {
      const all = JSON.parse(await readFile(join(shared, 'real/ckan-export.json'), 'utf8')) as {
        results: { id: string }[]
      }
      const portal = await start((url) => {
        if (url.pathname !== '/api/3/action/package_search') return null
        const from = Number(url.searchParams.get('start'))
        return { count: all.results.length, results: all.results.slice(from, from + 100) }
      })
      const w = await walk('ckan', portal.url)
      expect(w.records.map((r) => r.value.id)).toEqual(all.results.map((r) => r.id))
      expect(w.complete).toBe(true)
    })
  },
)
