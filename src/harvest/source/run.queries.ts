import type { Fault } from '../../platform/errors.ts'
import { type Db, sql } from '../../platform/postgres.ts'
import type { Actor } from '../../security/index.ts'
import { type ImportRunRow, type ImportState, type RunError, runColumns } from '../import.queries.ts'
import type { PageEnd } from '../import-batch.ts'
import type { BatchCounts } from '../import-write.ts'
import type { Format, Mapping } from '../mapping.schema.ts'

/** A page that could not be read whole. */
export interface FailedPage {
  from: unknown
  faults: Fault[]
  tries: number
}

/** A run of a source: a harvest, or the removal of all its entries. */
export interface HarvestRunRow extends ImportRunRow {
  task: 'harvest' | 'removal'
  sourceRow: number | null
  epoch: number
  cursor: unknown
  cursorEvents: number
  total: number | null
  pages: number
  failedPages: FailedPage[]
  since: string | null
  readEnd: boolean
  complete: boolean | null
  validators: unknown
  assumed: Record<string, number>
  repeated: number
  unread: number
  removals: number | null
  decision: 'approved' | 'refused' | 'superseded' | null
  decidedBy: string | null
  decidedAt: string | null
  tries: number
  retryAt: string | null
  resumedRead: number
}

export const runRowColumns = sql`${runColumns}, task, source_row as "sourceRow", epoch, cursor, cursor_events as "cursorEvents", total,
  page_count as pages, failed_pages as "failedPages", since, read_end as "readEnd", complete, validators, assumed,
  repeated_count as repeated, unread_count as unread, removal_count as removals, decision,
  decided_by_name as "decidedBy", decided_at as "decidedAt", tries, retry_at as "retryAt", resumed_read as "resumedRead"`

export interface NewRun {
  task: 'harvest' | 'removal'
  source: { id: number; name: string; title: string; body: string | null; publish: boolean }
  format: Format
  mapping: Mapping | null
  organisationId: number | null
  actor: Actor
  reason: string
  since: string | null
  /** A run that asks for changes only begins where the last one that was read to its end stopped. */
  goOn?: boolean
}

/** Puts a run into the queue. Undefined when the source has one that waits or works. */
export async function insertHarvestRun(db: Db, run: NewRun): Promise<HarvestRunRow | undefined> {
  const { source } = run
  const { rows } = await sql<HarvestRunRow>`
    insert into harvest.import_run (task, source_row, source, format, file_name, file_size, file_hash, mapping, publish,
      body, reason, state, organisation_id, actor, since, cursor)
    values (${run.task}, ${source.id}, ${source.name}, ${run.format}, ${source.title}, 0, ''::bytea,
      ${run.mapping && JSON.stringify(run.mapping)}::jsonb, ${source.publish}, ${source.body}, ${run.reason}, 'queued',
      ${run.organisationId}, ${JSON.stringify(run.actor)}::jsonb, ${run.since},
      ${
        run.goOn && run.since !== null
          ? sql`(select cursor from harvest.import_run
              where source_row = ${source.id} and task = 'harvest' and read_end and state = 'done'
              order by id desc limit 1)`
          : null
      })
    on conflict (source_row) where task <> 'import' and state in ('queued', 'running', 'interrupted') do nothing
    returning ${runRowColumns}`.execute(db)
  return rows[0]
}

export async function selectHarvestRun(db: Db, uid: string): Promise<HarvestRunRow | undefined> {
  const { rows } = await sql<HarvestRunRow>`
    select ${runRowColumns} from harvest.import_run where uid = ${uid} and task <> 'import'`.execute(db)
  return rows[0]
}

/** Runs of a source, newest first. */
export async function selectHarvestRuns(
  db: Db,
  sourceRow: number,
  page: { before?: number; limit: number },
): Promise<HarvestRunRow[]> {
  const { rows } = await sql<HarvestRunRow>`
    select ${runRowColumns} from harvest.import_run
    where source_row = ${sourceRow} and task <> 'import'
      ${page.before === undefined ? sql`` : sql`and id < ${page.before}`}
    order by id desc limit ${page.limit}`.execute(db)
  return rows
}

/** These runs, by row id. */
export async function selectLastRuns(db: Db, ids: number[]): Promise<Map<number, HarvestRunRow>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<HarvestRunRow>`
    select ${runRowColumns} from harvest.import_run where id = any(${ids}::int[])`.execute(db)
  return new Map(rows.map((r) => [r.id, r]))
}

/** Runs that wait for a process, or that a killed one may have left, whose time has come. */
export async function selectOpenRuns(db: Db, limit: number): Promise<HarvestRunRow[]> {
  const { rows } = await sql<HarvestRunRow>`
    select ${runRowColumns} from harvest.import_run
    where task <> 'import' and source_row is not null and state in ('queued', 'running', 'interrupted')
      and (retry_at is null or retry_at <= now())
    order by id limit ${limit}`.execute(db)
  return rows
}

