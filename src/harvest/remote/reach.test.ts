import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addressAnswers } from './reach.ts'

let server: Server
let port: number
const seen: string[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.url!)
    if (request.url === '/robots.txt') return response.writeHead(404).end()
    if (request.url === '/forbidden') return response.writeHead(403).end()
    if (request.url === '/gone') return response.writeHead(404).end('gone')
    if (request.url === '/away')
      return response.writeHead(302, { location: 'http://169.254.169.254/x' }).end()
    // A body without an end: nobody reads it.
    response.writeHead(200, { 'content-type': 'text/csv' })
    response.write('a,b\n'.repeat(1000))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const asker = { contact: 'http://node', allow: ['127.0.0.1/32'], signal: AbortSignal.timeout(60_000) }
const ask = (path: string, more = {}) =>
  addressAnswers(`http://127.0.0.1:${port}${path}`, { ...asker, ...more })

it('tells what answers, what does not, and what may not be asked from here', {
  timeout: 30_000,
}, async () => {
  expect(await ask('/endless')).toBe(true)
  expect(await ask('/forbidden')).toBe(true)
  expect(await ask('/gone')).toBe(false)
  expect(await ask('/away')).toBeUndefined()
  expect(await ask('/endless', { allow: [] })).toBeUndefined()
})

it('asks nobody about names that are for documentation, and no other protocol', async () => {
  seen.length = 0
  for (const address of ['https://data.example/a', 'http://www.example.com/', 'ftp://127.0.0.1/a'])
    expect(await addressAnswers(address, asker), address).toBeUndefined()
  expect(await addressAnswers('no address', asker)).toBe(false)
  expect(seen).toEqual([])
})
