import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Doors } from '../interop/doors.tsx'
import { WidgetDemo } from '../interop/widget-demo.tsx'
import { usePageTitle } from '../platform/page-title.ts'
import { entriesQuery } from '../search/api.ts'
import { CodeBlock } from '../ui/code-block.tsx'
import { Icon } from '../ui/icons.tsx'
import './pages.css'
import '../interop/interop.css'

const queries: [string, string][] = [
  ['household address', 'address'],
  ['"date of birth"', 'phrase'],
  ['item:telephone', 'item'],
  ['body:water', 'body'],
  ['population -census', 'without'],
]

const route = getRouteApi('/developers')

/** What an engineer needs in the first ten minutes. Every example runs as it stands. */
export function DevelopersPage() {
  const { t } = useTranslation()
  usePageTitle(t('developers.title'))
  const base = `${location.origin}/api/v1`
  const { code = 'curl' } = route.useSearch()
  const navigate = route.useNavigate()
  // An entry that the examples are made for; without one they show where its address goes.
  const { data } = useQuery(entriesQuery({ q: 'address' }))
  const bulk = `curl -X POST '${base}/datasets/bulk' \\
  -H 'Authorization: Bearer TOKEN' \\
  -H 'Content-Type: application/x-ndjson' \\
  --data-binary @entries.jsonl`
  return (
    <div className="page stack developers">
      <header className="page-head">
        <h1>{t('developers.title')}</h1>
        <p className="lead">{t('developers.lead')}</p>
        <p className="actions">
          <a className="button primary" href="/api/docs">
            <Icon name="service" />
            {t('developers.openReference')}
          </a>
          <a className="button" href="/api/openapi.json">
            {t('developers.openapi')}
          </a>
        </p>
      </header>
      <Doors
        of={{ base: location.origin, uid: data?.hits[0]?.uid ?? 'UID' }}
        language={code}
        choose={(one) => navigate({ search: { code: one }, replace: true, resetScroll: false })}
      />
      <WidgetDemo base={location.origin} />
      <section>
        <h2>{t('developers.search')}</h2>
        <p>{t('developers.searchText')}</p>
        <dl className="query-list">
          {queries.map(([query, meaning]) => (
            <div key={query}>
              <dt>
                <a href={`/search?q=${encodeURIComponent(query)}`}>
                  <code>{query}</code>
                </a>
              </dt>
              <dd>{t(`developers.queries.${meaning}`)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section>
        <h2>{t('developers.keys')}</h2>
        <p>{t('developers.keysText')}</p>
        <CodeBlock
          text={`curl -s '${base}/session' -H 'Authorization: Bearer TOKEN'`}
          label={t('developers.keys')}
        />
      </section>
      <section>
        <h2>{t('developers.bulk')}</h2>
        <p>{t('developers.bulkText')}</p>
        <CodeBlock text={bulk} label={t('developers.bulk')} />
      </section>
      <section>
        <h2>{t('developers.conventions')}</h2>
        <ul className="plain-list">
          {(['errors', 'etag', 'idempotency', 'paging'] as const).map((key) => (
            <li key={key}>{t(`developers.${key}`)}</li>
          ))}
        </ul>
      </section>
      <p className="muted small">{t('developers.tryText')}</p>
    </div>
  )
}
