import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { useShare } from './share.ts'
import './quality-card.css'

/** The share of the points of each dimension, as bars with their numbers. */
export function DimensionBars(props: {
  dimensions: readonly { id: string; points: number; possible: number }[]
  /** Points instead of shares: for one entry. */
  points?: boolean
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const share = useShare()
  return (
    <dl className="dimensions">
      {props.dimensions.map(({ id, points, possible }) => (
        <div key={id}>
          <dt>{t(`coverage.dimension.${id}`)}</dt>
          <dd className="num">
            {possible === 0
              ? t('coverage.notMeasured')
              : props.points
                ? `${format.number(points)} / ${format.number(possible)}`
                : share(points / possible)}
            <span className="meter" aria-hidden="true">
              <span style={{ width: `${possible > 0 ? (100 * points) / possible : 0}%` }} />
            </span>
          </dd>
        </div>
      ))}
    </dl>
  )
}
