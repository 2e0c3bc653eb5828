import { type Db, sql } from '../platform/postgres.ts'
import type { ImportRecordRow, RecordOutcome } from './import.queries.ts'
import type { Mapping } from './mapping.schema.ts'

const columns = sql`position, place, source_id as "sourceId", title, outcome, dataset_uid as "datasetUid", faults,
  excerpt`

export async function insertRecords(db: Db, runId: number, records: ImportRecordRow[]): Promise<void> {
  if (records.length === 0) return
  await sql`
    insert into harvest.import_record (run_id, position, place, source_id, title, outcome, dataset_uid, faults, excerpt)
    select ${runId}, position, place, "sourceId", title, outcome, "datasetUid", faults, excerpt
    from json_to_recordset(${JSON.stringify(records)}::json) as r(position bigint, place text, "sourceId" text,
      title text, outcome text, "datasetUid" uuid, faults jsonb, excerpt text)`.execute(db)
}

/** Records of a run in the order of the file, after the position given. */
export async function selectRecords(
  db: Db,
  runId: number,
  filter: { outcome?: RecordOutcome; after?: number; limit: number },
): Promise<ImportRecordRow[]> {
  const { rows } = await sql<ImportRecordRow>`
    select ${columns} from harvest.import_record
    where run_id = ${runId} and position > ${filter.after ?? 0}
      ${filter.outcome === undefined ? sql`` : sql`and outcome = ${filter.outcome}`}
    order by position limit ${filter.limit}`.execute(db)
  return rows
}

/** Removes what the end of a run says of the file as a whole, so that a run that ends again says it anew. */
export async function deleteClosing(db: Db, runId: number): Promise<void> {
  await sql`delete from harvest.import_record
    where run_id = ${runId} and outcome in ('gone', 'note') and place = ''`.execute(db)
}

/** The largest position of a run's records, 0 when it has none. */
export async function selectLastPosition(db: Db, runId: number): Promise<number> {
  const { rows } = await sql<{ last: number | null }>`
    select max(position) as last from harvest.import_record where run_id = ${runId}`.execute(db)
  return rows[0]?.last ?? 0
}

export interface AddedRecord {
  runId: number
  position: number
  sourceId: string
  title: string | null
  datasetUid: string | null
}

/** Entries that earlier runs of a source added, page by page: each identifier is added once. */
export async function selectAdded(
  db: Db,
  source: string,
  before: number,
  after: { runId: number; position: number },
  limit: number,
): Promise<AddedRecord[]> {
  const { rows } = await sql<AddedRecord>`
    select r.run_id as "runId", r.position, r.source_id as "sourceId", r.title, r.dataset_uid as "datasetUid"
    from harvest.import_record r
    where r.run_id in (select id from harvest.import_run where source = ${source} and id < ${before})
      and r.outcome = 'added' and (r.run_id, r.position) > (${after.runId}, ${after.position})
    order by r.run_id, r.position limit ${limit}`.execute(db)
  return rows
}

export async function selectMappings(db: Db): Promise<{ mapping: Mapping; organisationId: number | null }[]> {
  const { rows } = await sql<{ mapping: Mapping; organisationId: number | null }>`
    select mapping, organisation_id as "organisationId" from harvest.mapping order by name limit 1000`.execute(
    db,
  )
  return rows
}

/** Saves a mapping by its name. False when another body saved one of this name. */
export async function upsertMapping(
  db: Db,
  mapping: Mapping,
  by: { organisationId: number | null; name: string },
): Promise<boolean> {
  const { rows } = await sql`
    insert into harvest.mapping (name, mapping, organisation_id, changed_by_name)
    values (${mapping.name}, ${JSON.stringify(mapping)}::jsonb, ${by.organisationId}, ${by.name})
    on conflict (name) do update set mapping = excluded.mapping, changed_at = now(), changed_by_name = excluded.changed_by_name
    where mapping.organisation_id is not distinct from excluded.organisation_id returning name`.execute(db)
  return rows.length > 0
}
