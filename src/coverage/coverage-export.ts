import { csvCell } from '../platform/csv.ts'
import type { Db } from '../platform/postgres.ts'
import { type CoverageRanking, type ExportQuery, rankingLimit } from './coverage.schema.ts'
import { getRanking } from './coverage.ts'
import { ratioIds } from './ratio.ts'

type Row = CoverageRanking['rows'][number]

const columns: readonly [name: string, value: (row: Row) => string | number | null][] = [
  ['key', (r) => r.key],
  ['name', (r) => r.name],
  ['tier', (r) => r.tier],
  ['division', (r) => r.divisionCode],
  ['published', (r) => r.published],
  // An empty ratio was not measured: its denominator is 0.
  ...ratioIds.flatMap((id): [string, (row: Row) => number | null][] => {
    const of = (row: Row) => row.ratios.find((ratio) => ratio.id === id)!
    return [
      [`${id}_numerator`, (r) => of(r).numerator],
      [`${id}_denominator`, (r) => of(r).denominator],
      [`${id}_ratio`, (r) => of(r).ratio],
    ]
  }),
  ['quality_points', (r) => r.quality.points],
  ['quality_possible', (r) => r.quality.possible],
  ['quality_share', (r) => r.quality.share],
  ['counted_at', (r) => r.at],
  ['origin', (r) => r.origin],
  ['rules', (r) => r.rules],
]

/** Every place of the newest day as CSV, page by page: numerators, denominators, time and rules beside each ratio. */
export async function* exportLines(db: Db, query: ExportQuery): AsyncGenerator<string> {
  // The mark makes spreadsheets read UTF-8.
  yield `\ufeff${columns.map(([name]) => name).join(',')}\r\n`
  for (let offset = 0; ; offset += rankingLimit) {
    const { rows } = await getRanking(db, { ...query, limit: rankingLimit, offset })
    yield rows.map((row) => `${columns.map(([, value]) => csvCell(value(row))).join(',')}\r\n`).join('')
    if (rows.length < rankingLimit) return
  }
}
