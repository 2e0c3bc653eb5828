import { endOfDay, localDate, nextDate } from '../../platform/calendar.ts'
import type { Profile } from '../../platform/profile.ts'
import { weekdayOf } from '../../platform/profile-clock.ts'

/** Sources with the same time begin within so many minutes of it, each always at its own. */
const jitterMinutes = 10
const minuteMs = 60_000

export interface Timed {
  id: number
  schedule: string
}

/**
 * The next time after `after` that a source is due, on the clock of the profile; null when only people start it. A source
 * keeps its minute, so that hundreds set to the same hour do not begin together.
 */
export function nextRun(profile: Profile, source: Timed, after: Date): Date | null {
  const [every, ...rest] = source.schedule.split(' ')
  if (every === 'hourly') {
    const minute = source.id % 60
    const hour = new Date(after)
    hour.setUTCMinutes(minute, 0, 0)
    return hour > after ? hour : new Date(hour.getTime() + 60 * minuteMs)
  }
  if (every !== 'daily' && every !== 'weekly') return null
  const time = rest.at(-1)!
  const weekday = every === 'weekly' ? Number(rest[0]) : undefined
  const jitter = (source.id % jitterMinutes) * minuteMs
  let date = nextDate(localDate(profile, after), -1)
  // Eight days hold every weekday after today's time.
  for (let i = 0; i <= 9; i++, date = nextDate(date)) {
    if (weekday !== undefined && weekdayOf(date) !== weekday) continue
    // Counted from the beginning of the day: on the two days on which clocks change, a time may be an hour off.
    const [hours, minutes] = time.split(':').map(Number) as [number, number]
    const begin = endOfDay(profile, nextDate(date, -1)).getTime() + 1
    const at = new Date(begin + (hours * 60 + minutes) * minuteMs + jitter)
    if (at > after) return at
  }
  return null
}
