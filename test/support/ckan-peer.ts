import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

/** A CKAN portal on loopback: `package_search` over the records given, by page, in the order of their ids. */
export interface CkanPeer {
  url: string
  records: Record<string, unknown>[]
  /** Searches answered. */
  answered: number
  close(): Promise<void>
}

export async function startCkanPeer(records: Record<string, unknown>[]): Promise<CkanPeer> {
  const peer = { url: '', records, answered: 0 } as CkanPeer
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost')
    if (url.pathname !== '/api/3/action/package_search') return void response.writeHead(404).end()
    const rows = Number(url.searchParams.get('rows') ?? 10)
    const start = Number(url.searchParams.get('start') ?? 0)
    peer.answered++
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        success: true,
        result: { count: peer.records.length, results: peer.records.slice(start, start + rows) },
      }),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  peer.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  peer.close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return peer
}
