import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { failed, refused, shownAddress } from './failure.ts'
import type { CheckedAddress, Guard } from './guard.ts'
import type { RemoteLimits } from './limits.ts'

export interface RequestOptions {
  guard: Guard
  limits: RemoteLimits
  signal: AbortSignal
  headers: Record<string, string>
  /** Sent to the origin it belongs to, and to no other. */
  authorization?: { origin: string; value: string }
  agents: Agents
  /** Called before each request, also those that a redirect asks for. */
  beforeEach(url: URL): Promise<void>
}

export interface Agents {
  http: HttpAgent
  https: HttpsAgent
}

/** Connections to one host at a time, kept between requests. */
export const createAgents = (): Agents => ({
  http: new HttpAgent({ keepAlive: true, maxSockets: 2 }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: 2 }),
})

const redirects = new Set([301, 302, 303, 307, 308])

/**
 * Asks for an address, following redirects, each of which is checked like the first address.
 * @returns the head of the last answer; its body is still to be read
 */
export async function request(
  address: string,
  options: RequestOptions,
): Promise<{ answer: IncomingMessage; url: URL }> {
  let next = address
  for (let hops = 0; ; hops++) {
    const checked = await options.guard.check(next)
    await options.beforeEach(checked.url)
    const answer = await askOnce(checked, options)
    if (!redirects.has(answer.statusCode ?? 0)) return { answer, url: checked.url }
    answer.destroy()
    if (hops >= options.limits.redirects)
      throw failed(shownAddress(address), 'too_many_redirects', `redirects more than ${hops} times`)
    next = redirectTarget(checked.url, answer.headers.location, options.authorization !== undefined)
  }
}

/** Where a redirect leads. @throws RemoteFailure when it says nothing, or would send a token in the open. */
export function redirectTarget(from: URL, location: string | undefined, hasToken: boolean): string {
  if (!location || !URL.canParse(location, from.href))
    throw failed(shownAddress(from), 'redirect', 'redirects to nowhere')
  const to = new URL(location, from.href)
  if (hasToken && from.protocol === 'https:' && to.protocol === 'http:')
    throw refused(
      shownAddress(from),
      'redirect_downgrade',
      'redirects from https to http, where the token would be read by others',
      'Ask the operator of the source to redirect to https.',
    )
  // As written where it is absolute, so that the guard sees its spelling.
  return /^https?:/i.test(location.trim()) ? location.trim() : to.href
}

function askOnce(checked: CheckedAddress, options: RequestOptions): Promise<IncomingMessage> {
  const { limits, signal, agents } = options
  const { url } = checked
  const secure = url.protocol === 'https:'
  const headers = { ...options.headers }
  if (options.authorization && url.origin === options.authorization.origin)
    headers.authorization = options.authorization.value
  return new Promise((resolve, reject) => {
    const asked = (secure ? httpsRequest : httpRequest)(url, {
      agent: secure ? agents.https : agents.http,
      headers,
      lookup: lookupOf(checked),
      maxHeaderSize: limits.headBytes,
      signal,
    })
    const late = (rule: string, message: string) =>
      asked.destroy(failed(shownAddress(url), rule, message, { transient: true }))
    const connect = setTimeout(
      () => late('connect_timeout', `does not connect within ${limits.connectMs / 1_000} s`),
      limits.connectMs,
    )
    const head = setTimeout(
      () => late('no_answer', `does not answer within ${limits.headMs / 1_000} s`),
      limits.headMs,
    )
    const settle = () => {
      clearTimeout(connect)
      clearTimeout(head)
    }
    asked.on('socket', (socket) => {
      if (!socket.connecting) clearTimeout(connect)
      else socket.once(secure ? 'secureConnect' : 'connect', () => clearTimeout(connect))
    })
    asked.on('response', (answer) => {
      settle()
      resolve(answer)
    })
    asked.on('error', (cause) => {
      settle()
      reject(signal.aborted ? signal.reason : explain(cause, url))
    })
    asked.end()
  })
}

/** Answers with what was checked, whatever the name resolves to by now. */
const lookupOf =
  ({ addresses }: CheckedAddress): LookupFunction =>
  (_host, options, callback) => {
    if (options.all) callback(null, addresses)
    else callback(null, addresses[0]!.address, addresses[0]!.family)
  }

function explain(cause: Error, url: URL): unknown {
  if (cause.name === 'RemoteFailure') return cause
  const code = (cause as NodeJS.ErrnoException).code ?? cause.message
  const at = shownAddress(url)
  if (code === 'HPE_HEADER_OVERFLOW')
    return failed(at, 'head_too_large', 'sends a head that is too large', { cause })
  if (code.startsWith('HPE_')) return failed(at, 'http', `does not speak HTTP (${code})`, { cause })
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/.test(code))
    return failed(at, 'certificate', `cannot be trusted: ${code}`, {
      remedy:
        'Ask the operator of the source to renew its certificate; a private authority goes into NODE_EXTRA_CA_CERTS.',
      cause,
    })
  return failed(at, 'connection', `cannot be reached (${code})`, { transient: true, cause })
}
