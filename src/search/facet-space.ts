import { type PackedFacet, packedFacets } from './document.ts'
import type { Segment } from './segment.ts'

/**
 * Facet values over all segments. A segment numbers its combinations of values for itself; here each gets a number
 * that all segments share, so that a query adds a segment's counts up by number and names values once at its end.
 * It grows with the combinations ever seen, some thousands.
 */
export interface FacetSpace {
  /** Values of the packed facets and the themes and formats, by number. */
  values: Record<PackedFacet | 'theme' | 'format', Values>
  /** Of each combination: its value number of each packed facet, in the order of `packedFacets`. */
  combos: number[][]
  /** Members of each set of themes, and of each set of formats. */
  sets: Record<'theme' | 'format', number[][]>
  /** The shared numbers of what a segment numbers for itself. */
  of(segment: Segment): SegmentNumbers
}

/** Shared numbers by the segment's own: of a combination, and of the two sets of a pair. */
export interface SegmentNumbers {
  combo: Uint32Array
  theme: Uint32Array
  format: Uint32Array
}

/** Distinct names with numbers, in the order they came. */
export interface Values {
  names: string[]
  numbers: Map<string, number>
}

const newValues = (): Values => ({ names: [], numbers: new Map() })

function numberOf({ names, numbers }: Values, name: string): number {
  let number = numbers.get(name)
  if (number === undefined) {
    number = names.length
    numbers.set(name, number)
    names.push(name)
  }
  return number
}

export function createFacetSpace(): FacetSpace {
  const values = Object.fromEntries(
    [...packedFacets, 'theme', 'format'].map((facet) => [facet, newValues()]),
  ) as FacetSpace['values']
  const keys = { combo: newValues(), theme: newValues(), format: newValues() }
  const combos: number[][] = []
  const sets: FacetSpace['sets'] = { theme: [], format: [] }
  const known = new WeakMap<Segment, SegmentNumbers>()

  const comboNumbers = ({ comboValues, values: own }: Segment) => {
    const width = packedFacets.length
    const shared = packedFacets.map((facet) => own[facet].map((name) => numberOf(values[facet], name)))
    return Uint32Array.from({ length: comboValues.length / width }, (_, c) => {
      const combo = shared.map((numbers, k) => numbers[comboValues[c * width + k]!]!)
      const number = numberOf(keys.combo, combo.join(','))
      combos[number] = combo
      return number
    })
  }
  const setNumbers = (facet: 'theme' | 'format', own: string[][], pairs: Uint32Array, side: 0 | 1) => {
    const shared = own.map((names) => {
      const members = names.map((name) => numberOf(values[facet], name))
      const number = numberOf(keys[facet], members.join(','))
      sets[facet][number] = members
      return number
    })
    return Uint32Array.from({ length: pairs.length / 2 }, (_, pair) => shared[pairs[pair * 2 + side]!]!)
  }
  return {
    values,
    combos,
    sets,
    of(segment) {
      let numbers = known.get(segment)
      if (!numbers) {
        numbers = {
          combo: comboNumbers(segment),
          theme: setNumbers('theme', segment.themeSets, segment.setPairs, 0),
          format: setNumbers('format', segment.formatSets, segment.setPairs, 1),
        }
        known.set(segment, numbers)
      }
      return numbers
    },
  }
}
