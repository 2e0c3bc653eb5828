import { copyPublishedVersions } from '../catalog/feed/index.ts'
import { copyLines } from '../platform/copy.ts'
import type { Postgres } from '../platform/postgres.ts'
import { readManifest, segmentPath } from './manifest.ts'
import { changedIds } from './rebuild.ts'
import { readSegmentFile, type SegmentFile } from './segment-file.ts'

/** What the comparison of the catalogue with the index found. */
export interface IndexCheck {
  /** Entries published, and entries in the index. */
  published: number
  indexed: number
  /** Published but not found. */
  missing: number
  /** Found but not published (any more). */
  surplus: number
  /** Found with an older or newer version. */
  different: number
  /** Changes on their way to the index; these entries are not counted as faults. */
  pending: number
  /** The first ids at fault. */
  examples: number[]
}

const examplesShown = 10
/** Changes looked up as being under way; with more, the index is far behind anyway. */
const pendingLimit = 1_000_000

/**
 * Compares ids and versions of the published entries with those in the index on disk, in both directions. Memory:
 * 4 bytes an id and the index files themselves, one after the other.
 * @returns undefined when there is no whole index.
 * @throws SegmentError when a file of the index is damaged.
 */
export async function checkIndex(postgres: Postgres, folder: string): Promise<IndexCheck | undefined> {
  const manifest = readManifest(folder)
  if (!manifest) return undefined
  const open = (name: string) => readSegmentFile(segmentPath(folder, manifest.generation, name))
  /** Version + 1 of every entry in the index, by id; 0 for none. */
  const index = new Uint32Array(
    manifest.segments.reduce((most, s) => Math.max(most, largestId(open(s.name))), 0) + 1,
  )
  // Oldest first: a later segment speaks for its ids, whatever earlier ones say.
  for (const entry of manifest.segments) {
    const file = open(entry.name)
    const ids = file.column<Uint32Array>('id')
    const versions = file.column<Uint32Array>('version')
    for (const id of file.column<Uint32Array>('gone')) if (id < index.length) index[id] = 0
    for (let i = 0; i < ids.length; i++) index[ids[i]!] = versions[i]! + 1
  }
  const check: IndexCheck = {
    published: 0,
    indexed: index.reduce((n, version) => n + (version > 0 ? 1 : 0), 0),
    missing: 0,
    surplus: 0,
    different: 0,
    pending: 0,
    examples: [],
  }
  const faults: { id: number; kind: 'missing' | 'surplus' | 'different' }[] = []
  await copyLines(postgres.pool, copyPublishedVersions(), (line) => {
    const tab = line.indexOf('\t')
    const id = Number(line.slice(0, tab))
    check.published++
    const version = index[id] ?? 0
    if (version === 0) faults.push({ id, kind: 'missing' })
    else if (version - 1 !== Number(line.slice(tab + 1))) faults.push({ id, kind: 'different' })
    if (id < index.length) index[id] = 0
  })
  for (let id = 0; id < index.length; id++) if (index[id] !== 0) faults.push({ id, kind: 'surplus' })
  const { ids } = await changedIds(postgres.db, manifest.position, pendingLimit)
  const pending = new Set(ids)
  check.pending = pending.size
  for (const { id, kind } of faults) {
    if (pending.has(id)) continue
    check[kind]++
    if (check.examples.length < examplesShown) check.examples.push(id)
  }
  return check
}

function largestId(file: SegmentFile): number {
  let most = 0
  for (const id of file.column<Uint32Array>('id')) if (id > most) most = id
  return most
}
