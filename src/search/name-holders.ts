import { hasBit } from './bits.ts'
import { packedFacets } from './document.ts'
import { liveHolders } from './field-leaves.ts'
import type { IndexView } from './index-view.ts'
import { displayName } from './item-view.ts'
import { denseBits, documentCount, intersectPostings, isDense, readPostings } from './postings.ts'
import type { Segment } from './segment.ts'
import { findTerm, type TermTable, termAt } from './term-table.ts'
import { queryTokens } from './tokens.ts'

/**
 * Which item names are there, and which entries hold them: what the capability that finds duplicate items asks the
 * index. It knows names only as folded text; what two names have in common is for the asker to judge.
 */

export interface NamesWanted {
  /** Folded names that are looked up as they are. */
  exact: string[]
  /** Folded text whose words other names may contain; empty to ask for none. */
  within: string
  /** Names that contain the words, those held most. */
  most: number
}

export interface KnownName {
  /** Folded. */
  text: string
  /** As it is written in the catalogue. */
  name: string
  /** Entries that hold it; judged by a share where very many do. */
  entries: number
}

export interface HoldersWanted {
  /** Folded names, all of the same item. */
  names: string[]
  /** Entries in one of these databases come before others (codes of the profile). */
  databases: string[]
  most: number
}

export interface KnownHolders {
  /** `catalog.dataset.id`: the best entry of each body, best first. */
  ids: number[]
  bodies: number
  /** True where every holder was looked at; else there are at least as many bodies. */
  exact: boolean
}

/** Postings of one token in one segment that are read; a name made of more common words alone is too general to complete. */
const postingsRead = 10_000
/** Holders of one name in one segment that are looked at: the first are the best by their static score. */
const holdersRead = 500
/** Up to this many postings of a segment that lost entries are counted one by one. */
const countedExactly = 5_000

let scratch = new Uint32Array(1024)
const room = (count: number) => {
  if (scratch.length < count) scratch = new Uint32Array(count * 2)
  return scratch
}

/** The names in the index, for each wanted one: those that are it, then those that contain its words. */
export function findNames(index: IndexView, wanted: NamesWanted[]): KnownName[][] {
  return wanted.map(({ exact, within, most }) => {
    const equal = new Map<string, KnownName>()
    const longer = new Map<string, KnownName>()
    for (const segment of index.segments) {
      for (const text of exact) note(equal, segment, findTerm(segment.names, text), text)
      for (const at of within ? namesContaining(segment, within, most) : []) {
        const text = termAt(segment.names, at)
        if (!equal.has(text)) note(longer, segment, at, text)
      }
    }
    const contained = [...longer.values()]
      .filter((n) => !equal.has(n.text))
      .sort((a, b) => b.entries - a.entries)
    return [...equal.values(), ...contained.slice(0, most)].filter((name) => name.entries > 0)
  })
}

function note(found: Map<string, KnownName>, segment: Segment, at: number, text: string): void {
  if (at < 0) return
  const entries = countHolders(segment, at)
  const known = found.get(text)
  if (known) known.entries += entries
  else found.set(text, { text, name: displayName(segment, at, text), entries })
}

function countHolders({ names, live, liveCount, size }: Segment, at: number): number {
  const count = documentCount(names, at)
  if (liveCount === size) return count
  return count > countedExactly ? Math.round((count * liveCount) / size) : liveHolders(names, at, live)
}

/** Places of the names that have every word of the text, those held most. */
function namesContaining({ nameTerms, names }: Segment, text: string, most: number): number[] {
  const tokens: number[] = []
  for (const token of queryTokens(text)) {
    const at = findTerm(nameTerms, token)
    if (at < 0) return []
    tokens.push(at)
  }
  tokens.sort((a, b) => documentCount(nameTerms, a) - documentCount(nameTerms, b))
  const [rarest, ...others] = tokens
  if (rarest === undefined || documentCount(nameTerms, rarest) > postingsRead) return []
  const list = room(documentCount(nameTerms, rarest))
  let count = readPostings(nameTerms, rarest, list)
  for (const other of others) if (count > 0) count = intersect(nameTerms, other, list, count)
  return mostHeld(names, list, count, most)
}

