import { type Db, sql } from '../platform/postgres.ts'

/** People who wrote drafts of an entry after a version. */
export async function selectAuthors(db: Db, datasetId: number, after: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select person_id as id from catalog.dataset_version
    where dataset_id = ${datasetId} and version > ${after} and state = 'draft' and person_id is not null
    union
    select changed_by from catalog.dataset where id = ${datasetId} and state = 'draft' and changed_by is not null`.execute(
    db,
  )
  return rows.map((r) => r.id)
}
