import { lockNewest, type NewestVersion } from '../catalog/index.ts'
import { ConcordError, notFound } from '../platform/errors.ts'
import { type Db, inTransaction } from '../platform/postgres.ts'
import { authorize, freshOrganisationTree, isAllowed } from '../security/index.ts'
import { advance, reviewStateOf } from './machine.ts'
import { linkOf } from './notices.ts'
import type { Assessment, AssessmentInput, SubmitRequest } from './review.schema.ts'
import {
  afterStep,
  move,
  type Person,
  passGates,
  personOf,
  type ReviewContext,
  situationOf,
  textMissing,
} from './step.ts'
import { insertSubmission, type SubmissionRow, selectSubmission } from './submission.queries.ts'

/**
 * Submits the newest version of an entry for publication, or a published one for retirement; what was returned is
 * completed by it. From here on the draft stays as it is.
 * @throws not_found, forbidden, stale, held, conflict, invalid_content with what is missing for publication
 */
export async function submit(
  db: Db,
  ctx: ReviewContext,
  dataset: string,
  request: SubmitRequest,
  basedOn?: number,
): Promise<SubmissionRow> {
  const person = personOf(ctx)
  await freshOrganisationTree(db)
  return inTransaction(db, async (tx) => {
    const newest = await lockNewest(tx, dataset)
    const object = { kind: 'dataset', organisationId: newest.organisationId, state: newest.state }
    if (newest.state === 'draft' && !isAllowed(ctx.actor, 'dataset:read-draft', object))
      throw notFound(`The entry ${dataset}`)
    authorize(ctx.actor, 'review:submit', object)
    if (basedOn !== undefined && basedOn !== newest.version)
      throw new ConcordError(
        'stale',
        `The newest version of this entry is ${newest.version}. Look at it first.`,
        {
          more: { currentVersion: newest.version },
        },
      )
    const open = await selectSubmission(tx, { openOf: newest.id }, true)
    if (open && open.state !== 'returned')
      throw new ConcordError('held', `${open.submittedBy} has submitted this entry already.`, {
        more: { link: linkOf(open.uid), heldBy: open.submittedBy, heldSince: open.submittedAt },
      })
    const kind = open?.kind ?? request.kind ?? 'publication'
    checkKind(newest, kind, request)
    const assessment = await assessed(tx, ctx, newest, kind, request.assessment ?? open?.assessment ?? null)
    const text = request.text?.trim() || null
    return open
      ? complete(tx, ctx, person, newest, open, { assessment, text })
      : begin(tx, ctx, person, newest, { kind, assessment, text })
  })
}

function checkKind(newest: NewestVersion, kind: SubmissionRow['kind'], request: SubmitRequest): void {
  if (request.kind !== undefined && request.kind !== kind)
    throw new ConcordError(
      'conflict',
      `What was returned was submitted for ${kind}; withdraw it to submit another.`,
    )
  if (kind === 'publication') {
    if (newest.state === 'published' && !newest.hasDraft)
      throw new ConcordError('conflict', 'This entry is published and has no draft.')
    return
  }
  if (newest.state !== 'published')
    throw new ConcordError('conflict', `Only a published entry can be retired; this one is ${newest.state}.`)
  if (newest.hasDraft)
    throw new ConcordError(
      'conflict',
      'This entry has an open draft; publish it or give it up before it is retired.',
    )
  if (!request.text?.trim()) throw textMissing('/text', 'Say why the entry is to be retired.')
}

/** The assessment to keep, once every gate is passed. Retirement has no gates: it publishes nothing. */
async function assessed(
  tx: Db,
  ctx: ReviewContext,
  newest: NewestVersion,
  kind: SubmissionRow['kind'],
  given: AssessmentInput | Assessment | null,
): Promise<Assessment | null> {
  if (kind === 'retirement') return null
  await passGates(tx, ctx, newest, given)
  if (given && 'by' in given) return given
  const { secrecy, personal } = given!
  return {
    secrecy: { result: secrecy.result, note: secrecy.note?.trim() || null },
    personal: { result: personal.result, note: personal.note?.trim() || null },
    by: ctx.actor.name,
    at: ctx.now.toISOString(),
  }
}

async function begin(
  tx: Db,
  ctx: ReviewContext,
  { personId, name }: Person,
  newest: NewestVersion,
  given: { kind: SubmissionRow['kind']; assessment: Assessment | null; text: string | null },
): Promise<SubmissionRow> {
  const { stages } = ctx.profile.review
  const stage = stages[0]!
  const row = await insertSubmission(
    tx,
    {
      datasetId: newest.id,
      dataset: newest.uid,
      ...underReview(newest, given.assessment),
      kind: given.kind,
      stages,
      baseVersion: newest.state === 'draft' ? null : newest.present,
      submittedById: personId,
      submittedBy: name,
      at: ctx.now,
    },
    { state: reviewStateOf[stage], stage },
  )
  return afterStep(tx, ctx, undefined, row, { step: 'submit', ...given })
}

const underReview = (newest: NewestVersion, assessment: Assessment | null) => ({
  organisationId: newest.organisationId,
  version: newest.version,
  title: newest.content.title,
  language: newest.content.language ?? 'und',
  authors: newest.authors,
  assessment,
})

async function complete(
  tx: Db,
  ctx: ReviewContext,
  { personId }: Person,
  newest: NewestVersion,
  open: SubmissionRow,
  given: { assessment: Assessment | null; text: string | null },
): Promise<SubmissionRow> {
  const said = { personId, stage: open.stage, step: 'complete', version: newest.version } as const
  const to = advance(await situationOf(tx, { ...open, version: newest.version }, said), 'complete')
  if (!to) throw new ConcordError('conflict', 'Every stage has agreed to this version already; withdraw it.')
  const renewed = underReview(newest, given.assessment)
  renewed.authors = [...new Set([...open.authors, ...newest.authors])]
  return move(tx, ctx, open, { ...to, at: ctx.now, renewed }, { step: 'complete', ...given })
}
