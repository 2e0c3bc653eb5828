import { type Db, sql } from '../platform/postgres.ts'

/** Addresses of an entry that are asked; a longer list says nothing new. */
const addressesAsked = 5

export interface LinksToAsk {
  id: number
  /** Hash of the addresses, as the score has it. */
  links: string
  access: string[]
  download: string[]
}

const addresses = (path: string) => sql`
  coalesce((select array_agg(a #>> '{}') from (
    select a from jsonb_path_query(d.distributions, ${sql.lit(path)}::jsonpath) a limit ${sql.lit(addressesAsked)}) f), '{}')`

/**
 * Entries whose addresses were not asked since they changed, in the order of the rows, then those that did not answer
 * and are to be asked again.
 */
export async function selectLinksToAsk(db: Db, limit: number, now: Date): Promise<LinksToAsk[]> {
  const { rows } = await sql<LinksToAsk>`
    select d.id, s.links::text as links, ${addresses('$[*].downloadUrl')} as download,
      ${addresses('$[*].accessUrl')} || coalesce((select array_agg(a #>> '{}') from (
        select a from jsonb_path_query(d.services, '$[*].endpointUrl') a limit ${sql.lit(addressesAsked)}) e), '{}') as access
    from (
      (select dataset_id from coverage.entry_score where links_due order by dataset_id limit ${limit})
      union
      (select dataset_id from coverage.observation where again_at <= ${now.toISOString()}::timestamptz
        order by again_at limit ${limit})
    ) due
    join coverage.entry_score s on s.dataset_id = due.dataset_id and s.links is not null
    join catalog.dataset d on d.id = due.dataset_id and d.state = 'published'
    limit ${limit}`.execute(db)
  return rows
}

export interface LinkAnswer {
  id: number
  links: string
  accessOk: boolean | null
  downloadOk: boolean | null
  againAt: string | null
}

export async function upsertLinkAnswers(db: Db, answers: LinkAnswer[], now: Date): Promise<void> {
  await sql`
    insert into coverage.observation (dataset_id, links, access_ok, download_ok, links_at, again_at)
    select id, links::bigint, "accessOk", "downloadOk", ${now.toISOString()}, "againAt"
    from jsonb_to_recordset(${JSON.stringify(answers)}::jsonb)
      as a (id int, links text, "accessOk" boolean, "downloadOk" boolean, "againAt" timestamptz)
    on conflict (dataset_id) do update set links = excluded.links, access_ok = excluded.access_ok,
      download_ok = excluded.download_ok, links_at = excluded.links_at, again_at = excluded.again_at`.execute(
    db,
  )
}

export interface Conformity {
  id: number
  /** The version that was checked. */
  version: number
  conforms: boolean
}

export async function upsertConformity(db: Db, results: Conformity[]): Promise<void> {
  await sql`
    insert into coverage.observation (dataset_id, conforms, conforms_version)
    select id, conforms, version from jsonb_to_recordset(${JSON.stringify(results)}::jsonb)
      as c (id int, version int, conforms boolean)
    on conflict (dataset_id) do update set conforms = excluded.conforms, conforms_version = excluded.conforms_version`.execute(
    db,
  )
}
