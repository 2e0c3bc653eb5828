import type { BodyTable } from './bodies.ts'
import { type PackedFacet, packedFacets } from './document.ts'
import { type IndexFacet, indexFacets } from './facet-names.ts'
import type { FacetSpace } from './facet-space.ts'
import type { Segment } from './segment.ts'

/** Filters by facet, turned into tables over bodies, combinations and sets. */

export type FacetFilters = Partial<Record<IndexFacet, string[]>>

/** Failing facets of an entry, as bits in the order of `indexFacets`. */
export const bitOf = (facet: IndexFacet) => 1 << indexFacets.indexOf(facet)

/** The column a facet is counted by. */
export type Group = 'body' | 'combo' | 'set'
export const groupOf = (facet: IndexFacet): Group =>
  facet === 'body' || facet === 'region' || facet === 'tier'
    ? 'body'
    : facet === 'theme' || facet === 'format'
      ? 'set'
      : 'combo'

/** Failing facets by a segment's own numbers, as bits. */
export interface Fails {
  body: Uint16Array
  combo: Uint16Array
  set: Uint16Array
}

/** The same over all segments: by body id and by shared numbers. */
export interface SharedFails {
  body: Uint16Array
  combo: Uint16Array
  theme: Uint16Array
  format: Uint16Array
}

/** Made once a query, when every segment has its numbers. */
export function compileFilters(
  space: FacetSpace,
  bodies: BodyTable,
  filters: FacetFilters,
  active: IndexFacet[],
): SharedFails {
  const combo = new Uint16Array(space.combos.length)
  const fails = { theme: setFails(space, filters, 'theme'), format: setFails(space, filters, 'format') }
  for (const facet of active) {
    if (groupOf(facet) !== 'combo') continue
    const { names } = space.values[facet as PackedFacet]
    const wanted = new Set(filters[facet])
    const passes = names.map((name) => wanted.has(name))
    const column = packedFacets.indexOf(facet as PackedFacet)
    const bit = bitOf(facet)
    for (let c = 0; c < combo.length; c++) if (!passes[space.combos[c]![column]!]) combo[c]! |= bit
  }
  return { body: compileBodies(bodies, filters, active), combo, ...fails }
}

function setFails(space: FacetSpace, filters: FacetFilters, facet: 'theme' | 'format'): Uint16Array {
  const sets = space.sets[facet]
  const fails = new Uint16Array(sets.length)
  if (!filters[facet]?.length) return fails
  const wanted = new Set(filters[facet].map((value) => space.values[facet].numbers.get(value)))
  for (let s = 0; s < fails.length; s++)
    if (!sets[s]!.some((member) => wanted.has(member))) fails[s] = bitOf(facet)
  return fails
}

function compileBodies(bodies: BodyTable, filters: FacetFilters, active: IndexFacet[]): Uint16Array {
  const fails = new Uint16Array(bodies.largest + 1)
  for (const facet of active) {
    if (groupOf(facet) !== 'body') continue
    const wanted = filters[facet]!
    const bit = bitOf(facet)
    const ids = new Set(wanted.map((code) => bodies.byCode.get(code)?.id))
    const tiers = new Set(wanted.map((tier) => bodies.tiers.indexOf(tier)))
    const regions = new Set(wanted.map((region) => bodies.regions.indexOf(region)))
    const passes = (id: number) => {
      if (bodies.tierOf[id]! < 0) return false
      if (facet === 'body') return ids.has(id)
      if (facet === 'tier') return tiers.has(bodies.tierOf[id]!)
      for (const region of bodies.regionsOf[id]!) if (regions.has(region)) return true
      return false
    }
    for (let id = 0; id < fails.length; id++) if (!passes(id)) fails[id]! |= bit
  }
  return fails
}

/** What fails by one segment's own numbers. */
export function failsOf(
  space: FacetSpace,
  segment: Segment,
  shared: SharedFails,
  active: IndexFacet[],
): Fails {
  const { combo: combos, theme, format } = space.of(segment)
  const { bodyIds } = segment
  const body = new Uint16Array(bodyIds.length)
  const combo = new Uint16Array(combos.length)
  const set = new Uint16Array(theme.length)
  const groups = new Set(active.map(groupOf))
  if (groups.has('body')) {
    // A body that search was not told of yet is in no territory.
    const unknown = active.reduce((bits, f) => (groupOf(f) === 'body' ? bits | bitOf(f) : bits), 0)
    for (let i = 0; i < body.length; i++)
      body[i] = bodyIds[i]! < shared.body.length ? shared.body[bodyIds[i]!]! : unknown
  }
  if (groups.has('combo')) for (let i = 0; i < combo.length; i++) combo[i] = shared.combo[combos[i]!]!
  if (groups.has('set'))
    for (let i = 0; i < set.length; i++) set[i] = shared.theme[theme[i]!]! | shared.format[format[i]!]!
  return { body, combo, set }
}
