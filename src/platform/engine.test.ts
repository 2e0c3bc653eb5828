import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts'
import { type ClickHouseClient, migrateClickhouse } from './clickhouse.ts'

let server: TestEngine
let client: ClickHouseClient
beforeAll(async () => {
  server = await startTestEngine()
  client = server.client
  await client.command({
    query:
      'create table round (id UInt32, text String, tags Array(String), at DateTime64(3) default now64(3)) engine = MergeTree order by id',
  })
})
afterAll(() => server.stop())

const rows = async <T>(query: string, query_params?: Record<string, unknown>) =>
  (await client.query({ query, query_params, format: 'JSONEachRow' })).json<T>()
const bytes = async (query: string) => {
  const { stream } = await client.exec({ query })
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

const hard = [
  "it's",
  '数据😀',
  'tab\tnew\nline',
  'back\\slash',
  '"quoted"',
  '',
  "');drop table round;--",
  '[1]',
  '\u0000',
]

test('typed parameters carry any text, also inside arrays', async () => {
  for (const text of hard) expect(await rows('select {t:String} as t', { t: text })).toEqual([{ t: text }])
  expect(
    await rows('select {a:Array(String)} as a, {n:Nullable(UInt8)} as n, {m:Array(UInt32)} as m', {
      a: hard,
      n: null,
      m: [1, 4294967295],
    }),
  ).toEqual([{ a: hard, n: null, m: [1, 4294967295] }])
})

test('rows go in and out in JSON formats', async () => {
  const values = hard.map((text, id) => ({ id, text, tags: hard }))
  const done = await client.insert({ table: 'round', values, format: 'JSONEachRow' })
  expect(done.summary?.written_rows).toBe(String(hard.length))
  expect(done.query_id).toMatch(/^[\w-]+$/)
  expect(await rows('select id, text, tags from round order by id')).toEqual(values)
  const whole = await (
    await client.query({ query: 'select id from round order by id', format: 'JSON' })
  ).json<{ id: number }>()
  expect(whole.rows).toBe(hard.length)
  const compact = await (
    await client.query({
      query: 'select id, text from round order by id limit 2',
      format: 'JSONCompactEachRow',
    })
  ).json()
  expect(compact).toEqual([
    [0, hard[0]],
    [1, hard[1]],
  ])
})

test('RowBinary, Parquet and CSV with names go out and in again', async () => {
  for (const format of ['RowBinary', 'Parquet', 'CSVWithNames', 'Native']) {
    await client.command({ query: 'create or replace table copy as round' })
    const data = await bytes(`select * from round order by id format ${format}`)
    if (format === 'CSVWithNames') expect(data.toString().match(/"id"/g)).toHaveLength(1)
    await client
      .exec({ query: `insert into copy format ${format}`, values: Readable.from([data]) } as never)
      .then(({ stream }) => stream.resume())
    expect(await rows('select id, text, tags from copy order by id')).toEqual(
      await rows('select id, text, tags from round order by id'),
    )
  }
})

test('inserts with values in their text, and of nothing', async () => {
  await client.command({
    query: "insert into round (id, text) values (900, 'a;b'), ({id:UInt32}, 'c')",
    query_params: { id: 901 },
  })
  expect(await rows('select text from round where id >= 900 order by id')).toEqual([
    { text: 'a;b' },
    { text: 'c' },
  ])
  await client.insert({ table: 'round', values: Readable.from([]), format: 'JSONEachRow' })
})

test('a million rows stream to a reader with memory that does not grow', { timeout: 120_000 }, async () => {
  const query = "select number as n, repeat('数据', 50) as t from numbers(1200000)"
  const answer = await client.query({ query, format: 'JSONEachRow' })
  let count = 0
  const memory: number[] = []
  for await (const part of answer.stream()) {
    count += part.length
    if (server.engine && count >= 100_000 * (memory.length + 1))
      memory.push((await server.engine.health()).memoryBytes)
  }
  expect(count).toBe(1_200_000)
  // The answer has 400 MB, 260 MB of it after the first third; freed pieces wait for the collector.
  const most = (part: number[]) => Math.max(0, ...part)
  expect(most(memory.slice(4)) - most(memory.slice(0, 4))).toBeLessThan(200e6)
})

test('300,000 rows stream in', async () => {
  await client.command({ query: 'create table flow (id UInt32, t String) engine = MergeTree order by id' })
  const source = Readable.from(
    (function* () {
      for (let id = 0; id < 300_000; id++) yield { id, t: `行${id}` }
    })(),
  )
  await client.insert({ table: 'flow', values: source, format: 'JSONEachRow' })
  expect(await rows('select count() as c, uniqExact(t) as u from flow')).toEqual([{ c: 300_000, u: 300_000 }])
})

test('a reader that leaves frees the engine', async () => {
  const answer = await client.query({
    query: 'select number from numbers(10000000000)',
    format: 'JSONEachRow',
  })
  for await (const _ of answer.stream()) break
  answer.close()
  const started = Date.now()
  expect(await rows('select 1 as one')).toEqual([{ one: 1 }])
  expect(Date.now() - started).toBeLessThan(3_000)
})

test('errors have the code, name, status and text of ClickHouse', async () => {
  await expect(rows('selec 1')).rejects.toMatchObject({ code: '62', type: 'SYNTAX_ERROR' })
  await expect(rows('select * from nothing_here')).rejects.toMatchObject({
    code: '60',
    type: 'UNKNOWN_TABLE',
  })
  await expect(rows('select {a:UInt8}')).rejects.toMatchObject({ code: '456' })
  await expect(
    client.insert({
      table: 'round',
      values: [{ id: 'x' }],
      format: 'JSONEachRow',
    }),
  ).rejects.toThrow(/parse|number/i)
  const url = new URL(server.url)
  const headers = {
    'X-ClickHouse-Key': decodeURIComponent(url.password),
    'X-ClickHouse-User': decodeURIComponent(url.username),
  }
  const answer = await fetch(`${url.origin}/`, { method: 'POST', body: 'select nonsense(', headers })
  expect(answer.status).toBe(400)
  expect(answer.headers.get('x-clickhouse-exception-code')).toBe('62')
  expect(await answer.text()).toMatch(/^Code: 62\. DB::Exception: .*\(SYNTAX_ERROR\) \(version/s)
})

test('an error in the middle of a stream reaches the reader, and nothing of it the next one', async () => {
  const broken =
    'select throwIf(number = 3000000) + number as n from numbers(10000000) settings max_block_size = 10000'
  const answer = await client.query({ query: broken, format: 'JSONEachRow' })
  const read = async () => {
    for await (const _ of answer.stream());
  }
  await expect(read()).rejects.toThrow(/throwIf/)
  expect(await rows('select 42 as n')).toEqual([{ n: 42 }])
  for (const format of ['JSON', 'Parquet']) {
    await expect(bytes(`${broken} format ${format}`)).rejects.toThrow(/throwIf/)
    expect((await bytes('show tables format TSV')).toString()).toMatch(/^[a-z\n]+$/)
  }
})

test.runIf(!process.env.TEST_CLICKHOUSE_URL)(
  'statements over the limits are refused or ended, the engine lives',
  async () => {
    await expect(
      rows(
        'select count() from numbers(100000000000) where sipHash64(number) = 1 settings max_execution_time = 1',
      ),
    ).rejects.toMatchObject({ code: '159' })
    await expect(
      rows('select groupArray(number) from numbers(1000000000) settings max_memory_usage = 100000000'),
    ).rejects.toMatchObject({ code: '241' })
    await expect(
      client.query({ query: "select repeat('x', 200 + number % 2) from numbers(1000000)", format: 'JSON' }),
    ).rejects.toMatchObject({ code: '396' })
    await expect(client.command({ query: `select '${'x'.repeat(17 * 1024 ** 2)}'` })).rejects.toThrow(
      /over the limit/,
    )
    await expect(client.command({ query: 'select 1; drop table round' })).rejects.toMatchObject({
      code: '62',
    })
    expect(await rows('select 1 as one')).toEqual([{ one: 1 }])
  },
)

test.runIf(!process.env.TEST_CLICKHOUSE_URL)('settings do not outlive their statement', async () => {
  const setting = "select value from system.settings where name = 'max_block_size'"
  const [usual] = await rows<{ value: string }>(setting)
  const own = await client.query({
    query: setting,
    format: 'JSONEachRow',
    clickhouse_settings: { max_block_size: '777' },
  })
  expect(await own.json()).toEqual([{ value: '777' }])
  expect(await rows(setting)).toEqual([usual])
  await client.insert({
    table: 'round',
    values: [{ id: 1000 }],
    format: 'JSONEachRow',
    clickhouse_settings: { max_insert_block_size: '10' },
  })
  for (const query of ['set max_block_size = 1', 'use system', 'create temporary table x (a UInt8)'])
    await expect(client.command({ query })).rejects.toMatchObject({ code: '452' })
  await expect(client.query({ query: 'select 1', session_id: 'mine' })).rejects.toMatchObject({ code: '115' })
  expect(await rows(setting)).toEqual([usual])
})

test.runIf(!process.env.TEST_CLICKHOUSE_URL)('without the secret only ping is answered', async () => {
  const { origin } = new URL(server.url)
  expect(await (await fetch(`${origin}/ping`)).text()).toBe('Ok.\n')
  for (const path of ['/?query=select%201', '/health']) {
    const answer = await fetch(origin + path, { headers: { 'X-ClickHouse-Key': 'guess' } })
    expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([403, '516'])
  }
})

test('packed requests and answers', async () => {
  const { gzipSync } = await import('node:zlib')
  const url = new URL(server.url)
  const headers = {
    'X-ClickHouse-Key': decodeURIComponent(url.password),
    'X-ClickHouse-User': decodeURIComponent(url.username),
    'Content-Encoding': 'gzip',
  }
  const insert = `${url.origin}/?query=${encodeURIComponent('insert into round (id, text) format JSONEachRow')}`
  expect(
    (await fetch(insert, { method: 'POST', headers, body: gzipSync('{"id":2000,"text":"gz"}\n') })).status,
  ).toBe(200)
  const answer = await fetch(`${url.origin}/?enable_http_compression=1`, {
    method: 'POST',
    headers: { ...headers, 'Accept-Encoding': 'gzip' },
    body: gzipSync('select text from round where id = 2000'),
  })
  expect([answer.headers.get('content-encoding'), await answer.text()]).toEqual(['gzip', 'gz\n'])
})

test.runIf(!process.env.TEST_CLICKHOUSE_URL)('queries run over in-process shards', async () => {
  expect(
    await rows(
      "select count() as c, uniqExact(id) as u from remote('127.0.0.1,localhost', default, round) where id global in (select id from round)",
    ),
  ).toEqual([
    {
      c: 2 * Number((await rows<{ c: number }>('select count() as c from round'))[0]!.c),
      u: (await rows<{ c: number }>('select count() as c from round'))[0]!.c,
    },
  ])
})

test('migrations fill in their places, are applied once, and notice a changed file', async () => {
  const migrations = [
    {
      name: '0001_a.sql',
      checksum: 'a',
      text: readFileSync(new URL('../../migrations/clickhouse/0001_search-use.sql', import.meta.url), 'utf8'),
    },
  ]
  expect(await migrateClickhouse(client, { migrations })).toEqual(['0001_a.sql'])
  expect(await migrateClickhouse(client, { migrations })).toEqual([])
  await client.insert({
    table: 'search.use_event',
    values: [{ kind: 'search', query: '车站', results: 3, language: 'zh' }],
    format: 'JSONEachRow',
  })
  await expect(
    migrateClickhouse(client, { migrations: [{ ...migrations[0]!, checksum: 'b' }] }),
  ).rejects.toThrow('changed after it was applied')
  await expect(migrateClickhouse(client, { migrations: [] })).rejects.toThrow('does not know')
  const bad = { name: '0002_b.sql', checksum: 'b', text: 'create tabel x;' }
  await expect(migrateClickhouse(client, { migrations: [...migrations, bad] })).rejects.toThrow(
    'Migration 0002_b.sql failed',
  )
})
