import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CatalogApp, createCatalogApp } from '../../test/support/catalog-app.ts'
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts'
import { migrateClickhouse } from '../platform/clickhouse.ts'
import type { CollectSummary } from './batch.ts'
import { type CollectInput, collectFile } from './collect.ts'
import { collectionRoutes } from './table.routes.ts'

let s: CatalogApp
let e: TestEngine
let folder: string
let people: Record<string, Awaited<ReturnType<CatalogApp['signIn']>>>
beforeAll(async () => {
  e = await startTestEngine()
  await migrateClickhouse(e.client)
  s = await createCatalogApp(async (app, db) => collectionRoutes(app, { db, engine: e.client }))
  folder = mkdtempSync(join(tmpdir(), 'concord-collect-'))
  people = {
    county: await s.signIn('county-steward', ['steward'], 'county'),
    viewer: await s.signIn('county-viewer', ['viewer'], 'county'),
    other: await s.signIn('other-steward', ['steward'], 'other'),
  }
})
afterAll(async () => {
  await s?.close()
  await e?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

let files = 0
const collect = (
  table: string,
  data: string | Buffer,
  more: Partial<CollectInput> = {},
): Promise<CollectSummary> => {
  const file = join(folder, `file${++files}.csv`)
  writeFileSync(file, data)
  return collectFile({ db: s.db, engine: e.client }, s.system.actor, { file, table, body: 'county', ...more })
}
const get = async (path: string, who = 'county') => {
  const { statusCode, json } = await s.app.inject({ url: `/api/v1/tables${path}`, headers: people[who]! })
  return { status: statusCode, body: json() }
}
const rowsOf = async (table: string, query = '') =>
  (await get(`/${table}/rows${query}`)).body.items.map(({ _batch, ...row }: Record<string, unknown>) => row)

describe('a file', () => {
  test('becomes rows with types; what is no row is told with its place and reason', async () => {
    const header = 'id,名称,Area (ha),opened,open to all,visited at'
    await collect('parks', `${header}\n1,a,"1,000.5",31/12/1999,yes,2024-01-01T10:00:00Z\n`)
    const done = await collect(
      'parks',
      [
        header,
        '1,人民公园,"1,234.50",31/12/1999,yes,2024-01-01T10:00:00+08:00',
        '2, "Green" ,2,1/2/2001,no,',
        '3,x,many,30/2/2001,no,yesterday',
        '4,y,5',
        '9007199254740993,z,,,,',
        '',
      ].join('\n'),
    )
    expect(done).toMatchObject({ batch: 2, state: 'loaded', read: 5, accepted: 3, rejected: 2, faults: [] })
    expect(await rowsOf('parks')).toEqual([
      {
        _record: 1,
        id: 1,
        名称: '人民公园',
        area_ha: 1234.5,
        opened: '1999-12-31',
        open_to_all: true,
        visited_at: '2024-01-01T02:00:00Z',
      },
      {
        _record: 2,
        id: 2,
        名称: '"Green"',
        area_ha: 2,
        opened: '2001-02-01',
        open_to_all: false,
        visited_at: null,
      },
      {
        _record: 5,
        id: '9007199254740993',
        名称: 'z',
        area_ha: null,
        opened: null,
        open_to_all: null,
        visited_at: null,
      },
    ])
    const { items } = (await get('/parks/batches/2/rejected')).body
    expect(items.map((r: Record<string, unknown>) => [r.record, r.line, r.column, r.value, r.rule])).toEqual([
      [3, null, 'area_ha', 'many', 'datatype'],
      [3, null, 'opened', '30/2/2001', 'datatype'],
      [3, null, 'visited_at', 'yesterday', 'datatype'],
      [4, 5, null, '4,y,5', 'cell_count'],
    ])
    // A page ends with a whole record.
    const page = (await get('/parks/batches/2/rejected?limit=1')).body
    expect(page.items).toHaveLength(3)
    const next = (await get(`/parks/batches/2/rejected?limit=1&cursor=${page.next}`)).body
    expect(next.items).toMatchObject([{ record: 4 }])
  })

  test('the same again changes nothing; another takes its place, and the one before can still be seen', async () => {
    expect(await collect('towns', 'code,name\nA1,North\nA2,South\n')).toMatchObject({
      state: 'loaded',
      accepted: 2,
    })
    expect(await collect('towns', 'code,name\nA1,North\nA2,South\n')).toMatchObject({
      state: 'unchanged',
      batch: 1,
    })
    // Columns in another order, in another encoding, compressed.
    const gb = Buffer.concat([Buffer.from('name,code\n'), Buffer.from([0xb1, 0xb1]), Buffer.from(',A3\n')])
    const file = join(folder, 'gb.csv.gz')
    writeFileSync(file, gzipSync(gb))
    const again = await collectFile({ db: s.db, engine: e.client }, s.system.actor, { file, table: 'towns' })
    expect(again).toMatchObject({ state: 'loaded', batch: 2, accepted: 1 })
    expect(await rowsOf('towns')).toEqual([{ _record: 1, code: 'A3', name: '北' }])
    expect((await rowsOf('towns', '?asOf=1')).map((r: { code: string }) => r.code)).toEqual(['A1', 'A2'])
    const { items } = (await get('/towns/batches')).body
    expect(items.map((b: Record<string, unknown>) => [b.number, b.state, b.encoding])).toEqual([
      [2, 'loaded', 'gb18030'],
      [1, 'loaded', 'utf-8'],
    ])
  })

  test('is added to a table that keeps all of them', async () => {
    await collect('calls', 'day,n\n2024-01-01,1\n', { mode: 'append' })
    await collect('calls', 'day,n\n2024-01-02,2\n')
    expect(await collect('calls', 'day,n\n2024-01-01,1\n')).toMatchObject({ state: 'unchanged', batch: 1 })
    expect((await rowsOf('calls')).map((r: { n: number }) => r.n)).toEqual([1, 2])
    expect((await get('/calls')).body).toMatchObject({ rows: 2, batch: 2, mode: 'append' })
    const first = (await get('/calls/rows?limit=1')).body
    expect((await get(`/calls/rows?limit=1&cursor=${first.next}`)).body.items).toMatchObject([{ n: 2 }])
  })
})

describe('what the engine would forgive is refused', () => {
  const good = {
    day: '2024-02-29',
    en: '"1,234.5"',
    de: '"1.234,5"',
    ratio: '1e5',
    at: '2024-01-01 10:00',
    n: '12',
    ok: 'true',
    dm: '31/12/2024',
  }
  const wrong: Record<keyof typeof good, string[]> = {
    day: ['2024-02-31', '2024-13-01', '1850-05-05', '0000-01-01', '2400-01-01', '20240101', '2024-2-3'],
    en: [
      '-',
      '+',
      '.',
      'e5',
      '1e-15',
      '1.12345678901',
      '12,50',
      '1,2,3,4',
      '007',
      '123456789012345678901234567890',
    ],
    de: ['3.14', '12.50', '1.5', '-'],
    ratio: ['nan', 'inf', '1e999', '0x10', '-'],
    at: [
      'Jan 3',
      '5',
      '2024-01-01 25:00',
      '2024-02-31 10:00',
      '0000-00-00 00:00:00',
      '2024-01-00 10:00',
      '2024-01-01 10:00+99:99',
      '1850-01-01 10:00',
      '2024-01-01 10:00:00.1234567',
    ],
    n: ['9223372036854775808', '1e3', '1.0', '007', '-'],
    ok: ['1', 'maybe'],
    dm: ['2024-12-31', '31/2/2024', '12/31/2024'],
  }
  const columns = Object.keys(good) as (keyof typeof good)[]
  const line = (other: Partial<typeof good> = {}) =>
    columns.map((name) => other[name] ?? good[name]).join(',')

  test('in each type, and told', async () => {
    const header = columns.join(',')
    expect(await collect('strict', `${header}\n${line()}\n`)).toMatchObject({ state: 'loaded', accepted: 1 })
    const types = (await get('/strict')).body.columns.map((c: { datatype: string; format?: string }) =>
      `${c.datatype} ${c.format ?? ''}`.trim(),
    )
    expect(types).toEqual([
      'date yyyy-MM-dd',
      'decimal ,.',
      'decimal .,',
      'double',
      'datetime',
      'integer',
      'boolean true|false',
      'date dd/MM/yyyy',
    ])
    const cases = columns.flatMap((name) => wrong[name].map((value) => [name, value] as const))
    const bad = cases.map(([name, value]) => line({ [name]: `"${value}"` }))
    const filler = bad.map(() => line())
    const done = await collect('strict', [header, ...bad, ...filler, ''].join('\n'))
    const { items } = (await get('/strict/batches/2/rejected?limit=200')).body
    expect(items.map((r: Record<string, unknown>) => [r.column, r.value])).toEqual(cases)
    expect(done).toMatchObject({ state: 'loaded', accepted: filler.length, rejected: cases.length })
  })

  test('and what is taken comes out as it is', async () => {
    const done = await collect(
      'values',
      'n,amount,at,day\n-5,0.1,2024-01-01T10:00:00.123456+08:00,2299-12-31\n+7,1234567890.0123456789,1900-01-01 00:00,1900-01-01\n',
    )
    expect(done).toMatchObject({ state: 'loaded', accepted: 2 })
    expect(await rowsOf('values')).toEqual([
      { _record: 1, n: -5, amount: 0.1, at: '2024-01-01T02:00:00.123456Z', day: '2299-12-31' },
      { _record: 2, n: 7, amount: '1234567890.0123456789', at: '1900-01-01T00:00:00Z', day: '1900-01-01' },
    ])
  })
})

describe('what is another table is quarantined, and readers see what was there', () => {
  test('other columns', async () => {
    await collect('trees', 'id,kind\n1,oak\n')
    const done = await collect('trees', 'id,height\n1,5\n')
    expect(done).toMatchObject({ state: 'quarantined', batch: 2 })
    expect(done.faults.map((f) => [f.path, f.rule])).toEqual([
      ['/height', 'new_column'],
      ['/kind', 'missing_column'],
    ])
    expect(await rowsOf('trees')).toEqual([{ _record: 1, id: 1, kind: 'oak' }])
  })

  test('values that mostly do not fit', async () => {
    await collect('wells', 'id,depth\n1,5\n')
    const done = await collect('wells', 'id,depth\n1,deep\n2,deeper\n3,1\n')
    expect(done).toMatchObject({ state: 'quarantined', accepted: 1, rejected: 2 })
    expect(done.faults.map((f) => f.rule)).toEqual(['mostly_rejected'])
    expect(await rowsOf('wells')).toEqual([{ _record: 1, id: 1, depth: 5 }])
    // Why stays to be seen.
    expect((await get('/wells/batches/2/rejected')).body.items).toHaveLength(2)
    expect(await collect('wells', 'id,depth\n1,6\n')).toMatchObject({ state: 'loaded', batch: 3 })
    expect(await rowsOf('wells')).toEqual([{ _record: 1, id: 1, depth: 6 }])
  })
})

test('a load that was cut off leaves nothing to see, and is done anew', async () => {
  await collect('posts', 'id\n1\n')
  const { rows } = await s.database.pool.query(
    `insert into collection.batch (table_id, number, state, source, source_bytes, checksum, format, encoding, delimiter, columns, started_by_name)
     select id, 2, 'loading', 'x', 1, '\\x00', 'csv', 'utf-8', ',', columns, 'x' from collection.data_table where name = 'posts' returning table_id`,
  )
  await e.client.insert({
    table: `collection.t_${rows[0].table_id}`,
    values: [{ _batch: 2, _record: 1, id: 99 }],
    format: 'JSONEachRow',
  })
  expect(await rowsOf('posts')).toEqual([{ _record: 1, id: 1 }])
  expect(await collect('posts', 'id\n2\n3\n')).toMatchObject({ state: 'loaded', batch: 3 })
  expect(await rowsOf('posts')).toEqual([
    { _record: 1, id: 2 },
    { _record: 2, id: 3 },
  ])
  const states = (await get('/posts/batches')).body.items.map((b: { state: string }) => b.state)
  expect(states).toEqual(['loaded', 'interrupted', 'loaded'])
})

test.each([
  ['nothing', ''],
  ['a header of nothing', ' , \n1,2\n'],
  ['1,001 columns', `${Array.from({ length: 1_001 }, (_, i) => `c${i}`).join(',')}\n`],
  ['two columns of one title', 'a,b,a\n1,2,3\n'],
  ['a title of 201 characters', `${'x'.repeat(201)},b\n1,2\n`],
  ['a header with text behind a quote', '"na"me,b\n1,x\n'],
  ['a header with a quote that never closes', '"name,b\n1,x\n'],
  ['lines that end with carriage returns', 'a,b\r1,2\r'],
])('%s is no table, and none is made', async (_, text) => {
  await expect(collect('nothing', text)).rejects.toMatchObject({ code: 'invalid_content' })
  expect((await get('/nothing')).status).toBe(404)
})

describe('how a file is written', () => {
  test.each([
    ['a tab', 'tab', 'id\tname\n1\ta,b\n'],
    ['a semicolon', 'semicolon', 'id;name\n1;a,b\n'],
    ['a bar', 'bar', 'id|name\n1|a,b\n'],
  ])('with %s between cells', async (_, table, text) => {
    expect(await collect(table, text)).toMatchObject({ state: 'loaded', accepted: 1 })
    expect(await rowsOf(table)).toEqual([{ _record: 1, id: 1, name: 'a,b' }])
  })

  test('and is read anew where it was read in the wrong way', async () => {
    const big5 = Buffer.concat([Buffer.from('id,name\n1,'), Buffer.from([0xa5, 0xab]), Buffer.from('\n')])
    await collect('markets', big5, { encoding: 'gb18030' })
    expect(await collect('markets', big5, { encoding: 'big5' })).toMatchObject({ state: 'loaded', batch: 2 })
    expect(await rowsOf('markets')).toEqual([{ _record: 1, id: 1, name: '市' }])
  })

  test('columns that are called as the engine might call its own', async () => {
    const done = await collect('clash', 'id,v_c0,_v0,_r1,c0,_record,_batch,x\n1,2,3,4,5,6,7,8\n')
    expect(done).toMatchObject({ state: 'loaded', accepted: 1 })
    expect(await rowsOf('clash')).toEqual([
      { _record: 1, id: 1, v_c0: 2, v0: 3, r1: 4, c0: 5, record: 6, batch: 7, x: 8 },
    ])
  })

  test('names that would be cut in the middle of a character', async () => {
    const title = `${'x'.repeat(58)}𠀀𠀀𠀀𠀀`
    expect(await collect('han', `id,${title}\n1,2\n`)).toMatchObject({ state: 'loaded' })
  })

  test('a sample that ends in the middle of a value says nothing of its type', async () => {
    for (let more = 0; more < 12; more++) {
      const rows = Array.from({ length: 14_000 }, (_, i) => `${i},2024-01-0${1 + (i % 9)}`).join('\n')
      const name = `cut_${more}`
      await collect(name, `id,${'d'.repeat(1 + more)}\n${rows}\n`)
      expect((await get(`/${name}`)).body.columns.map((c: { datatype: string }) => c.datatype)).toEqual([
        'integer',
        'date',
      ])
    }
  }, 60_000)

  test('1,000 columns of all types', async () => {
    const values = ['1', '2.5', '31/12/2024', '2024-01-01 10:00', 'yes', 'text', '1e5', '"1,000.5"']
    const header = Array.from({ length: 1_000 }, (_, i) => `column ${i}`).join(',')
    const row = Array.from({ length: 1_000 }, (_, i) => values[i % values.length]).join(',')
    const bad = Array.from({ length: 1_000 }, (_, i) => (i === 0 ? 'x' : values[i % values.length])).join(',')
    await collect('wide', `${header}\n${row}\n`)
    expect(await collect('wide', `${header}\n${row}\n${row}\n${bad}\n`)).toMatchObject({
      accepted: 2,
      rejected: 1,
    })
  }, 120_000)
})

describe('before readers see anything of a table', () => {
  test('a file that fails pins nothing', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => (i === 0 ? '1' : `x${i},y`)).join('\n')
    expect(await collect('young', `n\n${rows}\n`)).toMatchObject({ state: 'quarantined' })
    expect(await collect('young', 'name,n\na,1\n')).toMatchObject({ state: 'loaded', accepted: 1 })
    expect(await rowsOf('young')).toEqual([{ _record: 1, name: 'a', n: 1 }])
  })
  test('what is said of a new table is not dropped silently later', async () => {
    await collect('settled', 'id\n1\n')
    for (const more of [{ mode: 'append' }, { title: 'Other' }, { body: 'other' }] as const)
      await expect(collect('settled', 'id\n2\n', more)).rejects.toMatchObject({ code: 'conflict' })
    expect(await rowsOf('settled')).toEqual([{ _record: 1, id: 1 }])
  })
})

