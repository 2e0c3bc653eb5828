import {
  bodiesWith,
  type CatalogContext,
  checkDataset,
  holdDataset,
  type NewestVersion,
  releaseDataset,
} from '../catalog/index.ts'
import { ConcordError, type Fault } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { audit } from '../security/index.ts'
import { type ClockCase, setClocks } from './clock.ts'
import { gateFaults, gatesOf } from './gates.ts'
import { isOpen, type Situation, type Step } from './machine.ts'
import { linkOf, tellStep } from './notices.ts'
import type { Assessment, AssessmentInput } from './review.schema.ts'
import {
  insertOpinion,
  type SubmissionChange,
  type SubmissionRow,
  selectOpinions,
  selectSubmission,
  updateSubmission,
} from './submission.queries.ts'

export type { SubmissionRow } from './submission.queries.ts'

/** Who acts, in which request, under which rules, and when: rules take the time from here. */
export interface ReviewContext extends CatalogContext {
  now: Date
  /** What other capabilities want to be there before publication: faults, `path` from the content's root. */
  alsoRequired?: (tx: Db, entry: NewestVersion) => Promise<Fault[]>
}

/** The name under which entries are held while they are reviewed. */
export const holder = 'review'

/** The submission as policies ask for it. */
export const policyObject = (s: Pick<SubmissionRow, 'organisationId' | 'state'>) => ({
  kind: 'review',
  organisationId: s.organisationId,
  state: s.state,
})

export interface Person {
  personId: number
  name: string
}

/** Opinions are those of people: the program has none. */
export function personOf(ctx: ReviewContext): Person {
  const { personId, name } = ctx.actor
  if (personId === null) throw new ConcordError('forbidden', 'Only people submit and decide.')
  return { personId, name }
}

export const textMissing = (path: string, message: string) =>
  new ConcordError('invalid_content', message, {
    faults: [{ path, rule: 'text_required', message, remedy: 'Write a sentence or two; they are kept.' }],
  })

/** @throws invalid_content with everything that is missing */
export async function passGates(
  tx: Db,
  ctx: ReviewContext,
  newest: NewestVersion,
  assessment: AssessmentInput | null,
): Promise<void> {
  const { faults: contentFaults } = await checkDataset(tx, ctx, newest.content, newest.uid)
  const faults = gateFaults(gatesOf(newest.content, assessment, contentFaults, ctx.profile))
  if (ctx.alsoRequired) faults.push(...(await ctx.alsoRequired(tx, newest)))
  if (faults.length > 0)
    throw new ConcordError('invalid_content', 'The entry does not pass every gate before publication.', {
      faults,
    })
}

/** The submission as the machine looks at it, with what is being said now. */
export async function situationOf(
  tx: Db,
  s: SubmissionRow,
  said?: Situation['opinions'][number],
): Promise<Situation> {
  const opinions = await selectOpinions(tx, [s.id])
  return { ...s, opinions: said ? [...opinions, said] : opinions }
}

export interface Said {
  step: Step
  text: string | null
  assessment: Assessment | null
}

export async function move(
  tx: Db,
  ctx: ReviewContext,
  before: SubmissionRow,
  change: SubmissionChange,
  said: Said,
): Promise<SubmissionRow> {
  return afterStep(tx, ctx, before, await updateSubmission(tx, before.id, change), said)
}

/** What every step leaves: the opinion, the hold, the clocks, the notices and the audit event. */
export async function afterStep(
  tx: Db,
  ctx: ReviewContext,
  before: SubmissionRow | undefined,
  s: SubmissionRow,
  { step, text, assessment }: Said,
): Promise<SubmissionRow> {
  const { personId, name } = personOf(ctx)
  const stage = before && step !== 'complete' ? before.stage : s.stage
  const at = ctx.now.toISOString()
  const from = before?.state ?? null
  const said = {
    personId,
    stage,
    step,
    version: s.version,
    at,
    by: name,
    from,
    to: s.state,
    text,
    assessment,
  }
  await insertOpinion(tx, s.id, said)
  if (isOpen(s.state)) {
    const hold = {
      holder,
      link: linkOf(s.uid),
      by: s.submittedBy,
      at: s.submittedAt,
      open: s.state === 'returned',
    }
    await holdDataset(tx, s.datasetId, hold)
  } else await releaseDataset(tx, s.datasetId, holder)
  await setClocks(tx, ctx.profile, s.id, step, before, s, await caseOf(tx, s), ctx.now)
  const now = (await selectSubmission(tx, { uid: s.uid }))!
  await tellStep(tx, now, { step, personId, by: name, text })
  await audit(tx, {
    actor: ctx.actor,
    action: actionOf(step),
    objectKind: 'review',
    objectId: s.uid,
    organisationId: s.organisationId,
    decision: 'allow',
    requestId: ctx.requestId,
    detail: { dataset: s.dataset, version: s.version, kind: s.kind, step, stage, from, to: s.state },
  })
  return now
}

const actionOf = (step: Step): string =>
  step === 'submit' || step === 'complete'
    ? 'review:submit'
    : step === 'withdraw'
      ? 'review:withdraw'
      : 'review:decide'

/** By what the profile tells clocks apart. */
async function caseOf(tx: Db, s: SubmissionRow): Promise<ClockCase> {
  const body = (await bodiesWith(tx, [], [s.organisationId])).byId.get(s.organisationId)
  return { tier: body?.tier, division: body?.divisionCode ?? undefined }
}
