import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { createBodyTable } from './bodies.ts'
import { compareNames } from './collation.ts'
import { type IndexDocument, staticScore } from './document.ts'
import { type IndexQuery, searchIndex } from './engine.ts'
import { type Clause, isPrefixToken, parseQuery } from './query.ts'
import { findPart } from './ranking.ts'
import { type FacetName, facetNames } from './search.schema.ts'
import { ask, testBodies, testDocument, testIndex } from './test-index.ts'
import { normalise, tokensOf } from './tokens.ts'

// The same answers by looking at every document.

const bodyOf = (d: IndexDocument) => testBodies.find((b) => b.id === d.bodyId)!
const allText = (d: IndexDocument) => {
  const body = bodyOf(d)
  return [
    ...d.titles,
    ...d.itemNames,
    ...d.abstracts,
    ...d.keywords,
    ...d.codes,
    body.name,
    ...Object.values(body.translations),
  ]
}

function tokenIn(tokens: Set<string>, token: string, prefix: boolean): boolean {
  return tokens.has(token) || (prefix && [...tokens].some((t) => t.startsWith(token)))
}

function satisfies(d: IndexDocument, clause: Clause): boolean {
  if (clause.field === 'body')
    return [...[bodyOf(d).name, bodyOf(d).translations.en!, bodyOf(d).code].map(normalise)]
      .join('\n')
      .includes(clause.text)
  const prefix = (token: string) => !clause.phrase && !clause.not && isPrefixToken(token)
  if (clause.field === 'item') {
    return d.itemNames.some((name) => {
      const tokens = new Set(tokensOf(name))
      if (!clause.tokens.every((t) => tokenIn(tokens, t, prefix(t)))) return false
      return !clause.phrase || normalise(name).includes(clause.text)
    })
  }
  const texts = clause.field === 'title' ? d.titles : allText(d)
  if (clause.phrase && !texts.some((text) => findPart(normalise(text), clause.text) >= 0)) return false
  const tokens = new Set(texts.flatMap(tokensOf))
  return clause.tokens.every((t) => tokenIn(tokens, t, prefix(t)))
}

const valuesOf = (d: IndexDocument, facet: FacetName): string[] => {
  const body = bodyOf(d)
  if (facet === 'body') return [body.code]
  if (facet === 'tier') return [body.tier]
  if (facet === 'region') return body.regions
  if (facet === 'theme') return d.themes
  if (facet === 'format') return d.formats
  return [d[facet]].filter((v) => v !== '')
}

function reference(documents: IndexDocument[], question: IndexQuery) {
  const { clauses } = parseQuery(question.text)
  const matching = documents.filter((d) => clauses.every((c) => satisfies(d, c) !== c.not))
  const passes = (d: IndexDocument, facet: FacetName) => {
    const wanted = question.filters[facet] ?? []
    return wanted.length === 0 || valuesOf(d, facet).some((v) => wanted.includes(v))
  }
  const facets = Object.fromEntries(
    facetNames.map((facet) => {
      const counts = new Map<string, number>()
      for (const d of matching) {
        if (!facetNames.every((other) => other === facet || passes(d, other))) continue
        for (const value of valuesOf(d, facet)) counts.set(value, (counts.get(value) ?? 0) + 1)
      }
      return [facet, counts]
    }),
  )
  const hits = matching.filter((d) => facetNames.every((facet) => passes(d, facet)))
  const order = {
    relevance: () => 0,
    name: (a: IndexDocument, b: IndexDocument) =>
      compareNames(normalise(a.titles[0]!), normalise(b.titles[0]!)),
    updated: (a: IndexDocument, b: IndexDocument) => b.updated - a.updated,
    use: (a: IndexDocument, b: IndexDocument) => b.useCount - a.useCount,
  }[question.sort as 'relevance' | 'name' | 'updated' | 'use']
  hits.sort((a, b) => order(a, b) || a.id - b.id)
  return { total: hits.length, facets, ids: hits.map((d) => d.id) }
}

