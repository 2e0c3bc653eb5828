import { mkdtempSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { portalKit } from '../../../test/support/portal.ts'
import { clientOf, get, noRobots, raw, ruleOf } from '../../../test/support/remote-client.ts'
import type { ClientOptions } from './client.ts'

const { start } = portalKit()

describe('bodies', () => {
  test.each([
    ['gzip', gzipSync('hello')],
    ['x-gzip', gzipSync('hello')],
    ['br', brotliCompressSync('hello')],
    ['deflate', deflateSync('hello')],
    ['deflate', deflateRawSync('hello')],
    ['identity', Buffer.from('hello')],
    // A file that is packed itself.
    ['', gzipSync('hello')],
  ])('%s is unpacked', async (encoding, body) => {
    const portal = await start((_url, _request, response) => {
      if (encoding) response.setHeader('content-encoding', encoding)
      response.end(body)
    })
    const answer = await get(portal.url)
    expect(answer.body.toString()).toBe('hello')
    expect(answer.bytes).toBe(body.length)
  })

  test('a packing that was not asked for, and one that is damaged', async () => {
    const portal = await start((url, _request, response) => {
      response.setHeader('content-encoding', url.pathname.slice(1)).end('nonsense')
    })
    expect(await ruleOf(get(`${portal.url}/zstd`))).toBe('content_encoding')
    expect(await ruleOf(get(`${portal.url}/gzip`, { limits: { attempts: 1 } }))).toBe('packing_damaged')
  })

  test('a bomb is stopped by its ratio long before it is unpacked', async () => {
    const portal = await start((_url, _request, response) => {
      response.setHeader('content-encoding', 'gzip')
      const gzip = createGzip()
      gzip.on('error', () => {})
      gzip.pipe(response)
      const block = Buffer.alloc(1024 * 1024)
      for (let i = 0; i < 300; i++) gzip.write(block)
      gzip.end()
    })
    expect(await ruleOf(get(portal.url))).toBe('packed_too_tightly')
  })

  test('more than a page may have, as sent and as unpacked', async () => {
    const limits = { pageBytes: 100_000 }
    const plain = await start(() => Buffer.alloc(100_001, 'x'))
    expect(await ruleOf(get(plain.url, { limits }))).toBe('response_too_large')
    const packed = await start((_url, _request, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(200_000, 'x')))
    })
    expect(await ruleOf(get(packed.url, { limits }))).toBe('response_too_large')
  })

  test('a body without end', async () => {
    const portal = await start((_url, _request, response) => {
      response.on('error', () => {})
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, 'x')));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    expect(await ruleOf(get(portal.url, { limits: { pageBytes: 3_000_000 } }))).toBe('response_too_large')
  })

  test.each([
    ['less than its length says', 'Content-Length: 100\r\n\r\nhello'],
    ['chunks without the last', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ])('%s is cut off, not short', async (_name, rest) => {
    const url = await raw(noRobots((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`)))
    expect(await ruleOf(get(url, { limits: { attempts: 2 } }))).toBe('cut_off')
  })

  test('gzip that ends early inside a whole answer', async () => {
    const portal = await start((_url, _request, response) => {
      response
        .setHeader('content-encoding', 'gzip')
        .end(gzipSync(Buffer.alloc(50_000, 'abc')).subarray(0, 60))
    })
    expect(await ruleOf(get(portal.url, { limits: { attempts: 1 } }))).toBe('cut_off')
  })

  test('a file that fails leaves nothing on disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'remote-'))
    const url = await raw(
      noRobots((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello')),
    )
    const file = clientOf({ limits: { attempts: 2 } }).getFile(url, join(folder, 'f'), { accept: '*/*' })
    expect(await ruleOf(file)).toBe('cut_off')
    expect(await readdir(folder)).toEqual([])
  })
})

describe('slowness', () => {
  test.each<[string, (socket: Socket) => void, Partial<ClientOptions['limits']>, string]>([
    ['no answer', () => {}, { headMs: 200 }, 'no_answer'],
    [
      'a head that comes byte by byte',
      (socket) => {
        const drip = setInterval(() => socket.write('x'), 20)
        socket.write('HTTP/1.1 200 OK\r\nX-Slow: ')
        socket.on('close', () => clearInterval(drip))
      },
      { headMs: 300 },
      'no_answer',
    ],
    [
      'a body that stalls',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello'),
      { idleMs: 200 },
      'stalled',
    ],
    [
      'a body that comes byte by byte',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
        const drip = setInterval(() => socket.write('x'), 20)
        socket.on('close', () => clearInterval(drip))
      },
      { slowMs: 300 },
      'too_slow',
    ],
  ])('%s', async (_name, speak, limits, rule) => {
    const url = await raw(noRobots(speak))
    expect(await ruleOf(get(url, { limits: { attempts: 1, ...limits } }))).toBe(rule)
  })

  test('stopping ends a request at once', async () => {
    const url = await raw(
      noRobots((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello')),
    )
    const stop = new AbortController()
    const asked = get(url, { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('stopped')), 150)
    const began = Date.now()
    expect(await ruleOf(asked)).toBe('stopped')
    expect(Date.now() - began).toBeLessThan(1_000)
  })

  test('stopping ends the wait before another try', async () => {
    const portal = await start((_url, _request, response) =>
      response.writeHead(503, { 'retry-after': '100' }).end(),
    )
    const stop = new AbortController()
    setTimeout(() => stop.abort(new Error('stopped')), 100)
    expect(await ruleOf(get(portal.url, { signal: stop.signal }))).toBe('stopped')
  })
})
