import { hasBit } from './bits.ts'
import { type Hits, noHits } from './hits.ts'
import type { BitsLeaf, Evaluation, Leaf } from './leaf.ts'
import { intersectPostings, readPostings } from './postings.ts'

/** The live documents that all leaves hold, each in its worst tier. Lists among the leaves may be overwritten. */
export function combine(leaves: Leaf[], at: Evaluation): Hits {
  leaves.sort((a, b) => a.count - b.count)
  const first = leaves.find((leaf) => leaf.kind !== 'bits')
  if (!first) return combineBits(leaves as BitsLeaf[], at)
  const list = first.kind === 'list' ? first.list : at.arena.list(first.count)
  if (first.kind === 'term') readPostings(first.terms, first.index, list)
  let count = keepLive(list, first.count, at.segment.live)
  for (const leaf of leaves) {
    if (count === 0) return noHits
    if (leaf === first) continue
    if (leaf.kind === 'list') count = intersectList(list, count, leaf)
    else if (leaf.kind === 'term') count = intersectPostings(leaf.terms, leaf.index, list, count)
    else count = intersectBits(list, count, leaf)
  }
  return count === 0 ? noHits : { kind: 'list', list, count }
}

function keepLive(list: Uint32Array, count: number, live: Uint32Array): number {
  let n = 0
  for (let i = 0; i < count; i++) if (hasBit(live, list[i]! >>> 2)) list[n++] = list[i]!
  return n
}

function intersectList(list: Uint32Array, count: number, leaf: Leaf & { kind: 'list' }): number {
  const other = leaf.list
  let n = 0
  let j = 0
  for (let i = 0; i < count; i++) {
    const document = list[i]! >>> 2
    while (j < leaf.count && other[j]! >>> 2 < document) j++
    if (j === leaf.count) break
    if (other[j]! >>> 2 !== document) continue
    // The worse tier has the larger number and the same document: the larger posting.
    list[n++] = Math.max(list[i]!, other[j]!)
  }
  return n
}

function intersectBits(list: Uint32Array, count: number, leaf: BitsLeaf): number {
  const { all, title, item } = leaf
  let n = 0
  for (let i = 0; i < count; i++) {
    const posting = list[i]!
    const document = posting >>> 2
    if (!hasBit(all, document)) continue
    const tier = title && hasBit(title, document) ? 0 : item && hasBit(item, document) ? 1 : 2
    list[n++] = Math.max(posting, (document << 2) | tier)
  }
  return n
}

function combineBits(leaves: BitsLeaf[], at: Evaluation): Hits {
  const all = intersect(
    leaves.map((leaf) => leaf.all),
    at,
  )
  if (!at.tiers) return { kind: 'bits', title: undefined, item: undefined, all }
  const titles = leaves.flatMap((leaf) => leaf.title ?? [])
  const title = titles.length === leaves.length ? intersect(titles, at) : undefined
  const item = leaves.every((leaf) => leaf.title || leaf.item) ? intersectEither(leaves, at) : undefined
  return { kind: 'bits', title, item, all }
}

/** Live documents of every set. */
function intersect([first, second, ...rest]: Uint32Array[], { segment, arena }: Evaluation): Uint32Array {
  const { words, live } = segment
  const out = arena.list(words)
  if (second) for (let w = 0; w < words; w++) out[w] = live[w]! & first![w]! & second[w]!
  else for (let w = 0; w < words; w++) out[w] = live[w]! & first![w]!
  for (const set of rest) for (let w = 0; w < words; w++) out[w]! &= set[w]!
  return out
}

/** Live documents that every leaf has in the title or in an item name. */
function intersectEither(leaves: BitsLeaf[], { segment, arena }: Evaluation): Uint32Array {
  const out = arena.list(segment.words)
  out.set(segment.live)
  for (const { title, item } of leaves) {
    if (title && item) for (let w = 0; w < out.length; w++) out[w]! &= title[w]! | item[w]!
    else {
      const only = (title ?? item)!
      for (let w = 0; w < out.length; w++) out[w]! &= only[w]!
    }
  }
  return out
}
