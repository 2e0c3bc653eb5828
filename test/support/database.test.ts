import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from './database.ts'

let one: TestDatabase
let two: TestDatabase
beforeAll(async () => {
  ;[one, two] = await Promise.all([createTestDatabase(), createTestDatabase()])
})
afterAll(() => Promise.all([one.drop(), two.drop()]))

test('each database has the migrations and is apart from the others', async () => {
  await one.pool.query(`insert into platform.outbox (topic, payload) values ('t', '{}')`)
  const count = async (d: TestDatabase) =>
    (await d.pool.query('select count(*) from platform.outbox')).rows[0].count
  expect(await count(one)).toBe(1)
  expect(await count(two)).toBe(0)
})
