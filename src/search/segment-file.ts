import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { PackedFacet } from './document.ts'
import type { TermTable } from './term-table.ts'
import { tokeniserVersion } from './tokens.ts'

/**
 * A segment on disk: 16 bytes (magic, format, header length, header checksum), a JSON header, then
 * sections of typed arrays at multiples of 8 bytes. Loading is one read, a checksum, and views.
 */

const magic = 0x4753_4e43
/** Raise when sections change: files of another format are rebuilt, never guessed at. */
export const segmentFormat = 2
const preambleBytes = 16

export type Section = Uint8Array | Uint16Array | Uint32Array

export interface SegmentHeader {
  tokeniser: number
  documents: number
  /** Bytes of the text file beside it. */
  textBytes: number
  /** Values of the packed facets and of the sets, by their local numbers. */
  values: Record<PackedFacet, string[]>
  themeSets: string[][]
  formatSets: string[][]
  tables: Record<string, { size: number; universe: number }>
  sections: Record<string, { at: number; length: number; type: 'u8' | 'u16' | 'u32' }>
  bytes: number
  checksum: number
}

export type SegmentContent = Pick<
  SegmentHeader,
  'documents' | 'textBytes' | 'values' | 'themeSets' | 'formatSets'
> & {
  columns: Record<string, Section>
  tables: Record<string, TermTable>
}

/** The file is damaged or of another version; the segment must be built again. */
export class SegmentError extends Error {}

const typeOf = (section: Section) =>
  section instanceof Uint8Array ? 'u8' : section instanceof Uint16Array ? 'u16' : 'u32'
const toBytes = (section: Section) => new Uint8Array(section.buffer, section.byteOffset, section.byteLength)

/** Writes a segment beside its final name, syncs it and renames it: a file of that name is always whole. */
export function writeSegmentFile(path: string, content: SegmentContent): { bytes: number; checksum: number } {
  const sections: [string, Section][] = Object.entries(content.columns)
  for (const [name, table] of Object.entries(content.tables)) {
    sections.push([`${name}.units`, table.units], [`${name}.blocks`, table.blocks])
    sections.push([`${name}.pointers`, table.pointers], [`${name}.postings`, table.postings])
  }
  const places: SegmentHeader['sections'] = {}
  let at = 0
  let checksum = 0
  const padding = new Uint8Array(8)
  const parts: Uint8Array[] = []
  for (const [name, section] of sections) {
    places[name] = { at, length: section.length, type: typeOf(section) }
    const gap = -section.byteLength & 7
    parts.push(toBytes(section), padding.subarray(0, gap))
    at += section.byteLength + gap
  }
  // zlib starts anew when it is given no bytes.
  for (const part of parts) if (part.length > 0) checksum = crc32(part, checksum)
  const { columns: _, tables, ...rest } = content
  const header: SegmentHeader = {
    ...rest,
    tokeniser: tokeniserVersion,
    tables: Object.fromEntries(
      Object.entries(tables).map(([name, t]) => [name, { size: t.size, universe: t.universe }]),
    ),
    sections: places,
    bytes: at,
    checksum,
  }
  let text = Buffer.from(JSON.stringify(header))
  text = Buffer.concat([text, Buffer.alloc(-text.length & 7, ' ')])
  const preamble = new Uint32Array([magic, segmentFormat, text.length, crc32(text)])
  writeWhole(path, [toBytes(preamble), text, ...parts])
  return { bytes: preambleBytes + text.length + at, checksum }
}

/** Writes parts to a temporary file, syncs and renames. */
export function writeWhole(path: string, parts: Uint8Array[]): void {
  const temporary = `${path}.part`
  const file = openSync(temporary, 'w')
  try {
    for (const part of parts) {
      for (let done = 0; done < part.length; ) done += writeSync(file, part, done, part.length - done)
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

export interface SegmentFile {
  header: SegmentHeader
  column<T extends Section>(name: string): T
  table(name: string): TermTable
  /** Bytes in memory. */
  bytes: number
}

/**
 * Reads a segment whole.
 * @throws SegmentError when it is cut, altered, or of another format or tokeniser.
 */
export function readSegmentFile(path: string): SegmentFile {
  let file: Buffer
  try {
    file = readFileSync(path)
  } catch (error) {
    throw new SegmentError(`${path} cannot be read: ${(error as Error).message}`)
  }
  return openSegment(file, path)
}

/** A segment in memory as `readSegmentFile` gives it; `name` is for messages. */
export function openSegment(file: Uint8Array, name: string): SegmentFile {
  if (file.length < preambleBytes) throw new SegmentError(`${name} is cut short`)
  // Typed views need a start at a multiple of 8; a small file read by Node lies anywhere in a pool.
  const buffer = file.byteOffset % 8 === 0 ? file : new Uint8Array(file)
  const [m, format, headerBytes, headerChecksum] = new Uint32Array(buffer.buffer, buffer.byteOffset, 4)
  if (m !== magic) throw new SegmentError(`${name} is not a search segment`)
  if (format !== segmentFormat)
    throw new SegmentError(`${name} has format ${format}, this program reads ${segmentFormat}`)
  const text = buffer.subarray(preambleBytes, preambleBytes + headerBytes!)
  if (text.length !== headerBytes || crc32(text) !== headerChecksum)
    throw new SegmentError(`${name} has a damaged header`)
  const header = JSON.parse(Buffer.from(text).toString()) as SegmentHeader
  if (header.tokeniser !== tokeniserVersion) {
    throw new SegmentError(
      `${name} was made by tokeniser ${header.tokeniser}, this program has ${tokeniserVersion}`,
    )
  }
  const body = buffer.subarray(preambleBytes + headerBytes)
  if (body.length !== header.bytes)
    throw new SegmentError(`${name} has ${body.length} bytes of content instead of ${header.bytes}`)
  if (crc32(body) !== header.checksum) throw new SegmentError(`${name} does not agree with its checksum`)
  const column = <T extends Section>(key: string): T => {
    const place = header.sections[key]
    if (!place) throw new SegmentError(`${name} has no section ${key}`)
    const view = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array }[place.type]
    return new view(body.buffer as ArrayBuffer, body.byteOffset + place.at, place.length) as T
  }
  return {
    header,
    column,
    table: (key) => ({
      ...header.tables[key]!,
      units: column(`${key}.units`),
      blocks: column(`${key}.blocks`),
      pointers: column(`${key}.pointers`),
      postings: column(`${key}.postings`),
    }),
    bytes: buffer.length,
  }
}
