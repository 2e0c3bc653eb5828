import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { IndexDocument } from './document.ts'
import { type IndexQuery, type MoreQuestion, searchIndex } from './engine.ts'
import type { IndexFacet } from './facet-names.ts'
import { testBodies, testDocument, testIndex } from './test-index.ts'
import { queryTokens } from './tokens.ts'
import type { Where } from './where.ts'

// Conditions of any shape, their orders and counts, compared with looking at every entry.

const words = ['school', 'water', '水库', '车站']
const tags = ['Water', '教育', 'rain', 'rainfall']

const arbitraryDocument = fc.record({
  bodyId: fc.integer({ min: 1, max: 3 }),
  titles: fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 2 }).map((w) => [w.join(' ')]),
  keywords: fc.uniqueArray(fc.constantFrom(...tags), { maxLength: 3 }),
  formats: fc.uniqueArray(fc.constantFrom('CSV', 'XML'), { maxLength: 2 }),
  license: fc.constantFrom('', 'cc-by', 'odbl'),
  changedMs: fc.integer({ min: 1, max: 9 }).map((n) => 1_700_000_000_000 + n * 400),
  createdMs: fc.integer({ min: 1, max: 9 }).map((n) => 1_600_000_000_000 + n * 400),
  uid: fc.uuid(),
})

const moment = fc.option(
  fc.integer({ min: 0, max: 10 }).map((n) => 1_700_000_000_000 + n * 400 - 1),
  { nil: undefined },
)
const facetLeaf = (facet: IndexFacet, ...choices: string[][]) =>
  fc.constantFrom(...choices).map((values): Where => ({ kind: 'facet', facet, values }))
const leaf: fc.Arbitrary<Where> = fc.oneof(
  fc
    .constantFrom(...words)
    .map((text): Where => ({ kind: 'words', clause: { field: 'title', phrase: false, text } })),
  fc.constantFrom('water', 'Rain', '教育', 'none').map((tag): Where => ({ kind: 'tag', tag, prefix: false })),
  fc.constantFrom('', 'rai').map((tag): Where => ({ kind: 'tag', tag, prefix: true })),
  facetLeaf('body', ['edu'], ['wat', 'min']),
  facetLeaf('format', ['CSV'], ['XML', 'x']),
  facetLeaf('license', ['cc-by'], ['']),
  fc.tuple(moment, moment).map(([from, to]): Where => ({ kind: 'changed', from, to })),
  fc.tuple(moment, moment).map(
    ([from, to]): Where => ({
      kind: 'created',
      from: from && from - 100_000_000_000,
      to: to && to - 100_000_000_000,
    }),
  ),
  fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }).map((ids): Where => ({ kind: 'ids', ids })),
  fc.integer({ min: 0, max: 40 }).map((id): Where => ({ kind: 'after', id })),
)
const { where: arbitraryWhere } = fc.letrec<{ where: Where }>((tie) => ({
  where: fc.oneof(
    { maxDepth: 3 },
    { arbitrary: leaf, weight: 2 },
    fc.array(tie('where'), { maxLength: 3 }).map((of): Where => ({ kind: 'all', of })),
    fc.array(tie('where'), { maxLength: 3 }).map((of): Where => ({ kind: 'any', of })),
    tie('where').map((of): Where => ({ kind: 'not', of })),
  ),
}))

function holds(d: IndexDocument, w: Where): boolean {
  switch (w.kind) {
    case 'all':
      return w.of.every((part) => holds(d, part))
    case 'any':
      return w.of.some((part) => holds(d, part))
    case 'not':
      return !holds(d, w.of)
    case 'words': {
      const own = new Set(queryTokens(d.titles.join(' ')))
      return queryTokens(w.clause.text).every((token) => own.has(token))
    }
    case 'tag':
      return d.keywords.some((k) =>
        w.prefix ? k.toLowerCase().startsWith(w.tag) : k.toLowerCase() === w.tag.toLowerCase(),
      )
    case 'facet': {
      const body = testBodies.find((b) => b.id === d.bodyId)!
      const own = w.facet === 'body' ? [body.code] : w.facet === 'format' ? d.formats : [d.license]
      return own.some((v) => w.values.includes(v))
    }
    case 'ids':
      return w.ids.includes(d.id)
    case 'after':
      return d.id > w.id
    default: {
      const at = w.kind === 'changed' ? d.changedMs : d.createdMs
      return at >= (w.from ?? 0) && at <= (w.to ?? Number.POSITIVE_INFINITY)
    }
  }
}

