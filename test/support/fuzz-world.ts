import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collectFile } from '../../src/collection/index.ts'
import { sql } from '../../src/platform/postgres.ts'
import { systemActor } from '../../src/security/index.ts'
import { demoLogins } from '../../src/seed/index.ts'
import { sampleContent } from './catalog-app.ts'
import type { TestNode } from './node.ts'

/**
 * What a fuzzer must know to come past the front doors: addresses that exist, and bodies that are right. Addresses
 * are learned from the answers, so that later requests meet what earlier ones made.
 */
export interface World {
  node: TestNode
  /** Addresses by the first word of their path: datasets, imports, people … The newest are at the end. */
  known: Map<string, string[]>
  /** The same, of what the fuzzer made itself and may break. */
  made: Map<string, string[]>
  /** `next` of pages seen. */
  cursors: string[]
  /** Code of the steward's body, and uid of some body. */
  body: string
  bodyUid: string
}

/** Addresses remembered of one kind: the newest are the ones whose state fits. */
const remembered = 30

export const remember = (pool: Map<string, string[]>, kind: string, value: string): void => {
  const list = pool.get(kind) ?? []
  if (!list.includes(value)) list.push(value)
  pool.set(kind, list.slice(-remembered))
}

export const nth = <T>(list: readonly T[] | undefined, n: number): T | undefined =>
  list && list.length > 0 ? list[n % list.length] : undefined

export async function createWorld(node: TestNode, steward: Record<string, string>): Promise<World> {
  const me = (await node.app.inject({ url: '/api/v1/session', headers: steward })).json()
  const uid: string = me.actor.organisationUid
  const body = (await node.app.inject({ url: `/api/v1/organisations/${uid}` })).json()
  const world: World = { node, known: new Map(), made: new Map(), cursors: [], body: body.code, bodyUid: uid }
  for (const [kind, url] of [
    ['datasets', '/api/v1/datasets?limit=10'],
    ['organisations', '/api/v1/organisations?limit=10'],
  ] as const)
    for (const item of (await node.app.inject({ url })).json().items) remember(world.known, kind, item.uid)
  remember(world.known, 'bodies', world.body)
  // Published entries of the own body and drafts beside them: what can be retired, given up and submitted.
  for (const query of ['state=published', 'drafts=true'])
    for (const item of (
      await node.app.inject({ url: `/api/v1/datasets?limit=8&body=${body.code}&${query}`, headers: steward })
    ).json().items)
      remember(world.made, 'datasets', item.uid)
  await insertHarvests(world, uid)
  const file = join(node.dataDir, 'fuzz.csv')
  writeFileSync(file, 'id,name\n1,a\n2\n')
  await collectFile({ db: node.db, engine: node.clickhouse }, systemActor('test'), {
    file,
    table: 'fuzz',
    body: world.body,
  })
  remember(world.known, 'tables', 'fuzz')
  const { items } = (await node.app.inject({ url: '/api/v1/reviews?state=open', headers: steward })).json()
  for (const item of items) for (const pool of [world.known, world.made]) remember(pool, 'reviews', item.uid)
  return world
}

/** Learns addresses and cursors from an answer. */
export function learn(world: World, method: string, path: string, answer: unknown): void {
  if (typeof answer !== 'object' || answer === null) return
  const { uid, code, next } = answer as Record<string, unknown>
  const kind = path.endsWith('/submit')
    ? 'reviews'
    : path.endsWith('/sources/{uid}/run')
      ? 'harvest-runs'
      : path.split('/')[3]!
  if (['reviews', 'harvest-runs'].includes(kind) && typeof uid === 'string') remember(world.made, kind, uid)
  if (typeof uid === 'string') remember(world.known, kind, uid)
  if (typeof uid === 'string' && method === 'POST' && /^\/api\/v1\/\w+$/.test(path))
    remember(world.made, kind, uid)
  if (typeof code === 'string' && kind === 'organisations') remember(world.known, 'bodies', code)
  // Items of the report of duplicates are known by a number.
  if (path === '/api/v1/reuse/duplicates')
    for (const one of (answer as { items: { item: string }[] }).items) remember(world.known, 'item', one.item)
  if (typeof next === 'string' && world.cursors.length < 200) world.cursors.push(next)
}

