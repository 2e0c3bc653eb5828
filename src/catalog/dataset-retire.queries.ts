import { type Db, sql } from '../platform/postgres.ts'

/**
 * Published entries that came from these records, locked, in one order for all writers. Those under review stay: what
 * a person asks for is decided first.
 */
export async function lockPublishedBySource(
  db: Db,
  source: string,
  sourceIds: string[],
): Promise<{ id: number; organisationId: number }[]> {
  const { rows } = await sql<{ id: number; organisationId: number }>`
    select id, organisation_id as "organisationId" from catalog.dataset d
    where source = ${source} and source_id = any(${sourceIds}::text[]) and state = 'published'
      and not exists (select from catalog.hold h where h.dataset_id = d.id)
    order by id for update`.execute(db)
  return rows
}

/** Retires what is in the rows of these entries as their next version; archive them before. */
export async function retireRows(
  db: Db,
  ids: number[],
  change: { personId: number | null; personName: string; reason: string },
): Promise<void> {
  await sql`
    update catalog.dataset set state = 'retired', retired_by = 'source', version = latest_version + 1,
      latest_version = latest_version + 1, draft_source_hash = null,
      changed_at = date_trunc('milliseconds', clock_timestamp()), changed_by = ${change.personId},
      changed_by_name = ${change.personName}, change_reason = ${change.reason}
    where id = any(${ids}::int[])`.execute(db)
}
