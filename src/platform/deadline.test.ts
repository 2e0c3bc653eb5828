import { describe, expect, it } from 'vitest'
import { localDate } from './calendar.ts'
import { deadline, dueAt } from './deadline.ts'
import { loadProfile, type Profile } from './profile.ts'
import { clockFaults, type DeadlineRow } from './profile-clock.ts'

const cn = loadProfile('cn')
const on = new Date('2026-03-02T02:00:00Z')
const row = (more: Partial<DeadlineRow>): DeadlineRow => ({
  event: 'review.office',
  days: 5,
  unit: 'working_day',
  basis: 'test',
  evidence: 'design',
  ...more,
})
const withRows = (...deadlines: DeadlineRow[]): Profile => ({ ...cn, deadlines })

describe('deadline', () => {
  it('says the days, how well they are known, and by which version of the profile', () => {
    expect(deadline(cn, 'catalog.update', { on })).toEqual({
      days: 10,
      unit: 'working_day',
      basis: 'Decree 809 art 17: change of law or duty',
      evidence: 'unverified',
      extension: { days: 5, evidence: 'unverified' },
      policyVersion: `cn@${cn.version}`,
    })
    expect(deadline(cn, 'nothing.known', { on })).toBeUndefined()
  })

  it('reads the rule that was in force on the day, by the calendar date of the jurisdiction', () => {
    const days = (at: string) => deadline(cn, 'catalog.update', { on: new Date(at) })
    expect(days('2025-07-31T15:59:59Z')).toMatchObject({ days: 15, unit: 'day' })
    expect(days('2025-07-31T16:00:00Z')).toMatchObject({ days: 10, unit: 'working_day' })
    expect(days('2010-01-01T00:00:00Z')).toBeUndefined()
  })

  it('tells classes apart and has none for what is not shared', () => {
    const days = (sharingClass: string) => deadline(cn, 'sharing.answer', { on, sharingClass })?.days
    expect([days('unconditional'), days('conditional'), days('not_shared')]).toEqual([1, 10, undefined])
  })

  it('takes the most particular row, whatever their order', () => {
    const rows = [
      row({ days: 5 }),
      row({ days: 4, sharingClass: 'conditional' }),
      row({ days: 3, tier: 'city' }),
      row({ days: 2, tier: 'city', sharingClass: 'conditional' }),
      row({ days: 1, division: '31' }),
    ]
    for (const profile of [withRows(...rows), withRows(...rows.toReversed())]) {
      const days = (at: object) => deadline(profile, 'review.office', { on, ...at })?.days
      expect(days({})).toBe(5)
      expect(days({ sharingClass: 'conditional' })).toBe(4)
      expect(days({ tier: 'city' })).toBe(3)
      expect(days({ tier: 'city', sharingClass: 'conditional' })).toBe(2)
      expect(days({ tier: 'city', division: '310101' })).toBe(1)
      expect(days({ tier: 'city', division: '320101' })).toBe(3)
    }
  })

  it('ends calendar days by the calendar and working days by work', () => {
    const end = (unit: 'day' | 'working_day') => localDate(cn, dueAt(cn, { days: 5, unit }, on))
    expect(end('day')).toBe('2026-03-07')
    expect(end('working_day')).toBe('2026-03-09')
  })
})

describe('a profile whose clocks are wrong does not load', () => {
  const lists = { tier: new Set(['nation', 'city']), sharingType: new Set(['conditional']) }
  const year = { holidays: ['2026-01-01'], workdays: ['2026-01-04'], evidence: 'design' as const }
  const faultsOf = (change: { calendar?: object; year?: object; deadlines?: DeadlineRow[] }) =>
    clockFaults(
      {
        calendar: {
          timeZone: 'UTC',
          weekend: [6, 7],
          years: { 2026: { ...year, ...change.year } },
          ...change.calendar,
        },
        deadlines: change.deadlines ?? [],
      },
      lists,
    )

  it.each([
    ['nothing', {}, undefined],
    [
      'a date that does not exist',
      { year: { holidays: ['2026-02-30'] } },
      '2026-02-30 is not in the calendar',
    ],
    ['a date of another year', { year: { holidays: ['2025-12-31'] } }, 'belongs to another year'],
    ['a make-up day on a Tuesday', { year: { workdays: ['2026-01-06'] } }, 'no day of a weekend'],
    ['a day twice', { year: { holidays: ['2026-05-01', '2026-05-01'] } }, 'is there twice'],
    ['a day off and worked', { year: { holidays: ['2026-01-04'] } }, 'is there twice'],
    ['a time zone that is none', { calendar: { timeZone: 'Mars/Olympus' } }, 'is no time zone'],
    ['an unknown tier', { deadlines: [row({ tier: 'moon' })] }, 'moon is no tier'],
    ['an unknown class', { deadlines: [row({ sharingClass: 'x' })] }, 'x is no sharing class'],
    [
      'an end before the beginning',
      { deadlines: [row({ from: '2026-02-01', to: '2026-01-01' })] },
      'ends before',
    ],
    ['two rows at one time', { deadlines: [row({}), row({ days: 3, from: '2026-01-01' })] }, 'same days'],
    [
      'a slower tier',
      { deadlines: [row({ days: 5 }), row({ days: 6, tier: 'city' })] },
      'shorter than 5 days',
    ],
    ['a quicker tier', { deadlines: [row({ days: 5 }), row({ days: 4, tier: 'city' })] }, undefined],
    [
      'a rule that follows another',
      { deadlines: [row({ to: '2025-12-31' }), row({ from: '2026-01-01' })] },
      undefined,
    ],
  ])('%s', (_what, change, message) => {
    const faults = faultsOf(change)
    if (message) expect(faults).toEqual([expect.stringContaining(message)])
    else expect(faults).toEqual([])
  })
})