test('a header alone does not empty a table; to one that keeps all rows it adds none', async () => {
  await collect('kept', 'id\n1\n')
  const done = await collect('kept', 'id\n')
  expect([done.state, done.faults.map((f) => f.rule)]).toEqual(['quarantined', ['no_records']])
  expect(await rowsOf('kept')).toEqual([{ _record: 1, id: 1 }])
  await collect('added', 'id\n1\n', { mode: 'append' })
  expect(await collect('added', 'id\n')).toMatchObject({ state: 'loaded', read: 0 })
})

test('a file that somebody writes to while it is read is not taken', async () => {
  await collect('moving', 'id\n1\n')
  const file = join(folder, 'moving.csv')
  writeFileSync(file, 'id\n2\n')
  const input = { file, table: 'moving', onProgress: () => appendFileSync(file, '3\n') }
  const done = await collectFile({ db: s.db, engine: e.client }, s.system.actor, input)
  expect([done.state, done.faults.map((f) => f.rule)]).toEqual(['quarantined', ['file_changed']])
  expect(await rowsOf('moving')).toEqual([{ _record: 1, id: 1 }])
})

test('a file of which most is wrong is not read to its end', async () => {
  await collect('early', `id,name\n1,a\n`)
  const lines = `x,${'y'.repeat(400)}\n`.repeat(150_000)
  const done = await collect('early', `id,name\n${lines}`)
  expect(done).toMatchObject({ state: 'quarantined', accepted: 0 })
  expect(done.read).toBeGreaterThan(10_000)
  expect(done.read).toBeLessThan(150_000)
}, 60_000)

