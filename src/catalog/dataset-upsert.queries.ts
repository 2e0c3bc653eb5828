import { type Db, sql } from '../platform/postgres.ts'

/** An entry that came from the same place before. */
export interface KnownDataset {
  id: number
  uid: string
  source: string
  sourceId: string
  sourceHash: Buffer | null
  organisationId: number
  state: 'draft' | 'published' | 'retired'
  version: number
  latestVersion: number
  publishedAt: string | null
}

/** The entries with these identities, locked until the end of the transaction, in one order for all writers. */
export async function lockBySource(db: Db, sources: string[], sourceIds: string[]): Promise<KnownDataset[]> {
  const { rows } = await sql<KnownDataset>`
    select d.id, d.uid, d.source, d.source_id as "sourceId", d.source_hash as "sourceHash",
      d.organisation_id as "organisationId", d.state, d.version, d.latest_version as "latestVersion",
      d.published_at as "publishedAt"
    from unnest(${sources}::text[], ${sourceIds}::text[]) k (source, source_id)
    join catalog.dataset d on d.source = k.source and d.source_id = k.source_id
    order by d.id for update of d`.execute(db)
  return rows
}

/** Those of the records whose stored hash is the one given. */
export async function selectUnchanged(
  db: Db,
  source: string,
  sourceIds: string[],
  hashes: string[],
): Promise<string[]> {
  const { rows } = await sql<{ sourceId: string }>`
    select d.source_id as "sourceId"
    from unnest(${sourceIds}::text[], ${hashes}::text[]) k (source_id, hash)
    join catalog.dataset d on d.source = ${source} and d.source_id = k.source_id
    where d.source_hash = decode(k.hash, 'hex')`.execute(db)
  return rows.map((r) => r.sourceId)
}
