import { describe, expect, it } from 'vitest'
import { entriesOf, gradesOf, heldOutQueries, judgedQueries } from './judgements.ts'
import { ndcg, scoreQueries } from './score.ts'

describe('ndcg', () => {
  const grades = new Map([
    ['a', 3],
    ['b', 2],
    ['c', 1],
  ])
  it('is 1 for the ideal order and 0 where nothing fits', () => {
    expect(ndcg(['a', 'b', 'c'], grades)).toBe(1)
    expect(ndcg(['x', 'y'], grades)).toBe(0)
    expect(ndcg([], grades)).toBe(0)
    expect(ndcg(['a'], new Map())).toBe(0)
  })
  it('follows the formula: (1 + 3/log2(3) + 7/2) / (7 + 3/log2(3) + 1/2) for the reverse order', () => {
    const reached = 1 + 3 / Math.log2(3) + 7 / 2
    const ideal = 7 + 3 / Math.log2(3) + 1 / 2
    expect(ndcg(['c', 'b', 'a'], grades)).toBeCloseTo(reached / ideal, 12)
    expect(ndcg(['x', 'a', 'b', 'c'], grades)).toBeCloseTo(
      (7 / Math.log2(3) + 3 / 2 + 1 / Math.log2(5)) / ideal,
      12,
    )
  })
  it('looks at ten results and counts a repeated one once', () => {
    const many = new Map(Array.from({ length: 30 }, (_, i) => [`e${i}`, 3]))
    expect(ndcg([...many.keys()], many)).toBe(1)
    expect(ndcg(['x', ...[...many.keys()].slice(0, 10)], many)).toBeLessThan(1)
    expect(ndcg(['a', 'a', 'b', 'c'], grades)).toBe(1)
  })
})

describe('the judged queries', () => {
  it('are at least 220, in both languages, each once, of every kind', () => {
    expect(judgedQueries.length).toBeGreaterThanOrEqual(220)
    expect(new Set(judgedQueries.map((q) => q.q)).size).toBe(judgedQueries.length)
    const han = judgedQueries.filter((q) => /\p{Script=Han}/u.test(q.q)).length
    expect(han).toBeGreaterThan(90)
    expect(judgedQueries.length - han).toBeGreaterThan(90)
    expect(new Set(judgedQueries.map((q) => q.kind)).size).toBe(14)
  })
  it('have judgements about entries that exist, an obvious answer each', () => {
    for (const query of judgedQueries) {
      const grades = gradesOf(query)
      expect([...grades.values()], query.q).toContain(3)
      for (const grade of grades.values()) expect([1, 2, 3]).toContain(grade)
    }
  })
  it('refuse a pattern that names nothing', () => {
    expect(() => entriesOf('unicorns@*')).toThrow(/names no entry/)
  })
})

describe('the held-out queries', () => {
  it('are 64, each once, half of them Chinese, of every kind, none shared with the judged queries', () => {
    const plain = (q: string) => q.normalize('NFKC').toLowerCase()
    const held = new Set(heldOutQueries.map((q) => plain(q.q)))
    expect(heldOutQueries).toHaveLength(64)
    expect(held.size).toBe(64)
    expect(heldOutQueries.filter((q) => /\p{Script=Han}/u.test(q.q))).toHaveLength(32)
    expect(new Set(heldOutQueries.map((q) => q.kind))).toEqual(new Set(judgedQueries.map((q) => q.kind)))
    expect(judgedQueries.map((q) => plain(q.q)).filter((q) => held.has(q))).toEqual([])
  })
  it('have judgements about entries that exist, an obvious answer each', () => {
    for (const query of heldOutQueries) {
      const grades = gradesOf(query)
      expect([...grades.values()], query.q).toContain(3)
      for (const grade of grades.values()) expect([1, 2, 3]).toContain(grade)
    }
  })
})

describe('scoreQueries', () => {
  it('gives the mean, the mean by kind, and the worst first', async () => {
    const queries = judgedQueries.filter((q) => ['Public toilets', '彩票'].includes(q.q))
    const perfect = entriesOf('lottery@*')
    const score = await scoreQueries(queries, async (q) => (q === '彩票' ? perfect : []))
    expect(score.ndcg).toBeCloseTo(0.5, 12)
    expect(score.scores.map((s) => s.ndcg)).toEqual([0, 1])
    expect(score.byKind).toEqual({ title: { queries: 1, ndcg: 0 }, compound: { queries: 1, ndcg: 1 } })
  })
})
