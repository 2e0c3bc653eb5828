import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { emit, missedNews, outboxHead, readOutbox, trimOutbox } from './outbox.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const start = { xid: '0', seq: 0 }

test('a reader behind the trimmed part is told; one that has read it is not', async () => {
  const { db, pool } = database
  for (let i = 0; i < 3; i++) await emit(db, 'thing', { i })
  await emit(db, 'other', {})
  const events = await readOutbox(db, 'thing', start)
  expect(events).toHaveLength(3)
  expect(await missedNews(db, 'thing', start)).toBe(false)
  await pool.query(
    `update platform.outbox set at = now() - interval '8 days' where payload->>'i' in ('0', '1')`,
  )
  expect(await trimOutbox(db, 7)).toBe(2)
  expect(await missedNews(db, 'thing', start)).toBe(true)
  expect(await missedNews(db, 'thing', events[0]!.position)).toBe(true)
  expect(await missedNews(db, 'thing', events[1]!.position)).toBe(false)
  expect(await missedNews(db, 'other', start)).toBe(false)
  // A later trimming that finds nothing does not move the horizon back.
  expect(await trimOutbox(db, 7)).toBe(0)
  expect(await missedNews(db, 'thing', events[0]!.position)).toBe(true)
})

test('a place of another database is of no use', async () => {
  const head = await outboxHead(database.db)
  expect(await missedNews(database.db, 'thing', head)).toBe(false)
  expect(await missedNews(database.db, 'thing', { xid: String(BigInt(head.xid) + 1000n), seq: 0 })).toBe(true)
})

test('pages follow the numbers of transactions, also where these get another digit', async () => {
  const { db, pool } = database
  await pool.query(`insert into platform.outbox (topic, xid, payload)
    select 'digits', n::text::xid8, to_jsonb(n) from unnest(array[8, 9, 10, 11, 99, 100, 101]) n`)
  const read: unknown[] = []
  for (let position = start; ; ) {
    const events = await readOutbox(db, 'digits', position, 2)
    if (events.length === 0) break
    read.push(...events.map((e) => e.payload))
    position = events.at(-1)!.position
  }
  expect(read).toEqual([8, 9, 10, 11, 99, 100, 101])
})
