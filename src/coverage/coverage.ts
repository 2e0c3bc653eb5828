import { ConcordError, notFound } from '../platform/errors.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { findOrganisation } from '../security/index.ts'
import { checksOf, dimensions } from './check.ts'
import {
  type Scope,
  type SnapshotRow,
  selectLatestDay,
  selectPlaceName,
  selectRanking,
  selectTarget,
  selectTrend,
} from './coverage.queries.ts'
import type {
  Coverage,
  CoverageRanking,
  CoverageTrend,
  PlaceQuery,
  RankingQuery,
  TrendQuery,
} from './coverage.schema.ts'
import { wordsOf } from './entry-score.ts'
import { ratiosOf, share } from './ratio.ts'

/** Points of one trend: a quarter of days and the months of fifty years. */
const maxPoints = 700
const firstDay = '1900-01-01'
const lastDay = '9999-12-31'
/** Rows of a page of the ranking unless asked for otherwise. */
const defaultRows = 50

/** The place that a query names. @throws invalid_request where it names more than one */
function placeOf({ tier, region, body }: PlaceQuery): { scope: Scope; key: string } {
  const named = [
    ['tier', tier],
    ['region', region],
    ['body', body],
  ].filter((pair): pair is [Scope, string] => pair[1] !== undefined)
  if (named.length > 1)
    throw new ConcordError('invalid_request', 'Name one place: a tier, a region or a body.', {
      faults: named.map(([name]) => ({
        path: `querystring/${name}`,
        rule: 'one_place',
        message: 'names a second place',
        remedy: 'Leave all but one of tier, region and body out.',
      })),
    })
  const [scope, key] = named[0] ?? ['nation', '']
  return { scope, key }
}

/** @throws not_found, invalid_request */
async function readPlace(db: Db, profile: Profile, query: PlaceQuery) {
  const place = placeOf(query)
  const tiers = profile.codeLists.tier!.entries
  const found = await selectPlaceName(db, place)
  if (!found || (place.scope === 'tier' && !tiers.some((t) => t.code === place.key)))
    throw notFound(`The ${place.scope} ${place.key}`)
  return { ...place, ...found }
}

const counted = (row: SnapshotRow) => ({
  day: row.day,
  at: row.at,
  rules: row.rules,
  origin: row.origin,
  published: row.published,
  ratios: ratiosOf(row),
  quality: { points: row.points, possible: row.possible, share: share(row.points, row.possible) },
})

/** Points by dimension from how many entries passed each check. */
function dimensionsOf(profile: Profile, row: SnapshotRow) {
  const checks = checksOf(profile)
  const sum = (counts: number[] | null, of: typeof checks) =>
    of.reduce((points, c) => points + c.points * (counts?.[c.bit] ?? 0), 0)
  return dimensions.map((id) => {
    const own = checks.filter((c) => c.dimension === id)
    return { id, points: sum(row.passed, own), possible: sum(row.measured, own) }
  })
}

/** A place as it was counted last. @throws not_found, invalid_request */
export async function getCoverage(db: Db, profile: Profile, query: PlaceQuery): Promise<Coverage> {
  const place = await readPlace(db, profile, query)
  const day = await selectLatestDay(db)
  const [row] = day ? await selectTrend(db, place, { from: day, to: day, limit: 1 }) : []
  const body = place.scope === 'body' ? await findOrganisation(db, { code: place.key }) : undefined
  const target = body ? await selectTarget(db, body.id) : undefined
  if (!row) return { place, current: null, target: target ?? null }
  const checks = checksOf(profile).filter((c) => c.points > 0)
  return {
    place,
    current: {
      ...counted(row),
      bodies: row.bodies,
      ratings: profile.coverage.ratings.map(({ code, label }, n) => ({
        code,
        label,
        entries: row.ratings[n] ?? 0,
      })),
      dimensions: dimensionsOf(profile, row),
      checks: checks.map(({ id, bit }) => ({
        id,
        name: wordsOf(id).name,
        passed: row.passed?.[bit] ?? 0,
        measured: row.measured?.[bit] ?? 0,
      })),
    },
    target: target ?? null,
  }
}

/** A place over time, oldest first. @throws not_found, invalid_request */
export async function getTrend(db: Db, profile: Profile, query: TrendQuery): Promise<CoverageTrend> {
  const { from = firstDay, to = lastDay, ...rest } = query
  const place = await readPlace(db, profile, rest)
  const rows = await selectTrend(db, place, { from, to, limit: maxPoints })
  return { place, points: rows.map(counted) }
}

/** Places of the newest day in order. Best first unless asked otherwise; names in order. */
export async function getRanking(db: Db, query: RankingQuery): Promise<CoverageRanking> {
  const day = await selectLatestDay(db)
  if (!day) return { day: null, total: 0, rows: [] }
  const { by = 'body', sort = 'quality', limit = defaultRows, offset = 0 } = query
  const descending = (query.order ?? (sort === 'name' ? 'asc' : 'desc')) === 'desc'
  const rows = await selectRanking(db, { ...query, day, by, sort, descending, limit, offset })
  return {
    day,
    total: rows[0]?.total ?? 0,
    rows: rows.map((row) => ({
      ...counted(row),
      key: row.key,
      name: row.name,
      translations: row.translations,
      tier: row.tier,
      divisionCode: row.divisionCode,
    })),
  }
}
