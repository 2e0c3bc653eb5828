import { Agent, type IncomingHttpHeaders, request } from 'node:http'

/** A plain HTTP client with kept connections: little work of its own beside what is measured. */

/** Longest wait for an answer (ms). */
const requestLimitMs = 60_000

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  /** From the request's start to the answer's last byte. */
  ms: number
}

export interface HttpClient {
  send(
    method: string,
    path: string,
    options?: { headers?: Record<string, string>; body?: string },
  ): Promise<Answer>
  /** The answer of a GET as JSON. @throws when the status is not 200. */
  json<T>(path: string): Promise<T>
  close(): void
}

export function createClient(address: string): HttpClient {
  const { hostname, port } = new URL(address)
  const agent = new Agent({ keepAlive: true, maxSockets: 256, noDelay: true })
  const send: HttpClient['send'] = (method, path, { headers, body } = {}) =>
    new Promise((resolve, reject) => {
      const started = performance.now()
      const outgoing = request(
        { agent, hostname, port, method, path, headers, timeout: requestLimitMs },
        (incoming) => {
          const parts: Buffer[] = []
          incoming.on('data', (part: Buffer) => parts.push(part))
          incoming.on('error', reject)
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: Buffer.concat(parts),
              ms: performance.now() - started,
            }),
          )
        },
      )
      outgoing.on('timeout', () =>
        outgoing.destroy(new Error(`${path}: no answer in ${requestLimitMs / 1000} s`)),
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  return {
    send,
    json: async (path) => {
      const { status, body } = await send('GET', path)
      if (status !== 200) throw new Error(`${path}: ${status} ${body.toString('utf8').slice(0, 300)}`)
      return JSON.parse(body.toString('utf8'))
    },
    close: () => agent.destroy(),
  }
}
