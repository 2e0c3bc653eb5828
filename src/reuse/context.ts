import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import type { HoldersWanted, KnownHolders, KnownName, NamesWanted } from '../search/index.ts'
import { type ItemName, readItemName } from './item-name.ts'
import { readWords, type Words } from './item-words.ts'

/** Where the names of published items are asked for: the search replicas, or an index in memory in tests. */
export interface NamePort {
  names(wanted: NamesWanted[]): Promise<KnownName[][]>
  holders(wanted: HoldersWanted[]): Promise<KnownHolders[]>
}

export interface ReuseContext {
  db: Db
  profile: Profile
  /** Reads a name; those of late from memory. */
  read(name: string): ItemName
  words: Words
  port: NamePort
}

/** Names kept in memory: what a day of editing asks for, some MB. */
const namesKept = 20_000

export function createReuseContext(options: { db: Db; profile: Profile; port: NamePort }): ReuseContext {
  const words = readWords(options.profile.synonyms)
  let known = new Map<string, ItemName>()
  const read = (name: string): ItemName => {
    const kept = known.get(name)
    if (kept) return kept
    if (known.size >= namesKept) known = new Map()
    const fresh = readItemName(name, words)
    known.set(name, fresh)
    return fresh
  }
  return { ...options, words, read }
}

/** Questions put to a replica at once: between two of them it answers others. */
const chunkSize = 10

/** Asks for many items in pieces, over all replicas; answers are in the order of the questions. */
export async function inChunks<Q, A>(wanted: Q[], ask: (part: Q[]) => Promise<A[]>): Promise<A[]> {
  const parts: Q[][] = []
  for (let i = 0; i < wanted.length; i += chunkSize) parts.push(wanted.slice(i, i + chunkSize))
  return (await Promise.all(parts.map(ask))).flat()
}
