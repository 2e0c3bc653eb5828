import { type Db, sql } from '../platform/postgres.ts'
import { bitOf, type CheckId, checkIds } from './check.ts'

/** Snapshots: what `coverage.entry_score` holds, counted by body and up the trees of territories and tiers. */
type Sql = ReturnType<typeof sql>

const setIn = (bits: string, bit: number) => sql`(${sql.ref(bits)} >> ${sql.lit(bit)}) & 1 = 1`
const entriesWith = (condition: Sql) => sql`coalesce(sum(n) filter (where ${condition}), 0)`
const passing = (id: CheckId) => entriesWith(setIn('passed', bitOf(id)))

/** Columns of counts that add up, as they are counted for a body. */
const countsOf = (ratings: number): [name: string, count: Sql][] => [
  ['published', sql`coalesce(sum(n), 0)`],
  ['mounted', passing('mounted')],
  ['shared', passing('shared')],
  ['opened', passing('opened')],
  ['due', sql`coalesce(sum(due), 0)`],
  ['in_time', sql`coalesce(sum(in_time), 0)`],
  ['graded', passing('graded')],
  ['points', sql`coalesce(sum(points), 0)`],
  ['possible', sql`coalesce(sum(possible), 0)`],
  ...Array.from({ length: ratings }, (_, n): [string, Sql] => [
    `r${n}`,
    entriesWith(sql`rating = ${sql.lit(n)}`),
  ]),
  ...checkIds.map((_, bit): [string, Sql] => [`p${bit}`, entriesWith(setIn('passed', bit))]),
  ...checkIds.map((_, bit): [string, Sql] => [`m${bit}`, entriesWith(setIn('measured', bit))]),
]

const sumOf = (name: string) => sql`coalesce(sum(${sql.ref(name)}), 0)`
const arrayOf = (letter: string, length: number) =>
  sql`array[${sql.join(Array.from({ length }, (_, n) => sumOf(`${letter}${n}`)))}]::int[]`

/** A count may take this long (ms): some seconds at 3,000,000 entries, more on a busy machine. */
const countLimitMs = 300_000
/** Memory for the groups of alike scores, so that they need not go to disk. */
const countMemory = '128MB'

/**
 * Counts every place for a day; a count made earlier on that day is replaced. One scan of the narrow scores; the rest
 * works on one row for each body. @returns places counted
 */
export async function insertSnapshot(
  tx: Db,
  { day, at, rules, ratings }: { day: string; at: string; rules: string; ratings: number },
): Promise<number> {
  const counts = countsOf(ratings)
  await sql`set local statement_timeout = ${sql.lit(`${countLimitMs}ms`)}`.execute(tx)
  await sql`set local work_mem = ${sql.lit(countMemory)}`.execute(tx)
  await sql`delete from coverage.snapshot where day = ${day}`.execute(tx)
  await sql`
    update coverage.snapshot set passed = null, measured = null
    where day = (select max(day) from coverage.snapshot where day < ${day}) and passed is not null`.execute(
    tx,
  )
  const { numAffectedRows } = await sql`
    with recursive around (code, region) as (
      select code, code from security.division
      union all
      select a.code, d.parent_code from around a join security.division d on d.code = a.region
      where d.parent_code is not null
    ), alike as (
      select organisation_id, passed, measured, rating, count(*) as n, count(due_at) as due,
        count(*) filter (where due_at >= ${at}::timestamptz) as in_time, sum(points) as points, sum(possible) as possible
      from coverage.entry_score group by 1, 2, 3, 4
    ), own as (
      select organisation_id, ${sql.join(counts.map(([name, count]) => sql`${count} as ${sql.ref(name)}`))}
      from alike group by 1
    ), body as (
      select o.code, o.tier, o.division_code, own.*, t.resources, case when t.resources is not null then least(coalesce(own.published, 0), t.resources) end as towards
      from security.organisation o left join own on own.organisation_id = o.id
      left join coverage.target t on t.organisation_id = o.id
      where own.organisation_id is not null or t.organisation_id is not null
    ), place as (
      select 'body' as scope, code as key, b.* from body b
      union all select 'tier', tier, b.* from body b
      union all select 'nation', '', b.* from body b
      union all select 'region', coalesce(a.region, b.division_code), b.* from body b
        left join around a on a.code = b.division_code where b.division_code is not null
    )
    insert into coverage.snapshot (day, scope, key, bodies, target, towards_target, published, mounted, shared, opened,
      due, in_time, graded, points, possible, ratings, passed, measured, rules, origin, at)
    select ${day}, scope, key, count(*), sum(resources), coalesce(sum(towards), 0), ${sql.join(
      counts.slice(0, 9).map(([name]) => sumOf(name)),
    )}, ${arrayOf('r', ratings)}, ${arrayOf('p', checkIds.length)}, ${arrayOf('m', checkIds.length)},
      ${rules}, 'measured', ${at}
    from place group by scope, key`.execute(tx)
  return Number(numAffectedRows ?? 0n)
}

/** Days before `before` that have snapshots and are not the last of their month. */
export async function selectDaysToThin(db: Db, before: string): Promise<string[]> {
  const { rows } = await sql<{ day: string }>`
    select day from (
      select day, max(day) over (partition by date_trunc('month', day)) as last
      from coverage.snapshot where scope = 'nation'
    ) d where day < ${before} and day < last order by day`.execute(db)
  return rows.map((r) => r.day)
}

export async function deleteSnapshots(db: Db, days: string[]): Promise<void> {
  await sql`delete from coverage.snapshot where day = any(${days}::date[])`.execute(db)
}

/** A day's counts as the demo's scenario tells them. */
export interface DemoDay {
  day: string
  /** What the counts of the day in `like` are multiplied by, name by name. */
  factors: Record<'published' | 'mounted' | 'opened' | 'inTime' | 'graded' | 'points', number>
}

/** Writes days that were not counted, made from those of the newest one, marked as such. Days that are there stay. */
export async function insertDemoSnapshots(db: Db, like: string, days: DemoDay[]): Promise<void> {
  // The factor of a place differs a little from that of its neighbours, always by the same.
  const part = (column: string, factor: string, of: string) => sql`
    least(round(${sql.ref(`s.${column}`)} * f.published * least(1, f.${sql.ref(factor)} * w.weight)), ${sql.raw(of)})`
  const published = 'round(s.published * f.published)'
  await sql`
    insert into coverage.snapshot (day, scope, key, bodies, target, towards_target, published, mounted, shared, opened,
      due, in_time, graded, points, possible, ratings, rules, origin, at)
    select f.day, s.scope, s.key, s.bodies, s.target, round(s.towards_target * f.published), ${sql.raw(published)},
      ${part('mounted', 'mounted', published)}, round(s.shared * f.published), ${part('opened', 'opened', published)},
      round(s.due * f.published), ${part('in_time', 'inTime', 'round(s.due * f.published)')},
      ${part('graded', 'graded', published)}, round(s.points * f.published * f.points), round(s.possible * f.published),
      s.ratings, s.rules, 'demo', f.day + time '20:00' at time zone 'UTC'
    from coverage.snapshot s
    cross join jsonb_to_recordset(${JSON.stringify(days.map(({ day, factors }) => ({ day, ...factors })))}::jsonb) as f
      (day date, published float8, mounted float8, opened float8, "inTime" float8, graded float8, points float8)
    cross join lateral (select 0.98 + (abs(hashtext(s.scope || s.key)) % 100) / 2500.0 as weight) w
    where s.day = ${like} and s.origin = 'measured'
    on conflict do nothing`.execute(db)
}
