import { createHash, type Hash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { readBody } from './client-body.ts'
import { backoff, holdOff, pause, retryAfter, takeTurn } from './client-pace.ts'
import { createAgents, request } from './client-request.ts'
import { allowsAll, type Robots, readRobots, robotsBytes } from './client-robots.ts'
import { RemoteFailure, refused, shownAddress } from './failure.ts'
import { createGuard, type GuardOptions } from './guard.ts'
import { type RemoteLimits, remoteLimits } from './limits.ts'

/** What tells whether a document changed; kept by the caller and sent back to ask only for a newer one. */
export interface Validators {
  etag?: string
  lastModified?: string
}

export interface ClientOptions extends GuardOptions {
  signal: AbortSignal
  limits?: Partial<RemoteLimits>
  /** Where people find who runs this node: part of the name it gives itself, e.g. the public address of the node. */
  contact: string
  /** Sent as `Authorization` to the origin of this address only. */
  authorization?: { origin: string; value: string }
  /** The publisher agreed to be read, whatever robots.txt says to others. */
  ignoreRobots?: boolean
  /** The source is an interface for programs: rules of robots.txt for everybody do not speak of it. */
  forPrograms?: boolean
}

export interface GetOptions {
  accept: string
  validators?: Validators
}

export interface Answer {
  /** After redirects. */
  url: string
  /** The document is as it was when it had the validators that were sent; there is no body. */
  notModified: boolean
  contentType: string
  /** Target of the header `Link: <…>; rel="next"`. */
  next: string | undefined
  validators: Validators | undefined
  /** Bytes sent for it, also in vain. */
  bytes: number
}

/** A polite and guarded client for the run of one source. Addresses and answers are limited, whatever a server does. */
export interface RemoteClient {
  /** A page into memory. @throws RemoteFailure for every status but 2xx and 304, after trying again where that may help */
  get(address: string, options: GetOptions): Promise<Answer & { body: Buffer }>
  /** A file to disk; nothing is left of one that failed. */
  getFile(address: string, path: string, options: GetOptions): Promise<Answer & { hash: string }>
  /** Whether there is a document, be it only for those it knows; its body is not read. One try. */
  answers(address: string): Promise<boolean>
  close(): void
}

/** The name this node gives itself, as robots.txt files would write it. */
const agentName = 'Concord'
/** Characters of an answer that is an error, for the message. */
const errorExcerpt = 2_000
const worthTrying = new Set([408, 425, 429, 500, 502, 503, 504])

/** Makes a client; close it when the run is over. */
export function createClient(options: ClientOptions): RemoteClient {
  const { signal } = options
  const limits = { ...remoteLimits, ...options.limits }
  const guard = createGuard(options)
  const agents = createAgents()
  const robots = new Map<string, Promise<Robots>>()
  const headers = (o: GetOptions) => ({
    accept: o.accept,
    'accept-encoding': 'gzip, br, deflate',
    'user-agent': `${agentName} (+${options.contact})`,
    ...(o.validators?.etag ? { 'if-none-match': o.validators.etag } : {}),
    ...(o.validators?.lastModified ? { 'if-modified-since': o.validators.lastModified } : {}),
  })

  /** One try: the answer with its body handed to `take`. */
  async function once<T>(
    address: string,
    o: GetOptions,
    most: number,
    take: (body: AsyncGenerator<Buffer>) => Promise<T>,
    pauseMs: number,
  ): Promise<Answer & { taken: T | undefined }> {
    let bytes = 0
    const { answer, url } = await request(address, {
      guard,
      limits,
      signal,
      agents,
      headers: headers(o),
      authorization: options.authorization,
      beforeEach: (next) => takeTurn(next.host, Math.max(1_000 / limits.requestsPerSecond, pauseMs), signal),
    })
    const shown = shownAddress(url)
    const onWire = (count: number) => {
      bytes += count
    }
    const body = readBody(answer, { address: shown, limits, most, onWire })
    const status = answer.statusCode ?? 0
    const about = {
      url: url.href,
      contentType: answer.headers['content-type'] ?? '',
      next: nextLink(answer.headers.link, url.href),
      validators: validatorsOf(answer.headers),
    }
    if (status === 304 && o.validators) {
      answer.resume()
      return { ...about, notModified: true, bytes, taken: undefined }
    }
    if (status < 200 || status > 299)
      throw await statusFailure(shown, status, answer.headers['retry-after'], body)
    const taken = await take(body)
    return { ...about, notModified: false, bytes, taken }
  }

  async function withPatience<T>(
    address: string,
    o: GetOptions,
    most: number,
    take: (body: AsyncGenerator<Buffer>) => Promise<T>,
  ): Promise<Answer & { taken: T | undefined }> {
    const { delayMs } = await mayFetch(address)
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted()
      try {
        return await once(address, o, most, take, delayMs)
      } catch (failure) {
        signal.throwIfAborted()
        if (!(failure instanceof RemoteFailure) || !failure.transient || attempt >= limits.attempts)
          throw failure
        const asked = failure.retryAfterMs
        if (asked !== undefined && asked > limits.retryAfterMs) throw failure
        if (asked !== undefined) holdOff(new URL(address).host, asked)
        await pause(asked ?? backoff(limits.backoffMs, attempt), signal)
      }
    }
  }

  /** @throws RemoteFailure when the robots.txt of the host forbids the address */
  async function mayFetch(address: string): Promise<Robots> {
    if (options.ignoreRobots || !URL.canParse(address)) return allowsAll
    const { origin } = new URL(address)
    const known = robots.get(origin) ?? fetchRobots(origin)
    robots.set(origin, known)
    const found = await known
    if (!found.allows(address))
      throw refused(
        shownAddress(address),
        'robots',
        'is not to be read by programs, says the robots.txt of the host',
        'Ask the publisher; where it agrees, let the source ignore robots.txt.',
      )
    return { ...found, delayMs: Math.min(found.delayMs, limits.crawlDelayMs) }
  }

  async function fetchRobots(origin: string): Promise<Robots> {
    const at = `${origin}/robots.txt`
    try {
      const { taken } = await once(at, { accept: 'text/plain' }, robotsBytes, collect, 0)
      return readRobots(taken!.toString(), {
        at,
        agent: agentName,
        forPrograms: options.forPrograms === true,
      })
    } catch (failure) {
      // None, or none that can be read. A host that is down fails at what is asked for next, with a better message.
      if (failure instanceof RemoteFailure && failure.code === 'source_failed') return allowsAll
      throw failure
    }
  }

  return {
    async get(address, o) {
      const { taken, ...answer } = await withPatience(address, o, limits.pageBytes, collect)
      return { ...answer, body: taken ?? Buffer.alloc(0) }
    },
    async getFile(address, path, o) {
      const save = async (body: AsyncGenerator<Buffer>) => {
        const hash = createHash('sha256')
        await pipeline(body, tapped(hash), createWriteStream(path, { mode: 0o600 }), { signal })
        return hash.digest('base64url')
      }
      try {
        const { taken, ...answer } = await withPatience(address, o, limits.fileBytes, save)
        return { ...answer, hash: taken ?? '' }
      } catch (error) {
        await rm(path, { force: true })
        throw error
      }
    },
    async answers(address) {
      await mayFetch(address)
      const { answer } = await request(address, {
        ...{ guard, limits, signal, agents, headers: headers({ accept: '*/*' }) },
        beforeEach: (next) => takeTurn(next.host, 1_000 / limits.requestsPerSecond, signal),
      })
      answer.destroy()
      const status = answer.statusCode ?? 0
      return (status >= 200 && status < 300) || status === 401 || status === 403
    },
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

/** Hands the bytes on and lets the hash see them. */
const tapped = (hash: Hash) =>
  async function* (body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      hash.update(chunk)
      yield chunk
    }
  }

async function collect(body: AsyncGenerator<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function statusFailure(
  address: string,
  status: number,
  wait: string | undefined,
  body: AsyncGenerator<Buffer>,
): Promise<RemoteFailure> {
  let answer = ''
  try {
    for await (const chunk of body) {
      answer += chunk.toString('utf8')
      if (answer.length > errorExcerpt) break
    }
  } catch {
    // The status says enough.
  }
  const retryAfterMs = retryAfter(wait)
  return new RemoteFailure(
    'source_failed',
    { path: address, rule: 'http_status', message: `answers ${status}`, ...remedyOf(status) },
    {
      transient: worthTrying.has(status),
      answered: status,
      answer: answer.slice(0, errorExcerpt),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  )
}

function remedyOf(status: number): { remedy?: string } {
  if (status === 401 || status === 403)
    return { remedy: 'Give the source a token that may read it, or ask its operator.' }
  if (status === 404 || status === 410) return { remedy: 'Check the address of the source.' }
  return {}
}

function validatorsOf(headers: Record<string, unknown>): Validators | undefined {
  const etag = typeof headers.etag === 'string' ? { etag: headers.etag } : {}
  const changed = headers['last-modified']
  const lastModified = typeof changed === 'string' ? { lastModified: changed } : {}
  const found = { ...etag, ...lastModified }
  return Object.keys(found).length > 0 ? found : undefined
}

/** Target of the link to the next page (RFC 8288). */
function nextLink(header: string | string[] | undefined, base: string): string | undefined {
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '')
  for (const [, target, parameters] of text.matchAll(/<([^<>]*)>([^,<]*)/g))
    if (/;\s*rel\s*=\s*("[^"]*\bnext\b[^"]*"|next\b)/i.test(parameters ?? '') && URL.canParse(target!, base))
      return new URL(target!, base).href
  return undefined
}
