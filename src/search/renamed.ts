import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bodyText, createBodyTable } from './bodies.ts'
import type { FeedNames } from './feed.ts'
import { generationFolder } from './manifest.ts'
import { titleHash } from './segment-columns.ts'
import { writeWhole } from './segment-file.ts'

/**
 * Entries are found by the names of their body, which stand in their segments. A generation notes beside its manifest
 * by which names its entries are found, so that those of a renamed body can be written anew, whatever was cut off.
 */

/** A number for the names of each body, by its id. */
export type IndexedNames = ReadonlyMap<number, number>

const pathOf = (folder: string, generation: number) =>
  join(generationFolder(folder, generation), 'names.json')

export function numberNames({ bodies }: FeedNames): IndexedNames {
  const table = createBodyTable(bodies)
  return new Map(bodies.map(({ id }) => [id, titleHash(bodyText(table, id))]))
}

export function writeIndexedNames(folder: string, generation: number, names: IndexedNames): void {
  writeWhole(pathOf(folder, generation), [Buffer.from(JSON.stringify([...names]))])
}

/** Undefined where nothing is noted. */
export function readIndexedNames(folder: string, generation: number): IndexedNames | undefined {
  try {
    return new Map(JSON.parse(readFileSync(pathOf(folder, generation), 'utf8')) as [number, number][])
  } catch {
    return undefined
  }
}

/** Bodies whose entries are found by other names than these, or by none. */
export const renamedBodies = (indexed: IndexedNames, names: IndexedNames): number[] =>
  [...names].filter(([id, number]) => indexed.get(id) !== number).map(([id]) => id)
