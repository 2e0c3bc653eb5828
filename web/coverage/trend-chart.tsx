import { LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { usePreferences } from '../platform/preferences.ts'
import { type Counted, measureOf } from './api.ts'
import { useShare } from './share.ts'
import { type Measure, measures } from './state.ts'

use([LineChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, SVGRenderer])

/** Colours that people with any colour vision tell apart (Okabe and Ito), darkened or lightened for the background. */
const palette: Record<'light' | 'dark', Record<Measure, string>> = {
  light: {
    catalogued: '#0f4c5c',
    mounted: '#c15a00',
    shared: '#007a5a',
    opened: '#0072b2',
    inTime: '#a0437c',
    graded: '#6b5b00',
    quality: '#4a4a4a',
  },
  dark: {
    catalogued: '#80c6d6',
    mounted: '#f0a860',
    shared: '#5fd0a8',
    opened: '#7db8f0',
    inTime: '#e6a0c8',
    graded: '#e8dc6a',
    quality: '#c4c4c4',
  },
}
/** Lines differ in more than colour. */
const dashes: Record<Measure, 'solid' | 'dashed' | 'dotted' | number[]> = {
  catalogued: 'solid',
  mounted: 'dashed',
  shared: [8, 3, 2, 3],
  opened: 'dotted',
  inTime: [12, 4],
  graded: [3, 3],
  quality: [1, 4],
}

const variable = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** All measures over time, the chosen one in front. */
export function TrendChart(props: { points: Counted[]; measure: Measure; summary: string }) {
  const { points, measure } = props
  const frame = useRef<HTMLDivElement>(null)
  const { t } = useTranslation()
  const { theme, language } = usePreferences()
  const share = useShare()
  const format = useFormats()
  // biome-ignore lint/correctness/useExhaustiveDependencies: texts and formats change with the language
  useEffect(() => {
    if (!frame.current) return
    const chart = init(frame.current, undefined, { renderer: 'svg' })
    const ink = variable('--ink-2')
    const line = variable('--line')
    chart.setOption({
      animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 44, right: 16, top: 16, bottom: 72 },
      legend: {
        bottom: 0,
        textStyle: { color: ink },
        itemWidth: 28,
        inactiveColor: variable('--line-strong'),
      },
      tooltip: {
        trigger: 'axis',
        backgroundColor: variable('--bg'),
        borderColor: line,
        textStyle: { color: variable('--ink') },
        valueFormatter: (value: unknown) => share(typeof value === 'number' ? value : null),
      },
      xAxis: {
        type: 'time',
        axisLabel: {
          color: ink,
          hideOverlap: true,
          formatter: (at: number) => format.date(new Date(at).toISOString()),
        },
        axisLine: { lineStyle: { color: line } },
      },
      yAxis: {
        type: 'value',
        min: 0,
        max: 1,
        axisLabel: { color: ink, formatter: (value: number) => share(value) },
        splitLine: { lineStyle: { color: line } },
      },
      series: measures.map((one) => ({
        type: 'line',
        name: t(`coverage.measure.${one}`),
        showSymbol: false,
        z: one === measure ? 3 : 2,
        lineStyle: {
          width: one === measure ? 3.5 : 1.25,
          type: dashes[one],
          opacity: one === measure ? 1 : 0.65,
        },
        itemStyle: { color: palette[theme][one] },
        data: points.map((point) => [point.day, measureOf(point, one).share]),
      })),
    })
    const observer = new ResizeObserver(() => chart.resize())
    observer.observe(frame.current)
    return () => {
      observer.disconnect()
      chart.dispose()
    }
  }, [points, measure, theme, language])
  return <div ref={frame} className="trend-chart" role="img" aria-label={props.summary} />
}
