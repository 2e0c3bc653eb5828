import { lockNewest, type NewestVersion, publishDataset, retireDataset } from '../catalog/index.ts'
import { ConcordError, notFound } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { authorize, freshOrganisationTree, isAllowed } from '../security/index.ts'
import { advance, barOf, isOpen } from './machine.ts'
import type { DecisionRequest } from './review.schema.ts'
import {
  holder,
  move,
  passGates,
  personOf,
  policyObject,
  type ReviewContext,
  situationOf,
  textMissing,
} from './step.ts'
import { type SubmissionRow, selectOpinions, selectSubmission } from './submission.queries.ts'

/**
 * Decides about a submission at its present stage. The last agreement publishes, or retires, the version under review.
 * @throws not_found, forbidden, four_eyes, stale, conflict, invalid_content
 */
export async function decide(
  db: Db,
  ctx: ReviewContext,
  uid: string,
  { decision, opinion }: DecisionRequest,
  revision: number,
): Promise<SubmissionRow> {
  const { personId } = personOf(ctx)
  const text = opinion?.trim() || null
  return changeSubmission(db, ctx, uid, revision, async (tx, s, newest) => {
    const waits = s.state === 'dept_review' || s.state === 'centre_review'
    if (!waits) throw ended(s)
    authorize(ctx.actor, 'review:decide', policyObject(s))
    const said = { personId, stage: s.stage, step: decision, version: s.version } as const
    const situation = await situationOf(tx, s)
    refuseSameEyes(personId, { ...s, opinions: situation.opinions })
    if (decision !== 'agree' && !text)
      throw textMissing('/opinion', 'Say what is missing or wrong; the author needs it.')
    const to = advance({ ...situation, opinions: [...situation.opinions, said] }, decision)!
    if (decision === 'agree' && s.kind === 'publication') await passGates(tx, ctx, newest, s.assessment)
    if (to.state === 'approved') await carryOut(tx, ctx, s, text)
    return move(tx, ctx, s, { ...to, at: ctx.now }, { step: decision, text, assessment: null })
  })
}

const ended = (s: SubmissionRow) =>
  new ConcordError(
    'conflict',
    s.state === 'returned' ? 'This was returned and waits for its author.' : `This was ${s.state} already.`,
    { more: { state: s.state } },
  )

const sayings = {
  author: 'You wrote on this draft',
  submitter: 'You submitted this',
  other_stage: 'You decided at the other stage of this review',
} as const

/** @throws four_eyes */
function refuseSameEyes(personId: number, s: Parameters<typeof barOf>[1]): void {
  const bar = barOf(personId, s)
  if (bar)
    throw new ConcordError('four_eyes', `${sayings[bar]}; somebody else must decide about it.`, {
      more: { barred: bar },
    })
}

/** Does what every stage has agreed to. The reason kept with the version is the author's, else the last opinion. */
async function carryOut(tx: Db, ctx: ReviewContext, s: SubmissionRow, opinion: string | null): Promise<void> {
  const opinions = await selectOpinions(tx, [s.id])
  const asked = opinions.findLast((o) => (o.step === 'submit' || o.step === 'complete') && o.text !== null)
  const reason = asked?.text ?? opinion ?? undefined
  const options = { basedOn: s.version, holder, reason }
  await (s.kind === 'publication' ? publishDataset : retireDataset)(tx, ctx, s.dataset, options)
}

/** Takes a submission back; its draft may be written on again. @throws not_found, forbidden, stale, conflict */
export async function withdraw(
  db: Db,
  ctx: ReviewContext,
  uid: string,
  opinion: string | null | undefined,
  revision?: number,
): Promise<SubmissionRow> {
  personOf(ctx)
  return changeSubmission(db, ctx, uid, revision, async (tx, s) => {
    if (!isOpen(s.state)) throw ended(s)
    authorize(ctx.actor, 'review:withdraw', policyObject(s))
    const change = { state: 'withdrawn', stage: s.stage, at: ctx.now } as const
    return move(tx, ctx, s, change, { step: 'withdraw', text: opinion?.trim() || null, assessment: null })
  })
}

/** Locks an entry, then its submission (the order of all writers), and compares revisions. */
async function changeSubmission(
  db: Db,
  ctx: ReviewContext,
  uid: string,
  revision: number | undefined,
  work: (tx: Db, s: SubmissionRow, newest: NewestVersion) => Promise<SubmissionRow>,
): Promise<SubmissionRow> {
  await freshOrganisationTree(db)
  return inTransaction(db, async (tx) => {
    const found = await selectSubmission(tx, { uid })
    if (!found || !isAllowed(ctx.actor, 'review:read', policyObject(found)))
      throw notFound(`The review ${uid}`)
    // An entry that was withdrawn may be gone; what was said about it stays.
    if (!isOpen(found.state)) throw ended(found)
    const newest = await lockNewest(tx, found.dataset)
    const s = (await selectSubmission(tx, { uid }, true))!
    if (revision !== undefined && revision !== s.revision)
      throw new ConcordError(
        'stale',
        'Somebody took a step in this review in the meantime. Look at it first.',
        {
          more: { currentRevision: s.revision, state: s.state },
        },
      )
    return work(tx, s, newest)
  })
}
