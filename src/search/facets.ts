import type { BodyTable } from './bodies.ts'
import {
  allGroups,
  type Counters,
  countSegment,
  foldCounters,
  newCounters,
  type Totals,
} from './facet-count.ts'
import {
  bitOf,
  compileFilters,
  type FacetFilters,
  type Fails,
  failsOf,
  type Group,
  groupOf,
} from './facet-filters.ts'
import { type FacetList, facetLists, type ListedFacets } from './facet-lists.ts'
import { type IndexFacet, indexFacets } from './facet-names.ts'
import type { FacetSpace } from './facet-space.ts'
import type { Hits } from './hits.ts'
import type { IndexView } from './index-view.ts'
import type { Segment } from './segment.ts'

/**
 * Filters by facet and counts every facet in one pass over the hits. Values of one facet are
 * alternatives: an entry that fails one facet's filter alone still counts for that facet, so that people
 * see what another choice would give.
 */

let mainCounters: Counters | undefined
const otherCounters = new Map<IndexFacet, Counters>()

function countersFor(facet: IndexFacet): Counters {
  let counters = otherCounters.get(facet)
  if (!counters) {
    counters = newCounters([groupOf(facet)])
    otherCounters.set(facet, counters)
  }
  return counters
}

const newTotals = (space: FacetSpace, bodies: BodyTable): Totals => ({
  body: new Uint32Array(bodies.largest + 1),
  combo: new Uint32Array(space.combos.length),
  theme: new Uint32Array(space.sets.theme.length),
  format: new Uint32Array(space.sets.format.length),
})

/** One query's filtering and counting over all segments. */
export interface FacetRun {
  /** Drops the hits that fail a filter, in place, and counts when counting was asked for. */
  segment(segment: Segment, hits: Hits): void
  result(): Partial<Record<IndexFacet, FacetList>>
}

/** What is counted beside filtering. */
export interface Counted extends ListedFacets {
  /** Only entries that pass every filter count, also for the facet that filters. */
  strict: boolean
}

/** Starts a run. Selected values that no entry has simply match nothing. */
export function startFacets(index: IndexView, filters: FacetFilters, counted: Counted | undefined): FacetRun {
  const counting = counted !== undefined
  const { space, bodies } = index
  // Every combination must have its number before tables over all of them are made.
  for (const segment of index.segments) space.of(segment)
  mainCounters ??= newCounters(allGroups)
  const main = mainCounters
  const active = indexFacets.filter((facet) => (filters[facet]?.length ?? 0) > 0)
  const fails = active.length > 0 ? compileFilters(space, bodies, filters, active) : undefined
  const totals = newTotals(space, bodies)
  const alone = counted?.strict ? [] : active
  const others = new Map(alone.map((facet) => [facet, newTotals(space, bodies)]))
  const fold = (segment: Segment, touched: Hits | undefined) => {
    const numbers = space.of(segment)
    foldCounters(segment, numbers, main, totals, touched)
    for (const [facet, own] of others) foldCounters(segment, numbers, countersFor(facet), own, touched)
  }
  return {
    segment(segment, hits) {
      if (!fails) {
        if (!counting) return
        countSegment(segment, hits, main)
        return fold(segment, hits)
      }
      const touched =
        hits.kind === 'list' && counting ? { ...hits, list: hits.list.slice(0, hits.count) } : undefined
      const own = failsOf(space, segment, fails, active)
      filterAndCount(segment, hits, own, counting ? { main, active: alone } : undefined)
      if (counting) fold(segment, touched)
    },
    result: () => (counted ? facetLists(space, bodies, filters, totals, others, counted) : {}),
  }
}

interface Counting {
  main: Counters
  active: IndexFacet[]
}

/** Where an entry that fails one facet only is counted: by the number of the facet's bit. */
type Single = { counts: Uint32Array; group: Group } | undefined

function filterAndCount(segment: Segment, hits: Hits, fails: Fails, counting: Counting | undefined): void {
  const single: Single[] = []
  for (const facet of counting?.active ?? []) {
    const group = groupOf(facet)
    single[31 - Math.clz32(bitOf(facet))] = { counts: countersFor(facet)[group], group }
  }
  if (hits.kind === 'list') filterList(segment, hits, fails, counting?.main, single)
  else filterBits(segment, hits, fails, counting?.main, single)
}

function filterList(
  segment: Segment,
  hits: Hits & { kind: 'list' },
  fails: Fails,
  main: Counters | undefined,
  single: Single[],
): void {
  const { body: bodyOf, combo: comboOf, set: setOf } = segment
  let n = 0
  for (let i = 0; i < hits.count; i++) {
    const d = hits.list[i]! >>> 2
    const b = bodyOf[d]!
    const c = comboOf[d]!
    const s = setOf[d]!
    const failed = fails.body[b]! | fails.combo[c]! | fails.set[s]!
    if (failed === 0) hits.list[n++] = hits.list[i]!
    if (main) countOne(main, single, failed, b, c, s)
  }
  hits.count = n
}

function countOne(main: Counters, single: Single[], failed: number, b: number, c: number, s: number): void {
  if (failed === 0) {
    main.body[b]!++
    main.combo[c]!++
    main.set[s]!++
  } else if ((failed & (failed - 1)) === 0) {
    const own = single[31 - Math.clz32(failed)]
    if (own) own.counts[own.group === 'combo' ? c : own.group === 'set' ? s : b]!++
  }
}

function filterBits(
  segment: Segment,
  hits: Hits & { kind: 'bits' },
  fails: Fails,
  main: Counters | undefined,
  single: Single[],
): void {
  const { body: bodyOf, combo: comboOf, set: setOf } = segment
  const { body: failsBody, combo: failsCombo, set: failsSet } = fails
  const { all, title, item } = hits
  for (let w = 0; w < all.length; w++) {
    let word = all[w]!
    if (word === 0) continue
    let kept = 0
    while (word !== 0) {
      const low = word & -word
      word ^= low
      const d = (w << 5) + 31 - Math.clz32(low)
      const b = bodyOf[d]!
      const c = comboOf[d]!
      const s = setOf[d]!
      const failed = failsBody[b]! | failsCombo[c]! | failsSet[s]!
      if (failed === 0) kept |= low
      if (main) countOne(main, single, failed, b, c, s)
    }
    all[w] = kept
    if (title) title[w]! &= kept
    if (item) item[w]! &= kept
  }
}
