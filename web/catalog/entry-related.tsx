import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useContent } from '../platform/content-language.ts'
import { entriesQuery } from '../search/api.ts'
import type { SearchState } from '../search/names.ts'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { Words } from '../ui/words.tsx'
import { type Dataset, datasetQuery } from './api.ts'

/** Neighbours shown from a search. */
const neighbours = 6

type Related = NonNullable<Dataset['content']['related']>[number]

function Named({ related }: { related: Related }) {
  const { t } = useTranslation()
  const content = useContent()
  const uid = related.uid ?? ''
  const { data } = useQuery({ ...datasetQuery(uid), enabled: uid !== '' })
  const named = data
    ? content(data.content.title, data.content.translations, 'title', data.content.language)
    : content(related.title ?? related.identifier ?? uid, null)
  const title = <Words {...named} />
  return (
    <li>
      <span className="tag">{t(`dataset.relatedKind.${related.kind}`)}</span>
      {uid ? (
        <Link to="/dataset/$uid" params={{ uid }}>
          {title}
        </Link>
      ) : /^https?:\/\//.test(related.identifier ?? '') ? (
        <a href={related.identifier ?? ''} rel="noreferrer">
          {title}
        </a>
      ) : (
        <span>
          {title} {related.title && related.identifier && <code>{related.identifier}</code>}
        </span>
      )}
      {data && (
        <span className="muted small">
          <Words {...content(data.body.name, data.body.translations, 'name')} />
        </span>
      )}
    </li>
  )
}

function Neighbours({ title, state, except }: { title: string; state: SearchState; except: string }) {
  const { t } = useTranslation()
  const content = useContent()
  const { data, error, isPending, refetch } = useQuery(entriesQuery({ ...state, sort: 'use' }))
  const hits = (data?.hits ?? []).filter((hit) => hit.uid !== except).slice(0, neighbours)
  if (data && hits.length === 0) return null
  return (
    <section>
      <h2>{title}</h2>
      {isPending && <Skeleton rows={1} />}
      {error && <ErrorPanel error={error} retry={() => refetch()} />}
      <ul className="related-list">
        {hits.map((hit) => (
          <li key={hit.uid}>
            <Link to="/dataset/$uid" params={{ uid: hit.uid }}>
              <Words {...content(hit.title, hit.translations, 'title', hit.language)} />
            </Link>
            <span className="muted small">
              <Words {...content(hit.body.name, hit.body.translations, 'name')} />
            </span>
          </li>
        ))}
      </ul>
      <Link to="/search" search={state} className="small">
        {t('home.more')}
      </Link>
    </section>
  )
}

/** What the author named, then what lies near: the same body, the same theme. */
export function EntryRelated({ data }: { data: Dataset }) {
  const { t } = useTranslation()
  const related = data.content.related ?? []
  const theme = data.content.theme?.[0]
  return (
    <div className="entry-panel">
      <section>
        <h2>{t('dataset.relatedNamed')}</h2>
        {related.length === 0 ? (
          <p className="muted">{t('dataset.noRelated')}</p>
        ) : (
          <ul className="related-list">
            {related.map((one, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: relations have no identity of their own
              <Named key={i} related={one} />
            ))}
          </ul>
        )}
      </section>
      <Neighbours title={t('dataset.sameBody')} state={{ body: [data.body.code] }} except={data.uid} />
      {theme && <Neighbours title={t('dataset.sameTheme')} state={{ theme: [theme] }} except={data.uid} />}
    </div>
  )
}
