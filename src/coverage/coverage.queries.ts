import { type Db, sql } from '../platform/postgres.ts'
import type { Counts, RatioId } from './ratio.ts'

/** Reads of snapshots. Places are few (a row for each body, territory and tier a day), so a page may sort them. */

export type Scope = 'nation' | 'tier' | 'region' | 'body'

export interface SnapshotRow extends Counts {
  day: string
  key: string
  bodies: number
  points: number
  possible: number
  ratings: number[]
  passed: number[] | null
  measured: number[] | null
  rules: string
  origin: 'measured' | 'demo'
  at: string
}

const columns = sql`s.day, s.key, s.bodies, s.published, s.target, s.towards_target as "towardsTarget", s.mounted, s.shared,
  s.opened, s.due, s.in_time as "inTime", s.graded, s.points, s.possible, s.ratings, s.passed, s.measured, s.rules, s.origin, s.at`

/** The newest day that was counted; undefined before the first. */
export async function selectLatestDay(db: Db): Promise<string | undefined> {
  const { rows } = await sql<{ day: string | null }>`
    select max(day) as day from coverage.snapshot where scope = 'nation'`.execute(db)
  return rows[0]?.day ?? undefined
}

/** A place over time, oldest first. */
export async function selectTrend(
  db: Db,
  place: { scope: Scope; key: string },
  range: { from: string; to: string; limit: number },
): Promise<SnapshotRow[]> {
  const { rows } = await sql<SnapshotRow>`
    select * from (
      select ${columns} from coverage.snapshot s
      where scope = ${place.scope} and key = ${place.key} and day between ${range.from} and ${range.to}
      order by day desc limit ${range.limit}
    ) s order by day`.execute(db)
  return rows
}

/** A place of the list with its names. */
export interface PlaceRow extends SnapshotRow {
  name: string
  translations: Record<string, unknown>
  tier: string
  divisionCode: string | null
  total: number
}

export type Sort = RatioId | 'quality' | 'published' | 'name'

const ratio = (numerator: string, denominator: string) =>
  sql`${sql.ref(`s.${numerator}`)}::float8 / nullif(${sql.ref(`s.${denominator}`)}, 0)`
const sorts: Record<Sort, ReturnType<typeof sql>> = {
  catalogued: ratio('towards_target', 'target'),
  mounted: ratio('mounted', 'published'),
  shared: ratio('shared', 'published'),
  opened: ratio('opened', 'published'),
  inTime: ratio('in_time', 'due'),
  graded: ratio('graded', 'published'),
  quality: ratio('points', 'possible'),
  published: sql`s.published`,
  name: sql`p.name`,
}

export interface RankingFilter {
  day: string
  by: 'body' | 'region' | 'tier'
  /** The territory that the places lie in: bodies anywhere below, territories directly below. */
  region?: string
  tier?: string
  /** Part of a name. */
  q?: string
  sort: Sort
  descending: boolean
  limit: number
  offset: number
}

/** Names of the places of a kind, by key. */
function namesOf({ by, region }: RankingFilter): ReturnType<typeof sql> {
  if (by === 'tier')
    return sql`select key, key as name, '{}'::jsonb as translations, key as tier, null::text as "divisionCode"
      from (select distinct key from coverage.snapshot where scope = 'tier') t`
  if (by === 'region')
    return sql`select code as key, name, translations, tier, code as "divisionCode" from security.division
      where parent_code is not distinct from ${region ?? null}`
  const within = region
    ? sql`where division_code in (
        with recursive below (code) as (
          select ${region}::text
          union all select d.code from security.division d join below b on d.parent_code = b.code
        ) select code from below)`
    : sql``
  return sql`select code as key, name, translations, tier, division_code as "divisionCode" from security.organisation ${within}`
}

/** Places of a day in order, page by page; those not measured come last. */
export async function selectRanking(db: Db, filter: RankingFilter): Promise<PlaceRow[]> {
  const { day, by, tier, q, sort, descending, limit, offset } = filter
  const like = q ? `%${q.replace(/[\\%_]/g, '\\$&')}%` : undefined
  const { rows } = await sql<PlaceRow>`
    select ${columns}, p.name, p.translations, p.tier, p."divisionCode", count(*) over () as total
    from coverage.snapshot s join (${namesOf(filter)}) p on p.key = s.key
    where s.day = ${day} and s.scope = ${by}
      ${tier ? sql`and p.tier = ${tier}` : sql``}
      ${like ? sql`and (p.name ilike ${like} or p.translations::text ilike ${like} or p.key ilike ${like})` : sql``}
    order by ${sorts[sort]} ${descending ? sql`desc` : sql`asc`} nulls last, s.published desc, s.key
    limit ${limit} offset ${offset}`.execute(db)
  return rows
}

/** What a place is called; undefined where there is none. */
export async function selectPlaceName(
  db: Db,
  { scope, key }: { scope: Scope; key: string },
): Promise<{ name: string; translations: Record<string, unknown>; parent: string | null } | undefined> {
  if (scope === 'nation' || scope === 'tier') return { name: key, translations: {}, parent: null }
  const found =
    scope === 'region'
      ? sql`select name, translations, parent_code as parent from security.division where code = ${key}`
      : sql`select name, translations, division_code as parent from security.organisation where code = ${key}`
  const { rows } = await sql<{ name: string; translations: Record<string, unknown>; parent: string | null }>`
    ${found}`.execute(db)
  return rows[0]
}

export interface Target {
  resources: number
  basis: string
  declaredBy: string
  declaredAt: string
}

/** What a body has to catalogue, as declared. */
export async function selectTarget(db: Db, organisationId: number): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select resources, basis, declared_by as "declaredBy", declared_at as "declaredAt"
    from coverage.target where organisation_id = ${organisationId}`.execute(db)
  return rows[0]
}

export async function upsertTargets(
  db: Db,
  targets: { organisationId: number; resources: number; basis: string }[],
  declaredBy: string,
): Promise<void> {
  await sql`
    insert into coverage.target (organisation_id, resources, basis, declared_by)
    select "organisationId", resources, basis, ${declaredBy}
    from jsonb_to_recordset(${JSON.stringify(targets)}::jsonb) as t ("organisationId" int, resources int, basis text)
    on conflict (organisation_id) do update set resources = excluded.resources, basis = excluded.basis,
      declared_by = excluded.declared_by, declared_at = now()`.execute(db)
}

export async function deleteTarget(db: Db, organisationId: number): Promise<void> {
  await sql`delete from coverage.target where organisation_id = ${organisationId}`.execute(db)
}
