import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { listenOutbox } from './listen.ts'
import { emit } from './outbox.ts'
import type { Postgres } from './postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const quiet = { warn() {} }

test('a connection that breaks while it is told to listen is replaced by one, not by two', async () => {
  let connected = 0
  let released = 0
  const pool = {
    connect: async () => {
      connected++
      const client = new EventEmitter() as EventEmitter & { query(): Promise<void>; release(): void }
      client.release = () => void released++
      client.query = async () => {
        if (connected > 1) return
        client.emit('error', new Error('terminated'))
        throw new Error('terminated')
      }
      return client
    },
  } as unknown as Postgres['pool']
  const end = listenOutbox(pool, quiet, () => {})
  await sleep(2_300)
  expect([connected, released]).toEqual([2, 1])
  await end()
  expect(released).toBe(2)
})

test('news wake the listener, also after its connection was lost', async () => {
  let woken = 0
  const end = listenOutbox(database.pool, quiet, () => void woken++)
  const until = async (n: number) => {
    for (const limit = Date.now() + 5_000; woken < n && Date.now() < limit; ) await sleep(20)
    expect(woken).toBeGreaterThanOrEqual(n)
  }
  await until(1)
  await emit(database.db, 'thing', {})
  await until(2)
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and query like 'listen %' and pid <> pg_backend_pid()`,
  )
  await until(3)
  await emit(database.db, 'thing', {})
  await until(4)
  await end()
})
