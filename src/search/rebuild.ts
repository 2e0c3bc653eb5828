import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { datasetTopic, publishedRange } from '../catalog/feed/index.ts'
import type { Logger } from '../platform/log.ts'
import { type OutboxPosition, outboxHead, readOutbox } from '../platform/outbox.ts'
import type { Db, Postgres } from '../platform/postgres.ts'
import { type BuildJob, runBuilds } from './builder.ts'
import { buildFromIds, buildFromRange, type FeedNames, feedContext } from './feed.ts'
import { holdLock } from './lock.ts'
import {
  currentGeneration,
  generationFolder,
  generations,
  type Manifest,
  makeCurrent,
  makeGeneration,
  newManifest,
  removeUnlisted,
  type SegmentEntry,
  segmentPath,
  writeManifest,
} from './manifest.ts'
import { numberNames, writeIndexedNames } from './renamed.ts'
import { segmentFormat, writeWhole } from './segment-file.ts'
import { tokeniserVersion } from './tokens.ts'

/** Builds the whole index from PostgreSQL beside the one in use and switches to it at once. */

export interface RebuildOptions {
  db: Db
  pool: Postgres['pool']
  databaseUrl: string
  names: FeedNames
  /** `DATA/search` */
  folder: string
  log: Pick<Logger, 'info' | 'warn' | 'error'>
  onProgress?: (progress: RebuildProgress) => void
  /** Builder processes at a time. */
  builders?: number
  maxDocuments?: number
  /** A catalogue of at most this many ids is built in this process. */
  ownProcessAbove?: number
}

export interface RebuildProgress {
  /** Entries in finished segments, and those published when it began. */
  done: number
  total: number
}

export interface RebuildResult {
  entries: number
  segments: number
  bytes: number
  textBytes: number
  /** Ranges taken over from an attempt that was cut off. */
  resumed: number
  seconds: number
}

/** Starting processes costs more than building this many entries. */
const defaultOwnProcessAbove = 20_000
/** Both cores of the machine the project is built for. */
const defaultBuilders = 2
/** Entries of one segment: a builder holds about 1.2 KB an entry. */
export const segmentEntries = 250_000
/** Ids that one change of the catalogue may name; larger gaps are closed in steps. */
const catchUpBatch = 20_000
/** More ids than this are built in a process of their own. */
export const ownProcessIds = 6_000
/** The switch is made when fewer changes than this are missing; the indexer brings them within a second. */
const smallGap = 500
/** An unfinished attempt older than this (ms) starts anew: its outbox may have been trimmed. */
const resumeWithinMs = 24 * 3600_000

/** What an unfinished generation was begun with. */
interface Plan {
  segmentFormat: number
  tokeniser: number
  position: OutboxPosition
  startedAt: number
  ranges: { fromId: number; toId: number }[]
}

/**
 * Rebuilds. Searches go on with the old index until the switch. Finished ranges of an attempt that was cut off are used again.
 * @throws conflict when another rebuild of this folder runs.
 */
export async function rebuildIndex(options: RebuildOptions): Promise<RebuildResult> {
  const { db, folder } = options
  const started = performance.now()
  mkdirSync(folder, { recursive: true })
  const release = holdLock(join(folder, 'rebuild.lock'), 'Another rebuild of the search index is running.')
  try {
    const { generation, plan } = await planGeneration(options)
    const { published } = await publishedRange(db)
    const { segments, resumed } = await buildRanges(options, generation, plan, published)
    const manifest = newManifest(generation, plan.position, segments)
    await catchUp(options, manifest)
    for (const i of plan.ranges.keys()) rmSync(rangePath(folder, generation, i), { force: true })
    rmSync(planPath(folder, generation), { force: true })
    removeUnlisted(folder, manifest, new Set())
    writeIndexedNames(folder, generation, numberNames(options.names))
    writeManifest(folder, manifest)
    makeCurrent(folder, generation)
    const sum = (member: 'documents' | 'bytes' | 'textBytes') =>
      manifest.segments.reduce((n, s) => n + s[member], 0)
    return {
      entries: sum('documents'),
      segments: manifest.segments.length,
      bytes: sum('bytes'),
      textBytes: sum('textBytes'),
      resumed,
      seconds: (performance.now() - started) / 1000,
    }
  } finally {
    release()
  }
}

const planPath = (folder: string, generation: number) =>
  join(generationFolder(folder, generation), 'plan.json')
const rangePath = (folder: string, generation: number, i: number) =>
  join(generationFolder(folder, generation), `range-${i}.json`)

async function planGeneration(options: RebuildOptions): Promise<{ generation: number; plan: Plan }> {
  const { db, folder } = options
  const current = currentGeneration(folder)
  const newest = generations(folder).at(-1) ?? 0
  if (newest > current) {
    const plan = readPlan(folder, newest)
    const fits = plan && plan.segmentFormat === segmentFormat && plan.tokeniser === tokeniserVersion
    if (fits && Date.now() - plan.startedAt < resumeWithinMs) return { generation: newest, plan }
    rmSync(generationFolder(folder, newest), { recursive: true, force: true })
  }
  const generation = Math.max(current, newest) + 1
  // Taken before anything is read: changes during the build are applied afterwards.
  const position = await outboxHead(db)
  const { min, max } = await publishedRange(db)
  const size = options.maxDocuments ?? segmentEntries
  const ranges: Plan['ranges'] = []
  for (let id = min; max > 0 && id <= max; id += size)
    ranges.push({ fromId: id, toId: Math.min(id + size, max + 1) })
  const plan: Plan = {
    segmentFormat,
    tokeniser: tokeniserVersion,
    position,
    startedAt: Date.now(),
    ranges,
  }
  makeGeneration(folder, generation)
  writeWhole(planPath(folder, generation), [Buffer.from(JSON.stringify(plan))])
  return { generation, plan }
}

