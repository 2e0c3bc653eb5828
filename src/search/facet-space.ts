import type { BodyTable } from './bodies.ts'
import { packedFacets } from './document.ts'
import type { FacetName } from './facet-names.ts'
import type { Hits } from './hits.ts'
import type { Segment } from './segment.ts'

/** Counts by local number for one set of hits; all zero between segments. */
export interface Counters {
  body: Uint32Array
  combo: Uint32Array
  set: Uint32Array
}

/** The members of a segment's sets by number, made once a segment. */
export interface Shape {
  themes: SetShape
  formats: SetShape
  /** Whole-segment counts, for queries that match everything. */
  base: Counters | undefined
}
interface SetShape {
  names: string[]
  members: number[][]
}
const shapes = new WeakMap<Segment, Shape>()

function setShape(sets: string[][]): SetShape {
  const numbers = new Map<string, number>()
  const members = sets.map((set) =>
    set.map((name) => {
      if (!numbers.has(name)) numbers.set(name, numbers.size)
      return numbers.get(name)!
    }),
  )
  return { names: [...numbers.keys()], members }
}

/** The shape of a segment, made at first use. */
export function shapeOf(segment: Segment): Shape {
  let shape = shapes.get(segment)
  if (!shape) {
    shape = { themes: setShape(segment.themeSets), formats: setShape(segment.formatSets), base: undefined }
    shapes.set(segment, shape)
  }
  return shape
}

/** Entries by value of every facet. */
export type FacetCounts = Record<FacetName, Map<string, number>>

/** Adds local counts to the totals by value and sets them back to zero; `touched` names the only documents counted. */
export function foldCounters(
  segment: Segment,
  counters: Counters,
  facets: readonly FacetName[],
  totals: FacetCounts,
  bodyTotals: Uint32Array,
  touched: Hits | undefined,
): void {
  const documents =
    touched?.kind === 'list' && touched.count < segment.comboValues.length ? touched : undefined
  if (counters.body.length > 0) foldBodies(segment, counters.body, bodyTotals, documents)
  if (counters.combo.length > 0) foldPacked(segment, counters.combo, facets, totals, documents)
  if (counters.set.length > 0) foldSets(segment, counters.set, facets, totals, documents)
}

type ListHits = Hits & { kind: 'list' }

function foldBodies(
  segment: Segment,
  counts: Uint32Array,
  totals: Uint32Array,
  documents: ListHits | undefined,
): void {
  const { bodyIds, body } = segment
  const add = (local: number) => {
    const n = counts[local]!
    if (n === 0) return
    counts[local] = 0
    const id = bodyIds[local]!
    if (id < totals.length) totals[id]! += n
  }
  if (documents) for (let i = 0; i < documents.count; i++) add(body[documents.list[i]! >>> 2]!)
  else for (let local = 0; local < bodyIds.length; local++) add(local)
}

const addTo = (totals: Map<string, number>, value: string, n: number) =>
  void totals.set(value, (totals.get(value) ?? 0) + n)

function foldPacked(
  segment: Segment,
  counts: Uint32Array,
  facets: readonly FacetName[],
  totals: FacetCounts,
  documents: ListHits | undefined,
): void {
  const width = packedFacets.length
  const byValue = packedFacets.map((facet) => new Uint32Array(segment.values[facet].length))
  const { comboValues } = segment
  const [a, b, c, d, e] = byValue as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array]
  const add = (combo: number) => {
    const n = counts[combo]!
    if (n === 0) return
    counts[combo] = 0
    const at = combo * width
    a[comboValues[at]!]! += n
    b[comboValues[at + 1]!]! += n
    c[comboValues[at + 2]!]! += n
    d[comboValues[at + 3]!]! += n
    e[comboValues[at + 4]!]! += n
  }
  if (documents) for (let i = 0; i < documents.count; i++) add(segment.combo[documents.list[i]! >>> 2]!)
  else for (let combo = 0, n = comboValues.length / width; combo < n; combo++) add(combo)
  for (const [k, facet] of packedFacets.entries()) {
    if (!facets.includes(facet)) continue
    for (const [v, n] of byValue[k]!.entries()) {
      if (n > 0 && segment.values[facet][v] !== '') addTo(totals[facet], segment.values[facet][v]!, n)
    }
  }
}

