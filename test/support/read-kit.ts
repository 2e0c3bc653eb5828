import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openFile } from '../../src/harvest/reader.ts'
import type { ReadEvent, ReadOptions } from '../../src/harvest/reader-event.ts'

/** Reads contents as files, for the tests of readers. */
export function readKit() {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'concord-reader-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const write = (content: string | Uint8Array) => {
    const path = join(folder, 'file')
    writeFileSync(path, content)
    return path
  }
  return {
    write,
    async read(content: string | Uint8Array, options: ReadOptions): Promise<ReadEvent[]> {
      const file = await openFile(write(content), options)
      const events: ReadEvent[] = []
      for await (const group of file.events) events.push(...group)
      return events
    },
  }
}

/** The values of the records, as lists of cells. */
export const cellsOf = (events: ReadEvent[]) =>
  events.flatMap((e) => (e.kind === 'record' ? [Object.values(e.value as object) as string[]] : []))

/** What is no record, in words. */
export const othersOf = (events: ReadEvent[]) =>
  events.flatMap((e) => (e.kind === 'record' ? [] : [`${e.kind} ${e.place}: ${e.fault.rule}`]))
