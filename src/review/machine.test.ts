import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  advance,
  barOf,
  isOpen,
  type Past,
  reviewStateOf,
  type Situation,
  type Stage,
  type Step,
  stepNames,
} from './machine.ts'

/** A step somebody tries, with whether the author changed the draft before it. */
interface Try {
  step: Step
  personId: number
  changed: boolean
}

const people = [1, 2, 3, 4, 5]
const stageLists: Stage[][] = [['department', 'office'], ['department'], ['office'], ['office', 'department']]
const someTry: fc.Arbitrary<Try> = fc.record({
  step: fc.constantFrom(...stepNames.filter((s) => s !== 'submit')),
  personId: fc.constantFrom(...people),
  changed: fc.boolean(),
})

interface Run {
  s: Situation
  authors: number[]
  opinions: Past[]
}

/** Plays what people try, as submission.ts and decision.ts do; what is not allowed changes nothing. */
function play(stages: Stage[], tries: Try[]): Run {
  const stage = stages[0]!
  const opinions: Past[] = [{ personId: 1, stage, step: 'submit', version: 1 }]
  const authors = [1]
  let s: Situation = { state: reviewStateOf[stage], stage, stages, version: 1, opinions }
  for (const { step, personId, changed } of tries) {
    if (step === 'agree' || step === 'return' || step === 'refuse')
      if (barOf(personId, { stage: s.stage, authors, opinions })) continue
    const rewrites = step === 'complete' && changed && s.state === 'returned'
    const version = rewrites ? s.version + 1 : s.version
    const said: Past = { personId, stage: s.stage, step, version }
    const to = advance({ ...s, version, opinions: [...opinions, said] }, step)
    if (!to) continue
    if (rewrites) authors.push(personId)
    opinions.push(said)
    s = { ...s, ...to, version, opinions }
  }
  return { s, authors, opinions }
}

const games = fc.tuple(fc.constantFrom(...stageLists), fc.array(someTry, { maxLength: 40 }))

describe('whatever people try', () => {
  test('nothing is approved that not every stage agreed to, in this very version, by different other people', () => {
    let approved = 0
    fc.assert(
      fc.property(games, ([stages, tries]) => {
        const { s, authors, opinions } = play(stages, tries)
        if (s.state !== 'approved') return
        approved++
        const agreements = stages.map((stage) =>
          opinions.find((o) => o.step === 'agree' && o.stage === stage && o.version === s.version),
        )
        expect(agreements).not.toContain(undefined)
        const deciders = agreements.map((a) => a!.personId)
        expect(new Set(deciders).size).toBe(stages.length)
        const submitters = opinions
          .filter((o) => o.step === 'submit' || o.step === 'complete')
          .map((o) => o.personId)
        // Who completes afterwards what others agreed to may not decide again, but the agreement was theirs to give.
        const asked = opinions.findLastIndex((o) => o.step === 'submit' || o.step === 'complete')
        const last = opinions.slice(asked).filter((o) => o.step === 'agree')
        for (const o of last) expect([...authors, ...submitters]).not.toContain(o.personId)
      }),
      { numRuns: 5_000 },
    )
    expect(approved).toBeGreaterThan(20)
  })
  test('what has ended stays as it is, and what is open can still be ended', () => {
    fc.assert(
      fc.property(games, fc.constantFrom(...stepNames), ([stages, tries], step) => {
        const { s } = play(stages, tries)
        if (!isOpen(s.state)) expect(advance(s, step)).toBeUndefined()
        else expect(advance(s, 'withdraw')).toMatchObject({ state: 'withdrawn' })
        if (s.state === 'dept_review') expect(s.stage).toBe('department')
        if (s.state === 'centre_review') expect(s.stage).toBe('office')
      }),
    )
  })
})

test('what was returned unchanged goes back to who returned it; changed it goes to the first stage', () => {
  const agreed: Past = { personId: 2, stage: 'department', step: 'agree', version: 1 }
  const returned: Situation = {
    state: 'returned',
    stage: 'office',
    stages: ['department', 'office'],
    version: 1,
    opinions: [agreed],
  }
  expect(advance(returned, 'complete')).toEqual({ state: 'centre_review', stage: 'office' })
  expect(advance({ ...returned, version: 2 }, 'complete')).toEqual({
    state: 'dept_review',
    stage: 'department',
  })
})
