import { type Db, sql } from '../platform/postgres.ts'
import type { Bar, Past, Stage, State, Step } from './machine.ts'
import type { Assessment, Kind } from './review.schema.ts'

/** A submission with the row ids that rules need. */
export interface SubmissionRow {
  id: number
  uid: string
  datasetId: number
  dataset: string
  organisationId: number
  kind: Kind
  state: State
  stage: Stage
  stages: Stage[]
  revision: number
  version: number
  baseVersion: number | null
  title: string
  language: string
  assessment: Assessment | null
  submittedById: number
  submittedBy: string
  submittedAt: string
  authors: number[]
  dueAt: string | null
  remindAt: string | null
  changedAt: string
}

const columns = sql`s.id, s.uid, s.dataset_id as "datasetId", s.dataset_uid as dataset,
  s.organisation_id as "organisationId", s.kind, s.state, s.stage, s.stages, s.revision, s.version,
  s.base_version as "baseVersion", s.title, s.language, s.assessment, s.submitted_by as "submittedById",
  s.submitted_by_name as "submittedBy", s.submitted_at as "submittedAt", s.authors, s.due_at as "dueAt",
  s.remind_at as "remindAt", s.changed_at as "changedAt"`
const open = sql`s.state in ('dept_review', 'centre_review', 'returned')`

/** `lock` holds it until the end of the transaction; lock its entry first. */
export async function selectSubmission(
  db: Db,
  by: { uid: string } | { id: number } | { openOf: number },
  lock = false,
): Promise<SubmissionRow | undefined> {
  const where =
    'uid' in by
      ? sql`s.uid = ${by.uid}`
      : 'id' in by
        ? sql`s.id = ${by.id}`
        : sql`s.dataset_id = ${by.openOf} and ${open}`
  const { rows } = await sql<SubmissionRow>`
    select ${columns} from review.submission s where ${where} ${lock ? sql`for update` : sql``}`.execute(db)
  return rows[0]
}

export interface NewSubmission {
  datasetId: number
  dataset: string
  organisationId: number
  kind: Kind
  stages: readonly Stage[]
  version: number
  baseVersion: number | null
  title: string
  language: string
  assessment: Assessment | null
  submittedById: number
  submittedBy: string
  authors: number[]
  at: Date
}

/** @returns the row as it is now, in the state of the first stage. */
export async function insertSubmission(
  db: Db,
  n: NewSubmission,
  to: { state: State; stage: Stage },
): Promise<SubmissionRow> {
  const { rows } = await sql<SubmissionRow>`
    insert into review.submission as s (dataset_id, dataset_uid, organisation_id, kind, state, stages, stage, version,
      base_version, title, language, assessment, submitted_by, submitted_by_name, submitted_at, authors, changed_at)
    values (${n.datasetId}, ${n.dataset}, ${n.organisationId}, ${n.kind}, ${to.state}, ${n.stages}::text[],
      ${to.stage}, ${n.version}, ${n.baseVersion}, ${n.title}, ${n.language},
      ${n.assessment && JSON.stringify(n.assessment)}::jsonb, ${n.submittedById}, ${n.submittedBy},
      ${n.at.toISOString()}, ${n.authors}::int[], ${n.at.toISOString()})
    returning ${columns}`.execute(db)
  return rows[0]!
}

/** What a step changes of a submission. */
export interface SubmissionChange {
  state: State
  stage: Stage
  at: Date
  /** Of a completion: what is under review from now on. */
  renewed?: Pick<
    NewSubmission,
    'organisationId' | 'version' | 'title' | 'language' | 'assessment' | 'authors'
  >
}

export async function updateSubmission(db: Db, id: number, c: SubmissionChange): Promise<SubmissionRow> {
  const r = c.renewed
  const renewed = r
    ? sql`, organisation_id = ${r.organisationId}, version = ${r.version}, title = ${r.title},
        language = ${r.language}, assessment = ${r.assessment && JSON.stringify(r.assessment)}::jsonb,
        authors = ${r.authors}::int[]`
    : sql``
  const { rows } = await sql<SubmissionRow>`
    update review.submission s set state = ${c.state}, stage = ${c.stage}, revision = revision + 1,
      changed_at = ${c.at.toISOString()} ${renewed}
    where id = ${id} returning ${columns}`.execute(db)
  return rows[0]!
}

export async function updateDue(db: Db, id: number, due: { dueAt: string; remindAt: string } | undefined) {
  await sql`update review.submission set due_at = ${due?.dueAt ?? null}, remind_at = ${due?.remindAt ?? null}
    where id = ${id}`.execute(db)
}

export interface OpinionRow extends Past {
  submissionId: number
  at: string
  by: string
  from: State | null
  to: State
  text: string | null
  assessment: Assessment | null
}

