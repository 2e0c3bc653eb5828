import type { BodyTable } from './bodies.ts'
import { type PackedFacet, packedFacets } from './document.ts'
import { type FacetName, facetNames } from './facet-names.ts'
import type { Segment } from './segment.ts'

/** Filters by facet, turned into tables over a segment's local numbers. */

export type FacetFilters = Partial<Record<FacetName, string[]>>

/** Failing facets of an entry, as bits in the order of `facetNames`. */
export const bitOf = (facet: FacetName) => 1 << facetNames.indexOf(facet)

/** The column a facet is counted by. */
export type Group = 'body' | 'combo' | 'set'
export const groupOf = (facet: FacetName): Group =>
  facet === 'body' || facet === 'region' || facet === 'tier'
    ? 'body'
    : facet === 'theme' || facet === 'format'
      ? 'set'
      : 'combo'

/** Failing facets of each local number, as bits. */
export interface Fails {
  body: Uint16Array
  combo: Uint16Array
  set: Uint16Array
}

/** Failing facets of every body by id, made once a query. */
export function compileBodies(bodies: BodyTable, filters: FacetFilters, active: FacetName[]): Uint16Array {
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

/** The tables of one segment. */
export function compileFilters(
  segment: Segment,
  bodyFails: Uint16Array,
  filters: FacetFilters,
  active: FacetName[],
): Fails {
  const body = new Uint16Array(segment.bodyIds.length)
  const combos = segment.comboValues.length / packedFacets.length
  const combo = new Uint16Array(combos)
  const set = new Uint16Array(segment.setPairs.length / 2)
  const unknownBody = active.reduce(
    (bits, facet) => (groupOf(facet) === 'body' ? bits | bitOf(facet) : bits),
    0,
  )
  for (let i = 0; i < body.length; i++) body[i] = bodyFails[segment.bodyIds[i]!] ?? unknownBody
  for (const facet of active) {
    const wanted = new Set(filters[facet])
    const bit = bitOf(facet)
    const group = groupOf(facet)
    if (group === 'body') continue
    if (group === 'combo') {
      const column = packedFacets.indexOf(facet as PackedFacet)
      const pass = segment.values[facet as PackedFacet].map((value) => wanted.has(value))
      for (let c = 0; c < combos; c++)
        if (!pass[segment.comboValues[c * packedFacets.length + column]!]) combo[c]! |= bit
    } else {
      const sets = facet === 'theme' ? segment.themeSets : segment.formatSets
      const pass = sets.map((members) => members.some((value) => wanted.has(value)))
      for (let p = 0; p < set.length; p++)
        if (!pass[segment.setPairs[p * 2 + (facet === 'theme' ? 0 : 1)]!]) set[p]! |= bit
    }
  }
  return { body, combo, set }
}