/** Takes a run; whoever had it before can write nothing from now on. Call it with the source locked and orphans ended. */
export async function takeHarvestRun(db: Db, id: number): Promise<HarvestRunRow | undefined> {
  const { rows } = await sql<HarvestRunRow>`
    update harvest.import_run set state = 'running', epoch = epoch + 1, started_at = coalesce(started_at, now()),
      resumed_at = now(), resumed_read = read_count, finished_at = null, error = null, retry_at = null
    where id = ${id} and state in ('queued', 'interrupted') returning ${runRowColumns}`.execute(db)
  return rows[0]
}

export interface HarvestAdvance {
  position: number
  bytes: number
  counts: BatchCounts
  repeated: number
  unread: number
  assumed: Record<string, number>
  /** Events settled since the page began; with `page` the next one begins. */
  cursorEvents?: number
  page?: PageEnd
}

/** Writes the checkpoint of a batch. Undefined when the run was taken over; else whether somebody asked to stop. */
export async function advanceHarvest(
  db: Db,
  id: number,
  epoch: number,
  to: HarvestAdvance,
): Promise<{ stop: boolean } | undefined> {
  const { counts, page } = to
  const failed = page?.failed && JSON.stringify([{ ...page.failed, tries: 1 }])
  const { rows } = await sql<{ stop: boolean }>`
    update harvest.import_run set position = ${to.position}, bytes = bytes + ${to.bytes},
      read_count = read_count + ${counts.read}, added_count = added_count + ${counts.added},
      changed_count = changed_count + ${counts.changed}, unchanged_count = unchanged_count + ${counts.unchanged},
      rejected_count = rejected_count + ${counts.rejected}, linked_count = linked_count + ${counts.linked},
      repeated_count = repeated_count + ${to.repeated}, unread_count = unread_count + ${to.unread},
      assumed = ${JSON.stringify(to.assumed)}::jsonb,
      cursor_events = ${page ? 0 : (to.cursorEvents ?? sql`cursor_events`)}
      ${
        page
          ? sql`, cursor = ${JSON.stringify(page.cursor ?? null)}::jsonb, page_count = page_count + ${page.count},
              total = coalesce(${page.total}, total), read_end = ${page.last}, tries = 0,
              validators = coalesce(${page.validators === undefined ? null : JSON.stringify(page.validators)}::jsonb, validators)`
          : sql``
      }
      ${failed ? sql`, failed_pages = failed_pages || ${failed}::jsonb` : sql``}
    where id = ${id} and epoch = ${epoch} and state = 'running' returning stop_requested as stop`.execute(db)
  return rows[0]
}

export async function selectFailedPages(db: Db, id: number): Promise<FailedPage[]> {
  const { rows } = await sql<{ pages: FailedPage[] }>`
    select failed_pages as pages from harvest.import_run where id = ${id}`.execute(db)
  return rows[0]?.pages ?? []
}

/** The pages that are still to be read. False when the run was taken over. */
export async function updateFailedPages(
  db: Db,
  id: number,
  epoch: number,
  pages: FailedPage[],
): Promise<boolean> {
  const { rows } = await sql`
    update harvest.import_run set failed_pages = ${JSON.stringify(pages)}::jsonb
    where id = ${id} and epoch = ${epoch} and state = 'running' returning id`.execute(db)
  return rows.length > 0
}

/** Counts and completeness as they stand now. */
export async function selectReading(
  db: Db,
  id: number,
): Promise<
  Pick<HarvestRunRow, 'counts' | 'total' | 'repeated' | 'unread' | 'readEnd' | 'removals' | 'validators'>
> {
  const { rows } =
    await sql<HarvestRunRow>`select ${runRowColumns} from harvest.import_run where id = ${id}`.execute(db)
  return rows[0]!
}

/** What was found out when everything was read. */
export async function updateReading(
  db: Db,
  id: number,
  epoch: number,
  found: { complete: boolean; removals: number | null },
): Promise<boolean> {
  const { rows } = await sql`
    update harvest.import_run set complete = ${found.complete}, removal_count = ${found.removals}
    where id = ${id} and epoch = ${epoch} and state = 'running' returning id`.execute(db)
  return rows.length > 0
}

/** Counts entries as removed. False when the run was taken over; then the caller's transaction must not stand. */
export async function advanceRemoval(
  db: Db,
  id: number,
  epoch: number,
  removed: number,
): Promise<{ stop: boolean } | undefined> {
  const { rows } = await sql<{ stop: boolean }>`
    update harvest.import_run set gone_count = gone_count + ${removed}
    where id = ${id} and epoch = ${epoch} and state = 'running' returning stop_requested as stop`.execute(db)
  return rows[0]
}

/** Ends a run. False when it was taken over. */
export async function finishHarvest(
  db: Db,
  id: number,
  epoch: number,
  end: { state: ImportState; error?: RunError; retryAt?: Date; tries?: number },
): Promise<boolean> {
  const { rows } = await sql`
    update harvest.import_run set state = ${end.state}, stop_requested = false,
      finished_at = case when ${end.state} = 'interrupted' then null else now() end,
      error = ${end.error ? JSON.stringify(end.error) : null}::jsonb, retry_at = ${end.retryAt ?? null},
      tries = coalesce(${end.tries ?? null}::smallint, tries)
    where id = ${id} and epoch = ${epoch} and state = 'running' returning id`.execute(db)
  return rows.length > 0
}
