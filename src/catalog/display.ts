import type { Db } from '../platform/postgres.ts'
import { bodiesWith } from './bodies.ts'
import type { BodyRef } from './dataset.schema.ts'
import { type DatasetDisplayRow, selectDatasetRows } from './display.queries.ts'

/** An entry as a results page shows it. */
export interface DatasetRow extends DatasetDisplayRow {
  body: BodyRef
}

/** The entries with these row ids in the order asked for, in one round trip; those that are gone are left out. */
export async function getDatasetRows(db: Db, ids: number[]): Promise<DatasetRow[]> {
  const rows = await selectDatasetRows(db, ids)
  const { byId } = await bodiesWith(
    db,
    [],
    rows.map((r) => r.organisationId),
  )
  return rows.map((r) => ({ ...r, body: byId.get(r.organisationId)! }))
}
