import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { failed, refused, shownAddress } from './failure.ts'

/** An address of a host, as name resolution gives it. */
export interface HostAddress {
  address: string
  family: number
}
export type Resolve = (host: string) => Promise<HostAddress[]>

export interface CheckedAddress {
  url: URL
  /** Where to connect to, and nowhere else: resolving once more could give another answer. */
  addresses: HostAddress[]
}

/**
 * Keeps requests that people ask this node to make out of its own network: whoever registers a source must not reach
 * through it what only the node can reach.
 */
export interface Guard {
  /** @throws RemoteFailure address_refused, or source_failed when the name does not resolve */
  check(address: string): Promise<CheckedAddress>
}

export interface GuardOptions {
  /** Networks that are fetched from although they are not public, as `CONCORD_HARVEST_ALLOW` names them. */
  allow?: readonly string[]
  resolve?: Resolve
}

/** Services that tell a machine its secrets; one has a public address. They are refused whatever is allowed. */
const metadataAddresses = new Set(
  [
    '169.254.169.254',
    '169.254.170.2',
    'fd00:ec2::254',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
  ].map((address) => ipaddr.parse(address).toString()),
)

/** The part of IPv6 that is given out to the world (RFC 4291); everything else has a special purpose. */
const globalUnicast = ipaddr.parseCIDR('2000::/3')

/** Ports of services that are no web servers and could take a request for a command: databases, caches, brokers, mail. */
const otherServices = new Set([
  1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5060, 5061, 5432, 5433, 5672, 5900, 6000,
  6379, 6443, 6666, 6667, 8123, 9042, 9092, 9200, 9300, 10250, 11211, 27017, 27018,
])
const lastSystemPort = 1_023

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** A network as `10.1.0.0/16` or one address. Undefined when it is neither. */
export function parseNetwork(text: string): Network | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  if (!isIP(text)) return undefined
  const address = ipaddr.parse(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** Makes a guard. */
export function createGuard({ allow = [], resolve = resolveAll }: GuardOptions = {}): Guard {
  const networks = allow.map(parseNetwork).filter((network) => network !== undefined)
  return {
    async check(address) {
      const url = parseAddress(address)
      const host = url.hostname.replace(/^\[|\]$/g, '')
      const family = isIP(host)
      const addresses = family ? [{ address: host, family }] : await resolveOrExplain(resolve, url, host)
      for (const found of addresses) {
        const range = specialRange(found.address, networks)
        // One bad address among good ones is refused too: nobody names a public portal and a private host alike.
        if (range)
          throw refused(
            shownAddress(url),
            'address_not_public',
            `is at an address that is not public (${range})`,
            'Name a public address. The operator of this node can allow a network in CONCORD_HARVEST_ALLOW.',
          )
      }
      return { url, addresses }
    },
  }
}

/** The address in its parts, once scheme, spelling and port are in order. */
function parseAddress(address: string): URL {
  const shown = shownAddress(address)
  if (!URL.canParse(address))
    throw refused(shown, 'url', 'is no web address', 'Give an http or https address.')
  const url = new URL(address)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refused(shown, 'scheme', 'is neither http nor https', 'Give an http or https address.')
  if (url.username !== '' || url.password !== '')
    throw refused(shown, 'credentials_in_url', 'holds a name or password', 'Give the token in its own field.')
  // 127.1, 0x7f000001, 2130706433 and 017700000001 all mean one host; honest addresses are not written so.
  if (isIP(url.hostname) && !address.includes(url.hostname))
    throw refused(
      shown,
      'odd_host',
      `writes the host ${url.hostname} in an odd way`,
      'Write the host as a name or as four decimal numbers.',
    )
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  if ((port <= lastSystemPort && port !== 80 && port !== 443) || otherServices.has(port))
    throw refused(
      shown,
      'port',
      `has the port ${port}, which is none of web servers`,
      'Use 80, 443 or a port from 1024 that no other kind of service has.',
    )
  return url
}

const resolveAll: Resolve = (host) => lookup(host, { all: true, order: 'verbatim' })

async function resolveOrExplain(resolve: Resolve, url: URL, host: string): Promise<HostAddress[]> {
  try {
    const addresses = await resolve(host)
    if (addresses.length > 0) return addresses
  } catch (cause) {
    throw failed(shownAddress(url), 'host_not_found', `the name ${host} does not resolve`, {
      transient: (cause as NodeJS.ErrnoException).code === 'EAI_AGAIN',
      remedy: 'Check the spelling of the address and the name servers of this node.',
      cause,
    })
  }
  throw failed(shownAddress(url), 'host_not_found', `the name ${host} has no address`)
}

/** Why an address is not public, in a word; undefined when it is, or when the operator allows its network. */
export function specialRange(text: string, allowed: readonly Network[] = []): string | undefined {
  if (!isIP(text)) return 'none'
  // `process` takes the IPv4 address out of an IPv6 one that maps it.
  const address = ipaddr.process(text)
  if (metadataAddresses.has(address.toString())) return 'metadata'
  if (allowed.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits)))
    return undefined
  const range = address.range()
  if (range !== 'unicast') return range
  if (address.kind() === 'ipv6' && !address.match(globalUnicast)) return 'reserved'
  return undefined
}
