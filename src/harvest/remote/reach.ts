import { type ClientOptions, createClient } from './client.ts'
import { RemoteFailure } from './failure.ts'

/** Names that are never anybody's (RFC 2606, RFC 6761): documentation and tests use them. */
const nobodys = /(^|\.)(example|test|invalid|localhost|example\.(com|net|org))$/i

/** One request a second to a host, one try, half a minute at most: nobody waits for the answer. */
const limits = { requestsPerSecond: 1, attempts: 1, headMs: 30_000 } as const

/**
 * Asks whether an address answers, with the guard and the manners of a harvest. True: it does, or asks who we are;
 * false: it does not; undefined: it may not be asked from here.
 */
export async function addressAnswers(
  address: string,
  asker: Pick<ClientOptions, 'contact' | 'allow' | 'resolve' | 'signal'>,
): Promise<boolean | undefined> {
  if (!URL.canParse(address)) return false
  const { hostname, protocol } = new URL(address)
  if (!/^https?:$/.test(protocol) || nobodys.test(hostname)) return undefined
  const client = createClient({ ...asker, limits })
  try {
    return await client.answers(address)
  } catch (error) {
    if (asker.signal.aborted) return undefined
    if (!(error instanceof RemoteFailure)) throw error
    return error.code === 'address_refused' ? undefined : false
  } finally {
    client.close()
  }
}
