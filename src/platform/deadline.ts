import { addWorkingDays, endOfDay, localDate, nextDate } from './calendar.ts'
import type { Profile } from './profile.ts'
import type { DeadlineRow } from './profile-clock.ts'

/** What a clock needs to be stored with: a later policy does not move a due date that is set. */
export type Deadline = Pick<DeadlineRow, 'days' | 'unit' | 'basis' | 'evidence' | 'extension'> & {
  /** `ID@VERSION` of the profile it was read from. */
  policyVersion: string
}

/** What a clock is about, as far as rows tell such cases apart. */
export interface DeadlineCase {
  tier?: string
  sharingClass?: string
  /** Division code of the body that must act. */
  division?: string
  /** When the clock starts. */
  on: Date
}

/** The limit for an event in the case given; undefined where the profile sets none. */
export function deadline(profile: Profile, event: string, at: DeadlineCase): Deadline | undefined {
  const date = localDate(profile, at.on)
  const row = profile.deadlines
    .filter(
      (r) =>
        r.event === event &&
        (r.from ?? date) <= date &&
        date <= (r.to ?? date) &&
        (r.tier ?? at.tier) === at.tier &&
        (r.sharingClass ?? at.sharingClass) === at.sharingClass &&
        (r.division === undefined || at.division?.startsWith(r.division)),
    )
    .sort((a, b) => particularity(b) - particularity(a))[0]
  if (!row) return
  const { days, unit, basis, evidence, extension } = row
  return { days, unit, basis, evidence, extension, policyVersion: `${profile.id}@${profile.version}` }
}

/** A local rule goes before a tier's, a tier's before a class's, any before the general one. */
const particularity = (r: DeadlineRow) =>
  4 * (r.division?.length ?? 0) + (r.tier ? 2 : 0) + (r.sharingClass ? 1 : 0)

/**
 * When a clock of this many days that starts at `from` ends.
 * @throws ConcordError calendar_year_missing
 */
export function dueAt(profile: Profile, limit: Pick<Deadline, 'days' | 'unit'>, from: Date): Date {
  return limit.unit === 'working_day'
    ? addWorkingDays(profile, from, limit.days)
    : endOfDay(profile, nextDate(localDate(profile, from), limit.days))
}
