import { localDate, workingDaysBetween } from '../platform/calendar.ts'
import { type DeadlineCase, deadline, dueAt } from '../platform/deadline.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import {
  type ClockRow,
  type ClockStage,
  endClocks,
  insertClock,
  pauseClock,
  resumeClock,
  selectClocks,
} from './clock.queries.ts'
import type { Stage, State, Step } from './machine.ts'
import { updateDue } from './submission.queries.ts'

const dayMs = 86_400_000

type Limit = Pick<ClockRow, 'days' | 'unit'>

/**
 * When a clock of this length ends and when it is time to remind: as its last day begins, and half-way where it has
 * only one. @throws calendar_year_missing
 */
export function datesOf(profile: Profile, limit: Limit, from: Date): { dueAt: Date; remindAt: Date } {
  const end = dueAt(profile, limit, from)
  const remindAt =
    limit.days > 1
      ? dueAt(profile, { ...limit, days: limit.days - 1 }, from)
      : new Date((from.getTime() + end.getTime()) / 2)
  return { dueAt: end, remindAt }
}

/** The days a paused clock has left: those after the day of the pause. Null where it had run out by then. */
export function daysLeft(
  profile: Profile,
  clock: Pick<ClockRow, 'unit' | 'dueAt' | 'pausedAt'>,
): number | null {
  const [end, paused] = [new Date(clock.dueAt), new Date(clock.pausedAt!)]
  if (end < paused) return null
  if (clock.unit === 'working_day') return workingDaysBetween(profile, paused, end)
  const date = (at: Date) => Date.parse(localDate(profile, at))
  return Math.round((date(end) - date(paused)) / dayMs)
}

const iso = (dates: { dueAt: Date; remindAt: Date }) => ({
  dueAt: dates.dueAt.toISOString(),
  remindAt: dates.remindAt.toISOString(),
})

export type ClockCase = Omit<DeadlineCase, 'on'>

/** Lets the clock of a stage run: a paused one goes on with the days it had left, else a new one starts. */
async function run(
  tx: Db,
  profile: Profile,
  submissionId: number,
  stage: ClockStage,
  about: ClockCase,
  now: Date,
): Promise<void> {
  const clocks = await selectClocks(tx, submissionId)
  const paused = clocks.find((c) => c.stage === stage && c.pausedAt !== null && c.endedAt === null)
  if (paused) {
    const left = daysLeft(profile, paused)
    const dates =
      left === null
        ? { dueAt: paused.dueAt, remindAt: paused.remindAt }
        : iso(datesOf(profile, { days: left, unit: paused.unit }, now))
    return resumeClock(tx, paused.id, now.toISOString(), dates)
  }
  const limit = deadline(profile, `review.${stage}`, { ...about, on: now })
  if (!limit) return
  const { days, unit, basis, evidence, policyVersion } = limit
  const clock = {
    submissionId,
    stage,
    startedAt: now.toISOString(),
    days,
    unit,
    basis,
    evidence,
    policyVersion,
  }
  await insertClock(tx, { ...clock, ...iso(datesOf(profile, limit, now)) })
}

/**
 * Sets the clocks after a step: the one of a stage that decided ends, that of one that returned stands still while
 * the author's own runs, and whoever is to act next has theirs running.
 */
export async function setClocks(
  tx: Db,
  profile: Profile,
  submissionId: number,
  step: Step,
  before: { stage: Stage } | undefined,
  after: { state: State; stage: Stage },
  about: ClockCase,
  now: Date,
): Promise<void> {
  const at = now.toISOString()
  if (before && step === 'agree') await endClocks(tx, submissionId, at, before.stage)
  if (step === 'complete') await endClocks(tx, submissionId, at, 'completion')
  if (before && step === 'return') await pauseClock(tx, submissionId, before.stage, at)
  const next: ClockStage | undefined =
    after.state === 'returned'
      ? 'completion'
      : after.state === 'dept_review' || after.state === 'centre_review'
        ? after.stage
        : undefined
  if (next) await run(tx, profile, submissionId, next, about, now)
  else await endClocks(tx, submissionId, at)
  const clocks = await selectClocks(tx, submissionId)
  await updateDue(
    tx,
    submissionId,
    clocks.find((c) => c.endedAt === null && c.pausedAt === null),
  )
}
