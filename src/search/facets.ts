import type { BodyTable } from './bodies.ts'
import { packedFacets } from './document.ts'
import {
  bitOf,
  compileBodies,
  compileFilters,
  type FacetFilters,
  type Fails,
  type Group,
  groupOf,
} from './facet-filters.ts'
import {
  type Counters,
  type FacetCounts,
  facetValues,
  foldCounters,
  shapeOf,
  spreadBodies,
} from './facet-fold.ts'
import { type FacetName, facetNames } from './facet-names.ts'
import type { Hits } from './hits.ts'
import type { Segment } from './segment.ts'

/**
 * Filters by facet and counts every facet in one pass over the hits. Values of one facet are
 * alternatives: an entry that fails one facet's filter alone still counts for that facet, so that people
 * see what another choice would give.
 */

/** Distinct values a 16-bit column can name. */
const localValues = 65536

const newCounters = (groups: Group[]): Counters => {
  const size = (group: Group) => new Uint32Array(groups.includes(group) ? localValues : 0)
  return { body: size('body'), combo: size('combo'), set: size('set') }
}

let mainCounters: Counters | undefined
const otherCounters = new Map<FacetName, Counters>()

function countersFor(facet: FacetName): Counters {
  let counters = otherCounters.get(facet)
  if (!counters) {
    counters = newCounters([groupOf(facet)])
    otherCounters.set(facet, counters)
  }
  return counters
}

/** One query's filtering and counting over all segments. */
export interface FacetRun {
  /** Drops the hits that fail a filter, in place, and counts when counting was asked for. */
  segment(segment: Segment, hits: Hits, everything: boolean): void
  /** The values of every facet counted most, most first, and those selected whatever their count. */
  result(): Record<FacetName, [string, number][]>
}

/** Starts a run. Selected values that no entry has simply match nothing. */
export function startFacets(bodies: BodyTable, filters: FacetFilters, counting: boolean): FacetRun {
  mainCounters ??= newCounters(['body', 'combo', 'set'])
  const main = mainCounters
  const active = facetNames.filter((facet) => (filters[facet]?.length ?? 0) > 0)
  const totals = Object.fromEntries(facetNames.map((f) => [f, new Map<string, number>()])) as FacetCounts
  const bodyTotals = new Map<FacetName | 'main', Uint32Array>()
  const totalsOf = (key: FacetName | 'main') => {
    const array = bodyTotals.get(key) ?? new Uint32Array(bodies.largest + 1)
    bodyTotals.set(key, array)
    return array
  }
  const passing = compileBodies(bodies, filters, active)
  const fold = (segment: Segment, touched: Hits | undefined) => {
    foldCounters(segment, main, facetNames, totals, totalsOf('main'), touched)
    for (const facet of active)
      foldCounters(segment, countersFor(facet), [facet], totals, totalsOf(facet), touched)
  }
  return {
    segment(segment, hits, everything) {
      if (active.length === 0) {
        if (!counting) return
        if (everything) countEverything(segment, main)
        else countHits(segment, hits, main)
        fold(segment, hits.kind === 'list' ? hits : undefined)
        return
      }
      const fails = compileFilters(segment, passing, filters, active)
      const touched =
        hits.kind === 'list' && counting ? { ...hits, list: hits.list.slice(0, hits.count) } : undefined
      filterAndCount(segment, hits, fails, counting ? { main, active } : undefined)
      if (counting) fold(segment, touched)
    },
    result() {
      const spread = spreadBodies(bodies, bodyTotals)
      const top = (facet: FacetName) => {
        if (facet === 'body' || facet === 'region' || facet === 'tier') return spread[facet]
        return [...totals[facet]].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, facetValues)
      }
      const lists = Object.fromEntries(facetNames.map((f) => [f, top(f)])) as Record<
        FacetName,
        [string, number][]
      >
      for (const facet of active) {
        for (const value of filters[facet]!) {
          if (!lists[facet].some(([v]) => v === value))
            lists[facet].push([value, totals[facet].get(value) ?? 0])
        }
      }
      return lists
    },
  }
}

function countHits(segment: Segment, hits: Hits, { body, combo, set }: Counters): void {
  const { body: bodyOf, combo: comboOf, set: setOf } = segment
  if (hits.kind === 'list') {
    for (let i = 0; i < hits.count; i++) {
      const d = hits.list[i]! >>> 2
      body[bodyOf[d]!]!++
      combo[comboOf[d]!]!++
      set[setOf[d]!]!++
    }
    return
  }
  const { all } = hits
  for (let w = 0; w < all.length; w++) {
    let word = all[w]!
    while (word !== 0) {
      const low = word & -word
      const d = (w << 5) + 31 - Math.clz32(low)
      word ^= low
      body[bodyOf[d]!]!++
      combo[comboOf[d]!]!++
      set[setOf[d]!]!++
    }
  }
}

/** Counts of the whole segment are made once; replaced entries are taken off. */
function countEverything(segment: Segment, main: Counters): void {
  const shape = shapeOf(segment)
  if (!shape.base) {
    const base = newCounters(['body', 'combo', 'set'])
    const all = new Uint32Array(segment.words).fill(0xffffffff)
    if (segment.size & 31) all[segment.words - 1] = (1 << (segment.size & 31)) - 1
    countHits(segment, { kind: 'bits', title: undefined, item: undefined, all }, base)
    // Local numbers in use are few: keep only those.
    shape.base = {
      body: base.body.slice(0, segment.bodyIds.length),
      combo: base.combo.slice(0, segment.comboValues.length / packedFacets.length),
      set: base.set.slice(0, segment.setPairs.length / 2),
    }
  }
  main.body.set(shape.base.body)
  main.combo.set(shape.base.combo)
  main.set.set(shape.base.set)
  if (segment.liveCount === segment.size) return
  for (let w = 0; w < segment.words; w++) {
    let word = ~segment.live[w]!
    while (word !== 0) {
      const low = word & -word
      const d = (w << 5) + 31 - Math.clz32(low)
      word ^= low
      if (d >= segment.size) break
      main.body[segment.body[d]!]!--
      main.combo[segment.combo[d]!]!--
      main.set[segment.set[d]!]!--
    }
  }
}

interface Counting {
  main: Counters
  active: FacetName[]
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
    const { counts, group } = single[31 - Math.clz32(failed)]!
    counts[group === 'combo' ? c : group === 'set' ? s : b]!++
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
