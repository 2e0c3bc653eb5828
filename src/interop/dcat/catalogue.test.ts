import { DataFactory, type NamedNode, Parser, type Quad, Store } from 'n3'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTestNode, type TestNode } from '../../../test/support/node.ts'
import { violations } from '../../../test/support/shacl.ts'
import { sharedFile } from '../../../test/support/shared-data.ts'
import { retireBySource } from '../../catalog/index.ts'
import { sql } from '../../platform/postgres.ts'
import { loadProfile } from '../../platform/profile.ts'
import { systemActor } from '../../security/index.ts'
import { hydra, rdf } from './vocabulary.ts'

let node: TestNode
/** Addresses of all published entries, as the database has them. */
let published: string[]
const countRows = async () => {
  const { rows } = await sql<{
    uid: string
  }>`select uid from catalog.dataset where state = 'published' order by id`.execute(node.db)
  return rows.map((row) => row.uid)
}
const search = async (query: string) =>
  (await node.app.inject(`/api/v1/search?limit=0&facets=false&${query}`)).json()

beforeAll(async () => {
  node = await startTestNode({ seed: 'demo' })
  published = await countRows()
  await vi.waitFor(async () => expect((await search('')).total).toBe(published.length), {
    timeout: 90_000,
    interval: 500,
  })
}, 240_000)
afterAll(() => node?.close(), 60_000)

interface Page {
  quads: Quad[]
  members: string[]
  total: number
  links: Record<string, string>
}

