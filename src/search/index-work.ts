import { statSync } from 'node:fs'
import { datasetTopic, publishedIdsOf } from '../catalog/feed/index.ts'
import type { Logger } from '../platform/log.ts'
import { missedNews, type OutboxPosition } from '../platform/outbox.ts'
import type { Postgres } from '../platform/postgres.ts'
import { runBuilds } from './builder.ts'
import { buildFromIds, type FeedContext, type FeedNames, feedContext } from './feed.ts'
import {
  currentGeneration,
  type Manifest,
  readManifest,
  removeOldGenerations,
  removeUnlisted,
  type SegmentEntry,
  segmentPath,
  writeManifest,
} from './manifest.ts'
import { mergePlan } from './merge-plan.ts'
import { changedIds, ownProcessIds } from './rebuild.ts'
import { numberNames, readIndexedNames, renamedBodies, writeIndexedNames } from './renamed.ts'
import { readSegmentFile } from './segment-file.ts'

/** What the indexer does to the index on disk: changes become segments, small segments larger ones. */

export interface IndexerOptions {
  postgres: Postgres
  names: FeedNames
  /** `DATA/search` */
  folder: string
  log: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Called after every change of what is searched. */
  onChange: () => void
  /** Called about once a second: seconds that the oldest unapplied change has waited. */
  onLag?: (seconds: number) => void
}

/** Ids of one batch at first; doubled up to the second while the batches come full, as in a bulk import. */
const firstBatch = 2_000
const largestBatch = 128_000
/** Segments from which they are merged also during a bulk import: each costs every search a little. */
const manySegments = 64
/** Files that are no longer listed are kept this long (ms) for replicas about to open them. */
const keepMs = 30_000

/** After a pause as long as this (ms) the outbox may have been trimmed beyond our place. */
const longPauseMs = 3600_000

