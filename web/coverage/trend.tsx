import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { type Counted, measureOf, trendQuery } from './api.ts'
import { useShare } from './share.ts'
import { type CoverageState, type Measure, measures } from './state.ts'

/** The library of charts is large and comes only where a chart is. */
const TrendChart = lazy(async () => ({ default: (await import('./trend-chart.tsx')).TrendChart }))

/** Lines over time, in words for who cannot see them, and as a table for who wants the values. */
export function Trend(props: { measure: Measure; state: CoverageState }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { data, error, isPending, refetch } = useQuery(trendQuery(props.state))
  const points = data?.points ?? []
  const summary = useSummary(points, props.measure)
  const told = points.filter((point) => point.origin === 'demo')
  return (
    <section aria-labelledby="trend-head">
      <div className="section-head">
        <h2 id="trend-head">{t('coverage.trend')}</h2>
        <span className="muted small">{t(`coverage.measure.${props.measure}`)}</span>
      </div>
      {error && <ErrorPanel error={error} retry={() => refetch()} />}
      {isPending && <Skeleton rows={2} />}
      {data && points.length < 2 && <p className="muted trend-none">{t('coverage.noTrend')}</p>}
      {points.length >= 2 && (
        <>
          <Suspense fallback={<div className="trend-chart" />}>
            <TrendChart points={points} measure={props.measure} summary={summary} />
          </Suspense>
          {told.length > 0 && (
            <p className="muted small">{t('coverage.demoPast', { day: format.date(told.at(-1)?.day) })}</p>
          )}
          <TrendTable points={points} />
        </>
      )}
    </section>
  )
}

/** What the chosen line does, in a sentence. */
function useSummary(points: Counted[], measure: Measure): string {
  const { t } = useTranslation()
  const format = useFormats()
  const share = useShare()
  const first = points[0]
  const last = points.at(-1)
  if (!first || !last) return ''
  return t('coverage.trendSummary', {
    measure: t(`coverage.measure.${measure}`),
    from: share(measureOf(first, measure).share),
    first: format.date(first.day),
    to: share(measureOf(last, measure).share),
    last: format.date(last.day),
  })
}

function TrendTable({ points }: { points: Counted[] }) {
  const { t } = useTranslation()
  const format = useFormats()
  const share = useShare()
  return (
    <details className="small">
      <summary>{t('coverage.asTable')}</summary>
      <TableFrame label={t('coverage.asTable')}>
        <table className="data-table">
          <thead>
            <tr>
              <th scope="col">{t('coverage.day')}</th>
              {measures.map((measure) => (
                <th key={measure} scope="col" className="right">
                  {t(`coverage.measure.${measure}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...points].reverse().map((point) => (
              <tr key={point.day}>
                <th scope="row">
                  {format.date(point.day)}
                  {point.origin === 'demo' && <span className="cell-note">{t('coverage.demo')}</span>}
                </th>
                {measures.map((measure) => (
                  <td key={measure} className="right num">
                    {share(measureOf(point, measure).share)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </details>
  )
}
