import { describe, expect, it } from 'vitest'
import { createCatalogue, datasetLine, itemLines, toContent } from '../bench/catalogue-rows.ts'
import { cpuOf, pssOf, treeOf } from '../bench/process-tree.ts'
import { queryMix, searchPath, take } from '../bench/query-mix.ts'
import { atLeast, atMost, plain, ratiosOf, rounded, skipped } from '../bench/result.ts'
import { percentile, repeats, summarise } from '../bench/statistics.ts'
import { validateDataset } from '../src/catalog/index.ts'
import { loadProfile } from '../src/platform/profile.ts'

describe('statistics of the benches', () => {
  it('takes percentiles by nearest rank', () => {
    const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    expect([0, 0.5, 0.95, 0.99, 1].map((q) => percentile(ten, q))).toEqual([1, 5, 10, 10, 10])
    expect(percentile([7], 0.5)).toBe(7)
    expect(percentile([], 0.5)).toBeNaN()
  })

  it('does not hide the worst of a hundred', () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1)
    expect(summarise(values.reverse())).toMatchObject({
      count: 100,
      mean: 50.5,
      p50: 50,
      p95: 95,
      p99: 99,
      max: 100,
    })
  })

  it('counts repeated texts', () => {
    expect(repeats(['a', 'b', 'a', 'a'])).toBe(2)
    expect(repeats([])).toBe(0)
  })
})

describe('figures', () => {
  it('are met at the promise itself, by the value before rounding', () => {
    expect(atMost(15, 'ms', 15).met).toBe(true)
    expect(atMost(15.04, 'ms', 15)).toEqual({ value: 15, unit: 'ms', reach: 15, met: false })
    expect(atLeast(99.99, '/s', 100).met).toBe(false)
    expect(skipped('ms', 5)).toEqual({ value: null, unit: 'ms', reach: 5, met: null })
    expect([1.2345, 12.345, 123.45].map(rounded)).toEqual([1.23, 12.3, 123])
  })

  it('are never met where nothing was measured', () => {
    expect(atMost(Number.NaN, 'ms', 5).met).toBe(false)
  })

  it('give ratios above 1 where Concord is ahead, and none without a value', () => {
    const ours = { p95: plain(10, 'ms'), rate: plain(200, '/s'), other: plain(null, 'ms') }
    const theirs = { p95: plain(50, 'ms'), rate: plain(50, '/s'), other: plain(1, 'ms') }
    expect(ratiosOf(ours, theirs, ['p95', 'rate', 'other'], ['rate'])).toEqual({ p95: 5, rate: 4 })
  })
})

describe('processes', () => {
  it('follows children of children, and nobody else', () => {
    const parents = new Map([
      [10, 1],
      [12, 11],
      [11, 10],
      [20, 1],
      [21, 20],
      [30, 1],
    ])
    expect(treeOf([10, 20], parents).sort()).toEqual([10, 11, 12, 20, 21])
  })

  it('reads processor time behind a name with brackets', () => {
    expect(cpuOf('7 (node (a) b) S 1 7 7 0 -1 4194304 1 2 3 4 150 50 25 75 20 0')).toBe(3)
    expect(cpuOf(undefined)).toBe(0)
  })

  it('reads the proportional size', () => {
    expect(pssOf('Rss:  2000 kB\nPss:       1234 kB\nPss_Dirty:  1 kB\n')).toBe(1234 * 1024)
    expect(pssOf(undefined)).toBe(0)
  })
})

describe('the generated catalogue', () => {
  const profile = loadProfile('neutral')
  const catalogue = createCatalogue(profile)

  it('has only entries that the catalogue takes', () => {
    for (let id = 1; id <= 300; id++)
      expect(validateDataset(toContent(catalogue, catalogue.corpus.entry(id)), profile).faults).toEqual([])
  })

  it('writes a line for each row with as many values as columns', () => {
    for (let id = 1; id <= 300; id++) {
      const entry = catalogue.corpus.entry(id)
      expect(datasetLine(catalogue, entry).split('\t')).toHaveLength(29)
      const lines = itemLines(catalogue, entry).split('\n').slice(0, -1)
      expect(lines).toHaveLength(entry.items.length)
      for (const line of lines) expect(line.split('\t')).toHaveLength(5)
    }
  })

  it('mixes requests of which no two are alike, the same for the same seed', () => {
    const paths = (seed: number) =>
      take(queryMix(catalogue.corpus, 1_000, seed), 2_000).map(({ q, filters }) =>
        searchPath(q, { facets: true, filters }),
      )
    const one = paths(5)
    expect(repeats(one)).toBe(0)
    expect(paths(5)).toEqual(one)
    expect(paths(6)).not.toEqual(one)
  })
})
