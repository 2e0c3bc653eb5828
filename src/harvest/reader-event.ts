import type { Fault } from '../platform/errors.ts'
import type { Format } from './mapping.schema.ts'

/** What a reader finds, in the order of the file. A file read twice gives the same sequence: a checkpoint counts on it. */
export type ReadEvent =
  | {
      kind: 'record'
      place: string
      value: unknown
      bytes: number
      /** As in the file: kept instead of the value until the record is settled, outside the memory the collector walks. */
      raw?: Uint8Array
      context?: RecordContext
    }
  /** A record that cannot be read; reading goes on. */
  | { kind: 'reject'; place: string; fault: Fault; excerpt: string }
  /** Something worth telling that is not a record. */
  | { kind: 'note'; place: string; fault: Fault }
  /** Reading cannot go on; what came before stands. */
  | { kind: 'fatal'; place: string; fault: Fault }

/** What surrounds a record in its file and matters for it. */
export interface RecordContext {
  /** `embedded`: listed inside another object, so that a repetition is no mistake of the file. */
  embedded?: boolean
  /** `service`: the record is a data service, not a data set. */
  type?: 'dataset' | 'service'
  series?: { id?: string; title?: string }
  /** The data service that the record was listed in. */
  service?: Record<string, unknown>
}

/** How a file is to be read; what is not said is found out. */
export interface ReadOptions {
  format: Format
  encoding?: string
  /** CSV: one character; empty: the whole line is the only column. */
  delimiter?: string
  /** CSV, XLSX: the first row names the columns. Default true. */
  header?: boolean
  /** Names of the columns where there is no header, or other names. */
  columns?: string[]
  /** CSV: records with fewer cells than columns are whole; the program that wrote them leaves out empty ones at the end. */
  fillShortRows?: boolean
  /** JSON: pointer to the list of records, e.g. `/sources`. */
  records?: string
  /** XLSX: sheet by number from 1 or by name. */
  sheet?: number | string
}

/** What was found out about a file while it was opened. */
export interface ReadInfo {
  encoding: string
  delimiter?: string
  columns?: string[]
}

export interface OpenedFile {
  info: ReadInfo
  /** Bytes of the file consumed so far, for progress. */
  bytesRead(): number
  /** Events in groups: one group for each piece of the file. */
  events: AsyncGenerator<ReadEvent[]>
  /** Address of the file that goes on after this one, as it names it; known once the events are read. */
  next?(): string | undefined
  close(): void
}

/** Bytes of one record: about four times the largest honest entry (2,000 items with descriptions, 1 MB). */
export const recordByteLimit = 4 * 1024 * 1024
/** Bytes of a rejected record kept for the report. */
export const excerptBytes = 2_048

/** The beginning of a broken record, for the report: whole characters, without control characters. */
export function excerptOf(data: Uint8Array | string): string {
  const text =
    typeof data === 'string'
      ? data.slice(0, excerptBytes)
      : Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, excerptBytes)).toString('utf8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  const clean = storable(text).replace(/[\u0001-\u0008\u000b\u000c\u000e-\u001f]/g, ' ')
  return Buffer.byteLength(clean) <= excerptBytes ? clean : clean.slice(0, excerptBytes / 3)
}

/** Text that PostgreSQL can hold: no zero characters, no halves of surrogate pairs. */
export const storable = (text: string): string => Buffer.from(text.replaceAll('\0', ' ')).toString()
