import { type NoticeInput, notify } from '../notice/index.ts'
import type { Db } from '../platform/postgres.ts'
import { workPage } from '../platform/work-page.ts'
import { pathToRoot, peopleWithRole, type Role } from '../security/index.ts'
import type { ClockRow } from './clock.queries.ts'
import type { Stage, State, Step } from './machine.ts'
import type { SubmissionRow } from './submission.queries.ts'

const roleOf: Record<Stage, Role> = { department: 'department_reviewer', office: 'data_office_reviewer' }

/** Path of a submission in the web. */
export const linkOf = (uid: string) => workPage('reviews', uid)

const nearest = (db: Db, stage: Stage, organisationId: number) =>
  peopleWithRole(db, roleOf[stage], organisationId, { nearest: true })

/**
 * The level above those whose turn it is: reviewers of the stage further up; above the last of a department its data
 * office; where there is nobody above, the same people again.
 */
async function nextLevel(db: Db, stage: Stage, organisationId: number): Promise<number[]> {
  const first = await nearest(db, stage, organisationId)
  for (const body of pathToRoot(organisationId)) {
    const found = await nearest(db, stage, body)
    if (found.length > 0 && !found.some((id) => first.includes(id))) return found
  }
  return stage === 'department' ? nearest(db, 'office', organisationId) : first
}

const about = (s: SubmissionRow) => ({
  link: linkOf(s.uid),
  objectKind: 'review',
  objectId: s.uid,
})

const kindOf = {
  dept_review: 'review.waiting',
  centre_review: 'review.waiting',
  returned: 'review.returned',
  refused: 'review.refused',
  withdrawn: 'review.withdrawn',
  approved: 'review.approved',
} as const satisfies Record<State, NoticeInput['kind']>

/** Tells of a step whoever is to act next, or whoever asked; never the one who took it. */
export async function tellStep(
  tx: Db,
  s: SubmissionRow,
  step: { step: Step; personId: number; by: string; text: string | null },
): Promise<void> {
  const stageWaits = s.state === 'dept_review' || s.state === 'centre_review'
  const concerned = stageWaits
    ? await nearest(tx, s.stage, s.organisationId)
    : s.state === 'withdrawn'
      ? [s.submittedById, ...(await nearest(tx, s.stage, s.organisationId))]
      : [s.submittedById, ...s.authors]
  const uninvited = stageWaits ? [step.personId, ...s.authors] : [step.personId]
  const to = concerned.filter((id) => !uninvited.includes(id))
  if (to.length === 0) return
  await notify(tx, {
    ...about(s),
    to,
    kind: kindOf[s.state],
    params: { title: s.title, by: step.by, opinion: step.text, due: s.dueAt },
    dedupe: `review:${s.uid}:${s.revision}`,
  })
}

/** Tells of a clock that ends soon whoever is to act; of one that has run out also the level above. */
export async function tellAlarm(tx: Db, s: SubmissionRow, clock: ClockRow, late: boolean): Promise<void> {
  const completing = clock.stage === 'completion'
  const acting = completing ? [s.submittedById, ...s.authors] : await nearest(tx, s.stage, s.organisationId)
  const to = !late
    ? acting
    : completing
      ? [...acting, ...(await nearest(tx, 'department', s.organisationId))]
      : [...acting, s.submittedById, ...(await nextLevel(tx, s.stage, s.organisationId))]
  if (to.length === 0) return
  await notify(tx, {
    ...about(s),
    to,
    kind: late ? 'review.late' : 'review.due',
    params: { title: s.title, due: clock.dueAt },
    dedupe: `review-clock:${clock.id}:${late ? 'late' : 'due'}`,
  })
}
