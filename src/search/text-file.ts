import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs'

/**
 * The folded text of a segment's entries, read on demand for ranking and phrases, never held in memory.
 *
 * A record is two lengths (bytes: head, rest) and two UTF-8 texts. Head: ordinals, titles, item names; rest:
 * all other fields. Fields are separated by `\n`, the three parts of the head by `\x01`.
 */

export interface TextWriter {
  /** Returns the place of the record. */
  add(head: string, rest: string): number
  /** Syncs, renames to the final name, returns the size in bytes. */
  finish(): number
  abandon(): void
}

const bufferBytes = 1 << 20
const prefixBytes = 8

export function writeTextFile(path: string): TextWriter {
  const temporary = `${path}.part`
  const file = openSync(temporary, 'w')
  const buffer = Buffer.allocUnsafe(bufferBytes)
  let used = 0
  let written = 0
  const flush = () => {
    for (let done = 0; done < used; ) done += writeSync(file, buffer, done, used - done)
    written += used
    used = 0
  }
  const put = (text: string, bytes: number) => {
    if (bytes > bufferBytes) {
      flush()
      const large = Buffer.from(text)
      for (let done = 0; done < large.length; ) done += writeSync(file, large, done)
      written += large.length
      return
    }
    if (used + bytes > bufferBytes) flush()
    used += buffer.write(text, used)
  }
  return {
    add(head, rest) {
      const at = written + used
      const headBytes = Buffer.byteLength(head)
      const restBytes = Buffer.byteLength(rest)
      if (used + prefixBytes > bufferBytes) flush()
      used = buffer.writeUInt32LE(headBytes, used)
      used = buffer.writeUInt32LE(restBytes, used)
      put(head, headBytes)
      put(rest, restBytes)
      return at
    },
    finish() {
      flush()
      fsyncSync(file)
      closeSync(file)
      renameSync(temporary, path)
      return written
    },
    abandon: () => closeSync(file),
  }
}

export interface EntryText {
  titles: string[]
  items: string[]
  /** Which item of the entry each name in `items` belongs to. */
  ordinals: number[]
}

export interface TextReader {
  /** Titles and item names of the record at a place. */
  head(at: number): EntryText
  /** The first title alone. */
  title(at: number): string
  /** Every field of the record. */
  fields(at: number): string[]
  close(): void
}

/** Heads kept in memory, about 600 bytes each: the best entries of common words are read again and again. */
const headsKept = 3000
/** Bytes read at first; nine heads in ten fit. */
const firstRead = 768

/**
 * Opens the text of a segment.
 * @throws Error when it is missing or has another size than the segment says.
 */
export function openTextFile(path: string, bytes: number): TextReader {
  const file = openSync(path, 'r')
  const size = fstatSync(file).size
  if (size !== bytes) {
    closeSync(file)
    throw new Error(`${path} has ${size} bytes instead of ${bytes}`)
  }
  let buffer = Buffer.allocUnsafe(firstRead)
  let heads = new Map<number, EntryText>()
  const load = (at: number, whole: boolean) => {
    let got = readSync(file, buffer, 0, firstRead, at)
    if (got < prefixBytes) throw new Error(`${path} ends before ${at}`)
    const headBytes = buffer.readUInt32LE(0)
    const restBytes = buffer.readUInt32LE(4)
    const need = prefixBytes + headBytes + (whole ? restBytes : 0)
    if (need > got) {
      if (need > buffer.length) {
        const larger = Buffer.allocUnsafe(need * 2)
        buffer.copy(larger, 0, 0, got)
        buffer = larger
      }
      got += readSync(file, buffer, got, need - got, at + got)
      if (got < need) throw new Error(`${path} is cut short`)
    }
    return { headBytes, restBytes }
  }
  const headText = (at: number) => {
    const { headBytes } = load(at, false)
    return buffer.toString('utf8', prefixBytes, prefixBytes + headBytes)
  }
  return {
    head(at) {
      const known = heads.get(at)
      if (known) return known
      const head = parseHead(headText(at))
      if (heads.size >= headsKept) heads = new Map()
      heads.set(at, head)
      return head
    },
    title(at) {
      const text = headText(at)
      const from = text.indexOf('\x01') + 1
      const line = text.indexOf('\n', from)
      const end = text.indexOf('\x01', from)
      return text.slice(from, line >= 0 && line < end ? line : end)
    },
    fields(at) {
      const { headBytes, restBytes } = load(at, true)
      const { titles, items } = parseHead(buffer.toString('utf8', prefixBytes, prefixBytes + headBytes))
      const rest = buffer.toString('utf8', prefixBytes + headBytes, prefixBytes + headBytes + restBytes)
      return [...titles, ...items, ...rest.split('\n')]
    },
    close: () => closeSync(file),
  }
}

/** Joins the parts of a head. Ordinals that simply count up are written as their first. */
export function formatHead(titles: string[], items: string[], ordinals: number[]): string {
  const counting = ordinals.every((ordinal, i) => ordinal === ordinals[0]! + i)
  const list = counting ? String(ordinals[0] ?? 0) : ordinals.join(',')
  return `${list}\x01${titles.join('\n')}\x01${items.join('\n')}`
}

function parseHead(text: string): EntryText {
  const first = text.indexOf('\x01')
  const second = text.indexOf('\x01', first + 1)
  const itemText = text.slice(second + 1)
  const items = itemText === '' ? [] : itemText.split('\n')
  const list = text.slice(0, first)
  const ordinals = list.includes(',') ? list.split(',').map(Number) : items.map((_, i) => Number(list) + i)
  return { titles: text.slice(first + 1, second).split('\n'), items, ordinals }
}
