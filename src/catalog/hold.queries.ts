import { type Db, sql } from '../platform/postgres.ts'

/** Somebody else decides about an entry: its draft stays as it is until then. */
export interface Hold {
  /** The capability that decides. */
  holder: string
  /** Where in the web the decision is prepared. */
  link: string
  /** Who asked for it. */
  by: string
  at: string
  /** True while the author completes the draft: it may be saved, nothing else. */
  open: boolean
}

export async function selectHold(db: Db, datasetId: number): Promise<Hold | undefined> {
  const { rows } = await sql<Hold>`
    select holder, link, by_name as "by", at, open from catalog.hold where dataset_id = ${datasetId}`.execute(
    db,
  )
  return rows[0]
}

export async function upsertHold(db: Db, datasetId: number, hold: Hold): Promise<void> {
  await sql`
    insert into catalog.hold (dataset_id, holder, link, by_name, at, open)
    values (${datasetId}, ${hold.holder}, ${hold.link}, ${hold.by}, ${hold.at}, ${hold.open})
    on conflict (dataset_id) do update set link = excluded.link, by_name = excluded.by_name, at = excluded.at,
      open = excluded.open
    where hold.holder = excluded.holder`.execute(db)
}

export async function deleteHold(db: Db, datasetId: number, holder: string): Promise<void> {
  await sql`delete from catalog.hold where dataset_id = ${datasetId} and holder = ${holder}`.execute(db)
}
