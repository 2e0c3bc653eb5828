import type { Fault } from '../platform/errors.ts'
import { type Db, sql } from '../platform/postgres.ts'
import type { Actor } from '../security/index.ts'
import type { Format, Mapping } from './mapping.schema.ts'

export type ImportState =
  | 'uploaded'
  | 'queued'
  | 'running'
  | 'waiting'
  | 'done'
  | 'stopped'
  | 'failed'
  | 'interrupted'
export type RecordOutcome =
  | 'added'
  | 'changed'
  | 'rejected'
  | 'gone'
  | 'note'
  | 'linked'
  | 'restored'
  | 'removed'

export interface Counts {
  read: number
  added: number
  changed: number
  unchanged: number
  rejected: number
  /** Records whose entry another source holds. */
  linked: number
  gone: number
}

export interface RunError {
  message: string
  place?: string
}

export interface ImportRunRow {
  id: number
  uid: string
  source: string | null
  format: Format
  fileName: string
  fileSize: number
  spool: string | null
  mapping: Mapping | null
  publish: boolean
  body: string | null
  reason: string | null
  state: ImportState
  stopRequested: boolean
  position: number
  bytes: number
  counts: Counts
  organisationId: number | null
  actor: Actor
  createdAt: string
  startedAt: string | null
  resumedAt: string | null
  resumedBytes: number
  finishedAt: string | null
  error: RunError | null
}

export interface ImportRecordRow {
  position: number
  place: string
  sourceId: string | null
  title: string | null
  outcome: RecordOutcome
  datasetUid: string | null
  faults: Fault[] | null
  excerpt: string | null
}

export const runColumns = sql`id, uid, source, format, file_name as "fileName", file_size as "fileSize", spool, mapping,
  publish, body, reason, state, stop_requested as "stopRequested", position, bytes,
  json_build_object('read', read_count, 'added', added_count, 'changed', changed_count, 'unchanged', unchanged_count,
    'rejected', rejected_count, 'linked', linked_count, 'gone', gone_count) as counts,
  organisation_id as "organisationId", actor, created_at as "createdAt", started_at as "startedAt",
  resumed_at as "resumedAt", resumed_bytes as "resumedBytes", finished_at as "finishedAt", error`

export async function insertRun(
  db: Db,
  run: {
    uid?: string
    format: Format
    fileName: string
    fileSize: number
    fileHash: Uint8Array
    spool: string | null
    organisationId: number | null
    actor: Actor
  },
): Promise<ImportRunRow> {
  const { rows } = await sql<ImportRunRow>`
    insert into harvest.import_run (uid, format, file_name, file_size, file_hash, spool, state, organisation_id, actor)
    values (coalesce(${run.uid ?? null}::uuid, gen_random_uuid()), ${run.format}, ${run.fileName}, ${run.fileSize},
      ${run.fileHash}, ${run.spool}, 'uploaded', ${run.organisationId}, ${JSON.stringify(run.actor)}::jsonb)
    returning ${runColumns}`.execute(db)
  return rows[0]!
}

export async function selectRun(db: Db, uid: string): Promise<ImportRunRow | undefined> {
  const { rows } = await sql<ImportRunRow>`
    select ${runColumns} from harvest.import_run where uid = ${uid}`.execute(db)
  return rows[0]
}

/** Runs of these bodies (null: of all), newest first, before the id given. */
export async function selectRuns(
  db: Db,
  filter: { organisationIds: number[] | null; before?: number; limit: number },
): Promise<ImportRunRow[]> {
  const { rows } = await sql<ImportRunRow>`
    select ${runColumns} from harvest.import_run
    where task = 'import' and ${filter.before === undefined ? sql`true` : sql`id < ${filter.before}`}
      ${filter.organisationIds === null ? sql`` : sql`and organisation_id = any(${filter.organisationIds}::int[])`}
    order by id desc limit ${filter.limit}`.execute(db)
  return rows
}

/** Runs with an uploaded file that were at work or waiting when their process ended. */
export async function selectUnfinishedRuns(db: Db): Promise<ImportRunRow[]> {
  const { rows } = await sql<ImportRunRow>`
    select ${runColumns} from harvest.import_run r
    where state in ('queued', 'running', 'interrupted') and spool is not null
      and not exists (select from harvest.import_run n where n.source = r.source and n.id > r.id and n.started_at is not null)
    order by id`.execute(db)
  return rows
}

/** The newest run of the same file with the same mapping that can go on. Call it with the source locked. */
export async function selectResumable(
  db: Db,
  same: { source: string; fileHash: Uint8Array; mappingHash: Uint8Array; publish: boolean },
): Promise<ImportRunRow | undefined> {
  const { rows } = await sql<ImportRunRow>`
    select ${runColumns} from harvest.import_run
    where source = ${same.source} and spool is null
      and id = (select max(id) from harvest.import_run where source = ${same.source} and state <> 'uploaded')
      and state in ('queued', 'interrupted', 'stopped', 'failed') and file_hash = ${same.fileHash}
      and mapping_hash = ${same.mappingHash} and publish = ${same.publish}`.execute(db)
  return rows[0]
}

/**
 * Says how a file is to be imported, and puts it into the queue. False when it is at work or finished already, or has
 * begun with another mapping or as another source: half a file would be imported each way.
 */