export async function insertOpinion(
  db: Db,
  submissionId: number,
  o: Omit<OpinionRow, 'submissionId'>,
): Promise<void> {
  await sql`
    insert into review.opinion (submission_id, at, person_id, person_name, stage, step, from_state, to_state, version,
      text, assessment)
    values (${submissionId}, ${o.at}, ${o.personId}, ${o.by}, ${o.stage}, ${o.step}, ${o.from}, ${o.to}, ${o.version},
      ${o.text}, ${o.assessment && JSON.stringify(o.assessment)}::jsonb)`.execute(db)
}

/** Everything said about these submissions, oldest first. */
export async function selectOpinions(db: Db, submissionIds: number[]): Promise<OpinionRow[]> {
  const { rows } = await sql<OpinionRow & { step: Step }>`
    select submission_id as "submissionId", at, person_id as "personId", person_name as "by", stage, step,
      from_state as "from", to_state as "to", version, text, assessment
    from review.opinion where submission_id = any(${submissionIds}::int[]) order by id`.execute(db)
  return rows
}

export interface QueueFilter {
  organisationIds: number[]
  states: readonly State[]
  /** Leaves out what four eyes keep this person from, unless it was returned for completion. */
  decidableBy?: number
  stage?: Stage
  kind?: Kind
  due?: 'soon' | 'overdue'
  submittedBy?: number
  /** `due`: what is due first; `newest`: the last submitted first. */
  order: 'due' | 'newest'
  after?: { due: string; id: number }
  now: Date
  limit: number
}

/** Rows of a queue, with why the person asking may not decide about each. */
export async function selectQueue(
  db: Db,
  f: QueueFilter,
  personId: number | null,
): Promise<(SubmissionRow & { bar: Bar | null })[]> {
  const now = sql`${f.now.toISOString()}::timestamptz`
  const dueKey = sql`coalesce(s.due_at, 'infinity')`
  const bar = barColumn(personId)
  const conditions = [
    sql`s.organisation_id = any(${f.organisationIds}::int[])`,
    sql`s.state in (${sql.join(f.states.map((s) => sql.lit(s)))})`,
    f.decidableBy !== undefined && sql`(s.state = 'returned' or ${barColumn(f.decidableBy)} is null)`,
    f.stage && sql`s.stage = ${f.stage}`,
    f.kind && sql`s.kind = ${f.kind}`,
    f.due === 'overdue' && sql`s.due_at < ${now}`,
    f.due === 'soon' && sql`s.remind_at <= ${now} and s.due_at >= ${now}`,
    f.submittedBy !== undefined && sql`s.submitted_by = ${f.submittedBy}`,
    f.after &&
      (f.order === 'due'
        ? sql`(${dueKey}, s.id) > (${f.after.due}::timestamptz, ${f.after.id})`
        : sql`s.id < ${f.after.id}`),
  ].filter((c) => c !== undefined && c !== false)
  const { rows } = await sql<SubmissionRow & { bar: Bar | null }>`
    select ${columns}, ${bar} as bar from review.submission s where ${sql.join(conditions, sql` and `)}
    order by ${f.order === 'due' ? sql`${dueKey}, s.id` : sql`s.id desc`} limit ${f.limit}`.execute(db)
  return rows
}

/** The rule `barOf` of machine.ts for many rows at once; a test holds the two together. */
const barColumn = (personId: number | null) => sql<Bar | null>`case
  when ${personId}::int is null then null
  when ${personId}::int = any(s.authors) then 'author'
  when exists (select from review.opinion o where o.submission_id = s.id and o.person_id = ${personId}
    and o.step in ('submit', 'complete')) then 'submitter'
  when exists (select from review.opinion o where o.submission_id = s.id and o.person_id = ${personId}
    and o.step in ('agree', 'return', 'refuse') and o.stage <> s.stage) then 'other_stage'
end`

/** True when the entry was ever submitted. */
export async function wasReviewed(db: Db, dataset: string): Promise<boolean> {
  const { rows } = await sql`select from review.submission where dataset_uid = ${dataset} limit 1`.execute(db)
  return rows.length > 0
}

/** Submissions of an entry, newest first, below a row id. */
export async function selectOfDataset(
  db: Db,
  dataset: string,
  page: { before?: number; limit: number },
  personId: number | null,
): Promise<(SubmissionRow & { bar: Bar | null })[]> {
  const { rows } = await sql<SubmissionRow & { bar: Bar | null }>`
    select ${columns}, ${barColumn(personId)} as bar from review.submission s
    where s.dataset_uid = ${dataset} ${page.before === undefined ? sql`` : sql`and s.id < ${page.before}`}
    order by s.id desc limit ${page.limit}`.execute(db)
  return rows
}