function foldSets(
  segment: Segment,
  counts: Uint32Array,
  facets: readonly FacetName[],
  totals: FacetCounts,
  documents: ListHits | undefined,
): void {
  const shape = shapeOf(segment)
  const { setPairs } = segment
  const themeSets = new Uint32Array(segment.themeSets.length)
  const formatSets = new Uint32Array(segment.formatSets.length)
  const add = (pair: number) => {
    const n = counts[pair]!
    if (n === 0) return
    counts[pair] = 0
    themeSets[setPairs[pair * 2]!]! += n
    formatSets[setPairs[pair * 2 + 1]!]! += n
  }
  if (documents) for (let i = 0; i < documents.count; i++) add(segment.set[documents.list[i]! >>> 2]!)
  else for (let pair = 0, n = setPairs.length / 2; pair < n; pair++) add(pair)
  if (facets.includes('theme')) addMembers(shape.themes, themeSets, totals.theme)
  if (facets.includes('format')) addMembers(shape.formats, formatSets, totals.format)
}

function addMembers({ names, members }: SetShape, counts: Uint32Array, totals: Map<string, number>): void {
  const byMember = new Uint32Array(names.length)
  for (let s = 0; s < counts.length; s++) {
    const n = counts[s]!
    if (n > 0) for (const member of members[s]!) byMember[member]! += n
  }
  for (const [m, n] of byMember.entries()) if (n > 0) addTo(totals, names[m]!, n)
}

/** Body counts become counts of bodies, of the territories around them, and of tiers. */
export function spreadBodies(
  bodies: BodyTable,
  bodyTotals: Map<FacetName | 'main', Uint32Array>,
): Record<'body' | 'region' | 'tier', [string, number][]> {
  const counts = {
    body: new Float64Array(bodies.largest + 1),
    region: new Float64Array(bodies.regions.length),
    tier: new Float64Array(bodies.tiers.length),
  }
  for (const [key, totals] of bodyTotals) {
    const into = (facet: FacetName) => key === 'main' || key === facet
    const [intoBody, intoTier, intoRegion] = [into('body'), into('tier'), into('region')]
    for (let id = 0; id < totals.length; id++) {
      const n = totals[id]!
      if (n === 0 || bodies.tierOf[id]! < 0) continue
      if (intoBody) counts.body[id]! += n
      if (intoTier) counts.tier[bodies.tierOf[id]!]! += n
      if (intoRegion) for (const region of bodies.regionsOf[id]!) counts.region[region]! += n
    }
  }
  return {
    body: most(counts.body, (id) => bodies.byId.get(id)!.code),
    region: most(counts.region, (i) => bodies.regions[i]!),
    tier: most(counts.tier, (i) => bodies.tiers[i]!),
  }
}

/** Values of one facet in an answer. */
export const facetValues = 100
const places = 2 ** 20

/** The values counted most, by falling count; body ids and counts fit a double together up to 2^20 bodies. */
function most(counts: Float64Array, name: (i: number) => string): [string, number][] {
  let used = 0
  const packed = new Float64Array(counts.length)
  for (let i = 0; i < counts.length; i++)
    if (counts[i]! > 0) packed[used++] = counts[i]! * places + (places - 1 - (i % places))
  const sorted = packed.subarray(0, used).sort()
  const list: [string, number][] = []
  for (let k = used - 1; k >= 0 && list.length < facetValues; k--) {
    const i = places - 1 - (sorted[k]! % places)
    list.push([name(i), counts[i]!])
  }
  return list
}