const orders: Record<string, (a: IndexDocument, b: IndexDocument) => number> = {
  changed: (a, b) => b.changedMs - a.changedMs,
  created: () => 0,
  uid: (a, b) => (a.uid < b.uid ? -1 : 1),
}

const ask = (sort: string, more: Partial<MoreQuestion>, rest: Partial<IndexQuery> = {}): IndexQuery => ({
  view: 'entries',
  text: '',
  filters: {},
  sort: sort as IndexQuery['sort'],
  offset: 0,
  limit: 100,
  facets: true,
  more: {
    clauses: [],
    reverse: false,
    relax: false,
    facets: ['license', 'format'],
    tags: true,
    facetLimit: 1000,
    ...more,
  },
  ...rest,
})

const countOf = (values: string[]) => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

test('a condition of any shape finds, orders and counts what looking at every entry does', () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryDocument, { minLength: 1, maxLength: 30 }),
      fc.array(arbitraryDocument, { maxLength: 6 }),
      fc.array(
        fc.tuple(arbitraryWhere, fc.constantFrom('changed', 'created', 'uid'), fc.boolean(), fc.nat(6)),
        {
          minLength: 8,
          maxLength: 12,
        },
      ),
      fc.boolean(),
      (first, again, questions, filtered) => {
        const old = first.map((d, i) => testDocument(i + 1, d))
        const fresh = again.map((d, i) => testDocument(i * 4 + 1, d))
        const index = testIndex(old.slice(0, 9), old.slice(9), fresh)
        const replaced = new Set(fresh.map((d) => d.id))
        const living = [...old.filter((d) => !replaced.has(d.id)), ...fresh]
        try {
          for (const [where, sort, reverse, offset] of questions) {
            const filters = filtered ? { format: ['CSV'] } : {}
            const answer = searchIndex(
              index.index,
              ask(sort, { where, reverse }, { filters, offset, limit: 7 }),
            )
            const expected = living
              .filter((d) => holds(d, where) && (!filtered || d.formats.includes('CSV')))
              .sort((a, b) => orders[sort]!(a, b) || a.id - b.id)
            if (reverse) expected.reverse()
            expect(answer.total, JSON.stringify(where)).toBe(expected.length)
            expect(answer.hits.map((h) => h.id)).toEqual(expected.slice(offset, offset + 7).map((d) => d.id))
            const some = (list: [string, number][] | undefined) => new Map(list!.filter(([, n]) => n > 0))
            expect(some(answer.facets.license)).toEqual(
              countOf(expected.map((d) => d.license).filter((l) => l !== '')),
            )
            expect(some(answer.facets.format)).toEqual(countOf(expected.flatMap((d) => d.formats)))
            expect(new Map(answer.tags)).toEqual(countOf(expected.flatMap((d) => d.keywords)))
          }
        } finally {
          index.close()
        }
      },
    ),
    { numRuns: 80, interruptAfterTimeLimit: 60_000 },
  )
}, 120_000)

describe('keywords', () => {
  const documents = Array.from({ length: 500 }, (_, i) =>
    testDocument(i + 1, { keywords: [`Tag ${i % 100}`, ...(i % 2 ? ['Odd'] : [])] }),
  )
  const index = testIndex(documents.slice(0, 250), documents.slice(250))

  test('are listed as they are written, those counted most first, as many as asked for', () => {
    const { tags: listed } = searchIndex(index.index, ask('changed', { facetLimit: 3 }))
    expect(listed![0]).toEqual(['Odd', 250])
    expect(listed).toHaveLength(3)
    expect(searchIndex(index.index, ask('changed', { facetLimit: 1000 })).tags).toHaveLength(101)
  })
})

test('a phrase in a condition must stand there as it is', () => {
  const index = testIndex([
    testDocument(1, { titles: ['water of the school'] }),
    testDocument(2, { titles: ['school water'] }),
  ])
  const where: Where = {
    kind: 'not',
    of: { kind: 'words', clause: { field: 'any', phrase: true, text: 'school water' } },
  }
  expect(searchIndex(index.index, ask('created', { where })).hits.map((h) => h.id)).toEqual([1])
  index.close()
})
