import { expect, test } from 'vitest'
import { loadProfile } from '../../platform/profile.ts'
import { nextRun } from './schedule.ts'

const profile = loadProfile('neutral')
const china = { ...profile, calendar: { ...profile.calendar, timeZone: 'Asia/Shanghai' } }
const at = (schedule: string, after: string, id = 0, p = profile) =>
  nextRun(p, { id, schedule }, new Date(after))?.toISOString() ?? null

test('every hour at the minute of the source', () => {
  expect(at('hourly', '2026-03-04T10:07:00Z', 7)).toBe('2026-03-04T11:07:00.000Z')
  expect(at('hourly', '2026-03-04T10:06:59Z', 67)).toBe('2026-03-04T10:07:00.000Z')
})

test('a day and a week go by the clock of the profile', () => {
  expect(at('daily 03:30', '2026-03-04T10:00:00Z', 0, china)).toBe('2026-03-04T19:30:00.000Z')
  expect(at('daily 03:30', '2026-03-03T19:29:59Z', 0, china)).toBe('2026-03-03T19:30:00.000Z')
  // 2026-03-04 is a Wednesday.
  expect(at('weekly 3 12:00', '2026-03-04T04:00:00Z', 0, china)).toBe('2026-03-11T04:00:00.000Z')
  expect(at('weekly 4 12:00', '2026-03-04T04:00:00Z', 0, china)).toBe('2026-03-05T04:00:00.000Z')
})

test('sources of the same hour begin within ten minutes, each always at its own', () => {
  const minutes = Array.from({ length: 20 }, (_, id) =>
    at('daily 02:00', '2026-03-04T10:00:00Z', id)!.slice(14, 16),
  )
  expect(new Set(minutes).size).toBe(10)
  expect(minutes[3]).toBe(minutes[13])
})

test('what people start has no next time', () => {
  expect(at('manual', '2026-03-04T10:00:00Z')).toBeNull()
})
