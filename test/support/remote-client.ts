import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll } from 'vitest'
import { type ClientOptions, createClient, type RemoteClient } from '../../src/harvest/remote/client.ts'
import { quick } from './portal.ts'

/** Clients for tests of what servers do, and servers that speak only what a test says. */

const clients: RemoteClient[] = []
const sockets: (() => void)[] = []
afterAll(() => {
  for (const client of clients) client.close()
  for (const close of sockets) close()
})

const allow = ['127.0.0.0/8']
export function clientOf(options: Partial<ClientOptions> = {}) {
  const client = createClient({
    signal: new AbortController().signal,
    contact: 'https://node.example/',
    allow,
    ...options,
    limits: { ...quick, ...options.limits },
  })
  clients.push(client)
  return client
}
export const get = (url: string, options?: Partial<ClientOptions>) =>
  clientOf(options).get(url, { accept: '*/*' })
export const ruleOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing',
    (error) => error.fault?.rule ?? error.message,
  )

/** A server that speaks only what a test says. */
export async function raw(speak: (socket: Socket, request: string) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (data) => speak(socket, data.toString()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  sockets.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
export const noRobots = (speak: (socket: Socket) => void) => (socket: Socket, request: string) =>
  request.startsWith('GET /robots.txt')
    ? socket.end('HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    : speak(socket)
