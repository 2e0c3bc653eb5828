import { bodiesWith } from '../catalog/index.ts'
import { csvLine, csvMark } from '../platform/csv.ts'
import { ConcordError } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import { freshOrganisationTree, isAllowed, subtree } from '../security/index.ts'
import { type Bar, endStates, isOpen, openStates, type State } from './machine.ts'
import type { Review, ReviewList, ReviewQuery } from './review.schema.ts'
import { policyObject, type ReviewContext } from './step.ts'
import { type QueueFilter, type SubmissionRow, selectQueue } from './submission.queries.ts'

/** Rows of one page of the export, and of a whole one: what a spreadsheet is still pleasant with. */
const exportPage = 500
const maxExport = 20_000

type Row = SubmissionRow & { bar: Bar | null }

/** Submissions of the actor's body and below: what waits for them by what is due first, what is decided newest first. */
export async function listReviews(db: Db, ctx: ReviewContext, query: ReviewQuery): Promise<ReviewList> {
  const filter = await toFilter(db, ctx, query)
  if (!filter) return { items: [], next: null }
  const limit = query.limit ?? 50
  const rows = await selectQueue(db, { ...filter, limit: limit + 1 }, ctx.actor.personId)
  return {
    items: await toReviews(db, ctx, rows.slice(0, limit)),
    next: rows.length > limit ? encodeCursor(rows[limit - 1]!) : null,
  }
}

/** The same as lines of CSV. */
export async function* exportReviews(db: Db, ctx: ReviewContext, query: ReviewQuery): AsyncGenerator<string> {
  yield csvMark +
    csvLine([
      'review',
      'dataset',
      'title',
      'body',
      'bodyName',
      'kind',
      'state',
      'stage',
      'version',
      'submittedBy',
      'submittedAt',
      'dueAt',
      'due',
    ])
  const filter = await toFilter(db, ctx, query)
  for (let rows = 0, after = filter?.after; filter && rows < maxExport; rows += exportPage) {
    const page = await selectQueue(db, { ...filter, after, limit: exportPage }, ctx.actor.personId)
    for (const r of await toReviews(db, ctx, page))
      yield csvLine([
        r.uid,
        r.dataset,
        r.title,
        r.body.code,
        r.body.name,
        r.kind,
        r.state,
        r.stage,
        String(r.version),
        r.submittedBy,
        r.submittedAt,
        r.dueAt,
        r.due,
      ])
    if (page.length < exportPage) return
    after = keyOf(page.at(-1)!)
  }
}

/** Turns a query into conditions; undefined when nothing can match. */
async function toFilter(
  db: Db,
  ctx: ReviewContext,
  q: ReviewQuery,
): Promise<Omit<QueueFilter, 'limit'> | undefined> {
  await freshOrganisationTree(db)
  const { actor } = ctx
  let organisationIds = actor.organisationId === null ? [] : subtree(actor.organisationId)
  if (q.body !== undefined) {
    const asked = (await bodiesWith(db, [q.body])).byCode.get(q.body)
    organisationIds = organisationIds.filter((id) => id === asked)
  }
  const asked = q.state ?? 'waiting'
  const states = asked === 'waiting' ? waitingFor(ctx) : statesOf(asked)
  if (organisationIds.length === 0 || states.length === 0) return undefined
  return {
    organisationIds,
    states,
    decidableBy: asked === 'waiting' ? (actor.personId ?? undefined) : undefined,
    stage: q.stage,
    kind: q.kind,
    due: q.due,
    submittedBy: q.mine && actor.personId !== null ? actor.personId : undefined,
    order: states.every(isOpen) ? 'due' : 'newest',
    after: decodeCursor(q.cursor),
    now: ctx.now,
  }
}

/** The states in which it is this person's turn: those their roles decide in, and what came back to be completed. */
function waitingFor({ actor }: ReviewContext): State[] {
  const object = { kind: 'review', organisationId: actor.organisationId }
  const decides = (['dept_review', 'centre_review'] as const).filter((state) =>
    isAllowed(actor, 'review:decide', { ...object, state }),
  )
  // Reviewers may complete what was returned, too; it is not what waits for them.
  const completes = decides.length === 0 && isAllowed(actor, 'review:submit', object)
  return completes ? ['returned'] : decides
}

const statesOf = (asked: Exclude<ReviewQuery['state'], 'waiting' | undefined>): State[] =>
  asked === 'open' ? [...openStates] : asked === 'ended' ? [...endStates] : [asked]

/** Submissions as they are sent, with what the caller may do. */
export async function toReviews(db: Db, ctx: ReviewContext, rows: Row[]): Promise<Review[]> {
  const { byId } = await bodiesWith(
    db,
    [],
    rows.map((r) => r.organisationId),
  )
  return rows.map((r) => {
    const object = policyObject(r)
    const mayDecide = isAllowed(ctx.actor, 'review:decide', object)
    return {
      uid: r.uid,
      revision: r.revision,
      kind: r.kind,
      state: r.state,
      stage: r.stage,
      stages: r.stages,
      dataset: r.dataset,
      version: r.version,
      baseVersion: r.baseVersion,
      title: r.title,
      language: r.language,
      body: byId.get(r.organisationId)!,
      submittedBy: r.submittedBy,
      submittedAt: r.submittedAt,
      dueAt: r.dueAt,
      due: dueOf(r, ctx.now),
      changedAt: r.changedAt,
      may: {
        decide: mayDecide && r.bar === null,
        withdraw: isOpen(r.state) && isAllowed(ctx.actor, 'review:withdraw', object),
        complete: r.state === 'returned' && isAllowed(ctx.actor, 'review:submit', object),
      },
      barred: mayDecide ? r.bar : null,
    }
  })
}

const dueOf = (r: SubmissionRow, now: Date): Review['due'] => {
  if (r.dueAt === null) return null
  if (new Date(r.dueAt) < now) return 'overdue'
  return r.remindAt !== null && new Date(r.remindAt) <= now ? 'soon' : 'in_time'
}

const keyOf = (r: SubmissionRow) => ({ due: r.dueAt ?? 'infinity', id: r.id })
const encodeCursor = (r: SubmissionRow): string =>
  Buffer.from(`${keyOf(r).due} ${r.id}`).toString('base64url')

function decodeCursor(cursor: string | undefined): QueueFilter['after'] {
  if (cursor === undefined) return undefined
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  const found = /^(infinity|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\d{1,9})$/.exec(text)
  if (!found || (found[1] !== 'infinity' && Number.isNaN(Date.parse(found[1]!))))
    throw new ConcordError('invalid_cursor', 'This is not a cursor of this list.')
  return { due: found[1]!, id: Number(found[2]) }
}
