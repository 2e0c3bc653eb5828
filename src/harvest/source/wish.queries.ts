import { type Db, sql } from '../../platform/postgres.ts'
import { type HarvestRunRow, runRowColumns } from './run.queries.ts'

/** What people, and changes of a followed node, wish of runs: to stop, to go on, to remove or keep. */

/** Whether somebody asked the run to stop, or has taken it over. */
export async function readWishes(
  db: Db,
  id: number,
  epoch: number,
): Promise<{ stop: boolean; lost: boolean }> {
  const { rows } = await sql<{ stop: boolean; lost: boolean }>`
    select stop_requested as stop, epoch <> ${epoch} or state <> 'running' as lost
    from harvest.import_run where id = ${id}`.execute(db)
  return rows[0] ?? { stop: false, lost: true }
}

/** Ends the question of earlier runs: a newer one has seen more. */
export async function supersedeWaiting(db: Db, sourceRow: number, before: number): Promise<void> {
  await sql`
    with old as (
      update harvest.import_run set state = 'done', decision = 'superseded', decided_at = now()
      where source_row = ${sourceRow} and state = 'waiting' and id < ${before} returning id
    )
    delete from harvest.run_seen where run_id in (select id from old)`.execute(db)
}

/**
 * Writes down what a person decided about the removals. Undefined when the run does not wait, or a newer one has read
 * something: then that one knows better what is gone.
 */
export async function decideRun(
  db: Db,
  id: number,
  decision: 'approved' | 'refused',
  by: string,
): Promise<HarvestRunRow | undefined> {
  const state = decision === 'approved' ? 'queued' : 'done'
  const { rows } = await sql<HarvestRunRow>`
    update harvest.import_run r set state = ${state}, decision = ${decision}, decided_by_name = ${by}, decided_at = now()
    where id = ${id} and state = 'waiting' and (${decision} = 'refused' or not exists (
      select from harvest.import_run n where n.source_row = r.source_row and n.id > r.id and n.task <> 'import'
        and (n.read_count > 0 or n.state in ('queued', 'running', 'interrupted'))))
    returning ${runRowColumns}`.execute(db)
  return rows[0]
}

/** Lets a run that ended early go on. False when it cannot: it is at work, done, or a newer one has begun. */
export async function requeueRun(db: Db, id: number): Promise<boolean> {
  const { rows } = await sql`
    update harvest.import_run r set state = 'queued', stop_requested = false, retry_at = null, tries = 0
    where id = ${id} and state in ('stopped', 'failed', 'interrupted')
      and not exists (select from harvest.import_run n where n.source_row = r.source_row and n.id > r.id and n.task <> 'import')
    returning id`.execute(db)
  return rows.length > 0
}

/**
 * Takes the last run of a followed node up again, where it stopped and under the settings that it has, when it was made in
 * this time and removed nothing: the guard is asked once a run. False when a new one is wanted.
 */
export async function reopenRun(db: Db, sourceRow: number, seconds: number): Promise<boolean> {
  const { rows } = await sql`
    update harvest.import_run r set state = 'queued', read_end = false, complete = null, removal_count = null,
      finished_at = null, tries = 0
    from harvest.source s
    where s.id = ${sourceRow} and r.source_row = s.id and r.state = 'done' and r.task = 'harvest'
      and r.since is not null and r.gone_count = 0 and r.decision is null
      and r.created_at > greatest(s.changed_at, now() - make_interval(secs => ${seconds}))
      and r.id = (select max(id) from harvest.import_run where source_row = s.id and task <> 'import')
    returning r.id`.execute(db)
  return rows.length > 0
}

/** Asks a run to stop; one that nobody works on is stopped at once. */
export async function requestHarvestStop(db: Db, id: number): Promise<void> {
  await sql`update harvest.import_run set stop_requested = state = 'running',
      state = case when state in ('queued', 'interrupted') then 'stopped' else state end
    where id = ${id} and state in ('queued', 'running', 'interrupted')`.execute(db)
}
