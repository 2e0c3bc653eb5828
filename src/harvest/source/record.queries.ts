import { type Db, sql } from '../../platform/postgres.ts'
import type { SeenBlocks } from './seen.ts'

/** A record whose entry another source holds, as known from earlier runs. */
export interface RecordLink {
  sourceId: string
  datasetId: number
  reason: LinkReason
}
export type LinkReason = 'uid' | 'uri' | 'code'

export async function selectLinks(db: Db, sourceRow: number, sourceIds: string[]): Promise<RecordLink[]> {
  const { rows } = await sql<RecordLink>`
    select source_id as "sourceId", dataset_id as "datasetId", reason from harvest.record_link
    where source_row = ${sourceRow} and source_id = any(${sourceIds}::text[])`.execute(db)
  return rows
}

/** Writes links met in a run; known ones are stamped with it. */
export async function upsertLinks(
  db: Db,
  sourceRow: number,
  runId: number,
  links: RecordLink[],
): Promise<void> {
  if (links.length === 0) return
  await sql`
    insert into harvest.record_link as l (source_row, source_id, dataset_id, reason, seen_run)
    select ${sourceRow}, "sourceId", "datasetId", reason, ${runId}
    from json_to_recordset(${JSON.stringify(links)}::json) k ("sourceId" text, "datasetId" int, reason text)
    on conflict (source_row, source_id) do update
      set dataset_id = excluded.dataset_id, reason = excluded.reason, seen_run = excluded.seen_run,
        linked_at = case when l.dataset_id = excluded.dataset_id then l.linked_at else now() end`.execute(db)
}

export async function deleteLinks(db: Db, sourceRow: number, sourceIds: string[]): Promise<void> {
  if (sourceIds.length === 0) return
  await sql`delete from harvest.record_link
    where source_row = ${sourceRow} and source_id = any(${sourceIds}::text[])`.execute(db)
}

/** Removes links that a complete run did not meet. */
export async function deleteUnseenLinks(db: Db, sourceRow: number, runId: number): Promise<void> {
  await sql`delete from harvest.record_link where source_row = ${sourceRow} and seen_run <> ${runId}`.execute(
    db,
  )
}

/** The identifiers of this list that the run met as links. */
export async function selectSeenLinks(
  db: Db,
  sourceRow: number,
  runId: number,
  sourceIds: string[],
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select source_id as id from harvest.record_link
    where source_row = ${sourceRow} and seen_run = ${runId} and source_id = any(${sourceIds}::text[])`.execute(
    db,
  )
  return new Set(rows.map((r) => r.id))
}

export interface Heir {
  datasetId: number
  sourceRow: number
  sourceId: string
  source: string
  publish: boolean
  organisationId: number | null
}

/** Of each of these entries the records of other sources that could carry it on, the longest linked first. */
export async function selectHeirs(db: Db, datasetIds: number[], notRow: number): Promise<Heir[]> {
  const { rows } = await sql<Heir>`
    select l.dataset_id as "datasetId", l.source_row as "sourceRow", l.source_id as "sourceId", s.name as source,
      s.publish, s.organisation_id as "organisationId"
    from harvest.record_link l join harvest.source s on s.id = l.source_row
    where l.dataset_id = any(${datasetIds}::int[]) and l.source_row <> ${notRow}
    order by l.linked_at, l.source_row`.execute(db)
  return rows
}

/** Other sources that hold an entry, the longest linked first. */
export async function selectLinksOf(db: Db, datasetId: number) {
  const { rows } = await sql<{
    name: string
    title: string
    url: string
    identifier: string
    reason: LinkReason
    at: string
  }>`
    select s.name, s.title, s.url, l.source_id as identifier, l.reason, l.linked_at as at
    from harvest.record_link l join harvest.source s on s.id = l.source_row
    where l.dataset_id = ${datasetId} order by l.linked_at, s.id limit 50`.execute(db)
  return rows
}

/** Remembers global identifiers of entries; the first entry keeps one that two have. */
export async function insertIdentifiers(db: Db, rows: { value: string; datasetId: number }[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into harvest.identifier (value, dataset_id)
    select value, "datasetId" from json_to_recordset(${JSON.stringify(rows)}::json) k (value text, "datasetId" int)
    on conflict (value) do nothing`.execute(db)
}

export async function selectIdentifiers(db: Db, values: string[]): Promise<Map<string, number>> {
  if (values.length === 0) return new Map()
  const { rows } = await sql<{ value: string; id: number }>`
    select value, dataset_id as id from harvest.identifier where value = any(${values}::text[])`.execute(db)
  return new Map(rows.map((r) => [r.value, r.id]))
}

export async function selectSeen(db: Db, runId: number): Promise<[number, Uint8Array][]> {
  const { rows } = await sql<{ block: number; bits: Buffer }>`
    select block, bits from harvest.run_seen where run_id = ${runId}`.execute(db)
  return rows.map((r) => [r.block, r.bits])
}

export async function upsertSeen(db: Db, runId: number, blocks: SeenBlocks): Promise<void> {
  if (blocks.size === 0) return
  const numbers = [...blocks.keys()]
  const bits = [...blocks.values()].map((b) => Buffer.from(b).toString('hex'))
  await sql`
    insert into harvest.run_seen (run_id, block, bits)
    select ${runId}, block, decode(bits, 'hex') from unnest(${numbers}::int[], ${bits}::text[]) k (block, bits)
    on conflict (run_id, block) do update set bits = excluded.bits`.execute(db)
}

export async function insertGone(db: Db, runId: number, sourceIds: string[]): Promise<void> {
  if (sourceIds.length === 0) return
  await sql`insert into harvest.run_gone (run_id, source_id)
    select distinct ${runId}::int, id from unnest(${sourceIds}::text[]) k (id) on conflict do nothing`.execute(
    db,
  )
}

/** What came again after the source had said it was gone. */
export async function deleteGone(db: Db, runId: number, sourceIds: string[]): Promise<void> {
  await sql`delete from harvest.run_gone
    where run_id = ${runId} and source_id = any(${sourceIds}::text[])`.execute(db)
}

/** What the source says is gone, in the order of the identifiers, page by page. */
export async function selectGonePage(
  db: Db,
  runId: number,
  page: { after: string; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select source_id as id from harvest.run_gone
    where run_id = ${runId} and source_id > ${page.after} order by source_id limit ${page.limit}`.execute(db)
  return rows.map((r) => r.id)
}

/** Those of the identifiers that the source says are gone. */
export async function selectGone(db: Db, runId: number, sourceIds: string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select source_id as id from harvest.run_gone
    where run_id = ${runId} and source_id = any(${sourceIds}::text[])`.execute(db)
  return rows.map((r) => r.id)
}

/** Removes what a run needed only until its end. */
export async function deleteRunMarks(db: Db, runId: number): Promise<void> {
  await sql`delete from harvest.run_seen where run_id = ${runId}`.execute(db)
  await sql`delete from harvest.run_gone where run_id = ${runId}`.execute(db)
}
