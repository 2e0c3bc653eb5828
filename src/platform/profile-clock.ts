import Type, { type Static } from 'typebox'
import { Evidence } from './profile-evidence.ts'

/** `2026-02-17`. That it exists is checked by `clockFaults`. */
const IsoDate = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })

/** Deadlines are counted in days; a clock of years would be a mistake in the data. */
const maxDeadlineDays = 366

const CalendarYear = Type.Object(
  {
    /** Every official day off, also those that fall on a weekend. */
    holidays: Type.Array(IsoDate, { maxItems: 120 }),
    /** Days of a weekend on which work is made up. */
    workdays: Type.Array(IsoDate, { maxItems: 60 }),
    evidence: Evidence,
    source: Type.Optional(Type.String({ minLength: 1 })),
  },
  { additionalProperties: false },
)

/** Working days are data: a year that is not here is not guessed. */
export const Calendar = Type.Object(
  {
    /** IANA name; a day begins and ends here. */
    timeZone: Type.String({ minLength: 1 }),
    /** ISO weekdays (Monday 1 … Sunday 7) without work unless made up. */
    weekend: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { maxItems: 6, uniqueItems: true }),
    years: Type.Record(Type.String({ pattern: '^\\d{4}$' }), CalendarYear),
  },
  { additionalProperties: false },
)

/** A limit in time. What is left out (tier, class, division) holds for all; the most particular row counts. */
export const DeadlineRow = Type.Object(
  {
    /** What starts the clock, `noun.verb`. */
    event: Type.String({ pattern: '^[a-z]+(\\.[a-z-]+)+$' }),
    days: Type.Integer({ minimum: 0, maximum: maxDeadlineDays }),
    unit: Type.Enum(['working_day', 'day']),
    tier: Type.Optional(Type.String()),
    sharingClass: Type.Optional(Type.String()),
    /** Beginning of the division code of the territory where a local rule holds. */
    division: Type.Optional(Type.String({ pattern: '^[0-9A-Za-z-]{1,20}$' })),
    /** First and last day on which a clock that starts is run by this row. */
    from: Type.Optional(IsoDate),
    to: Type.Optional(IsoDate),
    /** One extension that may be granted. */
    extension: Type.Optional(
      Type.Object(
        { days: Type.Integer({ minimum: 1, maximum: maxDeadlineDays }), evidence: Evidence },
        { additionalProperties: false },
      ),
    ),
    basis: Type.String({ minLength: 1 }),
    evidence: Evidence,
  },
  { additionalProperties: false },
)

export type Calendar = Static<typeof Calendar>
export type DeadlineRow = Static<typeof DeadlineRow>

/** ISO weekday of a date, Monday 1 … Sunday 7. */
export const weekdayOf = (isoDate: string) => new Date(`${isoDate}T00:00:00Z`).getUTCDay() || 7

const dateExists = (isoDate: string) => {
  const date = new Date(`${isoDate}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(isoDate)
}

/** What is wrong with calendar and deadlines beyond their form. `lists`: the codes that rows may name. */
export function clockFaults(
  clock: { calendar: Calendar; deadlines: DeadlineRow[] },
  lists: { tier: Set<string>; sharingType: Set<string> },
): string[] {
  return [...calendarFaults(clock.calendar), ...deadlineFaults(clock.deadlines, lists)]
}

function calendarFaults({ timeZone, weekend, years }: Calendar): string[] {
  const faults: string[] = []
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    faults.push(`/calendar/timeZone: ${timeZone} is no time zone; write an IANA name such as Asia/Shanghai`)
  }
  for (const [year, { holidays, workdays }] of Object.entries(years)) {
    const at = `/calendar/years/${year}`
    if (!/^\d{4}$/.test(year)) faults.push(`${at}: is no year`)
    const seen = new Set<string>()
    for (const date of [...holidays, ...workdays]) {
      if (!dateExists(date)) faults.push(`${at}: ${date} is not in the calendar`)
      else if (!date.startsWith(`${year}-`)) faults.push(`${at}: ${date} belongs to another year`)
      if (seen.has(date)) faults.push(`${at}: ${date} is there twice`)
      seen.add(date)
    }
    for (const date of workdays)
      if (!weekend.includes(weekdayOf(date)))
        faults.push(`${at}/workdays: ${date} is no day of a weekend, so nothing is made up on it`)
  }
  return faults
}

function deadlineFaults(
  rows: DeadlineRow[],
  lists: { tier: Set<string>; sharingType: Set<string> },
): string[] {
  const faults: string[] = []
  rows.forEach((row, i) => {
    const at = `/deadlines/${i} (${row.event})`
    for (const name of ['from', 'to'] as const)
      if (row[name] && !dateExists(row[name]))
        faults.push(`${at}/${name}: ${row[name]} is not in the calendar`)
    if (row.from && row.to && row.from > row.to) faults.push(`${at}: ends before it begins`)
    if (row.tier && !lists.tier.has(row.tier)) faults.push(`${at}/tier: ${row.tier} is no tier`)
    if (row.sharingClass && !lists.sharingType.has(row.sharingClass))
      faults.push(`${at}/sharingClass: ${row.sharingClass} is no sharing class`)
    rows.slice(0, i).forEach((other, j) => {
      if (sameScope(row, other) && overlap(row, other))
        faults.push(`${at}: holds on the same days as /deadlines/${j}; give one of them an end`)
    })
    // A tier may be quicker than the law demands, never slower.
    const slower = rows.find(
      (other) =>
        row.tier &&
        !other.tier &&
        sameScope({ ...row, tier: undefined }, other) &&
        overlap(row, other) &&
        row.unit === other.unit &&
        row.days > other.days,
    )
    if (slower) faults.push(`${at}: a tier's clock may be shorter than ${slower.days} days, not longer`)
  })
  return faults
}

const sameScope = (a: DeadlineRow, b: DeadlineRow) =>
  a.event === b.event && a.tier === b.tier && a.sharingClass === b.sharingClass && a.division === b.division

const overlap = (a: DeadlineRow, b: DeadlineRow) =>
  (a.from ?? '') <= (b.to ?? '9999') && (b.from ?? '') <= (a.to ?? '9999')
