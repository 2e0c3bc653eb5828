import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, createHttp } from '../../platform/http.ts'
import { createLogger } from '../../platform/log.ts'
import { sendStream } from './stream-answer.ts'

const line = `${'x'.repeat(1023)}\n`
const breakAt = 20_000
const whole = 2_000

let app: App
let url: string
let made = 0
async function* lines(count: number, fail: boolean) {
  for (made = 0; made < count; made++) yield line
  if (fail) throw new Error('the database is gone')
}

beforeAll(async () => {
  app = await createHttp({ log: createLogger('silent'), version: '0' })
  const config = { action: 'public:read' }
  app.get('/whole', { config }, (_request, reply) => sendStream(reply, 'text/plain', lines(whole, false)))
  app.get('/broken', { config }, (_request, reply) => sendStream(reply, 'text/plain', lines(breakAt, true)))
  app.get('/at-once', { config }, (_request, reply) => sendStream(reply, 'text/plain', lines(0, true)))
  await app.listen({ port: 0, host: '127.0.0.1' })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
})
afterAll(() => app?.close())

test('arrives whole', async () => {
  expect((await (await fetch(`${url}/whole`)).text()).length).toBe(whole * line.length)
})

test('what fails in the middle is an error at the reader, not a short file', async () => {
  await expect(fetch(`${url}/broken`).then((answer) => answer.text())).rejects.toThrow()
  expect((await fetch(`${url}/at-once`)).status).toBe(500)
})

test('is made no faster than it is read', async () => {
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve, reject) =>
    request(`${url}/broken`, resolve).on('error', reject).end(),
  )
  answer.on('error', () => {})
  for (let before = -1; made !== before; ) {
    before = made
    await sleep(300)
  }
  // Buffers of both sockets hold some megabytes, not everything.
  expect(made).toBeGreaterThan(0)
  expect(made).toBeLessThan(breakAt)
  answer.destroy()
})