function readPlan(folder: string, generation: number): Plan | undefined {
  try {
    return JSON.parse(readFileSync(planPath(folder, generation), 'utf8')) as Plan
  } catch {
    return undefined
  }
}

/** Segments of a range that an earlier attempt finished, if their files are all there. */
function finishedRange(folder: string, generation: number, i: number): SegmentEntry[] | undefined {
  const path = rangePath(folder, generation, i)
  if (!existsSync(path)) return undefined
  try {
    const segments = JSON.parse(readFileSync(path, 'utf8')) as SegmentEntry[]
    const whole = segments.every((s) => {
      const file = segmentPath(folder, generation, s.name)
      return statSync(file).size === s.bytes && statSync(`${file}.text`).size === s.textBytes
    })
    return whole ? segments : undefined
  } catch {
    return undefined
  }
}

async function buildRanges(options: RebuildOptions, generation: number, plan: Plan, total: number) {
  const { folder, log, onProgress } = options
  const ranges = plan.ranges.map((_, i) => finishedRange(folder, generation, i))
  const resumed = ranges.filter((r) => r !== undefined).length
  let done = 0
  const count = (segments: SegmentEntry[]) => {
    for (const s of segments) done += s.documents
    onProgress?.({ done, total: Math.max(total, done) })
  }
  for (const segments of ranges) if (segments) count(segments)
  // Names of this attempt alone: a builder of one that was killed may still be writing its last file.
  const attempt = `${process.pid}-${Date.now().toString(36)}`
  const jobs = plan.ranges.flatMap((range, i): BuildJob[] =>
    ranges[i] ? [] : [{ ...jobOf(options, generation, i, `r${i}-${attempt}`), range }],
  )
  const finish = (job: BuildJob, segments: SegmentEntry[]) => {
    writeWhole(rangePath(folder, generation, job.number), [Buffer.from(JSON.stringify(segments))])
    ranges[job.number] = segments
    count(segments)
  }
  const ids = plan.ranges.length === 0 ? 0 : plan.ranges.at(-1)!.toId - plan.ranges[0]!.fromId
  if (ids > (options.ownProcessAbove ?? defaultOwnProcessAbove)) {
    await runBuilds(jobs, { concurrency: options.builders ?? defaultBuilders, log, onDone: finish })
  } else for (const job of jobs) finish(job, await buildRangeHere(options, job))
  return { segments: ranges.flatMap((r) => r ?? []), resumed }
}

const jobOf = (options: RebuildOptions, generation: number, number: number, name: string): BuildJob => ({
  number,
  databaseUrl: options.databaseUrl,
  names: options.names,
  folder: options.folder,
  generation,
  name,
  maxDocuments: options.maxDocuments ?? segmentEntries,
})

/** Adds what changed while the ranges were built, until next to nothing is missing. */
async function catchUp(options: RebuildOptions, manifest: Manifest): Promise<void> {
  for (;;) {
    const { ids, position } = await changedIds(options.db, manifest.position, catchUpBatch)
    if (ids.length === 0) return
    const name = `c${manifest.next++}-${process.pid}`
    if (ids.length <= ownProcessIds) manifest.segments.push(await buildHere(options, manifest, name, ids))
    else {
      await runBuilds([{ ...jobOf(options, manifest.generation, 0, name), ids }], {
        concurrency: 1,
        log: options.log,
        onDone: (_job, segments) => void manifest.segments.push(...segments),
      })
    }
    manifest.position = position
    if (ids.length < smallGap) return
  }
}

function buildRangeHere(options: RebuildOptions, job: BuildJob): Promise<SegmentEntry[]> {
  const pathOf = (name: string) => segmentPath(options.folder, job.generation, name).replace(/\.segment$/, '')
  const { fromId, toId } = job.range!
  return buildFromRange(
    options.pool,
    feedContext(options.names),
    pathOf,
    job.name,
    fromId,
    toId,
    job.maxDocuments,
  )
}

async function buildHere(options: RebuildOptions, manifest: Manifest, name: string, ids: number[]) {
  const context = feedContext(options.names)
  const path = segmentPath(options.folder, manifest.generation, name).replace(/\.segment$/, '')
  return buildFromIds(options.db, context, path, name, ids)
}

/** Events read at a time. */
const eventPage = 1000

/** Ids changed after a position, at most about `limit`, and the position reached. */
export async function changedIds(
  db: Db,
  after: OutboxPosition,
  limit: number,
): Promise<{ ids: number[]; position: OutboxPosition; oldest?: string }> {
  const ids = new Set<number>()
  let position = after
  let oldest: string | undefined
  for (;;) {
    const events = await readOutbox<{ ids?: number[] }>(db, datasetTopic, position, eventPage)
    for (const event of events) {
      for (const id of event.payload.ids ?? []) ids.add(id)
      oldest ??= event.at
      position = event.position
      if (ids.size >= limit) return { ids: [...ids], position, oldest }
    }
    if (events.length < eventPage) return { ids: [...ids], position, oldest }
  }
}
