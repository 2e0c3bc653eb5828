/** What can be shown of a place: the ratios in the order of the API, and quality. */
export const measures = ['catalogued', 'mounted', 'shared', 'opened', 'inTime', 'graded', 'quality'] as const
export type Measure = (typeof measures)[number]
export const kinds = ['body', 'region', 'tier'] as const
export type Kind = (typeof kinds)[number]

/** The page of coverage as it stands in the address. */
export interface CoverageState {
  region?: string
  body?: string
  /** Shown on the map and in front in the trend. */
  measure?: Measure
  /** What the table lists. */
  by?: Kind
  tier?: string
  q?: string
  /** A column of the table, with `-` in front where the highest comes first. */
  sort?: string
  page?: number
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined)
const isMeasure = (name: string | undefined): name is Measure =>
  (measures as readonly unknown[]).includes(name)
const isColumn = (name: string) => isMeasure(name) || name === 'name' || name === 'published'

export function readCoverage(raw: Record<string, unknown>): CoverageState {
  const body = text(raw.body)
  const page = Number(raw.page)
  const sort = text(raw.sort)
  const measure = text(raw.measure)
  return {
    region: body ? undefined : text(raw.region),
    body,
    measure: isMeasure(measure) ? measure : undefined,
    by: kinds.find((kind) => kind === raw.by && kind !== 'body'),
    tier: text(raw.tier),
    q: text(raw.q),
    sort: sort && isColumn(sort.replace(/^-/, '')) ? sort : undefined,
    page: Number.isInteger(page) && page > 1 ? page : undefined,
  }
}
