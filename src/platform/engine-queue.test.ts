import { expect, test } from 'vitest'
import { fairQueue } from './engine-queue.ts'

const open = () => new AbortController().signal

test('clients take turns, however many statements one has waiting', async () => {
  const queue = fairQueue({ length: 100, waitMs: 10_000 })
  const order: string[] = []
  const use = async (client: string) => {
    const leave = await queue.enter(client, open())
    order.push(client)
    await new Promise((r) => setTimeout(r, 1))
    leave()
    leave()
  }
  await Promise.all([...Array.from({ length: 8 }, () => use('bulk')), use('page'), use('page')])
  expect(order.slice(0, 5)).toEqual(['bulk', 'bulk', 'page', 'bulk', 'page'])
  expect(queue).toMatchObject({ waiting: 0, running: 0 })
})

test('a full queue says busy, a long wait ends, and who leaves gives up the place', async () => {
  const queue = fairQueue({ length: 1, waitMs: 50 })
  const leave = await queue.enter('a', open())
  const slow = queue.enter('b', open())
  await expect(queue.enter('c', open())).rejects.toThrow('1 statements are waiting')
  await expect(slow).rejects.toThrow('waited 50 ms')
  const gone = new AbortController()
  const left = queue.enter('b', gone.signal)
  gone.abort(new Error('the client left'))
  await expect(left).rejects.toThrow('the client left')
  expect(queue.waiting).toBe(0)
  leave()
  ;(await queue.enter('d', open()))()
  expect(queue.running).toBe(0)
})
