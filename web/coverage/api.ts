import type {
  Coverage,
  CoverageRanking,
  CoverageTrend,
  EntryScore,
} from '../../src/coverage/coverage.schema.ts'
import { call, toQueryString } from '../platform/client.ts'
import type { CoverageState, Measure } from './state.ts'

export type { Coverage, CoverageRanking, EntryScore }
export type Counted = CoverageTrend['points'][number]
export type RankingRow = CoverageRanking['rows'][number]

type Signalled = { signal: AbortSignal }

/** The place of a page as the API names it. */
const placeOf = ({ region, body }: CoverageState) => (body ? { body } : { region })

export const coverageQuery = (state: CoverageState) => {
  const query = placeOf(state)
  return {
    queryKey: ['coverage', query],
    queryFn: ({ signal }: Signalled) => call<Coverage>('/coverage', { query, signal }),
  }
}

export const trendQuery = (state: CoverageState) => {
  const query = placeOf(state)
  return {
    queryKey: ['coverage', 'trend', query],
    queryFn: ({ signal }: Signalled) => call<CoverageTrend>('/coverage/trend', { query, signal }),
  }
}

/** Rows of a page of the table. */
export const rowsShown = 50
/** The territories of the map: a country has some dozens. */
const mapRows = 500

const rankingOf = ({ by, region, tier, q, sort }: CoverageState) => {
  const field = sort?.replace(/^-/, '')
  return {
    by,
    region,
    tier,
    q,
    sort: field,
    order: field && (sort?.startsWith('-') ? 'desc' : 'asc'),
  }
}

export const rankingQuery = (state: CoverageState) => {
  const query = { ...rankingOf(state), limit: rowsShown, offset: ((state.page ?? 1) - 1) * rowsShown }
  return {
    queryKey: ['coverage', 'ranking', query],
    queryFn: ({ signal }: Signalled) => call<CoverageRanking>('/coverage/ranking', { query, signal }),
    placeholderData: (before: CoverageRanking | undefined) => before,
  }
}

export const exportAddress = (state: CoverageState): string =>
  `/api/v1/coverage/ranking.csv${toQueryString(rankingOf(state))}`

/** The territories that stand on the map. */
export const regionsQuery = {
  queryKey: ['coverage', 'regions'],
  queryFn: ({ signal }: Signalled) =>
    call<CoverageRanking>('/coverage/ranking', { query: { by: 'region', limit: mapRows }, signal }),
}

export const scoreQuery = (uid: string, version: number) => ({
  queryKey: ['score', uid, version],
  queryFn: ({ signal }: Signalled) =>
    call<EntryScore>(`/datasets/${encodeURIComponent(uid)}/score`, { signal }),
})

/** What a measure says of a place: its share with numerator and denominator. */
export function measureOf(
  counted: Counted,
  measure: Measure,
): { part: number; of: number; share: number | null } {
  const ratio = counted.ratios.find((one) => one.id === measure)
  if (ratio) return { part: ratio.numerator, of: ratio.denominator, share: ratio.ratio }
  const { points, possible, share } = counted.quality
  return { part: points, of: possible, share }
}
