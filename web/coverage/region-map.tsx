import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useContent, useLabel } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useCodes } from '../platform/profile.ts'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { measureOf, regionsQuery } from './api.ts'
import { useShare } from './share.ts'
import { type CoverageState, type Measure, measures } from './state.ts'

/** Pixels of a tile and its gap where there is room: with its short name, or with the whole where tiles are few. */
const widestTile = { short: 88, whole: 180 }
/** Columns up to which there is room for whole names. */
const wholeNames = 4
/** Steps of the colour of a tile: fifths of the whole. */
const steps = 5
const stepOf = (share: number | null): string | undefined =>
  share === null ? undefined : String(Math.min(steps - 1, Math.floor(share * steps)))

/**
 * The territories as tiles where they lie; each is a link to its figures. The table below says the same, so the map is
 * never the only way. A tile carries its value as text: colour only supports.
 */
export function RegionMap(props: {
  measure: Measure
  state: CoverageState
  /** Territories in which the place shown lies. */
  around: readonly (string | null | undefined)[]
}) {
  const { t } = useTranslation()
  const label = useLabel()
  const content = useContent()
  const share = useShare()
  const format = useFormats()
  const { profile } = useCodes()
  const { data, error, isPending, refetch } = useQuery(regionsQuery)
  const tiles = profile?.regionTiles ?? []
  if (error) return <ErrorPanel error={error} retry={() => refetch()} />
  if (isPending || !profile) return <Skeleton rows={2} />
  if (tiles.length === 0) return null
  const rows = new Map(data.rows.map((row) => [row.key, row]))
  const columns = Math.max(...tiles.map((tile) => tile.column)) + 1
  const whole = columns <= wholeNames
  return (
    <section aria-labelledby="map-head">
      <div className="section-head">
        <h2 id="map-head">{t('coverage.map')}</h2>
        <span className="muted small">{t(`coverage.measure.${props.measure}`)}</span>
      </div>
      <ul
        className={`tile-map ${whole ? 'whole' : ''}`}
        style={{
          gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
          maxWidth: columns * (whole ? widestTile.whole : widestTile.short),
        }}
      >
        {[...tiles]
          .sort((a, b) => a.row - b.row || a.column - b.column)
          .map((tile) => {
            const row = rows.get(tile.code)
            const {
              part,
              of,
              share: value,
            } = row ? measureOf(row, props.measure) : { part: 0, of: 0, share: null }
            const name = row ? content(row.name, row.translations, 'name').text : label(tile.short, tile.code)
            const said =
              value === null
                ? `${name}: ${t('coverage.notMeasured')}`
                : `${name}: ${share(value)}, ${t('coverage.parts', { part: format.number(part), of: format.number(of) })}`
            const text = (
              <>
                <span aria-hidden="true">{whole ? name : label(tile.short, tile.code)}</span>
                <span className="tile-value num" aria-hidden="true">
                  {value === null ? t('none') : Math.round(100 * value)}
                </span>
                <span className="visually-hidden">{said}</span>
              </>
            )
            return (
              <li key={tile.code} style={{ gridColumn: tile.column + 1, gridRow: tile.row + 1 }}>
                {row ? (
                  <Link
                    to="/coverage"
                    search={{ ...props.state, region: tile.code, body: undefined, page: undefined }}
                    resetScroll={false}
                    className="tile"
                    data-step={stepOf(value)}
                    aria-current={props.around.includes(tile.code) ? 'true' : undefined}
                    title={said}
                  >
                    {text}
                  </Link>
                ) : (
                  <span className="tile" title={said}>
                    {text}
                  </span>
                )}
              </li>
            )
          })}
      </ul>
      <Legend />
    </section>
  )
}

function Legend() {
  const { t } = useTranslation()
  const share = useShare()
  return (
    <p className="tile-legend muted small">
      <span aria-hidden="true">{share(0)}</span>
      {Array.from({ length: steps }, (_, step) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the steps do not move
        <span key={step} className="tile" data-step={step} aria-hidden="true" />
      ))}
      <span aria-hidden="true">{share(1)}</span>
      <span className="tile" aria-hidden="true" />
      <span>{t('coverage.notMeasured')}</span>
    </p>
  )
}

/** The measure shown where none is chosen. */
export const firstMeasure: Measure = measures[0]
