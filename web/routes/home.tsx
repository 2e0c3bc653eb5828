import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { FacetValue, SearchHit } from '../../src/search/search.schema.ts'
import { figuresQuery } from '../catalog/api.ts'
import { useContent, useLabel } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { usePreferences } from '../platform/preferences.ts'
import { entriesQuery, topQuery } from '../search/api.ts'
import { SearchBox } from '../search/search-box.tsx'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { Words } from '../ui/words.tsx'
import { HeroArt } from './hero-art.tsx'
import './home.css'

/** Words people can start from, in the language they read. */
const examples = {
  en: ['household address', 'companies', 'water quality', 'vehicle'],
  'zh-CN': ['户籍地址', '企业登记', '水质', '机动车'],
}

const sum = (shares: Record<string, number> | undefined) =>
  (shares?.unconditional ?? 0) + (shares?.conditional ?? 0)

function Figures() {
  const { t } = useTranslation()
  const format = useFormats()
  const { data, error, refetch } = useQuery(figuresQuery)
  if (error)
    return (
      <div className="page page-error">
        <ErrorPanel error={error} retry={() => refetch()} />
      </div>
    )
  const percent = (part: number) =>
    data && data.entries > 0 ? `${Math.round((100 * part) / data.entries)}%` : t('none')
  const figures: [string, string][] = [
    [format.number(data?.entries ?? 0), t('home.entries')],
    [format.number(data?.items ?? 0), t('home.items')],
    [format.number(data?.bodies ?? 0), t('home.bodies')],
    [percent(sum(data?.sharing)), t('home.shared')],
    [percent(data?.open.unconditional ?? 0), t('home.open')],
  ]
  return (
    <section className="figures page" aria-labelledby="figures">
      <h2 id="figures" className="visually-hidden">
        {t('home.figures')}
      </h2>
      <dl>
        {figures.map(([value, name]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{data ? value : <span className="skeleton" />}</dd>
          </div>
        ))}
      </dl>
      {data && <p className="muted small">{t('home.asOf', { when: format.dateTime(data.at) })}</p>}
    </section>
  )
}

function ShortList({ sort }: { sort: 'updated' | 'use' }) {
  const { t } = useTranslation()
  const format = useFormats()
  const content = useContent()
  const { data, error, isPending, refetch } = useQuery(topQuery(sort))
  const note = (hit: SearchHit) =>
    sort === 'updated'
      ? format.ago(hit.modified ?? hit.changedAt)
      : hit.useCount > 0 && t('dataset.usedTimes', { count: hit.useCount, n: format.number(hit.useCount) })
  return (
    <section className="short-list" aria-labelledby={`list-${sort}`}>
      <div className="section-head">
        <h2 id={`list-${sort}`}>{t(sort === 'updated' ? 'home.recent' : 'home.popular')}</h2>
        <Link to="/search" search={{ sort }}>
          {t('home.more')}
        </Link>
      </div>
      {isPending && <Skeleton rows={2} />}
      {error && <ErrorPanel error={error} retry={() => refetch()} />}
      {data?.hits.length === 0 && <p className="muted list-none">{t('home.nothing')}</p>}
      <ol>
        {data?.hits.map((hit) => (
          <li key={hit.uid}>
            <Link to="/dataset/$uid" params={{ uid: hit.uid }} search={{}}>
              <Words {...content(hit.title, hit.translations, 'title', hit.language)} />
            </Link>
            <span className="muted small">
              <Words {...content(hit.body.name, hit.body.translations, 'name')} />
              {note(hit) && <span className="num"> · {note(hit)}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Regions({ values }: { values: FacetValue[] }) {
  const { t } = useTranslation()
  const label = useLabel()
  const format = useFormats()
  const most = Math.max(1, ...values.map((value) => value.count))
  return (
    <section className="page regions" aria-labelledby="regions">
      <div className="section-head">
        <h2 id="regions">{t('home.regions')}</h2>
        <p className="muted small">{t('home.regionsText')}</p>
      </div>
      <ul>
        {values.map((value) => (
          <li key={value.value}>
            <Link to="/search" search={{ region: [value.value] }}>
              <span>{label(value.label, value.value)}</span>
              <span className="num">{format.number(value.count)}</span>
              <span
                className="region-bar"
                aria-hidden="true"
                style={{ width: `${(100 * value.count) / most}%` }}
              />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Regions shown on the strip; a country has about thirty. */
const regionsShown = 36

export function HomePage() {
  const { t } = useTranslation()
  const label = useLabel()
  const format = useFormats()
  const { language } = usePreferences()
  const { data, error, isPending, refetch } = useQuery(entriesQuery({}))
  usePageTitle('Concord')
  const themes = data?.facets.theme ?? []
  const regions = (data?.facets.region ?? []).slice(0, regionsShown)
  return (
    <div className="home">
      <section className="home-hero on-dark">
        <HeroArt />
        <div className="page hero-inner">
          <h1>{t('home.title')}</h1>
          <p>{t('home.lead')}</p>
          <SearchBox size="hero" />
          <p className="hero-examples">
            <span>{t('home.try')}</span>
            {examples[language].map((word) => (
              <Link key={word} to="/search" search={{ q: word }}>
                {word}
              </Link>
            ))}
          </p>
        </div>
      </section>
      <Figures />
      <section className="page themes" aria-labelledby="themes">
        <div className="section-head">
          <h2 id="themes">{t('home.themes')}</h2>
          <Link to="/themes">{t('home.allThemes')}</Link>
        </div>
        {isPending && <Skeleton rows={2} />}
        {error && <ErrorPanel error={error} retry={() => refetch()} />}
        {data && themes.length === 0 && <p className="muted list-none">{t('home.nothing')}</p>}
        <ul className="theme-grid">
          {themes.map((theme) => (
            <li key={theme.value}>
              <Link to="/theme/$code" params={{ code: theme.value }}>
                <span>{label(theme.label, theme.value)}</span>
                <span className="num">{format.number(theme.count)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </section>
      <div className="page two-lists">
        <ShortList sort="updated" />
        <ShortList sort="use" />
      </div>
      {regions.length > 0 && <Regions values={regions} />}
      <section className="page for-bodies">
        <div>
          <h2>{t('coverage.home')}</h2>
          <p>{t('coverage.homeText')}</p>
        </div>
        <Link to="/coverage" className="button">
          {t('coverage.homeLink')}
        </Link>
      </section>
      <section className="page for-bodies">
        <div>
          <h2>{t('home.forBodies')}</h2>
          <p>{t('home.forBodiesText')}</p>
        </div>
        <Link to="/work" className="button primary">
          {t('home.startWork')}
        </Link>
      </section>
    </div>
  )
}