const words = [
  '车站',
  '车',
  '站点',
  '位置',
  '学校',
  '地址',
  '户籍',
  '家庭',
  'school',
  'schools',
  'address',
  'house',
  'household',
  'gb2312',
  '2019',
  '20190101',
  '年',
  '水库',
]
const arbitraryText = fc
  .array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 })
  .chain((parts) => fc.constantFrom('', ' ').map((glue) => parts.join(glue)))
const arbitraryDocument = fc.record({
  bodyId: fc.integer({ min: 1, max: 3 }),
  titles: fc.array(arbitraryText, { minLength: 1, maxLength: 2 }),
  itemNames: fc.array(arbitraryText, { maxLength: 4 }),
  abstracts: fc.array(arbitraryText, { maxLength: 1 }),
  keywords: fc.array(fc.constantFrom('水', '教育', 'rain'), { maxLength: 2 }),
  themes: fc.uniqueArray(fc.constantFrom('t1', 't2', 't3'), { maxLength: 2 }),
  formats: fc.uniqueArray(fc.constantFrom('CSV', 'XML', 'API'), { maxLength: 3 }),
  sharing: fc.constantFrom('unconditional', 'conditional', 'not_shared'),
  open: fc.constantFrom('unconditional', 'not_open'),
  cycle: fc.constantFrom('daily', 'yearly'),
  grade: fc.constantFrom('', 'general'),
  database: fc.constantFrom('', 'population'),
  quality: fc.constantFrom(100, 500, 900),
  useCount: fc.constantFrom(0, 10, 1000),
  updated: fc.constantFrom(1, 2, 3).map((n) => 1_700_000_000 + n),
})
const arbitraryFilters = fc.record(
  {
    sharing: fc.constantFrom(['conditional'], ['conditional', 'not_shared']),
    theme: fc.constantFrom(['t1'], ['t1', 't3']),
    format: fc.constantFrom(['CSV'], ['nothing']),
    body: fc.constantFrom(['edu'], ['wat', 'min']),
    region: fc.constantFrom(['320000'], ['320500']),
    tier: fc.constantFrom(['city', 'nation']),
    grade: fc.constantFrom(['general']),
  },
  { requiredKeys: [] },
)
const arbitraryQuery = fc
  .array(
    fc
      .tuple(
        fc.constantFrom('', '', '', '-', 'item:', 'title:', 'body:'),
        fc.constantFrom(...words, '教育', 'hou', 'addr', '"车站位置"', '"education bureau"', '"house 车站"'),
      )
      .map((p) => p.join('')),
    { maxLength: 3 },
  )
  .map((parts) => parts.join(' '))

describe('search compared with looking at every entry', () => {
  it('finds the same entries, counts and orders, over segments that replace each other', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryDocument, { minLength: 1, maxLength: 40 }),
        fc.array(arbitraryDocument, { maxLength: 12 }),
        fc.array(
          fc.tuple(
            arbitraryQuery,
            arbitraryFilters,
            fc.constantFrom('relevance', 'name', 'updated', 'use'),
            fc.nat(40),
          ),
          { minLength: 8, maxLength: 12 },
        ),
        (first, changed, queries) => {
          const old = first.map((d, i) => testDocument(i + 1, d))
          const half = Math.ceil(old.length / 2)
          // Every fifth entry is written anew, the last one is gone.
          const fresh = changed.map((d, i) => testDocument(i * 5 + 1, d))
          const test = testIndex(old.slice(0, half), old.slice(half), fresh)
          test.add([], [old.length])
          const replaced = new Set([...fresh.map((d) => d.id), old.length])
          const living = [
            ...old.filter((d) => !replaced.has(d.id)),
            ...fresh.filter((d) => d.id !== old.length),
          ].sort((a, b) => a.id - b.id)
          try {
            for (const [text, filters, sort, offset] of queries) {
              const question = ask(text, {
                filters: filters as IndexQuery['filters'],
                sort: sort as IndexQuery['sort'],
                offset: sort === 'relevance' ? 0 : offset,
                limit: 100,
              })
              const answer = searchIndex(test.index, question)
              if (answer.relaxed) continue
              const expected = reference(living, question)
              expect(answer.total, text).toBe(expected.total)
              if (sort === 'relevance')
                expect(answer.hits.map((h) => h.id).sort((a, b) => a - b)).toEqual(expected.ids.slice(0, 100))
              else expect(answer.hits.map((h) => h.id)).toEqual(expected.ids.slice(offset, offset + 100))
              for (const facet of facetNames) {
                const counted = answer.facets[facet]!.filter(([, n]) => n > 0)
                expect(new Map(counted), `${facet} of ${text} ${JSON.stringify(filters)}`).toEqual(
                  expected.facets[facet],
                )
              }
            }
          } finally {
            test.close()
          }
        },
      ),
      { numRuns: 60, interruptAfterTimeLimit: 60_000 },
    )
  }, 120_000)
})

