import { describe, expect, test } from 'vitest'
import { portalKit } from '../../../test/support/portal.ts'
import { clientOf, get, noRobots, raw, ruleOf } from '../../../test/support/remote-client.ts'
import { retryAfter } from './client-pace.ts'
import { redirectTarget } from './client-request.ts'

const { start } = portalKit()

describe('heads and redirects', () => {
  test('a head of 10 MB', async () => {
    const url = await raw(
      noRobots((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n')
        const line = `X-Pad: ${'x'.repeat(64 * 1024)}\r\n`
        for (let i = 0; i < 160; i++) socket.write(line)
        socket.end('\r\n')
      }),
    )
    expect(await ruleOf(get(url))).toBe('head_too_large')
  })

  test('what is no HTTP', async () => {
    const url = await raw((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
    expect(await ruleOf(get(url))).toBe('http')
  })

  test('redirects are followed, a circle is not', async () => {
    const portal = await start((url, _request, response) => {
      const n = Number(url.pathname.slice(1))
      if (n === 0) return 'there'
      response.writeHead(302, { location: `/${n > 50 ? n : n - 1}` }).end()
    })
    const answer = await get(`${portal.url}/5`)
    expect(answer.body.toString()).toBe('there')
    expect(answer.url).toBe(`${portal.url}/0`)
    expect(await ruleOf(get(`${portal.url}/6`))).toBe('too_many_redirects')
    expect(await ruleOf(get(`${portal.url}/99`))).toBe('too_many_redirects')
  })

  test.each([
    ['http://10.0.0.1/', 'address_not_public'],
    ['http://169.254.169.254/latest/meta-data/', 'address_not_public'],
    ['http://[::1]:8080/', 'address_not_public'],
    ['http://2130706433/', 'odd_host'],
    ['file:///etc/passwd', 'scheme'],
    ['http://127.0.0.1:6379/', 'port'],
  ])('a redirect to %s is refused like the address itself', async (location, rule) => {
    const portal = await start((_url, _request, response) => response.writeHead(302, { location }).end())
    expect(await ruleOf(get(portal.url))).toBe(rule)
  })

  test('a token goes to its origin only, and never from https to http', async () => {
    const seen: (string | undefined)[] = []
    const other = await start((_url, request) => {
      seen.push(request.headers.authorization)
      return 'x'
    })
    const portal = await start((_url, request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(302, { location: other.url }).end()
    })
    await get(portal.url, {
      ignoreRobots: true,
      authorization: { origin: new URL(portal.url).origin, value: 'secret' },
    })
    expect(seen).toEqual(['secret', undefined])
    const from = new URL('https://a.example/x')
    expect(() => redirectTarget(from, 'http://a.example/', true)).toThrow('from https to http')
    expect(redirectTarget(from, 'http://a.example/', false)).toBe('http://a.example/')
    expect(redirectTarget(from, '/y', true)).toBe('https://a.example/y')
  })

  test('a name that moves to a private address between two answers is not followed there', async () => {
    const portal = await start(() => 'public')
    const { port } = new URL(portal.url)
    const answers = ['127.0.0.1', '127.0.0.2', '10.0.0.1']
    const client = clientOf({
      allow: ['127.0.0.1'],
      ignoreRobots: true,
      resolve: async () => [{ address: answers.shift()!, family: 4 }],
    })
    const ask = () => client.get(`http://rebound.example:${port}/`, { accept: '*/*' })
    expect((await ask()).body.toString()).toBe('public')
    expect(await ruleOf(ask())).toBe('address_not_public')
    expect(await ruleOf(ask())).toBe('address_not_public')
    // Once a request: what was checked is connected to without asking again.
    expect(answers).toEqual([])
  })
})

describe('politeness', () => {
  test('a busy server is asked again after the time it says', async () => {
    const at: number[] = []
    const portal = await start((_url, _request, response) => {
      at.push(Date.now())
      if (at.length === 1) response.writeHead(429, { 'retry-after': '1' }).end()
      else return 'now'
      return undefined
    })
    expect((await get(portal.url)).body.toString()).toBe('now')
    expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(990)
  })

  test('one that wants a day ends the run, and says when to come again', async () => {
    const portal = await start((_url, _request, response) =>
      response.writeHead(503, { 'retry-after': '86400' }).end(),
    )
    await expect(get(portal.url)).rejects.toMatchObject({
      retryAfterMs: 86_400_000,
      more: { retryAfter: 86_400 },
    })
    expect(portal.asked).toHaveLength(1)
  })

  test('tries are limited; what is not there is asked for once', async () => {
    const portal = await start((url, _request, response) =>
      response.writeHead(Number(url.pathname.slice(1))).end(),
    )
    for (const [status, tries] of [
      [500, 4],
      [404, 1],
      [403, 1],
    ]) {
      portal.asked.length = 0
      await expect(get(`${portal.url}/${status}`)).rejects.toMatchObject({ answered: status })
      expect(portal.asked).toHaveLength(tries!)
    }
  })

  test('requests to a host keep their distance', async () => {
    const portal = await start(() => 'x')
    const client = clientOf({ limits: { requestsPerSecond: 20 }, ignoreRobots: true })
    const began = Date.now()
    await Promise.all([1, 2, 3, 4, 5].map(() => client.get(portal.url, { accept: '*/*' })))
    expect(Date.now() - began).toBeGreaterThanOrEqual(190)
  })

  test('robots.txt: read once, obeyed, and its pause kept', async () => {
    let reads = 0
    const at: number[] = []
    const portal = await start(
      () => {
        at.push(Date.now())
        return 'x'
      },
      () => {
        reads++
        return 'User-agent: *\nDisallow: /private\nCrawl-delay: 0.2\n'
      },
    )
    const client = clientOf()
    await client.get(`${portal.url}/open`, { accept: '*/*' })
    await client.get(`${portal.url}/open`, { accept: '*/*' })
    expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(150)
    expect(await ruleOf(client.get(`${portal.url}/private/x`, { accept: '*/*' }))).toBe('robots')
    expect(reads).toBe(1)
    const agreed = clientOf({ ignoreRobots: true })
    expect((await agreed.get(`${portal.url}/private/x`, { accept: '*/*' })).body.toString()).toBe('x')
  })

  test('rules for everybody do not speak of interfaces for programs; rules for us do', async () => {
    let text = 'User-agent: *\nDisallow: /api/\nCrawl-delay: 10\n'
    const portal = await start(
      () => 'x',
      () => text,
    )
    const ask = () => get(`${portal.url}/api/3`, { forPrograms: true })
    expect((await ask()).body.toString()).toBe('x')
    text = 'User-agent: Concord\nDisallow: /api/\n'
    expect(await ruleOf(ask())).toBe('robots')
  })

  test('says who asks', async () => {
    const portal = await start(() => 'x')
    await get(portal.url)
    expect(portal.requests[0]!.headers['user-agent']).toBe('Concord (+https://node.example/)')
  })

  test.each([
    ['5', 5_000],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['Thu, 01 Jan 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('Retry-After %s', (header, ms) => expect(retryAfter(header, Date.UTC(2026, 0, 1))).toBe(ms))
})
