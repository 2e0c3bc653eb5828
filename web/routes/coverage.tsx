import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { type Coverage, coverageQuery } from '../coverage/api.ts'
import { Quality } from '../coverage/quality.tsx'
import { Ranking } from '../coverage/ranking.tsx'
import { RatioList } from '../coverage/ratio-list.tsx'
import { firstMeasure, RegionMap } from '../coverage/region-map.tsx'
import { Rules } from '../coverage/rules.tsx'
import type { CoverageState } from '../coverage/state.ts'
import { Target } from '../coverage/target-form.tsx'
import { Trend } from '../coverage/trend.tsx'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { Empty, ErrorPanel, Notice, Skeleton } from '../ui/status.tsx'
import { Words } from '../ui/words.tsx'
import './pages.css'
import '../coverage/coverage.css'

const route = getRouteApi('/coverage')

function Head({ data, state }: { data: Coverage; state: CoverageState }) {
  const { t } = useTranslation()
  const content = useContent()
  const format = useFormats()
  const { place, current } = data
  const name = content(place.name, place.translations, 'name')
  const nation = place.scope === 'nation'
  usePageTitle(nation ? t('coverage.title') : `${name.text} – ${t('coverage.title')}`)
  return (
    <header className="page-head">
      {!nation && (
        <ol className="breadcrumbs">
          <li>
            <Link to="/coverage" search={{ measure: state.measure }}>
              {t('coverage.nation')}
            </Link>
          </li>
          {place.parent && (
            <li>
              <Link to="/coverage" search={{ region: place.parent, measure: state.measure }}>
                {t('coverage.around')}
              </Link>
            </li>
          )}
        </ol>
      )}
      <h1>{nation ? t('coverage.title') : <Words {...name} />}</h1>
      <p className="lead">{nation ? t('coverage.lead') : t(`coverage.leadOf.${place.scope}`)}</p>
      {place.scope === 'body' && (
        <p>
          <Link to="/body/$code" params={{ code: place.key }}>
            {t('coverage.bodyPage')}
          </Link>
        </p>
      )}
      {current && (
        <p className="muted small">
          {t('coverage.asOf', { when: format.dateTime(current.at), rules: current.rules })}{' '}
          {t('coverage.counted', {
            entries: format.number(current.published),
            bodies: format.number(current.bodies),
          })}
        </p>
      )}
    </header>
  )
}

/** How complete and how good the catalogue is: the nation, a territory, a body. */
export function CoveragePage() {
  const { t } = useTranslation()
  const state = route.useSearch()
  const { data, error, isPending, refetch } = useQuery(coverageQuery(state))
  const measure = state.measure ?? firstMeasure
  if (isPending || error)
    return (
      <div className="page page-error">
        {error ? <ErrorPanel error={error} retry={() => refetch()} level={1} /> : <Skeleton rows={5} />}
      </div>
    )
  const { place, current } = data
  return (
    <div className="page stack coverage">
      <Head data={data} state={state} />
      {current?.origin === 'demo' && (
        <Notice kind="warm">
          <p>{t('coverage.demo')}</p>
        </Notice>
      )}
      {current ? (
        <>
          <RatioList counted={current} measure={measure} state={state} />
          <div className={place.scope === 'body' ? '' : 'map-and-trend'}>
            {place.scope !== 'body' && (
              <RegionMap measure={measure} state={state} around={[state.region, place.parent]} />
            )}
            <Trend measure={measure} state={state} />
          </div>
          <Quality current={current} />
        </>
      ) : (
        <Empty title={t('coverage.empty')}>
          <p>{t('coverage.emptyText')}</p>
        </Empty>
      )}
      {place.scope === 'body' && <Target code={place.key} target={data.target} />}
      {place.scope !== 'body' && <Ranking state={state} />}
      <Rules />
    </div>
  )
}
