import { type Db, sql } from '../../platform/postgres.ts'
import type { SourceKind } from './source.schema.ts'

/** A portal of a registry. */
export interface PortalRow {
  registryId: string
  name: string
  title: string
  kind: SourceKind | null
  url: string
  country: string | null
  level: number | null
  software: string | null
  words: string[]
}

/**
 * Adds portals and writes down what changed; those that a body has taken up stay as they are. A name that another source
 * has gets the registry's identifier behind it.
 */
export async function upsertPortals(
  db: Db,
  portals: PortalRow[],
  by: string,
): Promise<{ added: number; changed: number }> {
  const { rows } = await sql<{ added: number; changed: number }>`
    with given as (
      select p.*, array_to_tsvector(array(select jsonb_array_elements_text(p.words))) as vector
      from jsonb_to_recordset(${JSON.stringify(portals)}::jsonb) p ("registryId" text, name text, title text, kind text,
        url text, country text, level smallint, software text, words jsonb)
    ), named as (
      select g.*, case
        when exists (select from harvest.source s where s.name = g.name and s.registry_id is distinct from g."registryId")
          or row_number() over (partition by g.name order by g."registryId") > 1
        then left(g.name, 60) || '-' || regexp_replace(left(g."registryId", 38), '[^A-Za-z0-9._-]', '-', 'g')
        else g.name end as free_name
      from given g
    ), written as (
      insert into harvest.source as s (registry_id, name, title, kind, url, country, level, software, words, changed_by_name)
      select "registryId", free_name, title, kind, url, country, level, software, vector, ${by} from named
      on conflict (registry_id) do update set title = excluded.title, kind = excluded.kind, url = excluded.url,
        country = excluded.country, level = excluded.level, software = excluded.software, words = excluded.words,
        version = s.version + 1, changed_at = now(), changed_by_name = excluded.changed_by_name
      where s.organisation_id is null and (s.title, s.kind, s.url, s.country, s.level, s.software, s.words)
        is distinct from (excluded.title, excluded.kind, excluded.url, excluded.country, excluded.level,
          excluded.software, excluded.words)
      returning version
    )
    select count(*) filter (where version = 1) as added, count(*) filter (where version > 1) as changed from written`.execute(
    db,
  )
  return rows[0]!
}
