import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { afterAll } from 'vitest'
import {
  openRemote,
  type RemoteKind,
  type RemoteOptions,
  type RemotePage,
  type RemoteSource,
} from '../../src/harvest/remote/index.ts'

export type Handler = (url: URL, request: IncomingMessage, response: ServerResponse) => unknown

export interface Portal {
  url: string
  /** Path and query of what was asked for, without robots.txt. */
  asked: string[]
  requests: IncomingMessage[]
}

/** Waits of a test are short; the limits are the same. */
export const quick = { requestsPerSecond: 10_000, backoffMs: 5 } as const

/**
 * Portals on the loopback interface. A handler that returns a value answers with it: text as it is, anything else as
 * JSON; one that returns nothing has answered itself. There is no robots.txt unless a test gives one.
 */
export function portalKit() {
  const open: ReturnType<typeof createServer>[] = []
  afterAll(async () => {
    for (const server of open) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  async function start(handler: Handler, robots?: () => string): Promise<Portal> {
    const asked: string[] = []
    const requests: IncomingMessage[] = []
    const server = createServer(async (request, response) => {
      const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
      if (url.pathname === '/robots.txt') {
        if (robots) response.end(robots())
        else response.writeHead(404).end()
        return
      }
      asked.push(`${url.pathname}${url.search}`)
      requests.push(request)
      const answer = await handler(url, request, response)
      if (answer === undefined || response.headersSent) return
      if (answer === null) response.writeHead(404).end('"Not found"')
      else if (typeof answer === 'string' || Buffer.isBuffer(answer)) response.end(answer)
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
    })
    server.on('clientError', (_error, socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push(server)
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, requests }
  }
  return { start }
}

export const access = { contact: 'https://node.example/', allow: ['127.0.0.0/8'], spoolDir: tmpdir() }

/** The pages of a source, as a run would read them. */
export async function* pages(
  kind: RemoteKind,
  url: string,
  options: Partial<RemoteOptions> & { source?: Partial<RemoteSource> } = {},
): AsyncGenerator<RemotePage> {
  const { source, ...rest } = options
  const { signal } = new AbortController()
  yield* openRemote(
    { kind, url, ...source },
    { signal, access, ...rest, limits: { ...quick, ...rest.limits } },
  )
}

export interface Walk {
  pages: RemotePage[]
  records: { place: string; value: Record<string, unknown> }[]
  rejects: string[]
  /** Rules of the faults of all pages. */
  faults: string[]
  notes: string[]
  /** What a caller may take for the whole source. */
  complete: boolean
}

/** Reads a source to its end. */
export async function walk(...of: Parameters<typeof pages>): Promise<Walk> {
  const all: RemotePage[] = []
  for await (const page of pages(...of)) all.push(page)
  const events = all.flatMap((page) => page.events)
  const faults = all.flatMap((page) => page.faults.map((fault) => fault.rule))
  return {
    pages: all,
    records: events.flatMap((e) =>
      e.kind === 'record' ? [{ place: e.place, value: e.value as Record<string, unknown> }] : [],
    ),
    rejects: events.flatMap((e) => (e.kind === 'reject' ? [e.fault.rule] : [])),
    faults,
    notes: all.flatMap((page) => page.notes.map((fault) => fault.rule)),
    complete: faults.length === 0 && all.at(-1)?.last === true,
  }
}
