import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../platform/page-title.ts'
import { CodeBlock } from '../ui/code-block.tsx'
import { Icon } from '../ui/icons.tsx'
import './pages.css'

const queries: [string, string][] = [
  ['household address', 'address'],
  ['"date of birth"', 'phrase'],
  ['item:telephone', 'item'],
  ['body:water', 'body'],
  ['population -census', 'without'],
]

/** What an engineer needs in the first ten minutes. Every example runs as it stands. */
export function DevelopersPage() {
  const { t } = useTranslation()
  usePageTitle(t('developers.title'))
  const base = `${location.origin}/api/v1`
  const start = `# ${t('search.go')}
curl -s '${base}/search?q=address&limit=3'

# ${t('search.items')}
curl -s '${base}/search/items?q=address&limit=3'

# ${t('dataset.entry')}
curl -s '${base}/datasets/UID'`
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
      <section>
        <h2>{t('developers.start')}</h2>
        <p>{t('developers.startText')}</p>
        <CodeBlock text={start} label={t('developers.start')} />
      </section>
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
