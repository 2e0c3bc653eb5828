import { expect, test } from 'vitest'
import { composeInsert, composeSelect, readStatement } from './engine-sql.ts'

test.each([
  ['select 1', 'SELECT', undefined, false],
  ["-- a; b\n/* ; */ WITH 1 AS a SELECT a, 'it\\'s; FORMAT CSV' FORMAT JSON;", 'SELECT', 'JSON', false],
  ['(select 1) union all (select 2) format CSV settings max_threads = 1', 'SELECT', 'CSV', false],
  ["select format('{}', x) as format from t", 'SELECT', undefined, false],
  ['select 1; select 2', 'SELECT', undefined, true],
  ['select $a$ ; format CSV $a$ format TSV', 'SELECT', 'TSV', false],
  [
    "create table t (a String default ';') engine = MergeTree order by a settings index_granularity = 1",
    'CREATE',
    undefined,
    false,
  ],
  ['insert into t select values from u; drop table t', 'INSERT', undefined, true],
  ['', '', undefined, false],
])('%s', (sql, kind, format, several) => {
  const read = readStatement(sql)
  expect([read.kind, read.format, read.several]).toEqual([kind, format, several])
})

test('the data of an insert are not read as SQL', () => {
  expect(readStatement('INSERT INTO t FORMAT JSONEachRow')).toMatchObject({
    format: 'JSONEachRow',
    inlineData: false,
  })
  expect(readStatement('INSERT INTO t (a, b) VALUES')).toMatchObject({ format: 'Values', inlineData: false })
  expect(readStatement("INSERT INTO t VALUES (1, 'x;y')")).toMatchObject({ inlineData: true, several: false })
  const inline = readStatement('INSERT INTO t FORMAT CSV\n1,";"\n2,"y"\n')
  expect(inline).toMatchObject({ inlineData: true, several: false })
  expect(inline.sql.endsWith('2,"y"\n')).toBe(true)
})

test('settings and files take their place in the statement', () => {
  const select = readStatement('select 1 settings a = 1 format JSON settings b = 2;')
  const sql = composeSelect(select, { format: 'JSON', settings: [['c', "x'y"]], outfile: '/tmp/o' })
  expect(sql).toBe(
    `select 1 settings a = 1 \nINTO OUTFILE '/tmp/o' TRUNCATE\nFORMAT JSON\nSETTINGS c = 'x\\'y', b = 2`,
  )
  const insert = (text: string, infile?: string) =>
    composeInsert(readStatement(text), { settings: [['c', '1']], infile })
  expect(insert('insert into t (a) format CSV', '/f')).toBe(
    `insert into t (a)  FROM INFILE '/f' SETTINGS c = '1' format CSV`,
  )
  expect(insert('insert into t settings d = 2 values', '/f')).toBe(
    `insert into t  FROM INFILE '/f' SETTINGS c = '1', d = 2 FORMAT Values`,
  )
  expect(insert('insert into t select 1')).toBe(`insert into t select 1 SETTINGS c = '1'`)
})

test('a large statement is read in linear time', () => {
  const started = Date.now()
  readStatement(
    `select * from t where id in (${Array.from({ length: 200_000 }, (_, i) => `'v${i}'`).join(',')})`,
  )
  readStatement(`select '${'\\\\'.repeat(1_000_000)}'`)
  expect(Date.now() - started).toBeLessThan(3_000)
})