async function page(url: string): Promise<Page> {
  const answer = await node.app.inject(url)
  expect(answer.statusCode, `${url} ${answer.body.slice(0, 300)}`).toBe(200)
  const quads = new Parser({ format: 'text/turtle' }).parse(answer.body)
  const store = new Store(quads)
  const [view] = store.getSubjects(rdf('type'), hydra('PagedCollection'), null)
  expect(store.has(DataFactory.quad(view as NamedNode, rdf('type'), hydra('PartialCollectionView')))).toBe(
    true,
  )
  const value = (name: string) => store.getObjects(view!, hydra(name), null)[0]?.value
  const links: Record<string, string> = {}
  for (const name of ['first', 'previous', 'next', 'last']) {
    expect(value(`${name}Page`)).toBe(value(name))
    if (value(name)) links[name] = value(name)!.replace(/^https?:\/\/[^/]+/, '')
  }
  const members = store
    .getObjects(null, 'http://www.w3.org/ns/dcat#dataset', null)
    .map((o) => o.value.replace(/.*\//, ''))
  return { quads, members, total: Number(value('totalItems')), links }
}

async function walk(first: string): Promise<Page[]> {
  const pages = [await page(first)]
  while (pages.at(-1)!.links.next) pages.push(await page(pages.at(-1)!.links.next!))
  return pages
}

describe('the catalogue in pages', () => {
  const shapes = sharedFile('shapes', 'dcat-ap-3.0.1-shacl.ttl')
  test('has every entry once, with the total on every page, and breaks none of the pinned shapes', async () => {
    const pages = await walk('/catalog.ttl')
    expect(pages.length).toBe(Math.ceil(published.length / 100))
    expect(pages.flatMap((one) => one.members)).toEqual(published)
    for (const [i, one] of pages.entries()) {
      expect(one.total).toBe(published.length)
      expect(one.links.last).toContain(`page=${pages.length}`)
      expect(one.links.previous === undefined).toBe(i === 0)
      if (shapes) expect(await violations(one.quads, shapes)).toEqual([])
    }
    if (!shapes) console.log('The shapes are not here; the pages were not checked against them.')
  }, 240_000)

  test('is entered at any page by its number', async () => {
    for (const number of [1, 2, Math.ceil(published.length / 100)]) {
      const { members } = await page(`/catalog.ttl?page=${number}`)
      expect(members).toEqual(published.slice((number - 1) * 100, number * 100))
    }
    const beyond = await node.app.inject('/catalog.ttl?page=9999')
    expect([beyond.statusCode, beyond.json().code]).toEqual([404, 'not_found'])
    expect((await node.app.inject('/catalog.ttl?page=0')).statusCode).toBe(400)
    expect((await node.app.inject('/catalog.ttl?pagee=2')).statusCode).toBe(400)
    expect((await node.app.inject('/catalog.ttl?after=cjk5')).statusCode).toBe(200)
    expect((await node.app.inject('/catalog.ttl?after=x')).statusCode).toBe(400)
  })

  test('under filters it has what search finds, page by page', async () => {
    for (const query of [
      'theme=transport',
      'q=address&sharing=conditional',
      'tier=city&tier=county&theme=water',
    ]) {
      const pages = await walk(`/catalog.ttl?${query}`)
      const { total } = await search(query)
      expect(total).toBeGreaterThan(0)
      const members = pages.flatMap((one) => one.members)
      expect(members.length).toBe(total)
      expect(new Set(members).size).toBe(total)
      for (const one of pages) expect(one.total).toBe(total)
      const numbered = await page(`/catalog.ttl?${query}&page=${pages.length}`)
      expect(numbered.members).toEqual(pages.at(-1)!.members)
    }
    expect((await page('/catalog.ttl?q=zzqxzzqx')).members).toEqual([])
  })

  test('answers in the form asked for, and 304 to whoever has the page', async () => {
    const turtle = await node.app.inject({ url: '/catalog', headers: { accept: 'text/turtle' } })
    expect(turtle.headers['content-type']).toBe('text/turtle; charset=utf-8')
    expect(turtle.headers.link).toMatch(/rel="next".*rel="alternate"/)
    expect(turtle.headers['last-modified']).toBeDefined()
    const etag = String(turtle.headers.etag)
    const again = await node.app.inject({ url: '/catalog.ttl', headers: { 'if-none-match': etag } })
    expect(again.statusCode).toBe(304)
    expect((await node.app.inject({ url: '/catalog', headers: { accept: 'image/png' } })).statusCode).toBe(
      406,
    )
    const person = await node.app.inject({ url: '/catalog', headers: { accept: 'text/html,*/*;q=0.8' } })
    expect([person.statusCode, person.headers.location]).toEqual([303, '/'])
    for (const ending of ['jsonld', 'rdf', 'xml', 'nt', 'n3'])
      expect((await node.app.inject(`/catalog.${ending}`)).statusCode).toBe(200)
  })
})

test('what changes while somebody walks is neither missed nor told twice, and a later walk is told what changed', async () => {
  const before = new Date().toISOString()
  const first = await page('/catalog.ttl')
  const second = await page(first.links.next!)
  const { rows } = await sql<{ source: string; sourceId: string; uid: string }>`
    select source, source_id as "sourceId", uid from catalog.dataset where uid = any(${[first.members[3], first.members[50], second.members[7]]}::uuid[])`.execute(
    node.db,
  )
  const ctx = { actor: systemActor('test'), profile: loadProfile('neutral') }
  expect(
    await retireBySource(
      node.db,
      ctx,
      rows[0]!.source,
      rows.map((r) => r.sourceId),
      'gone',
    ),
  ).toBe(3)
  const rest = await walk(second.links.next!)
  const gone = new Set(rows.map((r) => r.uid))
  // The walk goes on where it was, although three entries before its place are gone.
  expect([first, second, ...rest].flatMap((one) => one.members)).toEqual(published)
  expect((await page('/catalog.ttl')).total).toBe(published.length - 3)
  expect(await countRows()).toEqual(published.filter((uid) => !gone.has(uid)))
  await vi.waitFor(async () => expect((await search('')).total).toBe(published.length - 3), {
    timeout: 20_000,
  })
  expect((await page(`/catalog.ttl?modified_since=${before}`)).members).toEqual([])
  expect((await page('/catalog.ttl?modified_since=2000-01-01')).total).toBe(published.length - 3)
  expect((await node.app.inject('/catalog.ttl?modified_since=yesterday')).statusCode).toBe(400)
}, 120_000)
