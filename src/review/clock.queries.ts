import { type Db, sql } from '../platform/postgres.ts'
import type { Stage } from './machine.ts'

/** A stage, or the author completing what was returned. */
export type ClockStage = Stage | 'completion'

export interface ClockRow {
  id: number
  submissionId: number
  stage: ClockStage
  startedAt: string
  days: number
  unit: 'working_day' | 'day'
  basis: string
  evidence: string
  policyVersion: string
  dueAt: string
  remindAt: string
  pausedAt: string | null
  pauses: { from: string; to: string }[]
  remindedAt: string | null
  breachedAt: string | null
  endedAt: string | null
}

const columns = sql`c.id, c.submission_id as "submissionId", c.stage, c.started_at as "startedAt", c.days, c.unit,
  c.basis, c.evidence, c.policy_version as "policyVersion", c.due_at as "dueAt", c.remind_at as "remindAt",
  c.paused_at as "pausedAt", c.pauses, c.reminded_at as "remindedAt", c.breached_at as "breachedAt",
  c.ended_at as "endedAt"`

export type NewClock = Omit<ClockRow, 'id' | 'pausedAt' | 'pauses' | 'remindedAt' | 'breachedAt' | 'endedAt'>

export async function insertClock(db: Db, c: NewClock): Promise<void> {
  await sql`
    insert into review.clock (submission_id, stage, started_at, days, unit, basis, evidence, policy_version, due_at,
      remind_at)
    values (${c.submissionId}, ${c.stage}, ${c.startedAt}, ${c.days}, ${c.unit}, ${c.basis}, ${c.evidence},
      ${c.policyVersion}, ${c.dueAt}, ${c.remindAt})`.execute(db)
}

/** Every clock of a submission, oldest first. */
export async function selectClocks(db: Db, submissionId: number): Promise<ClockRow[]> {
  const { rows } = await sql<ClockRow>`
    select ${columns} from review.clock c where c.submission_id = ${submissionId} order by c.id`.execute(db)
  return rows
}

/** Ends the clocks of a stage that were not ended; without a stage all of the submission. */
export async function endClocks(db: Db, submissionId: number, at: string, stage?: ClockStage): Promise<void> {
  await sql`
    update review.clock set ended_at = ${at} where submission_id = ${submissionId} and ended_at is null
      ${stage === undefined ? sql`` : sql`and stage = ${stage}`}`.execute(db)
}

export async function pauseClock(db: Db, submissionId: number, stage: ClockStage, at: string): Promise<void> {
  await sql`
    update review.clock set paused_at = ${at}
    where submission_id = ${submissionId} and stage = ${stage} and ended_at is null and paused_at is null`.execute(
    db,
  )
}

/** Lets a clock go on, with its pause kept. */
export async function resumeClock(
  db: Db,
  id: number,
  at: string,
  to: { dueAt: string; remindAt: string },
): Promise<void> {
  await sql`
    update review.clock set due_at = ${to.dueAt}, remind_at = ${to.remindAt}, paused_at = null,
      pauses = pauses || jsonb_build_array(jsonb_build_object('from', to_char(paused_at at time zone 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'to', ${at}::text))
    where id = ${id}`.execute(db)
}

/** Running clocks that nobody was reminded of in time, or whose breach was not told; locked, others left to others. */
export async function lockAlarms(db: Db, now: Date, limit: number): Promise<ClockRow[]> {
  const at = sql`${now.toISOString()}::timestamptz`
  const { rows } = await sql<ClockRow>`
    select ${columns} from review.clock c
    where c.ended_at is null and c.paused_at is null and c.breached_at is null
      and (c.due_at < ${at} or (c.reminded_at is null and c.remind_at <= ${at}))
    order by c.due_at limit ${limit} for update skip locked`.execute(db)
  return rows
}

export async function markAlarm(db: Db, id: number, now: Date, breached: boolean): Promise<void> {
  const at = now.toISOString()
  await sql`
    update review.clock set reminded_at = coalesce(reminded_at, ${at}),
      breached_at = ${breached ? at : null} where id = ${id}`.execute(db)
}
