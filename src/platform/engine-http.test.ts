import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEngineServer } from './engine-http.ts'
import { type FairQueue, fairQueue } from './engine-queue.ts'
import type { EngineSession } from './engine-session.ts'

let server: Server
let origin: string
let spool: string
const queue: FairQueue = fairQueue({ length: 1, waitMs: 10_000 })
const ran: string[] = []
const wedged: string[] = []
let release: () => void = () => {}

/** Stands for an engine whose statements end when the test says so. */
const session = (): EngineSession => ({
  version: '1.2.3',
  spool,
  run: async (sql) => {
    ran.push(sql)
    if (sql.includes('fatal'))
      throw new Error('Code: 236. DB::Exception: Server is shutting down due to a fatal error. (ABORTED)')
    if (sql.includes('wait')) {
      await new Promise<void>((resolve) => {
        release = resolve
      })
    }
    return { bytes: Buffer.from('ok\n'), rowsRead: 1, bytesRead: 1 }
  },
  async *stream() {},
  computingSince: () => Date.now(),
  idle: async () => {},
  close: () => {},
})

beforeAll(async () => {
  spool = mkdtempSync(join(tmpdir(), 'concord-spool-'))
  server = createEngineServer({
    session: session(),
    queue,
    secret: 's3',
    health: () => ({ status: 'ok' }),
    onWedged: (w) => wedged.push(w),
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(spool, { recursive: true })
})

const ask = (sql: string, init: RequestInit = {}) =>
  fetch(origin, {
    method: 'POST',
    body: sql,
    ...init,
    headers: { 'X-ClickHouse-Key': 's3', ...init.headers },
  })
const until = async (done: () => boolean) => {
  for (const end = Date.now() + 5_000; !done(); await new Promise((r) => setTimeout(r, 5)))
    if (Date.now() > end) throw new Error('did not happen')
}

test('a full queue answers busy with Retry-After, and a client that leaves is not served', async () => {
  const first = ask('show wait')
  await until(() => ran.length === 1)
  const gone = new AbortController()
  const second = ask('show nobody', { signal: gone.signal })
  await until(() => queue.waiting === 1)
  const third = await ask('show third')
  expect([
    third.status,
    third.headers.get('retry-after'),
    third.headers.get('x-clickhouse-exception-code'),
  ]).toEqual([503, '1', '202'])
  gone.abort()
  await expect(second).rejects.toThrow()
  await until(() => queue.waiting === 0)
  release()
  expect(await (await first).text()).toBe('ok\n')
  expect(ran).toEqual(['show wait'])
})

test('an engine that shut itself down is given up', async () => {
  const answer = await ask('show fatal')
  expect(answer.headers.get('x-clickhouse-exception-code')).toBe('236')
  expect(wedged).toHaveLength(1)
})

test('bodies: spooled to disk for the statement and removed after it; wrong encodings are refused', async () => {
  const url = `${origin}/?query=${encodeURIComponent('insert into t format CSV')}`
  const headers = { 'X-ClickHouse-Key': 's3' }
  expect((await fetch(url, { method: 'POST', headers, body: '1\n' })).status).toBe(200)
  expect(ran.at(-1)).toContain(`FROM INFILE '${spool}/`)
  await until(() => readdirSync(spool).length === 0)
  const refused = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'Content-Encoding': 'br' },
    body: 'x',
  })
  expect(refused.status).toBe(400)
  const broken = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'Content-Encoding': 'gzip' },
    body: 'not gzip',
  })
  expect(broken.ok).toBe(false)
  await until(() => readdirSync(spool).length === 0)
  expect((await ask('show ok')).status).toBe(200)
})

test('an address that cannot be read is refused, and the engine lives', async () => {
  const { port } = server.address() as { port: number }
  const answer = await new Promise<string>((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    )
    socket.on('data', (d) => {
      text += d
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect((await fetch(`${origin}/ping`)).status).toBe(200)
})
