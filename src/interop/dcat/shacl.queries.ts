import { type Db, sql } from '../../platform/postgres.ts'
import type { ShaclFinding, ShaclOutcome } from './shacl.schema.ts'

/** Who works on the cursor, and for how long without being heard of. */
export interface Hold {
  holder: string
  seconds: number
}

/**
 * Takes or keeps the right to check with these shapes; other shapes than before begin at the first change.
 * @returns how far was checked; undefined while somebody else is at work.
 */
export async function takeCursor(
  db: Db,
  sha256: string,
  { holder, seconds }: Hold,
): Promise<number | undefined> {
  const { rows } = await sql<{ ordinal: number }>`
    insert into interop.shacl_cursor as c (shapes_sha256, ordinal, holder, held_until)
    values (${sha256}, 0, ${holder}::uuid, now() + make_interval(secs => ${seconds}))
    on conflict (only_row) do update set shapes_sha256 = excluded.shapes_sha256, holder = excluded.holder,
      held_until = excluded.held_until,
      ordinal = case when c.shapes_sha256 = excluded.shapes_sha256 then c.ordinal else 0 end
    where c.holder = excluded.holder or c.held_until < now()
    returning ordinal`.execute(db)
  return rows[0]?.ordinal
}

/** Gives the right up, so that another process need not wait. */
export async function dropCursor(db: Db, holder: string): Promise<void> {
  await sql`update interop.shacl_cursor set held_until = '-infinity' where holder = ${holder}::uuid`.execute(
    db,
  )
}

/** Moves the cursor on if it is still the holder's. */
export async function moveCursor(tx: Db, ordinal: number, holder: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update interop.shacl_cursor set ordinal = ${ordinal} where holder = ${holder}::uuid`.execute(tx)
  return numAffectedRows === 1n
}

/** Of these entries and versions, the row ids of those that were checked with these shapes. */
export async function selectChecked(
  db: Db,
  entries: { id: number; version: number }[],
  sha256: string,
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select r.dataset_id as id
    from unnest(${entries.map((e) => e.id)}::int[], ${entries.map((e) => e.version)}::int[]) k (id, version)
    join interop.shacl_result r on r.dataset_id = k.id and r.version = k.version
    where r.shapes_sha256 = ${sha256}`.execute(db)
  return rows.map((row) => row.id)
}

export interface ShaclRow extends ShaclOutcome {
  datasetId: number
  version: number
}

export async function writeResults(
  tx: Db,
  rows: ShaclRow[],
  shapes: { file: string; sha256: string },
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into interop.shacl_result
      (dataset_id, version, shapes_file, shapes_sha256, conforms, violations, warnings, findings, checked_at)
    select r."datasetId", r.version, ${shapes.file}, ${shapes.sha256}, r.conforms, r.violations, r.warnings,
      r.findings, now()
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) r ("datasetId" int, version int, conforms boolean,
      violations int, warnings int, findings jsonb)
    -- An entry may have been removed meanwhile.
    join catalog.dataset d on d.id = r."datasetId"
    on conflict (dataset_id) do update set version = excluded.version, shapes_file = excluded.shapes_file,
      shapes_sha256 = excluded.shapes_sha256, conforms = excluded.conforms, violations = excluded.violations,
      warnings = excluded.warnings, findings = excluded.findings, checked_at = excluded.checked_at`.execute(
    tx,
  )
}

/** Forgets what was found in entries that are not public any more. */
export async function deleteResults(tx: Db, ids: number[]): Promise<void> {
  if (ids.length > 0)
    await sql`delete from interop.shacl_result where dataset_id = any(${ids}::int[])`.execute(tx)
}

export interface StoredResult extends ShaclOutcome {
  version: number
  file: string
  sha256: string
  findings: ShaclFinding[]
  checkedAt: string
}

export async function selectResult(db: Db, datasetId: number): Promise<StoredResult | undefined> {
  const { rows } = await sql<StoredResult>`
    select version, shapes_file as file, shapes_sha256 as sha256, conforms, violations, warnings, findings,
      checked_at as "checkedAt"
    from interop.shacl_result where dataset_id = ${datasetId}`.execute(db)
  return rows[0]
}
