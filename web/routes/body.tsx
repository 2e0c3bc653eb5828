import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { bodiesQuery, bodyQuery } from '../catalog/api.ts'
import { useContent, useForeignLanguage, useLabel } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { useCodes } from '../platform/profile.ts'
import { entriesQuery } from '../search/api.ts'
import { EntryHit } from '../search/entry-hit.tsx'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { Words } from '../ui/words.tsx'
import '../search/search.css'
import './pages.css'

const route = getRouteApi('/body/$code')
/** Entries shown on the page of a body; the rest is a search away. */
const entriesShown = 10

function Entries({ code }: { code: string }) {
  const { t } = useTranslation()
  const label = useLabel()
  const format = useFormats()
  const { data, error, isPending, refetch } = useQuery(entriesQuery({ body: [code], sort: 'updated' }))
  if (error) return <ErrorPanel error={error} retry={() => refetch()} />
  if (isPending) return <Skeleton rows={4} />
  if (data.total === 0) return <p className="muted">{t('body.none')}</p>
  return (
    <div className="side-by-side">
      <section aria-labelledby="entries">
        <div className="section-head">
          <h2 id="entries">
            {t('body.entries')} <span className="muted num">{format.number(data.total)}</span>
          </h2>
          <Link to="/search" search={{ body: [code] }}>
            {t('body.allEntries')}
          </Link>
        </div>
        <ul className="hits">
          {data.hits.slice(0, entriesShown).map((hit) => (
            <li key={hit.uid}>
              <EntryHit hit={hit} query={undefined} level={3} />
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="by-theme">
        <div className="section-head">
          <h2 id="by-theme">{t('body.byTheme')}</h2>
        </div>
        <ul className="count-list">
          {(data.facets.theme ?? []).map((theme) => (
            <li key={theme.value}>
              <Link to="/search" search={{ body: [code], theme: [theme.value] }}>
                <span>{label(theme.label, theme.value)}</span>
                <span className="num">{format.number(theme.count)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}

function Below({ uid }: { uid: string }) {
  const { t } = useTranslation()
  const content = useContent()
  const { data, error, isPending, refetch } = useQuery(bodiesQuery)
  const below = data?.filter((one) => one.parentUid === uid) ?? []
  if (data && below.length === 0) return null
  return (
    <section aria-labelledby="below">
      <div className="section-head">
        <h2 id="below">{t('body.below')}</h2>
      </div>
      {isPending && <Skeleton rows={1} />}
      {error && <ErrorPanel error={error} retry={() => refetch()} />}
      <ul className="name-columns">
        {below.map((one) => (
          <li key={one.uid}>
            <Link to="/body/$code" params={{ code: one.code }}>
              <Words {...content(one.name, one.translations, 'name')} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A body: what it is, where it stands, what it provides. */
export function BodyPage() {
  const { t } = useTranslation()
  const { code } = route.useParams()
  const content = useContent()
  const foreign = useForeignLanguage()
  const { name: codeName } = useCodes()
  const { data, error, isPending, refetch } = useQuery(bodyQuery(code))
  const name = data ? content(data.name, data.translations, 'name') : undefined
  usePageTitle(name?.text)
  if (isPending || error)
    return (
      <div className="page page-error">
        {error ? <ErrorPanel error={error} retry={() => refetch()} level={1} /> : <Skeleton rows={4} />}
      </div>
    )
  const description = content(data.description, data.translations, 'description')
  return (
    <div className="page stack">
      <header className="page-head">
        <ol className="breadcrumbs">
          <li>
            <Link to="/bodies">{t('nav.bodies')}</Link>
          </li>
          {data.path.map((one) => (
            <li key={one.uid}>
              <Link to="/body/$code" params={{ code: one.code }}>
                <Words {...content(one.name, one.translations, 'name')} />
              </Link>
            </li>
          ))}
        </ol>
        <h1 lang={name?.lang}>{name?.text}</h1>
        {name?.translated && (
          <p className="muted" lang={foreign(data.name)}>
            {data.name}
          </p>
        )}
        {description.text && (
          <p className="lead">
            <Words {...description} />
          </p>
        )}
        <dl className="inline-facts">
          <div>
            <dt>{t('body.tier')}</dt>
            <dd>{codeName('tier', data.tier)}</dd>
          </div>
          {data.creditCode && (
            <div>
              <dt>{t('body.creditCode')}</dt>
              <dd className="num">{data.creditCode}</dd>
            </div>
          )}
          {data.homepage && (
            <div>
              <dt>{t('body.homepage')}</dt>
              <dd>
                <a href={data.homepage} rel="noreferrer">
                  {data.homepage.replace(/^https?:\/\//, '')}
                </a>
              </dd>
            </div>
          )}
          {data.contact && (
            <div>
              <dt>{t('body.contact')}</dt>
              <dd>{data.contact}</dd>
            </div>
          )}
        </dl>
      </header>
      <Entries code={data.code} />
      {data.children > 0 && <Below uid={data.uid} />}
    </div>
  )
}