export function createWork(options: IndexerOptions, names: () => FeedNames) {
  const { postgres, folder, log, onChange } = options
  const { db } = postgres
  let manifest: Manifest | undefined
  let context: FeedContext | undefined
  let batch = firstBatch
  /** The generation that is kept in step, and when the outbox was last read for it. */
  let followed = { generation: 0, at: 0 }
  let merging: Promise<void> | undefined
  /** Names that left the manifest, with the time they may be removed. */
  const leaving = new Map<string, number>()
  const underway = new Set<string>()
  /** The names that all entries are found by. */
  let namesApplied: FeedNames | undefined

  const commit = (next: Manifest) => {
    writeManifest(folder, next)
    manifest = next
    for (const [name, at] of leaving) if (Date.now() > at) leaving.delete(name)
    removeUnlisted(folder, next, new Set([...leaving.keys(), ...underway]))
    onChange()
  }
  const pathOf = (name: string) => segmentPath(folder, manifest!.generation, name).replace(/\.segment$/, '')

  const present = (): FeedContext => {
    if (context?.names !== names()) context = feedContext(names())
    return context!
  }
  const startMerge = () => {
    if (merging || !manifest) return
    const members = mergePlan(manifest.segments)
    if (members.length === 0) return
    merging = merge(members)
      .catch((error) => log.warn({ err: error }, 'segments could not be merged; trying again later'))
      .finally(() => {
        merging = undefined
      })
  }
  const merge = async (members: SegmentEntry[]) => {
    const { generation } = manifest!
    const ids = new Set<number>()
    for (const s of members) {
      const file = readSegmentFile(segmentPath(folder, generation, s.name))
      for (const id of file.column<Uint32Array>('id')) ids.add(id)
      for (const id of file.column<Uint32Array>('gone')) ids.add(id)
    }
    // With the process's number: a builder that outlived a crash may still be writing the same number's file.
    const name = `m${manifest!.next++}-${process.pid}`
    underway.add(name)
    try {
      const entry = await build(name, [...ids])
      if (manifest?.generation !== generation) return
      const newest = manifest.segments.findIndex((s) => s.name === members.at(-1)!.name)
      if (newest < 0) return
      const names = new Set(members.map((m) => m.name))
      // It holds what its members spoke for, read later than the newest of them and earlier than all after that.
      const segments = manifest.segments.flatMap((s, i) =>
        i === newest ? [entry] : names.has(s.name) ? [] : [s],
      )
      for (const gone of names) leaving.set(gone, Date.now() + keepMs)
      commit({ ...manifest, segments })
    } finally {
      underway.delete(name)
    }
  }
  const build = async (name: string, ids: number[]): Promise<SegmentEntry> => {
    if (ids.length <= ownProcessIds) return buildFromIds(db, present(), pathOf(name), name, ids)
    const job = {
      number: 0,
      databaseUrl: postgres.url,
      names: names(),
      folder,
      generation: manifest!.generation,
      name,
      maxDocuments: Number.MAX_SAFE_INTEGER,
      ids,
    }
    let built: SegmentEntry | undefined
    await runBuilds([job], {
      concurrency: 1,
      log,
      onDone: (_job, [entry]) => {
        built = entry
      },
    })
    return built!
  }
  /** Adds a segment of these ids; false when another process switched generations: its outbox position leads there again. */
  const add = async (ids: number[], position: OutboxPosition): Promise<boolean> => {
    const before = manifest!
    const name = `c${before.next++}-${process.pid}`
    underway.add(name)
    const entry = await build(name, ids).finally(() => underway.delete(name))
    if (currentGeneration(folder) !== before.generation) return false
    commit({ ...manifest!, position, segments: [...manifest!.segments, entry] })
    return true
  }
  return {
    /** Reads the manifest in use; false when there is none that is whole. */
    load(): boolean {
      if (manifest && currentGeneration(folder) === manifest.generation) return true
      const found = readManifest(folder)
      if (!found?.segments.every((s) => isWhole(folder, found.generation, s))) return false
      manifest = found
      namesApplied = undefined
      leaving.clear()
      // A rebuild that runs beside this process works in a newer folder.
      removeOldGenerations(folder)
      onChange()
      return true
    },
    /** True when news after our place was trimmed away while nobody read: only a rebuild brings the rest. */
    async missed(): Promise<boolean> {
      const { generation, position } = manifest!
      if (followed.generation === generation && Date.now() - followed.at < longPauseMs) return false
      const missed = await missedNews(db, datasetTopic, position)
      if (missed) log.warn('the search index is further behind than the outbox reaches; building it anew')
      return missed
    },
    /** Writes the entries of bodies that have other names than the index knows anew. */
    async applyNames(): Promise<void> {
      if (namesApplied === names()) return
      const present = names()
      const { generation } = manifest!
      const numbers = numberNames(present)
      const renamed = renamedBodies(readIndexedNames(folder, generation) ?? numbers, numbers)
      // Those that come meanwhile come with their news, by their new names: whoever went on to the newest entry would never
      // come to an end beside a bulk import, and index all of it twice.
      const through = renamed.length > 0 ? highestId(folder, manifest!) : 0
      for (let after = 0; after < through; ) {
        const ids = await publishedIdsOf(db, renamed, { after, through, limit: largestBatch })
        if (ids.length === 0) break
        if (!(await add(ids, manifest!.position))) return
        after = ids.at(-1)!
      }
      writeIndexedNames(folder, generation, numbers)
      namesApplied = present
    },
    /** Applies one batch; `full` when more is waiting. */
    async apply(): Promise<'nothing' | 'some' | 'full'> {
      const { ids, position, oldest } = await changedIds(db, manifest!.position, batch)
      followed = { generation: manifest!.generation, at: Date.now() }
      options.onLag?.(oldest ? (Date.now() - Date.parse(oldest)) / 1000 : 0)
      if (ids.length === 0) {
        startMerge()
        return 'nothing'
      }
      if (!(await add(ids, position))) return 'full'
      const full = ids.length >= batch
      const bulk = ids.length > ownProcessIds
      batch = full ? Math.min(batch * 2, largestBatch) : bulk ? batch : firstBatch
      // A bulk import is merged when it is over: merging its parts meanwhile would write everything several times.
      if (!bulk || manifest!.segments.length > manySegments) startMerge()
      return full ? 'full' : 'some'
    },
    end: async () => void (await merging),
  }
}

/** The highest row id that the index knows. */
const highestId = (folder: string, { generation, segments }: Manifest): number =>
  segments.reduce((highest, { name, highest: known }) => {
    if (known !== undefined) return Math.max(highest, known)
    const ids = readSegmentFile(segmentPath(folder, generation, name)).column<Uint32Array>('id')
    return ids.reduce((most, id) => Math.max(most, id), highest)
  }, 0)

function isWhole(folder: string, generation: number, s: SegmentEntry): boolean {
  try {
    const path = segmentPath(folder, generation, s.name)
    return statSync(path).size === s.bytes && statSync(`${path}.text`).size === s.textBytes
  } catch {
    return false
  }
}
