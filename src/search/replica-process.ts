import { statSync } from 'node:fs'
import { open as openFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLogger } from '../platform/log.ts'
import { attachToParent } from '../platform/supervise.ts'
import { createBodyTable, type SearchBody } from './bodies.ts'
import { searchIndex } from './engine.ts'
import { arrange, emptyIndex, liveEntries } from './index-view.ts'
import { currentGeneration, generationFolder, type Manifest, readManifest, segmentPath } from './manifest.ts'
import { findHolders, findNames } from './name-holders.ts'
import type { ReplicaAnswer, ReplicaQuestion, ReplicaStart } from './replicas.ts'
import { openSegmentAt, type Segment } from './segment.ts'
import { SegmentError } from './segment-file.ts'
import { suggest } from './suggest.ts'

/** A process that holds the index in memory and answers questions, one at a time. */

/** Looks whether the index on disk changed, should the parent's word be missed (ms). */
const pollMs = 500

let started: ReplicaStart | undefined
let log = createLogger('warn', 'concord-replica')
let index = emptyIndex()
let open = new Map<string, Segment>()
let signature = ''
let loading = false
let again = false

const parent = attachToParent({
  onMessage: (message) => {
    const m = message as {
      start?: ReplicaStart
      changed?: boolean
      ask?: ReplicaQuestion
      bodies?: SearchBody[]
    }
    if (m.ask) answer(m.ask)
    else if (m.changed) refresh()
    else if (m.bodies) setBodies(m.bodies)
    else if (m.start && !started) begin(m.start)
  },
})

function begin(start: ReplicaStart): void {
  started = start
  log = createLogger(start.logLevel, 'concord-replica')
  setBodies(start.bodies)
  refresh()
  setInterval(() => {
    if (fingerprint() !== signature) refresh()
  }, pollMs)
}

function setBodies(bodies: SearchBody[]): void {
  index = { ...index, bodies: createBodyTable(bodies) }
}

function resultOf({ search, suggest: suggestion, names, holders }: ReplicaQuestion): ReplicaAnswer['result'] {
  if (search) return searchIndex(index, search)
  if (names) return findNames(index, names)
  if (holders) return findHolders(index, holders)
  return suggest(index, suggestion!.text, suggestion!.limit)
}

function answer(question: ReplicaQuestion): void {
  const { id } = question
  let reply: ReplicaAnswer
  try {
    const began = performance.now()
    const result = resultOf(question)
    reply = { id, result, ms: performance.now() - began }
  } catch (error) {
    log.error({ err: error }, 'a search failed')
    reply = { id, error: (error as Error).message, ms: 0 }
  }
  parent.send({ answer: reply })
}

/** Changes when the manifest was written or another generation was made current. */
function fingerprint(): string {
  const folder = started!.folder
  const parts = [
    join(folder, 'current'),
    join(generationFolder(folder, currentGeneration(folder)), 'manifest.json'),
  ]
  return parts
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false })
      return stat ? `${stat.ino}:${stat.mtimeMs}:${stat.size}` : '-'
    })
    .join(' ')
}

function refresh(): void {
  if (!started) return
  again = true
  if (!loading) void loadUntilCurrent()
}

async function loadUntilCurrent(): Promise<void> {
  loading = true
  while (again) {
    again = false
    await load().catch(report)
  }
  loading = false
}

function report(error: Error): void {
  // A file that was merged away meanwhile is not in the next manifest; anything else needs a rebuild.
  if (fingerprint() !== signature) return void setTimeout(refresh, 50)
  log.error({ err: error }, 'the search index could not be loaded')
  parent.send({ damaged: error instanceof SegmentError ? error.message : undefined, failed: error.message })
}

/** Lets questions in between: a large segment takes a tenth of a second to read. */
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve))

async function load(): Promise<void> {
  const { folder } = started!
  signature = fingerprint()
  const manifest = readManifest(folder)
  if (!manifest) return
  const next = new Map<string, Segment>()
  try {
    for (const [i, entry] of manifest.segments.entries()) {
      const key = keyOf(manifest, i)
      const known = open.get(key)
      next.set(key, known ?? openSegmentAt(segmentPath(folder, manifest.generation, entry.name)))
      if (!known) await breathe()
    }
  } catch (error) {
    for (const [key, segment] of next) if (open.get(key) !== segment) segment.text.close()
    throw error
  }
  const fresh = [...next].filter(([key]) => !open.has(key)).map(([, segment]) => `${segment.name}.text`)
  // Names of keywords are numbered here, so that no question waits for it.
  for (const segment of next.values()) {
    index.tags.of(segment)
    await breathe()
  }
  index = arrange(index, [...next.values()])
  open = next
  warm(fresh)
  const bytes = index.segments.reduce((sum, s) => sum + s.bytes, 0)
  parent.send({
    status: {
      generation: manifest.generation,
      position: manifest.position,
      entries: liveEntries(index),
      segments: index.segments.length,
      bytes,
    },
  })
}

/** Bytes read at a time to warm the system's cache. */
const warmBytes = 1 << 20
let warming = Promise.resolve()

/** Reads new text files once, so that the first searches do not wait for the disk. */
function warm(paths: string[]): void {
  warming = warming.then(async () => {
    const buffer = Buffer.allocUnsafe(warmBytes)
    for (const path of paths) {
      const file = await openFile(path, 'r').catch(() => undefined)
      while (file && (await file.read(buffer, 0, warmBytes)).bytesRead > 0);
      await file?.close()
    }
  })
  warming.catch((error) => log.warn({ err: error }, 'texts of the search index could not be read ahead'))
}

const keyOf = (manifest: Manifest, i: number) =>
  `${manifest.generation}/${manifest.segments[i]?.name}/${manifest.segments[i]?.checksum}`

parent.ready()