test('pages go on in the load they began with', async () => {
  await collect('paged', 'id\n1\n2\n')
  const { next } = (await get('/paged/rows?limit=1')).body
  await collect('paged', 'id\n7\n8\n9\n')
  expect((await get(`/paged/rows?limit=1&cursor=${next}`)).body.items).toMatchObject([{ _batch: 1, id: 2 }])
})

test('names of a table and characters that are no names', async () => {
  await expect(collect('No-Name', 'a\n1\n')).rejects.toMatchObject({ code: 'invalid_request' })
  const hostile = "id,`x`; drop table y,'quoted',back\\slash\n1,a`b,it's,\\N\n"
  expect(await collect('hostile', hostile)).toMatchObject({ state: 'loaded', accepted: 1 })
  expect(await rowsOf('hostile')).toEqual([
    { _record: 1, id: 1, x_drop_table_y: 'a`b', quoted: "it's", back_slash: '\\N' },
  ])
})

describe('rights', () => {
  test('rows are for those who keep them; whoever reads them is on record', async () => {
    await collect('secret', 'id\n1\n')
    expect((await get('/secret/rows', 'viewer')).status).toBe(403)
    expect((await get('/secret/batches/1/rejected', 'viewer')).status).toBe(403)
    expect((await get('/secret', 'viewer')).status).toBe(200)
    expect((await get('/secret', 'other')).status).toBe(403)
    expect((await get('/secret/rows')).status).toBe(200)
    expect((await get('', 'other')).body.items).toEqual([])
    const { rows } = await s.database.pool.query(
      `select action, detail::jsonb ->> 'asOf' as batch from security.audit_intake where object_id = 'secret' order by xid, seq`,
    )
    expect(rows.map((r) => r.action)).toEqual(['table:create', 'table:collect', 'table:rows'])
  })
  test('a load asks for the right of the body', async () => {
    const file = join(folder, 'forbidden.csv')
    writeFileSync(file, 'a\n1\n')
    const actor = {
      ...s.system.actor,
      kind: 'person' as const,
      personId: 1,
      roles: ['viewer' as const],
      organisationId: 1,
    }
    await expect(
      collectFile({ db: s.db, engine: e.client }, actor, { file, table: 'forbidden', body: 'county' }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })
  test('what is not there is not found', async () => {
    for (const path of [
      '/none',
      '/none/rows',
      '/none/batches',
      '/parks/batches/99/rejected',
      '/parks/rows?asOf=99',
    ])
      expect([path, (await get(path)).status]).toEqual([path, 404])
  })
})
