import { type Db, sql } from '../platform/postgres.ts'

/** Adds to the use of published entries. @returns row ids of those whose count has reached another power of two. */
export async function addUse(db: Db, uids: string[], counts: number[]): Promise<number[]> {
  // Locked in one order, so that two nodes writing at once never wait in a ring.
  const { rows } = await sql<{ id: number; before: number; after: number }>`
    with used as (
      select d.id, d.use_count as before, least(d.use_count::bigint + u.n, 2147483647)::int as after
      from unnest(${uids}::uuid[], ${counts}::int[]) u (uid, n)
      join catalog.dataset d on d.uid = u.uid and d.state = 'published'
      order by d.id for update of d
    )
    update catalog.dataset d set use_count = used.after from used where d.id = used.id
    returning d.id, used.before, used.after`.execute(db)
  const power = (n: number) => Math.floor(Math.log2(1 + n))
  return rows.filter((r) => power(r.after) > power(r.before)).map((r) => r.id)
}
