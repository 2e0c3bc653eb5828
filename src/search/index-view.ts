import { type Arena, createArena } from './bits.ts'
import { type BodyTable, createBodyTable } from './bodies.ts'
import { createFacetSpace, type FacetSpace } from './facet-space.ts'
import { bury, forEachClaim, type Segment } from './segment.ts'
import { createTagSpace, type TagSpace } from './tag-count.ts'

/**
 * The segments that are searched together, oldest first. A newer segment speaks for every id it holds or
 * knows to be gone, so that in all older ones that id no longer counts.
 */
export interface IndexView {
  segments: Segment[]
  bodies: BodyTable
  arena: Arena
  space: FacetSpace
  tags: TagSpace
}

export const emptyIndex = (): IndexView => ({
  segments: [],
  bodies: createBodyTable([]),
  arena: createArena(),
  space: createFacetSpace(),
  tags: createTagSpace(),
})

/**
 * Puts segments together, reusing what `previous` has open. Segments that are no longer listed are closed.
 * @param segments oldest first; those of `previous` keep the entries they lost.
 */
export function arrange(previous: IndexView, segments: Segment[]): IndexView {
  const known = new Set(previous.segments)
  for (const [i, segment] of segments.entries()) {
    if (known.has(segment)) continue
    for (let j = 0; j < i; j++) replaceIn(segments[j]!, segment)
    // Newer ones that are new too look back themselves.
    for (let j = i + 1; j < segments.length; j++)
      if (known.has(segments[j]!)) replaceIn(segment, segments[j]!)
  }
  const kept = new Set(segments)
  for (const segment of previous.segments) if (!kept.has(segment)) segment.text.close()
  return { ...previous, segments }
}

/** Takes what the newer segment speaks for out of the older one. */
function replaceIn(older: Segment, newer: Segment): void {
  if (older.size === 0) return
  // A rebuild's segments cover ranges of ids that do not meet: nothing to look up.
  const [least, most] = [older.id[older.byId[0]!]!, older.id[older.byId[older.size - 1]!]!]
  if (newer.gone.length === 0 && newer.size > 0) {
    if (newer.id[newer.byId[0]!]! > most || newer.id[newer.byId[newer.size - 1]!]! < least) return
  }
  forEachClaim(newer, (id) => {
    if (id >= least && id <= most) bury(older, id)
  })
}

/** Entries that can be found. */
export const liveEntries = (index: IndexView): number =>
  index.segments.reduce((sum, s) => sum + s.liveCount, 0)
