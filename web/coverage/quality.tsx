import { useTranslation } from 'react-i18next'
import { useLabel } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import type { Coverage } from './api.ts'
import { DimensionBars } from './dimension-bars.tsx'
import { useShare } from './share.ts'

type Current = NonNullable<Coverage['current']>
/** Checks listed: what most entries lack. */
const listed = 8

function Ratings({ current }: { current: Current }) {
  const { t } = useTranslation()
  const label = useLabel()
  const format = useFormats()
  const share = useShare()
  const all = current.ratings.reduce((sum, rating) => sum + rating.entries, 0)
  if (all === 0) return null
  return (
    <div>
      <h3>{t('coverage.byRating')}</h3>
      <div className="rating-bar" aria-hidden="true">
        {current.ratings.map((rating, n) => (
          <span key={rating.code} data-rating={n} style={{ flexGrow: rating.entries }} />
        ))}
      </div>
      <dl className="rating-list">
        {current.ratings.map((rating, n) => (
          <div key={rating.code}>
            <dt>
              <span className="rating-mark" data-rating={n} aria-hidden="true" />
              {label(rating.label, rating.code)}
            </dt>
            <dd className="num">
              {format.number(rating.entries)} <span className="muted">{share(rating.entries / all)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

/** What is missing most often, so that a body begins where it helps most. */
function Missing({ current }: { current: Current }) {
  const { t } = useTranslation()
  const label = useLabel()
  const format = useFormats()
  const missing = current.checks
    .map((check) => ({ ...check, failed: check.measured - check.passed }))
    .filter((check) => check.failed > 0)
    .sort((a, b) => b.failed - a.failed)
    .slice(0, listed)
  return (
    <div>
      <h3>{t('coverage.missing')}</h3>
      {missing.length === 0 && <p className="muted">{t('coverage.nothingMissing')}</p>}
      <ol className="missing-list">
        {missing.map((check) => (
          <li key={check.id}>
            <span>{label(check.name, check.id)}</span>
            <span className="num muted">
              {t('coverage.missingIn', {
                count: check.failed,
                n: format.number(check.failed),
                of: format.number(check.measured),
              })}
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}

/** The quality of the entries of a place: by dimension, by rating, and what is missing. */
export function Quality({ current }: { current: Current }) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <section aria-labelledby="quality-head">
      <div className="section-head">
        <h2 id="quality-head">{t('coverage.quality')}</h2>
        <span className="muted small">
          {t('coverage.ofEntries', { count: current.published, n: format.number(current.published) })}
        </span>
      </div>
      <div className="quality-columns">
        <div>
          <h3>{t('coverage.byDimension')}</h3>
          <DimensionBars dimensions={current.dimensions} />
        </div>
        <Ratings current={current} />
        <Missing current={current} />
      </div>
    </section>
  )
}
