import { describe, expect, test } from 'vitest'
import { loadProfile } from '../../src/platform/profile.ts'
import { measure, readPairs } from './quality.ts'

/** A wrong "the same" asks a person for a decision that means nothing; a missed one costs a second collection. */
const least = { precision: 0.97, recall: 0.95 }

describe.each(['neutral', 'cn'])('items of profile %s', (id) => {
  const profile = loadProfile(id)
  test.each(['tuned', 'held-out'] as const)('%s pairs are judged as people judged them', (file) => {
    const quality = measure(readPairs(file), profile)
    expect(quality.pairs).toBeGreaterThan(100)
    expect(quality.precision, quality.wrong.join('\n')).toBeGreaterThanOrEqual(least.precision)
    expect(quality.recall, quality.wrong.join('\n')).toBeGreaterThanOrEqual(least.recall)
  })
})
