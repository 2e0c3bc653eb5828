import { expect, test } from 'vitest'
import { mergePlan } from './merge-plan.ts'

test('segments of a level are merged together, large ones left alone', () => {
  const segment = (name: string, documents: number) => ({
    name,
    documents,
    gone: 0,
    bytes: 0,
    textBytes: 0,
    checksum: 0,
  })
  const small = Array.from({ length: 8 }, (_, i) => segment(`c${i}`, 100))
  const plan = mergePlan([segment('r0-0', 250_000), segment('m1', 90_000), ...small])
  expect(plan.map((p) => p.name)).toEqual(small.map((p) => p.name))
  expect(mergePlan([segment('r0-0', 10), ...small.slice(1)])).toEqual([])
})
