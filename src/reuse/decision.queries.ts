import { type Db, sql } from '../platform/postgres.ts'

export interface DecisionRow {
  itemKey: string
  itemName: string
  decision: 'reuse' | 'collect'
  sourceOrganisationId: number | null
  sourceUid: string | null
  sourceItem: string | null
  reason: string | null
  at: string
  by: string
}

/** What was decided about the items of an entry. */
export async function selectDecisions(db: Db, datasetId: number): Promise<DecisionRow[]> {
  const { rows } = await sql<DecisionRow>`
    select item_key as "itemKey", item_name as "itemName", decision, source_organisation_id as "sourceOrganisationId",
      source_uid as "sourceUid", source_item as "sourceItem", reason, at,
      person_name as by
    from reuse.decision where dataset_id = ${datasetId} order by item_key`.execute(db)
  return rows
}

export interface DecisionInput {
  itemKey: string
  itemName: string
  decision: 'reuse' | 'collect'
  sourceOrganisationId: number | null
  sourceUid: string | null
  sourceItem: string | null
  reason: string | null
}

/** Writes decisions; a new one about the same item takes the place of the old one. */
export async function upsertDecisions(
  db: Db,
  datasetId: number,
  decisions: DecisionInput[],
  by: { personId: number | null; name: string },
): Promise<void> {
  await sql`
    insert into reuse.decision (dataset_id, item_key, item_name, decision, source_organisation_id, source_uid, source_item,
      reason, person_id, person_name)
    select ${datasetId}, d."itemKey", d."itemName", d.decision, d."sourceOrganisationId", d."sourceUid", d."sourceItem",
      d.reason, ${by.personId}::int, ${by.name}
    from jsonb_to_recordset(${JSON.stringify(decisions)}::jsonb) as d ("itemKey" text, "itemName" text, decision text,
      "sourceOrganisationId" int, "sourceUid" uuid, "sourceItem" text, reason text)
    on conflict (dataset_id, item_key) do update set item_name = excluded.item_name, decision = excluded.decision,
      source_organisation_id = excluded.source_organisation_id, source_uid = excluded.source_uid,
      source_item = excluded.source_item, reason = excluded.reason, at = now(), person_id = excluded.person_id,
      person_name = excluded.person_name`.execute(db)
}
