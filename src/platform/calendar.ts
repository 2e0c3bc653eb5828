import { ConcordError } from './errors.ts'
import type { Profile } from './profile.ts'
import { weekdayOf } from './profile-clock.ts'

const dayMs = 86_400_000

interface Lookup {
  local: Intl.DateTimeFormat
  years: Map<string, { holidays: Set<string>; workdays: Set<string> }>
}

/** Sets and formatters are made once for a profile; a clock is asked for on every change. */
const lookups = new WeakMap<Profile, Lookup>()

function lookup(profile: Profile): Lookup {
  let found = lookups.get(profile)
  if (!found) {
    const { timeZone, years } = profile.calendar
    found = {
      local: new Intl.DateTimeFormat('en-US', {
        timeZone,
        calendar: 'iso8601',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        hourCycle: 'h23',
      }),
      years: new Map(
        Object.entries(years).map(([year, { holidays, workdays }]) => [
          year,
          { holidays: new Set(holidays), workdays: new Set(workdays) },
        ]),
      ),
    }
    lookups.set(profile, found)
  }
  return found
}

/** The wall clock of the calendar's time zone at an instant, as if it were UTC (ms). */
function wallClock(profile: Profile, at: Date): number {
  const part = Object.fromEntries(
    lookup(profile)
      .local.formatToParts(at)
      .map((p) => [p.type, Number(p.value)]),
  )
  const seconds = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!)
  return seconds + (((at.getTime() % 1000) + 1000) % 1000)
}

const isoOf = (wallMs: number) => new Date(wallMs).toISOString().slice(0, 10)

/** The calendar date of an instant in the calendar's time zone, `2026-02-17`. */
export const localDate = (profile: Profile, at: Date): string => isoOf(wallClock(profile, at))

/** The next date, in any calendar year. */
export const nextDate = (isoDate: string, days = 1): string =>
  isoOf(Date.parse(`${isoDate}T00:00:00Z`) + days * dayMs)

/** The last millisecond of a date in the calendar's time zone. */
export function endOfDay(profile: Profile, isoDate: string): Date {
  const wall = Date.parse(`${isoDate}T23:59:59.999Z`)
  // Clocks may be put back at midnight: of the instants with this wall time the last one ends the day.
  const candidates = [wall - dayMs, wall + dayMs].map((near) => {
    const offset = wallClock(profile, new Date(near)) - near
    return wall - offset
  })
  const fitting = candidates.filter((ms) => localDate(profile, new Date(ms)) === isoDate)
  return new Date(Math.max(...(fitting.length > 0 ? fitting : candidates)))
}

/**
 * True when bodies of this jurisdiction work on the date.
 * @throws ConcordError calendar_year_missing: a year missing from the profile's calendar is an error, not a guess
 */
export function isWorkingDay(profile: Profile, isoDate: string): boolean {
  const year = lookup(profile).years.get(isoDate.slice(0, 4))
  if (!year) throw yearMissing(profile, isoDate)
  if (year.holidays.has(isoDate)) return false
  return year.workdays.has(isoDate) || !profile.calendar.weekend.includes(weekdayOf(isoDate))
}

/**
 * The end of the last of `days` working days, counted from the day after `from`. Zero days end with the day of `from`.
 * @throws ConcordError calendar_year_missing
 */
export function addWorkingDays(profile: Profile, from: Date, days: number): Date {
  let date = localDate(profile, from)
  for (let left = days; left > 0; ) {
    date = nextDate(date)
    if (isWorkingDay(profile, date)) left--
  }
  return endOfDay(profile, date)
}

/**
 * Working days after the date of `from` up to and with the date of `to`; negative when `to` is earlier.
 * @throws ConcordError calendar_year_missing
 */
export function workingDaysBetween(profile: Profile, from: Date, to: Date): number {
  const [start, end] = [localDate(profile, from), localDate(profile, to)]
  if (start > end) return 0 - workingDaysBetween(profile, to, from)
  let count = 0
  for (let date = start; date < end; ) {
    date = nextDate(date)
    if (isWorkingDay(profile, date)) count++
  }
  return count
}

function yearMissing(profile: Profile, isoDate: string): ConcordError {
  const year = isoDate.slice(0, 4)
  return new ConcordError(
    'calendar_year_missing',
    `The working days of ${year} are not in the profile ${profile.id}, so no clock can be set over them.`,
    {
      faults: [
        {
          path: `/calendar/years/${year}`,
          rule: 'calendar_year_missing',
          message: `${isoDate} is in a year without holidays and make-up workdays.`,
          remedy: `Add the official holidays of ${year} to profiles/${profile.id}.json and start the node again.`,
        },
      ],
    },
  )
}