export async function updateRunSettings(
  db: Db,
  id: number,
  settings: {
    source: string
    format: Format
    mapping: Mapping
    mappingHash: Uint8Array
    publish: boolean
    body: string | null
    reason: string | null
  },
): Promise<boolean> {
  const { rows } = await sql`
    update harvest.import_run set source = ${settings.source}, format = ${settings.format},
      mapping = ${JSON.stringify(settings.mapping)}::jsonb, mapping_hash = ${settings.mappingHash},
      publish = ${settings.publish}, body = ${settings.body}, reason = ${settings.reason}, state = 'queued',
      stop_requested = false
    where id = ${id} and state in ('uploaded', 'stopped', 'failed', 'interrupted')
      and (position = 0 or (mapping_hash = ${settings.mappingHash} and source = ${settings.source})) returning id`.execute(
    db,
  )
  return rows.length > 0
}

/**
 * Does `work` while no other process works on the source. The lock belongs to a connection of its own and ends with it,
 * so a killed process leaves none behind. Undefined when another one holds it.
 */
export async function withSourceLock<T>(
  db: Db,
  source: string,
  work: () => Promise<T>,
): Promise<{ result: T } | undefined> {
  return db.connection().execute(async (own) => {
    const { rows } = await sql<{ held: boolean }>`
      select pg_try_advisory_lock(hashtext('harvest.import'), hashtext(${source})) as held`.execute(own)
    if (!rows[0]!.held) return undefined
    try {
      return { result: await work() }
    } finally {
      await sql`select pg_advisory_unlock(hashtext('harvest.import'), hashtext(${source}))`
        .execute(own)
        .catch(() => {})
    }
  })
}

/** What a run at work becomes when its process is gone: it can go on, unless somebody asked it to stop. */
const orphaned = sql`state = case when stop_requested then 'stopped' else 'interrupted' end, stop_requested = false,
  finished_at = now()`

/**
 * Ends the runs of a source that a killed process left at work. Call it with the source locked: a run at work holds the
 * lock, so whoever has it knows that nobody works on them.
 */
export async function endOrphans(db: Db, source: string): Promise<void> {
  await sql`update harvest.import_run set ${orphaned} where source = ${source} and state = 'running'`.execute(
    db,
  )
}

/** The same for who does not hold the lock: nothing happens while a process works on the source. */
export async function endOrphansIfFree(db: Db, source: string): Promise<void> {
  await sql`
    with own as (
      select pg_try_advisory_xact_lock(hashtext('harvest.import'), hashtext(${source})) as held
    )
    update harvest.import_run set ${orphaned}
    where source = ${source} and state = 'running' and (select held from own)`.execute(db)
}

/** Takes a run; whoever had it before can write nothing from now on. Call it with the source locked and orphans ended. */
export async function takeRun(db: Db, id: number): Promise<number | undefined> {
  const { rows } = await sql<{ epoch: number }>`
    update harvest.import_run set state = 'running', epoch = epoch + 1, started_at = coalesce(started_at, now()),
      resumed_at = now(), resumed_bytes = bytes, finished_at = null, error = null
    where id = ${id} and state in ('queued', 'interrupted') returning epoch`.execute(db)
  return rows[0]?.epoch
}

/** Writes the checkpoint of a batch. Undefined when the run was taken over; else whether somebody asked to stop. */
export async function advanceRun(
  db: Db,
  id: number,
  epoch: number,
  to: { position: number; bytes: number; counts: Omit<Counts, 'gone'> },
): Promise<{ stop: boolean } | undefined> {
  const { counts } = to
  const { rows } = await sql<{ stop: boolean }>`
    update harvest.import_run set position = ${to.position}, bytes = ${to.bytes},
      read_count = read_count + ${counts.read}, added_count = added_count + ${counts.added},
      changed_count = changed_count + ${counts.changed}, unchanged_count = unchanged_count + ${counts.unchanged},
      rejected_count = rejected_count + ${counts.rejected}
    where id = ${id} and epoch = ${epoch} and state = 'running' returning stop_requested as stop`.execute(db)
  return rows[0]
}

/** Ends a run. False when it was taken over. */
export async function finishRun(
  db: Db,
  id: number,
  epoch: number,
  end: { state: ImportState; gone?: number; error?: RunError },
): Promise<boolean> {
  const { rows } = await sql`
    update harvest.import_run set state = ${end.state}, finished_at = now(), stop_requested = false,
      gone_count = ${end.gone ?? 0}, error = ${end.error ? JSON.stringify(end.error) : null}::jsonb,
      bytes = case when ${end.state} = 'done' then file_size else bytes end
    where id = ${id} and epoch = ${epoch} and state = 'running' returning id`.execute(db)
  return rows.length > 0
}

/** Asks a run to stop; one that has not begun is stopped at once. */
export async function requestStop(db: Db, id: number): Promise<void> {
  await sql`update harvest.import_run set
      stop_requested = state = 'running',
      state = case when state in ('queued', 'uploaded', 'interrupted') then 'stopped' else state end
    where id = ${id} and state in ('uploaded', 'queued', 'running', 'interrupted')`.execute(db)
}

/** Bulk work may take longer than a request: milliseconds for each statement of this transaction. */
export async function allowLongStatements(db: Db, ms: number): Promise<void> {
  await sql`select set_config('statement_timeout', ${String(ms)}, true)`.execute(db)
}
