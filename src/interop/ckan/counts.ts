import type { IndexFacet, SearchPort } from '../../search/index.ts'
import { question } from './question.ts'

/** How long counts are taken for current (ms): a list of bodies with theirs would be counted for each body anew. */
const keptMs = 5_000

/** Published packages by body, theme and keyword; a few seconds old at most. */
export interface Counts {
  /** By the value of a facet; all of them. */
  of(facet: IndexFacet): Promise<Map<string, number>>
  /** Keywords, the most used first. */
  keywords(): Promise<[string, number][]>
}

export function createCounts(port: Pick<SearchPort, 'search'>): Counts {
  const kept = new Map<string, { until: number; value: Promise<unknown> }>()
  const keep = <T>(key: string, count: () => Promise<T>): Promise<T> => {
    const known = kept.get(key)
    if (known && known.until > Date.now()) return known.value as Promise<T>
    const value = count()
    kept.set(key, { until: Date.now() + keptMs, value })
    value.catch(() => kept.delete(key))
    return value
  }
  return {
    of: (facet) =>
      keep(
        facet,
        async () => new Map((await port.search(question({ facets: [facet] }))).facets[facet] ?? []),
      ),
    keywords: () => keep('keywords', async () => (await port.search(question({ tags: true }))).tags ?? []),
  }
}
