import type { BodyTable } from './bodies.ts'
import { packedFacets } from './document.ts'
import type { Totals } from './facet-count.ts'
import type { FacetFilters } from './facet-filters.ts'
import type { IndexFacet } from './facet-names.ts'
import type { FacetSpace } from './facet-space.ts'

/** Counts over all segments become the lists of values that are shown. */

/** Values of one facet in an answer. */
export const facetValues = 100

/** Which facets are listed, and how many values of each. */
export interface ListedFacets {
  names: readonly IndexFacet[]
  limit: number
}

/** Values with their counts, most first. */
export type FacetList = [string, number][]

/** One facet's counts by number, and its values' names. */
interface Counted {
  counts: Float64Array
  name(number: number): string
  number(value: string): number | undefined
}

/**
 * The values of every facet counted most, most first, and those selected whatever their count.
 * @param main entries that pass every filter; `others`: for a filtered facet, those that fail it alone.
 */
export function facetLists(
  space: FacetSpace,
  bodies: BodyTable,
  filters: FacetFilters,
  main: Totals,
  others: ReadonlyMap<IndexFacet, Totals>,
  { names, limit }: ListedFacets,
): Partial<Record<IndexFacet, FacetList>> {
  const list = (facet: IndexFacet): FacetList => {
    const counted = countFacet(space, bodies, facet, main, others.get(facet))
    const values = topCounts(counted.counts, counted.name, limit)
    for (const value of filters[facet] ?? []) {
      const number = counted.number(value)
      if (!values.some(([v]) => v === value))
        values.push([value, number === undefined ? 0 : counted.counts[number]!])
    }
    return values
  }
  return Object.fromEntries(names.map((facet) => [facet, list(facet)]))
}

function countFacet(
  space: FacetSpace,
  bodies: BodyTable,
  facet: IndexFacet,
  main: Totals,
  other: Totals | undefined,
): Counted {
  const totals = other ? [main, other] : [main]
  if (facet === 'body' || facet === 'region' || facet === 'tier')
    return countBodies(
      bodies,
      facet,
      totals.map((t) => t.body),
    )
  const { names, numbers } = space.values[facet]
  const counts = new Float64Array(names.length)
  for (const t of totals) {
    if (facet === 'theme' || facet === 'format') addSets(space.sets[facet], t[facet], counts)
    else addCombos(space, packedFacets.indexOf(facet), t.combo, counts)
  }
  // An entry without a grade or a database is in no value's count.
  const none = numbers.get('')
  if (none !== undefined) counts[none] = 0
  return { counts, name: (number) => names[number]!, number: (value) => numbers.get(value) }
}

function addCombos({ combos }: FacetSpace, column: number, totals: Uint32Array, counts: Float64Array): void {
  for (let c = 0; c < totals.length; c++) if (totals[c]! > 0) counts[combos[c]![column]!]! += totals[c]!
}

function addSets(sets: number[][], totals: Uint32Array, counts: Float64Array): void {
  for (let s = 0; s < totals.length; s++)
    if (totals[s]! > 0) for (const member of sets[s]!) counts[member]! += totals[s]!
}

/** Counts of bodies, or of the territories around them, or of their tiers. */
function countBodies(bodies: BodyTable, facet: 'body' | 'region' | 'tier', totals: Uint32Array[]): Counted {
  const { tierOf, regionsOf, regions, tiers, byId, byCode } = bodies
  const size = facet === 'body' ? bodies.largest + 1 : facet === 'region' ? regions.length : tiers.length
  const counts = new Float64Array(size)
  for (const byBody of totals) {
    for (let id = 0; id < byBody.length; id++) {
      const n = byBody[id]!
      if (n === 0 || tierOf[id]! < 0) continue
      if (facet === 'body') counts[id]! += n
      else if (facet === 'tier') counts[tierOf[id]!]! += n
      else for (const region of regionsOf[id]!) counts[region]! += n
    }
  }
  if (facet === 'body')
    return { counts, name: (id) => byId.get(id)!.code, number: (code) => byCode.get(code)?.id }
  const names = facet === 'region' ? regions : tiers
  const number = (value: string) => (names.includes(value) ? names.indexOf(value) : undefined)
  return { counts, name: (i) => names[i]!, number }
}

/** Numbers of one facet; with a count they fit a double. */
const places = 2 ** 24

/** The values counted most, by falling count; among equal ones the earlier number first. */
export function topCounts(counts: Float64Array, name: (number: number) => string, limit: number): FacetList {
  // Only the best are sorted: of hundreds of thousands of keywords fifty are wanted.
  const room = Math.min(counts.length, 2 * limit)
  const best = new Float64Array(room)
  let used = 0
  let least = 0
  for (let i = 0; i < counts.length; i++) {
    const packed = counts[i]! * places + (places - 1 - i)
    if (counts[i]! <= 0 || packed < least) continue
    if (used === room) {
      best.sort()
      best.copyWithin(0, room - limit)
      used = limit
      least = best[0]!
      if (packed < least) continue
    }
    best[used++] = packed
  }
  const sorted = best.subarray(0, used).sort()
  const list: FacetList = []
  for (let k = used - 1; k >= 0 && list.length < limit; k--) {
    const i = places - 1 - (sorted[k]! % places)
    list.push([name(i), counts[i]!])
  }
  return list
}
