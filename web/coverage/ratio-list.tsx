import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { type Counted, measureOf } from './api.ts'
import { useShare } from './share.ts'
import { type CoverageState, type Measure, measures } from './state.ts'

/** The headline: every ratio with its numerator and denominator. Choosing one shows it on the map and in the trend. */
export function RatioList(props: { counted: Counted; measure: Measure; state: CoverageState }) {
  const { t } = useTranslation()
  const format = useFormats()
  const share = useShare()
  return (
    <ul className="ratios" aria-label={t('coverage.ratios')}>
      {measures.map((measure) => {
        const { part, of, share: value } = measureOf(props.counted, measure)
        return (
          <li key={measure}>
            <Link
              to="/coverage"
              search={{ ...props.state, measure }}
              resetScroll={false}
              replace
              aria-current={measure === props.measure ? 'true' : undefined}
            >
              <span className="ratio-name">{t(`coverage.measure.${measure}`)}</span>
              <span className="ratio-value num">{share(value)}</span>
              <span className="meter" aria-hidden="true">
                <span style={{ width: `${100 * (value ?? 0)}%` }} />
              </span>
              <span className="ratio-parts num">
                {value === null
                  ? t('coverage.noDenominator')
                  : t(measure === 'quality' ? 'coverage.points' : 'coverage.parts', {
                      part: format.number(part),
                      of: format.number(of),
                    })}
              </span>
            </Link>
          </li>
        )
      })}
    </ul>
  )
}
