import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bodyText, createBodyTable, type SearchBody } from './bodies.ts'
import type { IndexDocument } from './document.ts'
import type { IndexQuery } from './engine.ts'
import { arrange, emptyIndex, type IndexView } from './index-view.ts'
import { openSegmentAt } from './segment.ts'
import { createSegmentBuilder } from './segment-builder.ts'

/** Small indexes for tests. */

export const testBodies: SearchBody[] = [
  {
    id: 1,
    code: 'edu',
    name: '教育局',
    translations: { en: 'Education Bureau' },
    tier: 'city',
    regions: ['320500', '320000'],
  },
  {
    id: 2,
    code: 'wat',
    name: '水利厅',
    translations: { en: 'Water Department' },
    tier: 'province',
    regions: ['320000'],
  },
  {
    id: 3,
    code: 'min',
    name: '民政部',
    translations: { en: 'Ministry of Civil Affairs' },
    tier: 'nation',
    regions: [],
  },
]

export function testDocument(id: number, more: Partial<IndexDocument> = {}): IndexDocument {
  const document: IndexDocument = {
    id,
    version: 1,
    bodyId: 1,
    titles: [`entry ${id}`],
    itemNames: [],
    itemOrdinals: [],
    abstracts: [],
    keywords: [],
    codes: [],
    more: [],
    themes: [],
    formats: [],
    sharing: 'unconditional',
    open: 'not_open',
    cycle: 'yearly',
    grade: '',
    database: '',
    quality: 500,
    useCount: 0,
    updated: 1_700_000_000 + id,
    uid: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
    changedMs: (1_700_000_000 + id) * 1000,
    createdMs: (1_600_000_000 + id) * 1000,
    license: '',
    ...more,
  }
  if (!more.itemOrdinals) document.itemOrdinals = document.itemNames.map((_, i) => i)
  return document
}

export interface TestIndex {
  index: IndexView
  folder: string
  /** Adds a segment that replaces what older ones hold of the same ids. */
  add(documents: IndexDocument[], gone?: number[]): void
  close(): void
}

/** An index of segments, oldest first. */
export function testIndex(...segments: IndexDocument[][]): TestIndex {
  const folder = mkdtempSync(join(tmpdir(), 'concord-search-'))
  const bodies = createBodyTable(testBodies)
  const test: TestIndex = {
    index: { ...emptyIndex(), bodies },
    folder,
    add(documents, gone = []) {
      const path = join(folder, `${test.index.segments.length}.segment`)
      const builder = createSegmentBuilder(path, (id) => bodyText(bodies, id))
      for (const document of documents) builder.add(document)
      builder.finish(Uint32Array.from(gone))
      test.index = arrange(test.index, [...test.index.segments, openSegmentAt(path)])
    },
    close() {
      for (const segment of test.index.segments) segment.text.close()
      rmSync(folder, { recursive: true })
    },
  }
  for (const documents of segments) test.add(documents)
  return test
}

/** A question as the search page asks it. */
export const ask = (text: string, more: Partial<IndexQuery> = {}): IndexQuery => ({
  view: 'entries',
  text,
  filters: {},
  sort: 'relevance',
  offset: 0,
  limit: 20,
  facets: true,
  ...more,
})
