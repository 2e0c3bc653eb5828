import { type Db, inTransaction } from '../platform/postgres.ts'
import { audit, systemActor } from '../security/index.ts'
import { type ClockRow, lockAlarms, markAlarm } from './clock.queries.ts'
import { tellAlarm } from './notices.ts'
import { type SubmissionRow, selectSubmission } from './submission.queries.ts'

/** Clocks looked at in one transaction. */
const batch = 100
const actor = systemActor('review clocks')

/**
 * Reminds of clocks that end soon, and says of those that have run out so to the level above. What was said is noted
 * with the clock in the same transaction, so that nothing is said twice, however often and by however many this runs.
 */
export async function watchClocks(db: Db, now: Date): Promise<{ reminded: number; breached: number }> {
  const done = { reminded: 0, breached: 0 }
  for (;;) {
    const clocks = await inTransaction(db, async (tx) => {
      const found = await lockAlarms(tx, now, batch)
      for (const clock of found) {
        const s = (await selectSubmission(tx, { id: clock.submissionId }))!
        const late = new Date(clock.dueAt) < now
        await markAlarm(tx, clock.id, now, late)
        await tellAlarm(tx, s, clock, late)
        if (late) await auditBreach(tx, s, clock)
        done[late ? 'breached' : 'reminded']++
      }
      return found.length
    })
    if (clocks < batch) return done
  }
}

const auditBreach = (tx: Db, s: SubmissionRow, clock: ClockRow) =>
  audit(tx, {
    actor,
    action: 'review:escalate',
    objectKind: 'review',
    objectId: s.uid,
    organisationId: s.organisationId,
    decision: 'allow',
    detail: {
      dataset: s.dataset,
      stage: clock.stage,
      dueAt: clock.dueAt,
      policyVersion: clock.policyVersion,
    },
  })
