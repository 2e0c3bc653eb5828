import { createHash } from 'node:crypto'
import type { Fault } from '../../platform/errors.ts'
import { shownAddress } from './failure.ts'
import { pageFault } from './page.ts'

/** Characters of an address that is followed. */
const addressLength = 2_000

/** Addresses read by this process, as short sums: a hostile source may send millions of long ones. */
export class Visited {
  readonly #sums = new Set<string>()
  static #sum = (url: string) => createHash('sha256').update(url).digest('base64url').slice(0, 22)
  add(url: string): void {
    this.#sums.add(Visited.#sum(url))
  }
  has(url: string): boolean {
    return this.#sums.has(Visited.#sum(url))
  }
}

/** The same address with the number of its page one up; undefined where pages are not numbered. */
export function numberedNext(address: string): string | undefined {
  const url = new URL(address)
  const page = url.searchParams.get('page')
  if (!page || !/^\d{1,9}$/.test(page)) return undefined
  url.searchParams.set('page', String(Number(page) + 1))
  return url.href
}

/**
 * The first of the addresses that a page names as the next one and that was not read yet; a page that only leads back
 * is a fault. Servers behind a proxy write http where they are reached by https: the scheme of the source is kept.
 */
export function followLink(
  told: readonly string[],
  o: { base: string; source: string; visited: Visited; page: number; faults: Fault[] },
): string | undefined {
  const { protocol, host } = new URL(o.source)
  const urls = told
    .filter((text) => text.length <= addressLength && URL.canParse(text, o.base))
    .map((text) => {
      const url = new URL(text, o.base)
      if (url.host === host && protocol === 'https:') url.protocol = protocol
      url.hash = ''
      return url.href
    })
  const fresh = urls.find((url) => !o.visited.has(url))
  if (fresh === undefined && urls.length > 0)
    o.faults.push(
      pageFault(o.page, 'paging_loop', `leads back to ${shownAddress(urls[0]!)}, which was read before`),
    )
  return fresh
}

/** Catalogues within a catalogue that are followed. */
const catalogueLimit = 200

/** Adds the catalogues within that have the origin of the first; others are sources of their own. */
export function withNested(
  known: string[],
  nested: string[],
  o: { page: number; notes: Fault[]; faults: Fault[] },
): string[] {
  const { origin } = new URL(known[0]!)
  const all = new Set(known)
  const elsewhere: string[] = []
  let left = 0
  for (const address of nested) {
    const url = new URL(address)
    url.hash = ''
    if (url.origin !== origin) elsewhere.push(address)
    else if (all.size < catalogueLimit && url.href.length <= addressLength) all.add(url.href)
    else if (!all.has(url.href)) left++
  }
  if (left > 0)
    o.faults.push(
      pageFault(
        o.page,
        'too_many_catalogues',
        `names ${left} catalogues more than the ${catalogueLimit} followed`,
      ),
    )
  if (elsewhere.length > 0)
    o.notes.push(
      pageFault(
        o.page,
        'catalogue_elsewhere',
        `names ${elsewhere.length} catalogues at other places, e.g. ${elsewhere[0]!.slice(0, 200)}`,
        { remedy: 'Register each as a source of its own, where its data sets are wanted.' },
      ),
    )
  return [...all]
}
