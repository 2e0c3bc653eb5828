import { createNumbering, createPostingLog } from './posting-log.ts'
import type { Section } from './segment-file.ts'
import type { TermTable } from './term-table.ts'

/** UTF-16 units of a keyword in the index. */
export const maxTag = 200

/** The keywords of a segment: which entries have one, which ones an entry has, and how each is written. */
export function createTags() {
  const numbering = createNumbering()
  const log = createPostingLog()
  const displays: string[] = []
  /** Numbers of each entry's keywords, one entry after the other, and where each entry's begin. */
  let list = new Uint32Array(4096)
  let length = 0
  let starts = new Uint32Array(1024)
  let documents = 0
  let sorted: { text: string; term: number }[] | undefined
  const inOrder = () => (sorted ??= numbering.sorted())

  return {
    /** Notes the keywords of an entry: `folded` as they are compared, `raw` as they are written. */
    add(folded: string[], raw: string[]): void {
      log.begin()
      const before = length
      for (const [i, text] of folded.entries()) {
        if (text === '') continue
        const number = numbering.numberOf(text.slice(0, maxTag))
        // A slice of a large piece of input would keep all of it in memory.
        if (number === displays.length) displays.push(Buffer.from(raw[i]!.slice(0, maxTag)).toString())
        if (list.subarray(before, length).includes(number)) continue
        log.add(number, 2)
        list = grown(list, length + 1)
        list[length++] = number
      }
      starts = grown(starts, documents + 2)
      starts[++documents] = length
    },
    table: (order: Uint32Array): TermTable => log.finish(inOrder(), numbering.texts.length, order),
    columns(order: Uint32Array): Record<string, Section> {
      const placeOf = new Uint32Array(numbering.texts.length)
      for (const [place, { term }] of inOrder().entries()) placeOf[term] = place
      const tagStarts = new Uint32Array(order.length + 1)
      const tagList = new Uint32Array(length)
      let n = 0
      for (const [rank, arrival] of order.entries()) {
        for (let i = starts[arrival]!; i < starts[arrival + 1]!; i++) tagList[n++] = placeOf[list[i]!]!
        tagStarts[rank + 1] = n
      }
      return { tagStarts, tagList, ...written(inOrder(), displays) }
    },
  }
}

/** How each keyword is written where that differs from its folded form, in the order of the table. */
function written(sorted: { text: string; term: number }[], displays: string[]) {
  const offsets = new Uint32Array(sorted.length + 1)
  const parts: Buffer[] = []
  let length = 0
  for (const [i, { text, term }] of sorted.entries()) {
    if (displays[term] !== text) {
      const bytes = Buffer.from(displays[term]!)
      parts.push(bytes)
      length += bytes.length
    }
    offsets[i + 1] = length
  }
  return { tagDisplayOffsets: offsets, tagDisplay: new Uint8Array(Buffer.concat(parts)) }
}

function grown(old: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (length <= old.length) return old
  const larger = new Uint32Array(Math.max(length, old.length * 2))
  larger.set(old)
  return larger
}
