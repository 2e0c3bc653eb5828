import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addWorkingDays,
  endOfDay,
  isWorkingDay,
  localDate,
  nextDate,
  workingDaysBetween,
} from './calendar.ts'
import { loadProfile, type Profile } from './profile.ts'

const neutral = loadProfile('neutral')
const cn = loadProfile('cn')
const inZone = (timeZone: string): Profile => ({ ...neutral, calendar: { ...neutral.calendar, timeZone } })

/** Any instant from which a clock can run without leaving the calendar of the invented country. */
const instant = fc.date({
  min: new Date('2020-01-02T00:00:00Z'),
  max: new Date('2034-06-30T00:00:00Z'),
  noInvalidDate: true,
})
const zone = fc.constantFrom(
  'UTC',
  'Asia/Shanghai',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Asia/Kathmandu',
  // Clocks change at midnight, so that a day ends twice or begins late.
  'America/Santiago',
  'Asia/Beirut',
  'America/Havana',
  'Australia/Lord_Howe',
)

describe('working days', () => {
  it('adding n and counting gives n, in every time zone', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 60 }), zone, (from, n, timeZone) => {
        const profile = inZone(timeZone)
        const due = addWorkingDays(profile, from, n)
        expect(workingDaysBetween(profile, from, due)).toBe(n)
        expect(workingDaysBetween(profile, due, from)).toBe(0 - n)
      }),
    )
  })

  it('a clock ends with the last millisecond of a working day', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 60 }), zone, (from, n, timeZone) => {
        const profile = inZone(timeZone)
        const due = addWorkingDays(profile, from, n)
        const date = localDate(profile, due)
        expect(isWorkingDay(profile, date)).toBe(true)
        expect(localDate(profile, new Date(due.getTime() + 1)) > date).toBe(true)
        expect(due > from).toBe(true)
      }),
    )
  })

  it('a later start or a longer limit never ends earlier', () => {
    fc.assert(
      fc.property(instant, instant, fc.integer({ min: 0, max: 30 }), (a, b, n) => {
        const [first, second] = a < b ? [a, b] : [b, a]
        expect(addWorkingDays(neutral, first, n) <= addWorkingDays(neutral, second, n)).toBe(true)
        expect(addWorkingDays(neutral, first, n) < addWorkingDays(neutral, first, n + 1)).toBe(true)
      }),
    )
  })

  it('every day of every year is either a holiday, a make-up day, or what its weekday says', () => {
    for (const profile of [neutral, cn])
      for (const [year, { holidays, workdays }] of Object.entries(profile.calendar.years))
        for (let date = `${year}-01-01`; date.startsWith(year); date = nextDate(date)) {
          const weekend = [0, 6].includes(new Date(`${date}T12:00:00Z`).getUTCDay())
          const expected = workdays.includes(date) || (!weekend && !holidays.includes(date))
          expect(isWorkingDay(profile, date), date).toBe(expected)
        }
  })
})

describe('the calendar of China', () => {
  it('passes the spring holiday and works on its make-up days', () => {
    // 2026-02-13 is a Friday; 14 (Saturday) is worked; 15 to 23 are off; 28 (Saturday) is worked.
    const due = (days: number) => localDate(cn, addWorkingDays(cn, new Date('2026-02-13T02:00:00Z'), days))
    expect([1, 2, 5, 6, 7].map(due)).toEqual([
      '2026-02-14',
      '2026-02-24',
      '2026-02-27',
      '2026-02-28',
      '2026-03-02',
    ])
  })

  it('has as many days off as the notices grant', () => {
    const off = (year: string) => cn.calendar.years[year]!.holidays.length
    const worked = (year: string) => cn.calendar.years[year]!.workdays.length
    // Without the days of weekends that only adjoin: 2024 had 1+8+3+5+1+3+7, 2025 1+8+3+5+3+8, 2026 3+9+3+5+3+3+7.
    expect([off('2024'), off('2025'), off('2026')]).toEqual([28, 28, 33])
    expect([worked('2024'), worked('2025'), worked('2026')]).toEqual([8, 5, 6])
  })

  it('begins a day in its own time zone, not in UTC', () => {
    // 16:30 UTC on Friday is Saturday in Shanghai.
    expect(localDate(cn, new Date('2026-03-06T16:30:00Z'))).toBe('2026-03-07')
    expect(addWorkingDays(cn, new Date('2026-03-06T16:30:00Z'), 1).toISOString()).toBe(
      '2026-03-09T15:59:59.999Z',
    )
    expect(addWorkingDays(cn, new Date('2026-03-06T15:30:00Z'), 1).toISOString()).toBe(
      '2026-03-09T15:59:59.999Z',
    )
  })

  it('a year that is not announced is an error with a remedy', () => {
    const late = new Date('2026-12-30T01:00:00Z')
    expect(localDate(cn, addWorkingDays(cn, late, 1))).toBe('2026-12-31')
    expect(() => addWorkingDays(cn, late, 2)).toThrow(
      expect.objectContaining({
        code: 'calendar_year_missing',
        faults: [
          expect.objectContaining({
            path: '/calendar/years/2027',
            remedy: expect.stringContaining('cn.json'),
          }),
        ],
      }),
    )
    expect(() =>
      workingDaysBetween(cn, new Date('2023-12-30T00:00:00Z'), new Date('2024-01-05T00:00:00Z')),
    ).toThrow(expect.objectContaining({ code: 'calendar_year_missing' }))
  })
})

it('counts over the end of a year', () => {
  // 2026-12-31 and 2027-01-01 are holidays, 2 and 3 a weekend.
  const due = addWorkingDays(neutral, new Date('2026-12-30T10:00:00Z'), 1)
  expect(due.toISOString()).toBe('2027-01-04T23:59:59.999Z')
})

it('ends a day once where clocks are put back at midnight', () => {
  // In Havana clocks go from 01:00 back to 00:00 on 2026-11-01; in Santiago from 24:00 back to 23:00 on 2026-04-04.
  expect(endOfDay(inZone('America/Santiago'), '2026-04-04').toISOString()).toBe('2026-04-05T03:59:59.999Z')
  expect(endOfDay(inZone('America/Havana'), '2026-10-31').toISOString()).toBe('2026-11-01T03:59:59.999Z')
})