/** The ETag of an entry as it is now. */
export async function etagOf(world: World, uid: string): Promise<string> {
  const { rows } = await sql<{ v: number }>`
    select latest_version as v from catalog.dataset where uid::text = ${uid}`.execute(world.node.db)
  return `"v${rows[0]?.v ?? 1}"`
}

/** The ETag of a review as it is now. */
export async function reviewEtagOf(world: World, uid: string): Promise<string> {
  const { rows } = await sql<{ r: number }>`
    select revision as r from review.submission where uid::text = ${uid}`.execute(world.node.db)
  return `"r${rows[0]?.r ?? 1}"`
}

/** The ETag of a source as it is now. */
export async function sourceEtagOf(world: World, uid: string): Promise<string> {
  const { rows } = await sql<{ v: number }>`
    select version as v from harvest.source where uid::text = ${uid}`.execute(world.node.db)
  return `"v${rows[0]?.v ?? 1}"`
}

/** Runs of sources that wait for a word about removals or have failed, as no fuzzer could bring them about. */
async function insertHarvests(world: World, organisationUid: string): Promise<void> {
  const { rows } = await sql<{ uid: string; source: string; run: string }>`
    with made as (
      insert into harvest.source (name, title, kind, url, organisation_id, changed_by_name)
      select 'given-' || n, 'Given', 'ckan', 'https://portal.invalid/', o.id, 'fuzz'
      from generate_series(1, 12) n, security.organisation o where o.uid::text = ${organisationUid}
      returning id, uid, name, organisation_id
    ), run as (
      insert into harvest.import_run (source, format, file_name, file_size, file_hash, state, organisation_id, actor,
        source_row, task, removal_count, mapping)
      select name, 'ckan', name, 0, '', case when id % 2 = 0 then 'waiting' else 'failed' end, organisation_id,
        ${JSON.stringify(systemActor('fuzz'))}::jsonb, id, 'harvest', 3,
        '{"name": "ckan", "format": "ckan"}' from made returning uid, source_row
    )
    select made.uid as source, run.uid as run from made join run on run.source_row = made.id`.execute(
    world.node.db,
  )
  for (const { source, run } of rows)
    for (const pool of [world.known, world.made]) {
      remember(pool, 'sources', source)
      remember(pool, 'harvest-runs', run)
    }
}

const sourceSettings = (n: number) => ({ title: `Portal ${n}`, kind: 'ckan', url: 'https://portal.invalid/' })

/** A content that breaks no rule, and now and then a longer one. */
export const goodContent = (world: World, n: number) =>
  sampleContent({
    body: world.body,
    title: `Fuzz ${n % 50}`,
    grade: 'general_1',
    ...(n % 3
      ? {}
      : { keyword: ['a', '车站'], distributions: [{ title: 'd', url: 'https://example.org/d' }] }),
  })

/** Lines for the bulk route: good ones, and what the sampler made of the schema. */
export function bulkLines(world: World, n: number, sampled: unknown): string {
  const good = { sourceId: `s${n % 40}`, content: goodContent(world, n) }
  const lines = [
    good,
    { content: sampled },
    sampled,
    { sourceId: n, content: { ...good.content, title: sampled } },
  ]
  return Array.from({ length: 1 + (n % 4) }, (_, i) => JSON.stringify(lines[(n + i) % lines.length])).join(
    '\n',
  )
}

/** Every operation that takes a file. */
export const uploads = ['POST /api/v1/imports', 'POST /api/v1/sources/registry']

/** A multipart body with one file. */
export function upload(world: World, n: number, sampled: unknown): { payload: string; contentType: string } {
  const files: [string, string][] = [
    ['a.jsonl', `${JSON.stringify(goodContent(world, n))}\n`],
    ['b.csv', `title,abstract\nFuzz ${n},"quoted, text"\n`],
    ['c.json', JSON.stringify({ packages: [{ id: `${n}`, title: 'A' }] })],
    ['d.json', JSON.stringify(sampled) ?? 'null'],
    ['e%22\\.xlsx', 'PK\u0003\u0004 no workbook'],
  ]
  const [name, text] = nth(files, n)!
  const boundary = 'fuzzBoundary'
  const head = `content-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: text/plain`
  const whole = `--${boundary}\r\n${head}\r\n\r\n${text}\r\n--${boundary}--\r\n`
  return {
    // One in seven breaks off somewhere.
    payload: n % 7 === 6 ? whole.slice(0, (n * 31) % whole.length) : whole,
    contentType: `multipart/form-data; boundary=${boundary}`,
  }
}

