import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useLabel } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { useCodes } from '../platform/profile.ts'
import { entriesQuery } from '../search/api.ts'
import { EntryHit } from '../search/entry-hit.tsx'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { NotFoundPage } from './root-layout.tsx'
import '../search/search.css'
import './pages.css'

const route = getRouteApi('/theme/$code')
const entriesShown = 10
const bodiesShown = 12

/** Every theme of the profile with the number of its entries; also those that have none yet. */
export function ThemesPage() {
  const { t } = useTranslation()
  const format = useFormats()
  const { entries, name, profile } = useCodes()
  const { data, error, refetch } = useQuery(entriesQuery({}))
  usePageTitle(t('themePage.title'))
  const counts = new Map((data?.facets.theme ?? []).map((theme) => [theme.value, theme.count]))
  return (
    <div className="page stack">
      <header className="page-head">
        <h1>{t('themePage.title')}</h1>
        <p className="lead">{t('themePage.lead')}</p>
      </header>
      {error && <ErrorPanel error={error} retry={() => refetch()} />}
      {!profile && !error && <Skeleton rows={3} />}
      <ul className="count-list wide">
        {entries('theme').map((theme) => (
          <li key={theme.code}>
            <Link to="/theme/$code" params={{ code: theme.code }}>
              <span>{name('theme', theme.code)}</span>
              <span className="num">{data ? format.number(counts.get(theme.code) ?? 0) : ''}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** One theme: its newest entries and the bodies that hold most of it. */
export function ThemePage() {
  const { t } = useTranslation()
  const { code } = route.useParams()
  const format = useFormats()
  const label = useLabel()
  const { profile, entries, name } = useCodes()
  const { data, error, isPending, refetch } = useQuery(entriesQuery({ theme: [code], sort: 'updated' }))
  usePageTitle(name('theme', code))
  if (profile && !entries('theme').some((theme) => theme.code === code)) return <NotFoundPage />
  return (
    <div className="page stack">
      <header className="page-head">
        <ol className="breadcrumbs">
          <li>
            <Link to="/themes">{t('themePage.title')}</Link>
          </li>
        </ol>
        <h1>{name('theme', code)}</h1>
        {data && (
          <p className="lead num">
            {t('count.entries', { count: data.total, n: format.number(data.total) })}
          </p>
        )}
        <p>
          <Link className="button primary" to="/search" search={{ theme: [code] }}>
            {t('themePage.all')}
          </Link>
        </p>
      </header>
      {error && <ErrorPanel error={error} retry={() => refetch()} />}
      {isPending && <Skeleton rows={4} />}
      {data?.hits.length === 0 && <p className="muted">{t('themePage.none')}</p>}
      {data && data.hits.length > 0 && (
        <div className="side-by-side">
          <section aria-labelledby="newest">
            <div className="section-head">
              <h2 id="newest">{t('themePage.newest')}</h2>
            </div>
            <ul className="hits">
              {data.hits.slice(0, entriesShown).map((hit) => (
                <li key={hit.uid}>
                  <EntryHit hit={hit} query={undefined} level={3} />
                </li>
              ))}
            </ul>
          </section>
          <section aria-labelledby="bodies">
            <div className="section-head">
              <h2 id="bodies">{t('themePage.bodies')}</h2>
            </div>
            <ul className="count-list">
              {(data.facets.body ?? []).slice(0, bodiesShown).map((body) => (
                <li key={body.value}>
                  <Link to="/search" search={{ theme: [code], body: [body.value] }}>
                    <span>{label(body.label, body.value)}</span>
                    <span className="num">{format.number(body.count)}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        </div>
      )}
    </div>
  )
}
