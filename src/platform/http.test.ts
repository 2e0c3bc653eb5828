import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, createHttp } from './http.ts'
import { listen, refuseTakenPort } from './listen-http.ts'
import { createLogger } from './log.ts'
import { operationsRoutes } from './operations.routes.ts'

let app: App
let port: number
beforeAll(async () => {
  app = await createHttp({ log: createLogger('silent'), version: '0' })
  operationsRoutes(app, [
    { name: 'good', check: async () => 1 },
    {
      name: 'bad',
      check: async () => {
        throw new Error('password "x" of postgres://inside is wrong')
      },
    },
  ])
  const address = await listen(app, {
    CONCORD_HOST: '127.0.0.1',
    CONCORD_PORT: 0,
    CONCORD_PUBLIC_URL: undefined,
    publicUrl: 'http://127.0.0.1:0',
  })
  port = Number(new URL(address).port)
})
afterAll(() => app.close())

test('readiness names what is down, and keeps the cause for the log', async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({ ready: false, checks: { good: 'ok', bad: 'down' } })
})

test('what is not HTTP is answered with a problem document', async () => {
  const text = await new Promise<string>((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write('this is no request\r\n\r\n'))
    socket.on('data', (d) => {
      answer += d
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
  const [head, body] = text.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json/s)
  expect(JSON.parse(body!)).toMatchObject({ code: 'invalid_request', status: 400 })
})

test('a port in use is told with the setting to change', async () => {
  const config = {
    CONCORD_HOST: '127.0.0.1',
    CONCORD_PORT: port,
    CONCORD_PUBLIC_URL: undefined,
    publicUrl: '',
  }
  await expect(refuseTakenPort(config)).rejects.toThrow(/CONCORD_PORT/)
  await expect(refuseTakenPort({ ...config, CONCORD_HOST: '192.0.2.1' })).rejects.toThrow(/CONCORD_HOST/)
})