describe('deep pages', () => {
  const documents = Array.from({ length: 3000 }, (_, i) =>
    testDocument(i + 1, {
      titles: [i % 3 === 0 ? `水库 ${i % 50}` : `表 ${i % 70}`],
      itemNames: i % 4 === 0 ? ['水库'] : [],
      abstracts: ['水库'],
      quality: (i * 7) % 1000,
      useCount: (i * 31) % 17,
      updated: 1_700_000_000 + ((i * 13) % 400),
      changedMs: 1_700_000_000_000 + ((i * 17) % 900) * 300,
      uid: `${((i * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
    }),
  )
  const test = testIndex(documents.slice(0, 1000), documents.slice(1000, 2900), documents.slice(2900))
  afterAll(() => test.close())

  it.each(['relevance', 'updated', 'name', 'use', 'changed', 'created', 'uid'] as const)(
    'walks the whole order by %s without gap or repeat',
    (sort) => {
      const tier = (d: IndexDocument) => (d.titles[0]!.startsWith('水库') ? 0 : d.itemNames.length ? 1 : 2)
      const score = (d: IndexDocument) => staticScore(d.quality, d.useCount)
      const orders = {
        relevance: (a: IndexDocument, b: IndexDocument) => tier(a) - tier(b) || score(b) - score(a),
        updated: (a: IndexDocument, b: IndexDocument) => b.updated - a.updated,
        use: (a: IndexDocument, b: IndexDocument) => b.useCount - a.useCount,
        name: (a: IndexDocument, b: IndexDocument) => compareNames(a.titles[0]!, b.titles[0]!),
        changed: (a: IndexDocument, b: IndexDocument) => b.changedMs - a.changedMs,
        created: () => 0,
        uid: (a: IndexDocument, b: IndexDocument) => (a.uid < b.uid ? -1 : 1),
      }
      const expected = [...documents].sort((a, b) => orders[sort](a, b) || a.id - b.id).map((d) => d.id)
      const walked: number[] = []
      for (let offset = 0; offset < 3000; offset += 90) {
        walked.push(
          ...searchIndex(test.index, ask('水库', { sort, offset, limit: 90, facets: false })).hits.map(
            (h) => h.id,
          ),
        )
      }
      const from = sort === 'relevance' ? 270 : 0
      expect(walked.slice(from)).toEqual(expected.slice(from))
      expect(new Set(walked).size).toBe(3000)
    },
  )
})

describe('facets of a country with many bodies', () => {
  it('give the count of a chosen value that is not among those shown', () => {
    const bodies = createBodyTable(
      Array.from({ length: 150 }, (_, i) => ({
        id: i + 1,
        code: `b${i + 1}`,
        name: `Body ${i + 1}`,
        translations: {},
        tier: 'city',
        regions: [`r${i + 1}`],
      })),
    )
    const documents = Array.from({ length: 299 }, (_, i) => testDocument(i + 1, { bodyId: (i % 150) + 1 }))
    const test = testIndex(documents)
    const index = { ...test.index, bodies }
    const { facets } = searchIndex(index, ask('', { filters: { body: ['b150'] } }))
    expect(facets.body!.find(([code]) => code === 'b150')).toEqual(['b150', 1])
    expect(searchIndex(index, ask('', { filters: { region: ['r150'] } })).facets.region!.at(-1)).toEqual([
      'r150',
      1,
    ])
    test.close()
  })
})
