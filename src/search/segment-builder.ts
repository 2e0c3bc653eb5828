import { documentLimits, type IndexDocument } from './document.ts'
import { createItemNames } from './item-name-builder.ts'
import { createNumbering, createPostingLog } from './posting-log.ts'
import { createFacetColumns, createRows } from './segment-columns.ts'
import { type SegmentContent, writeSegmentFile } from './segment-file.ts'
import { createTags } from './segment-tags.ts'
import { createTermCollector, type TermCollector } from './term-collector.ts'
import { formatHead, writeTextFile } from './text-file.ts'
import { normalise } from './tokens.ts'

/** What became of a segment: the line of the manifest. */
export interface BuiltSegment {
  documents: number
  /** Ids that the segment knows not to be published. */
  gone: number
  bytes: number
  textBytes: number
  checksum: number
}

export interface SegmentBuilder {
  /** Takes an entry in; ids ascend. */
  add(document: IndexDocument): void
  /** True when another entry may not fit: finish, and begin the next segment. */
  readonly full: boolean
  readonly documents: number
  /** Writes `path` and `path` + `.text`. `gone`: ids asked for that are not published any more, ascending. */
  finish(gone?: Uint32Array): BuiltSegment
  abandon(): void
}

/** Distinct values that a 16-bit column can name, less a reserve for the entry at hand. */
const columnValues = 65_000

/** Text of the body of an entry, to be found like the entry's own words. */
export type BodyText = (bodyId: number) => string

/**
 * Begins a segment.
 * @param maxDocuments entries at most; 500,000 keep a bit set at 62 KB, which fits the second-level cache.
 */
export function createSegmentBuilder(
  path: string,
  bodyText: BodyText,
  maxDocuments = 500_000,
): SegmentBuilder {
  const collector = createTermCollector()
  const terms = createPostingLog()
  const names = createItemNames(collector)
  const tags = createTags()
  const codes = { numbering: createNumbering(), log: createPostingLog() }
  const facets = createFacetColumns()
  const rows = createRows()
  const text = writeTextFile(`${path}.text`)
  const bodyTerms = new Map<number, Uint32Array>()
  let highest = 0

  const addText = (folded: string, tier: number) => {
    const n = collector.collect(folded)
    const { found } = collector
    for (let i = 0; i < n && terms.count < documentLimits.terms; i++) terms.add(found[i]!, tier)
  }
  const addTerms = (list: Uint32Array, from: number, to: number, tier: number) => {
    for (let i = from; i < to && terms.count < documentLimits.terms; i++) terms.add(list[i]!, tier)
  }
  const addLabels = (target: typeof codes, labels: string[]) => {
    target.log.begin()
    for (const label of labels)
      if (label !== '') target.log.add(target.numbering.numberOf(label.slice(0, 200)), 2)
  }

  return {
    get full() {
      return rows.length >= maxDocuments || facets.largest >= columnValues
    },
    get documents() {
      return rows.length
    },
    add(document) {
      const titles = document.titles.map((t) => normalise(t.slice(0, documentLimits.name)))
      terms.begin()
      for (const title of titles) addText(title, 0)
      const items = names.add(document, addTerms)
      const keywords = document.keywords.slice(0, documentLimits.keywords).map(normalise)
      const codeTexts = document.codes.map(normalise)
      const rest = [...keywords, ...codeTexts, ...document.more.map(normalise)]
      for (const abstract of document.abstracts)
        rest.push(normalise(abstract.slice(0, documentLimits.abstract)))
      for (const field of rest) addText(field, 2)
      const own = cachedTerms(bodyTerms, document.bodyId, collector, bodyText)
      addTerms(own, 0, own.length, 2)
      tags.add(keywords, document.keywords)
      addLabels(codes, codeTexts)
      const at = text.add(
        formatHead(titles, items, document.itemOrdinals.slice(0, items.length)),
        rest.join('\n'),
      )
      rows.add(document, titles, at)
      highest = Math.max(highest, document.id)
      facets.add(document)
    },
    finish(gone = new Uint32Array(0)) {
      const order = rows.order()
      const sortedTerms = collector.sorted()
      const textBytes = text.finish()
      const content: SegmentContent = {
        documents: rows.length,
        textBytes,
        ...facets.values(),
        columns: {
          ...rows.columns(order),
          ...facets.columns(order),
          ...names.columns(),
          ...tags.columns(order),
          gone,
        },
        tables: {
          ...names.tables(order, sortedTerms),
          tags: tags.table(order),
          codes: codes.log.finish(codes.numbering.sorted(), codes.numbering.texts.length, order),
          terms: terms.finish(sortedTerms, collector.size, order),
        },
      }
      const file = writeSegmentFile(path, content)
      return { documents: rows.length, gone: gone.length, highest, textBytes, ...file }
    },
    abandon: () => text.abandon(),
  }
}

function cachedTerms(
  cache: Map<number, Uint32Array>,
  bodyId: number,
  collector: TermCollector,
  bodyText: BodyText,
): Uint32Array {
  let terms = cache.get(bodyId)
  if (!terms) {
    const n = collector.collect(normalise(bodyText(bodyId)))
    terms = Uint32Array.from(new Set(collector.found.subarray(0, n)))
    cache.set(bodyId, terms)
  }
  return terms
}
