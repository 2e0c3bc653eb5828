import { get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type App, createHttp } from '../../platform/http.ts'
import { createLogger } from '../../platform/log.ts'
import { isCallback, JsonStream, sendResult } from './answer.ts'

// A list of any length goes out as fast as its reader takes it, and never looks whole when it is not.

const batchBytes = 100_000
let app: App
let address: string
let made = 0
let ended = false

async function* endless(limit: number, fail = false): AsyncGenerator<string[]> {
  try {
    for (let i = 0; i < limit; i++) {
      made++
      yield [JSON.stringify('x'.repeat(batchBytes))]
    }
    if (fail) throw new Error('the database went away')
  } finally {
    ended = true
  }
}

beforeAll(async () => {
  app = await createHttp({ log: createLogger('silent'), version: '0' })
  const answer = (path: string, limit: number, fail?: boolean) =>
    app.get(path, { config: { action: 'public:read' } }, (_, reply) => {
      made = 0
      ended = false
      const result = new JsonStream(endless(limit, fail))
      return sendResult(reply, { help: 'h', result, callback: undefined })
    })
  answer('/endless', 1_000_000)
  answer('/short', 3)
  answer('/broken', 3, true)
  address = await app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(() => app?.close())

const open = (path: string) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get(address + path, resolve).on('error', reject)
  })

test('a reader that waits makes the source wait, and one that leaves ends it', async () => {
  const incoming = await open('/endless')
  incoming.pause()
  await vi.waitFor(async () => {
    const before = made
    await sleep(300)
    expect(made).toBe(before)
  }, 10_000)
  // Some megabytes lie in the buffers of both sides; the source is far from its end.
  expect(made * batchBytes).toBeLessThan(20_000_000)
  incoming.destroy()
  await vi.waitFor(() => expect(ended).toBe(true), 10_000)
})

test('a whole list is JSON; one that breaks off is none, and its connection says so', async () => {
  const whole = await (await fetch(`${address}/short`)).json()
  expect(whole).toMatchObject({ help: 'h', success: true, result: { length: 3 } })
  await expect(fetch(`${address}/broken`).then((answer) => answer.text())).rejects.toThrow()
})

test('a callback is the name of a function and nothing else', () => {
  for (const good of ['f', 'jQuery123_4', 'a.b.$c']) expect(isCallback(good)).toBe(true)
  for (const bad of ['', '1f', 'a b', 'alert(1)', 'a..b', 'f;', 'x'.repeat(101), ['f']])
    expect(isCallback(bad)).toBe(false)
})
