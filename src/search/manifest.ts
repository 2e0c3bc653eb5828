import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { OutboxPosition } from '../platform/outbox.ts'
import { segmentFormat, writeWhole } from './segment-file.ts'
import { tokeniserVersion } from './tokens.ts'

/**
 * What is on disk under `DATA/search`: `current` names the generation that is searched; `gen-N/manifest.json`
 * lists its segments, oldest first, and the place in the outbox up to which changes are in them. Everything
 * is derived from PostgreSQL; a folder without a readable manifest is simply rebuilt.
 */

/** One segment file (`NAME.segment` with `NAME.segment.text`). */
export interface SegmentEntry {
  name: string
  documents: number
  /** Ids it knows not to be published. */
  gone: number
  /** The highest row id of its documents; it says nothing in manifests of former versions. */
  highest?: number
  bytes: number
  textBytes: number
  checksum: number
}

export interface Manifest {
  generation: number
  segmentFormat: number
  tokeniser: number
  /** Changes up to here are in the segments. */
  position: OutboxPosition
  /** Where the generation began: the bodies' names in its texts are at least this new. */
  builtAt: string
  /** Number of the next segment of changes. */
  next: number
  segments: SegmentEntry[]
}

export const searchFolder = (dataDir: string): string => join(dataDir, 'search')
export const generationFolder = (folder: string, generation: number): string =>
  join(folder, `gen-${generation}`)
export const segmentPath = (folder: string, generation: number, name: string): string =>
  join(generationFolder(folder, generation), `${name}.segment`)

/** A new manifest of this program's formats. */
export const newManifest = (
  generation: number,
  position: OutboxPosition,
  segments: SegmentEntry[],
): Manifest => ({
  generation,
  segmentFormat,
  tokeniser: tokeniserVersion,
  position,
  builtAt: new Date().toISOString(),
  next: 1,
  segments,
})

const writeJson = (path: string, value: unknown) =>
  writeWhole(path, [Buffer.from(`${JSON.stringify(value)}\n`)])

/** Writes the manifest of its generation; it is searched once `makeCurrent` named that generation. */
export function writeManifest(folder: string, manifest: Manifest): void {
  writeJson(join(generationFolder(folder, manifest.generation), 'manifest.json'), manifest)
}

/** Switches to a generation at once. */
export function makeCurrent(folder: string, generation: number): void {
  writeJson(join(folder, 'current'), { generation })
}

/** The generation that is searched, or 0. */
export function currentGeneration(folder: string): number {
  try {
    const { generation } = JSON.parse(readFileSync(join(folder, 'current'), 'utf8')) as { generation: number }
    return Number.isSafeInteger(generation) ? generation : 0
  } catch {
    return 0
  }
}

/** The manifest in use; undefined when there is none, it is damaged, or of another version of this program. */
export function readManifest(folder: string): Manifest | undefined {
  const generation = currentGeneration(folder)
  if (generation === 0) return undefined
  try {
    const path = join(generationFolder(folder, generation), 'manifest.json')
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
    const known = manifest.segmentFormat === segmentFormat && manifest.tokeniser === tokeniserVersion
    return known && Array.isArray(manifest.segments) ? manifest : undefined
  } catch {
    return undefined
  }
}

/** Numbers of all generations on disk, whole or not. */
export function generations(folder: string): number[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => /^gen-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/** Makes the folder of a generation. */
export function makeGeneration(folder: string, generation: number): void {
  mkdirSync(generationFolder(folder, generation), { recursive: true })
}

/** Removes generations older than the current one. Replicas that still search one keep its open files. */
export function removeOldGenerations(folder: string): void {
  const current = currentGeneration(folder)
  for (const generation of generations(folder)) {
    if (generation < current) rmSync(generationFolder(folder, generation), { recursive: true, force: true })
  }
}

/** Removes segment files of the generation that the manifest does not list, except those of `keep`. */
export function removeUnlisted(folder: string, manifest: Manifest, keep: ReadonlySet<string>): void {
  const listed = new Set(manifest.segments.map((s) => s.name))
  const home = generationFolder(folder, manifest.generation)
  for (const file of readdirSync(home)) {
    const name = /^(.+)\.segment(\.text)?(\.part)?$/.exec(file)?.[1]
    if (name && !listed.has(name) && !keep.has(name)) rmSync(join(home, file), { force: true })
  }
}
