import { fillBits, setBit } from './bits.ts'
import { evaluate } from './evaluate.ts'
import { compileFilters, failsOf, groupOf, type SharedFails } from './facet-filters.ts'
import type { IndexFacet } from './facet-names.ts'
import { exactTag, tagsBeginning } from './field-leaves.ts'
import { forEachHit, type Hits } from './hits.ts'
import type { IndexView } from './index-view.ts'
import type { Evaluation } from './leaf.ts'
import { verifyPhrases } from './phrases.ts'
import { type ClauseText, clauseOf } from './query.ts'
import { documentOf, type Segment } from './segment.ts'
import { maxTag } from './segment-tags.ts'
import { normalise } from './tokens.ts'

/** A condition of any shape, as the query languages of programs have them. It narrows the hits and ranks nothing. */
export type Where =
  | { kind: 'all' | 'any'; of: Where[] }
  | { kind: 'not'; of: Where }
  | { kind: 'words'; clause: ClauseText }
  | { kind: 'facet'; facet: IndexFacet; values: string[] }
  /** A keyword, or with `prefix` every keyword that begins so. */
  | { kind: 'tag'; tag: string; prefix: boolean }
  /** Milliseconds since 1970, both ends included. */
  | { kind: 'changed' | 'created'; from?: number; to?: number }
  /** Row ids. */
  | { kind: 'ids'; ids: number[] }
  /** Row ids beyond one: where a walk in the order `created` goes on. */
  | { kind: 'after'; id: number }

/** Drops hits outside of the condition. */
export type WhereRun = (hits: Hits, at: Evaluation) => void

/** Prepares a condition once for all segments. */
export function compileWhere(index: IndexView, where: Where): WhereRun {
  // Every combination must have its number before tables over all of them are made.
  for (const segment of index.segments) index.space.of(segment)
  const facets = new Map<Where, SharedFails>()
  const shared = (w: Where & { kind: 'facet' }): SharedFails => {
    const known = facets.get(w)
    if (known) return known
    const made = compileFilters(index.space, index.bodies, { [w.facet]: w.values }, [w.facet])
    facets.set(w, made)
    return made
  }

  /** The documents of a segment that satisfy the condition, in bits of the question's own; dead ones may be among them. */
  const bitsOf = (w: Where, at: Evaluation): Uint32Array => {
    const { segment, arena } = at
    if (w.kind === 'all' || w.kind === 'any') {
      const out = arena.bits(segment.words)
      if (w.kind === 'all') fillBits(out, segment.size)
      for (const part of w.of) {
        const bits = bitsOf(part, at)
        if (w.kind === 'all') for (let i = 0; i < out.length; i++) out[i]! &= bits[i]!
        else for (let i = 0; i < out.length; i++) out[i]! |= bits[i]!
      }
      return out
    }
    if (w.kind === 'not') {
      const out = arena.bits(segment.words)
      fillBits(out, segment.size)
      const bits = bitsOf(w.of, at)
      for (let i = 0; i < out.length; i++) out[i]! &= ~bits[i]!
      return out
    }
    const out = arena.bits(segment.words)
    if (w.kind === 'words') addWords(w.clause, at, out)
    else if (w.kind === 'facet') addFacet(index, w, shared(w), segment, out)
    else if (w.kind === 'tag') {
      const tag = normalise(w.tag).slice(0, maxTag)
      if (w.prefix) tagsBeginning(segment, tag, out)
      else exactTag(segment, tag, out)
    } else if (w.kind === 'ids') {
      for (const id of w.ids) {
        const document = documentOf(segment, id)
        if (document >= 0) setBit(out, document)
      }
    } else if (w.kind === 'changed') addChanged(w, segment, out)
    else if (w.kind === 'created') addCreated(w, segment, out)
    else if (w.kind === 'after') addAfter(w.id, segment, out)
    return out
  }

  return (hits, at) => {
    const bits = bitsOf(where, at)
    if (hits.kind === 'list') {
      let n = 0
      for (let i = 0; i < hits.count; i++) {
        const document = hits.list[i]! >>> 2
        if (bits[document >>> 5]! & (1 << (document & 31))) hits.list[n++] = hits.list[i]!
      }
      hits.count = n
    } else
      for (const set of [hits.all, hits.title, hits.item])
        if (set) for (let i = 0; i < set.length; i++) set[i]! &= bits[i]!
  }
}

function addWords(text: ClauseText, at: Evaluation, out: Uint32Array): void {
  const clause = clauseOf({ ...text, not: false })
  if (!clause) return
  // Only membership is asked for: titles and items need no sets of their own.
  const own: Evaluation = { ...at, tiers: false }
  const part = { segment: at.segment, hits: evaluate([clause], own) }
  const { share } = verifyPhrases([part], { clauses: [clause], cut: false }, [own])
  // Of very many entries with the words of a phrase the rest is taken unread: the total is told as an estimate.
  if (share !== 1 || own.cut) at.cut = true
  forEachHit(part.hits, (document) => setBit(out, document))
}

function addFacet(
  index: IndexView,
  w: Where & { kind: 'facet' },
  shared: SharedFails,
  segment: Segment,
  out: Uint32Array,
): void {
  const group = groupOf(w.facet)
  const fails = failsOf(index.space, segment, shared, [w.facet])[group]
  const column = segment[group]
  for (let d = 0; d < column.length; d++) if (fails[column[d]!] === 0) setBit(out, d)
}

const momentOf = (seconds: Uint32Array, rest: Uint16Array, document: number) =>
  seconds[document]! * 1000 + rest[document]!

/** Entries lie in the order of their changes, the newest first: those of a period are neighbours. */
function addChanged(
  { from = 0, to = Infinity }: { from?: number; to?: number },
  s: Segment,
  out: Uint32Array,
) {
  const { byChanged, changed, changedMs } = s
  const firstAtOrBefore = (moment: number) => {
    let low = 0
    let high = byChanged.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (momentOf(changed, changedMs, byChanged[middle]!) > moment) low = middle + 1
      else high = middle
    }
    return low
  }
  const end = firstAtOrBefore(from - 1)
  for (let place = firstAtOrBefore(to); place < end; place++) setBit(out, byChanged[place]!)
}

function addCreated(
  { from = 0, to = Infinity }: { from?: number; to?: number },
  s: Segment,
  out: Uint32Array,
) {
  for (let d = 0; d < s.size; d++) {
    const moment = momentOf(s.created, s.createdMs, d)
    if (moment >= from && moment <= to) setBit(out, d)
  }
}

function addAfter(id: number, { byId, id: ids }: Segment, out: Uint32Array) {
  for (let place = byId.length - 1; place >= 0 && ids[byId[place]!]! > id; place--) setBit(out, byId[place]!)
}
