import { type Db, sql } from '../../platform/postgres.ts'
import type { Own } from './package.ts'
import type { OwnResource } from './resource.ts'

const moment = (column: string) => sql.raw(`to_char(p.${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US')`)

/** What is kept beside entries, by row id; entries without any are not in the map. */
export async function selectOwn(db: Db, ids: number[]): Promise<Map<number, Own>> {
  const { rows } = await sql<Own & { id: number }>`
    select k.id, p.name, ${moment('created')} as created, ${moment('modified')} as modified,
      p.modified_version as "modifiedVersion", coalesce(p.more, '{}') as more, r.resources
    from unnest(${ids}::int[]) k (id) left join interop.ckan_package p on p.dataset_id = k.id
    left join lateral (
      select coalesce(jsonb_agg(jsonb_build_object('id', id, 'key', key, 'more', more)), '[]') as resources
      from interop.ckan_resource where dataset_id = k.id
    ) r on true
    where p.dataset_id is not null or r.resources <> '[]'`.execute(db)
  return new Map(rows.map(({ id, ...own }) => [id, own]))
}

/** Row ids of the packages with these names. */
export async function selectByNames(db: Db, names: string[]): Promise<{ name: string; id: number }[]> {
  if (names.length === 0) return []
  const { rows } = await sql<{ name: string; id: number }>`
    select name, dataset_id as id from interop.ckan_package where name = any(${names}::text[])`.execute(db)
  return rows
}

/** Those of the entries that have a name of their own. */
export async function selectNamed(db: Db, ids: number[]): Promise<Set<number>> {
  const { rows } = await sql<{ id: number }>`
    select dataset_id as id from interop.ckan_package
    where dataset_id = any(${ids}::int[]) and name is not null`.execute(db)
  return new Set(rows.map((r) => r.id))
}

/** Names after one, in their order, at most `limit`. */
export async function selectNamesAfter(
  db: Db,
  after: string,
  limit: number,
): Promise<{ name: string; id: number }[]> {
  const { rows } = await sql<{ name: string; id: number }>`
    select name, dataset_id as id from interop.ckan_package where name > ${after} order by name limit ${limit}`.execute(
    db,
  )
  return rows
}

/** The entry of a resource whose id is stored. */
export async function selectResourceOwner(db: Db, id: string): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select dataset_id as id from interop.ckan_resource where id = ${id}::uuid`.execute(db)
  return rows[0]?.id
}

/** Keeps what belongs to a package beside its entry; replaces what was there. */
export async function upsertOwn(db: Db, id: number, own: Own): Promise<void> {
  await sql`
    insert into interop.ckan_package (dataset_id, name, created, modified, modified_version, more)
    values (${id}, ${own.name}, ${own.created}::timestamp, ${own.modified}::timestamp, ${own.modifiedVersion},
      ${JSON.stringify(own.more)}::jsonb)
    on conflict (dataset_id) do update set name = excluded.name, created = excluded.created,
      modified = excluded.modified, modified_version = excluded.modified_version, more = excluded.more`.execute(
    db,
  )
  await sql`delete from interop.ckan_resource where dataset_id = ${id}`.execute(db)
  await insertResources(db, id, own.resources)
}

async function insertResources(db: Db, id: number, resources: OwnResource[]): Promise<void> {
  if (resources.length === 0) return
  await sql`
    insert into interop.ckan_resource (id, dataset_id, key, more)
    select id, ${id}, key, more
    from jsonb_to_recordset(${JSON.stringify(resources)}::jsonb) r (id uuid, key text, more jsonb)`.execute(
    db,
  )
}
