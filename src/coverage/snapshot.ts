import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { rulesOf } from './check.ts'
import { followChanges } from './score.ts'
import {
  type DemoDay,
  deleteSnapshots,
  insertDemoSnapshots,
  insertSnapshot,
  selectDaysToThin,
} from './snapshot.queries.ts'

/** Days for which every day is kept; of older months the last day stays. */
const dailyDays = 92
const dayMs = 86_400_000

/** The calendar day of a moment where the catalogue is kept. */
export const dayOf = (profile: Profile, at: Date): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: profile.calendar.timeZone, dateStyle: 'short' }).format(at)

/**
 * Counts every body, territory, tier and the nation as they are now; the last count of a day is that day's.
 * @returns places counted
 */
export const takeSnapshot = (db: Db, profile: Profile, now = new Date()): Promise<number> =>
  db.transaction().execute((tx) =>
    insertSnapshot(tx, {
      day: dayOf(profile, now),
      at: now.toISOString(),
      rules: rulesOf(profile),
      ratings: profile.coverage.ratings.length,
    }),
  )

/** Removes the days that are old and not the last of their month. @returns days removed */
export async function thinSnapshots(db: Db, profile: Profile, now = new Date()): Promise<number> {
  const days = await selectDaysToThin(db, dayOf(profile, new Date(now.getTime() - dailyDays * dayMs)))
  if (days.length > 0) await deleteSnapshots(db, days)
  return days.length
}

/** Scores and counts everything now, for a catalogue that was just filled. */
export async function refreshCoverage(db: Db, profile: Profile, now = new Date()): Promise<void> {
  await followChanges(db, profile)
  await takeSnapshot(db, profile, now)
}

/** Days between two points of the demo's past. */
const demoStepDays = 7
const demoWeeks = 26

/**
 * A believable past of the demo: half a year in which bodies caught up, week by week to what is counted today. It was
 * not counted, and every answer says so (`origin`: demo).
 */
export async function writeDemoHistory(db: Db, profile: Profile, now = new Date()): Promise<void> {
  const days = Array.from({ length: demoWeeks }, (_, i): DemoDay => {
    const back = demoWeeks - i
    // From 0 at the beginning to 1 today, quick at first.
    const done = Math.sqrt(i / demoWeeks)
    const from = (start: number) => start + (1 - start) * done
    return {
      day: dayOf(profile, new Date(now.getTime() - back * demoStepDays * dayMs)),
      factors: {
        published: from(0.62),
        mounted: from(0.7),
        opened: from(0.55),
        inTime: from(0.8) * (1 - 0.05 * Math.abs(Math.sin(i))),
        graded: from(0.35),
        points: from(0.78),
      },
    }
  })
  await insertDemoSnapshots(db, dayOf(profile, now), days)
}
