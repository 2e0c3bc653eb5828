import { documentLimits, type IndexDocument } from './document.ts'
import { createPostingLog } from './posting-log.ts'
import type { TermCollector } from './term-collector.ts'
import type { TermTable } from './term-table.ts'
import { writeTermTable } from './term-table-writer.ts'
import { normalise } from './tokens.ts'

/** Distinct item names, the tokens of each, and the entries that hold it. */
export function createItemNames(collector: TermCollector) {
  const byRaw = new Map<string, number>()
  const byText = new Map<string, number>()
  /** By number: the folded text, how it is written, and where its tokens lie in `pool`. */
  const texts: string[] = []
  const displays: string[] = []
  let starts = new Uint32Array(1024)
  let pool = new Uint32Array(8192)
  let pooled = 0
  /** By token: the last name that has it, + 1. */
  let seen = new Uint32Array(8192)
  const log = createPostingLog()
  let sorted: { text: string; term: number }[] | undefined

  /** Takes the distinct tokens of a new name in. */
  const addTokens = (number: number, text: string) => {
    const n = collector.collect(text)
    const { found } = collector
    pool = grown(pool, pooled + n)
    seen = grown(seen, collector.size)
    for (let i = 0; i < n; i++) {
      const term = found[i]!
      if (seen[term] === number + 1) continue
      seen[term] = number + 1
      pool[pooled++] = term
    }
    starts = grown(starts, number + 2)
    starts[number + 1] = pooled
  }
  const numberOf = (raw: string): number => {
    const known = byRaw.get(raw)
    if (known !== undefined) return known
    // The name may be a slice of a large piece of input, which it would keep in memory.
    const copy = Buffer.from(raw).toString()
    const text = normalise(copy.slice(0, documentLimits.name))
    const short = text.slice(0, documentLimits.distinctName)
    let number = byText.get(short)
    if (number === undefined) {
      number = texts.length
      texts.push(text)
      displays.push(copy.slice(0, documentLimits.distinctName))
      byText.set(short, number)
      addTokens(number, text)
    }
    byRaw.set(copy, number)
    return number
  }
  return {
    /** Notes the item names of an entry; returns them folded. */
    add(
      document: IndexDocument,
      addTerms: (list: Uint32Array, from: number, to: number, tier: number) => void,
    ): string[] {
      log.begin()
      const folded: string[] = []
      for (const raw of document.itemNames) {
        if (folded.length >= documentLimits.items) break
        const number = numberOf(raw)
        folded.push(texts[number]!)
        if (texts[number] === '') continue
        log.add(number, 1)
        addTerms(pool, starts[number]!, starts[number + 1]!, 1)
      }
      return folded
    },
    tables(order: Uint32Array, terms: { text: string; term: number }[]) {
      return { names: log.finish(sortedNames(), texts.length, order), nameTerms: nameTerms(terms) }
    },
    /** How each name is written where that differs from its folded form, in the order of the table. */
    columns() {
      const offsets = new Uint32Array(sortedNames().length + 1)
      const parts: Buffer[] = []
      let length = 0
      for (const [i, { text, term }] of sortedNames().entries()) {
        if (displays[term] !== text) {
          const bytes = Buffer.from(displays[term]!)
          parts.push(bytes)
          length += bytes.length
        }
        offsets[i + 1] = length
      }
      return { nameDisplayOffsets: offsets, nameDisplay: new Uint8Array(Buffer.concat(parts)) }
    },
  }

  function sortedNames() {
    sorted ??= [...byText.keys()]
      .filter((text) => text !== '')
      .sort()
      .map((text) => ({ text, term: byText.get(text)! }))
    return sorted
  }

  /** Token → names, so that several words are matched within one name. */
  function nameTerms(terms: { text: string; term: number }[]): TermTable {
    const ends = new Uint32Array(collector.size + 1)
    for (let i = 0; i < pooled; i++) ends[pool[i]! + 1]!++
    for (let i = 1; i < ends.length; i++) ends[i]! += ends[i - 1]!
    const fill = ends.slice()
    const list = new Uint32Array(pooled)
    for (const [place, { term: name }] of sortedNames().entries()) {
      for (let i = starts[name]!; i < starts[name + 1]!; i++) list[fill[pool[i]!]!++] = place << 2
    }
    const writer = writeTermTable(Math.max(1, sortedNames().length))
    for (const { text, term } of terms) {
      if (ends[term]! < fill[term]!) writer.add(text, list, ends[term]!, fill[term]!)
    }
    return writer.finish()
  }
}

function grown(old: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (length <= old.length) return old
  const larger = new Uint32Array(Math.max(length, old.length * 2))
  larger.set(old)
  return larger
}