/** Keeps of the list what has the token too; returns how many are left. */
function intersect(table: TermTable, token: number, list: Uint32Array, count: number): number {
  if (!isDense(table, token)) return intersectPostings(table, token, list, count)
  const { all } = denseBits(table, token)
  let kept = 0
  for (let i = 0; i < count; i++) if (hasBit(all, list[i]! >>> 2)) list[kept++] = list[i]!
  return kept
}

/** Of names by their postings those held most, at most `most`. */
function mostHeld(names: TermTable, list: Uint32Array, count: number, most: number): number[] {
  const kept: { at: number; held: number }[] = []
  for (let i = 0; i < count; i++) {
    const at = list[i]! >>> 2
    const held = documentCount(names, at)
    if (kept.length === most && held <= kept[most - 1]!.held) continue
    let place = kept.length
    while (place > 0 && kept[place - 1]!.held < held) place--
    kept.splice(place, 0, { at, held })
    if (kept.length > most) kept.pop()
  }
  return kept.map(({ at }) => at)
}

interface Holder {
  id: number
  body: number
  rank: number
}

/** A holder in a wanted database before all others (static scores are below 2^16). */
const databaseRank = 65_536

/** By body: the question it was last seen in, so that bodies are counted without a set for each question. */
let seenBodies = new Uint32Array(1024)
let question = 0

/** The entries that hold one of the names, for each wanted item: the best of each body. */
export function findHolders(index: IndexView, wanted: HoldersWanted[]): KnownHolders[] {
  if (seenBodies.length <= index.bodies.largest) seenBodies = new Uint32Array(index.bodies.largest * 2)
  return wanted.map(({ names, databases, most }) => {
    question++
    const found: FoundHolders = { best: [], most, bodies: 0, exact: true }
    for (const segment of index.segments) {
      const inDatabase = databaseFlags(segment, databases)
      for (const name of names) {
        const at = findTerm(segment.names, name)
        if (at >= 0) collect(segment, at, inDatabase, found)
      }
    }
    found.best.sort((a, b) => b.rank - a.rank || a.id - b.id)
    return { ids: found.best.map((h) => h.id), bodies: found.bodies, exact: found.exact }
  })
}

interface FoundHolders {
  /** The best of each body, at most `most`, in no order. */
  best: Holder[]
  most: number
  bodies: number
  /** False where not every holder was looked at. */
  exact: boolean
}

/** By segment: for each combination of facet values whether it is in one of the databases last asked for. */
const combosInDatabase = new WeakMap<Segment, { databases: string; flags: Uint8Array }>()

function databaseFlags(segment: Segment, databases: string[]): Uint8Array {
  const key = databases.join('\n')
  const known = combosInDatabase.get(segment)
  if (known?.databases === key) return known.flags
  const { values, comboValues } = segment
  const wanted = new Set(databases.map((code) => values.database.indexOf(code)).filter((n) => n >= 0))
  const [width, column] = [packedFacets.length, packedFacets.indexOf('database')]
  const flags = new Uint8Array(comboValues.length / width)
  for (let c = 0; c < flags.length; c++) flags[c] = Number(wanted.has(comboValues[c * width + column]!))
  combosInDatabase.set(segment, { databases: key, flags })
  return flags
}

/** Looks at the live holders of a name in one segment. */
function collect(segment: Segment, at: number, inDatabase: Uint8Array, found: FoundHolders): void {
  const { names, live, body, bodyIds, score, combo } = segment
  const all = documentCount(names, at)
  const list = room(all)
  const count = Math.min(holdersRead, readPostings(names, at, list, 0, holdersRead))
  if (count < all) found.exact = false
  for (let i = 0; i < count; i++) {
    const document = list[i]! >>> 2
    if (!hasBit(live, document)) continue
    const bodyId = bodyIds[body[document]!]!
    if (seenBodies[bodyId] !== question) {
      seenBodies[bodyId] = question
      found.bodies++
    }
    const rank = score[document]! + inDatabase[combo[document]!]! * databaseRank
    keep(found, segment.id[document]!, bodyId, rank)
  }
}

function keep({ best, most }: FoundHolders, id: number, body: number, rank: number): void {
  let worst = 0
  for (let i = 0; i < best.length; i++) {
    if (best[i]!.body === body) {
      if (rank > best[i]!.rank) best[i] = { id, body, rank }
      return
    }
    if (best[i]!.rank < best[worst]!.rank) worst = i
  }
  if (best.length < most) best.push({ id, body, rank })
  else if (rank > best[worst]!.rank) best[worst] = { id, body, rank }
}
