import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { copyField, copyInto } from './copy.ts'
import { inTransaction } from './postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.pool.query(
    'create table public.thing (n int primary key, "text" text, list text[], data jsonb, yes boolean)',
  )
})
afterAll(() => database.drop())

const columns = ['n', 'text', 'list', 'data', 'yes']
const line = (...values: Parameters<typeof copyField>[0][]) => `${values.map(copyField).join('\t')}\n`
const rows = async () => (await database.pool.query('select * from public.thing order by n')).rows

test('values come out as they went in, hostile ones included', async () => {
  const hostile = [
    'tab\there\nline\r\\N \\. back\\slash "quoted" {brace},comma',
    '',
    'NULL',
    'null',
    '\\.',
    '车站',
  ]
  await inTransaction(database.db, async (tx) => {
    await copyInto(
      tx,
      'public.thing',
      columns,
      hostile.map((text, i) => line(i, text, hostile, JSON.stringify({ text, hostile }), i % 2 === 0)),
    )
    await copyInto(tx, 'public.thing', columns, [line(9, null, [], undefined, null)])
    await copyInto(tx, 'public.thing', columns, [])
  })
  const expected = hostile.map((text, i) => ({
    n: i,
    text,
    list: hostile,
    data: { text, hostile },
    yes: i % 2 === 0,
  }))
  expect(await rows()).toEqual([...expected, { n: 9, text: null, list: [], data: null, yes: null }])
})

test('more than the network takes at once', async () => {
  function* many() {
    for (let n = 100; n < 20_100; n++) yield line(n, 'x'.repeat(1_000), [], null, null)
  }
  await copyInto(database.db, 'public.thing', columns, many())
  const { rows } = await database.pool.query('select count(*)::int as count from public.thing where n >= 100')
  expect(rows).toEqual([{ count: 20_000 }])
})

test('what the database refuses, and rows that fail underway, leave nothing, and the connection works on', async () => {
  const copy = (lines: Iterable<string>) =>
    inTransaction(database.db, (tx) => copyInto(tx, 'public.thing', columns, lines))
  await expect(copy([line(50_000, 'a', [], null, null), line(0, 'b', [], null, null)])).rejects.toMatchObject(
    {
      code: '23505',
    },
  )
  await expect(copy([line(50_000, 'a', [], '{', null)])).rejects.toMatchObject({ code: '22P02' })
  function* failing() {
    for (let n = 50_000; n < 50_200; n++) yield line(n, 'x'.repeat(1_000), [], null, null)
    throw new Error('no more')
  }
  await expect(copy(failing())).rejects.toThrow('no more')
  await expect(
    inTransaction(database.db, (tx) =>
      copyInto(tx, 'public.nowhere', columns, [line(1, null, [], null, null)]),
    ),
  ).rejects.toMatchObject({ code: '42P01' })
  const { rows } = await database.pool.query(
    'select count(*)::int as count from public.thing where n >= 50000',
  )
  expect(rows).toEqual([{ count: 0 }])
})