const mapping = (n: number) => ({
  name: `fuzz-${n % 5}`,
  format: n % 2 ? 'csv' : 'jsonl',
  fields: { title: { from: 'title' }, sharingType: { const: 'unconditional' } },
})

const assessment = { secrecy: { result: 'not_secret' }, personal: { result: 'none' } }

/** Bodies that are right, by operation. */
export const goodBodies: Record<string, (world: World, n: number) => unknown> = {
  'POST /api/v1/session': () => {
    const { login, password } = demoLogins.find((p) => p.role === 'viewer')!
    return { login, password }
  },
  'POST /api/v1/organisations': (_, n) => ({ code: `fuzz-${n}`, name: `Fuzz ${n}`, tier: 'county' }),
  'PATCH /api/v1/organisations/{uid}': (_, n) => ({ name: `Renamed ${n}` }),
  'POST /api/v1/people': (world, n) => ({ login: `fuzz${n}`, name: 'Fuzz', organisationUid: world.bodyUid }),
  'PATCH /api/v1/people/{uid}': (_, n) => ({ name: `Renamed ${n}` }),
  'PUT /api/v1/people/{uid}/disabled': (_, n) => ({ disabled: n % 2 === 0 }),
  'PUT /api/v1/people/{uid}/password': (_, n) => ({ password: `a long enough password ${n}` }),
  'POST /api/v1/tokens': (_, n) => ({
    name: `Fuzz ${n}`,
    scopes: ['search:read'],
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  }),
  'POST /api/3/action/package_create': (world, n) => ({
    title: `Fuzz ${n % 50}`,
    owner_org: world.body,
    resources: [{ url: `https://example.org/${n}`, format: 'CSV' }],
  }),
  'POST /api/v1/datasets': (world, n) => ({ content: goodContent(world, n) }),
  'PUT /api/v1/datasets/{uid}': (world, n) => ({ content: goodContent(world, n), reason: 'fuzz' }),
  'POST /api/v1/datasets/validate': (world, n) => ({ content: goodContent(world, n) }),
  'POST /api/v1/datasets/{uid}/submit': () => ({ text: 'fuzz', assessment }),
  'POST /api/v1/reviews/{uid}/decision': (_, n) => ({
    decision: ['agree', 'return', 'refuse'][n % 3],
    opinion: 'fuzz',
  }),
  'POST /api/v1/reviews/{uid}/withdraw': () => ({}),
  'POST /api/v1/reviews/bulk-submit': (world, n) => ({
    datasets: [nth(world.known.get('datasets'), n)],
    assessment,
  }),
  'POST /api/v1/reviews/bulk-decision': (world, n) => ({
    decision: 'return',
    opinion: 'fuzz',
    reviews: [{ uid: nth(world.known.get('reviews'), n), revision: 1 }],
  }),
  'POST /api/v1/sources': (_, n) => ({ name: `fuzz-${n % 9}`, ...sourceSettings(n) }),
  'PUT /api/v1/sources/{uid}': (_, n) => sourceSettings(n),
  'POST /api/v1/harvest-runs/{uid}/decide': (_, n) => ({ approve: n % 2 === 0 }),
  'POST /api/v1/datasets/{uid}/retire': () => ({}),
  'POST /api/v1/datasets/{uid}/discard-draft': () => ({}),
  'POST /api/v1/datasets/{uid}/restore': () => ({ version: 1 }),
  'POST /api/v1/imports/preview': (world, n) => ({
    uid: nth(world.known.get('imports'), n),
    mapping: mapping(n),
  }),
  'POST /api/v1/imports/{uid}/start': (world, n) => ({
    mapping: mapping(n),
    body: world.body,
    source: 'fuzz',
  }),
  'PUT /api/v1/imports/mappings/{name}': (_, n) => mapping(n),
}
