import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { type DatasetWithTag, datasetQuery } from '../catalog/api.ts'
import { EntryAccess } from '../catalog/entry-access.tsx'
import { EntryApi } from '../catalog/entry-api.tsx'
import { EntryFacts } from '../catalog/entry-facts.tsx'
import { EntryItems } from '../catalog/entry-items.tsx'
import { EntryRelated } from '../catalog/entry-related.tsx'
import { EntryVersions } from '../catalog/entry-versions.tsx'
import { itemRow } from '../catalog/item-row.ts'
import { useMayWrite } from '../catalog/own-bodies.ts'
import { GradeTag, OpenTag, SharingTag, StateTag } from '../catalog/tags.tsx'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { useCodes } from '../platform/profile.ts'
import { useSession } from '../security/session.ts'
import { Icon } from '../ui/icons.tsx'
import { ErrorPanel, Notice, Skeleton } from '../ui/status.tsx'
import { TabLink } from '../ui/tab-link.tsx'
import { Words } from '../ui/words.tsx'
import { type EntryTab, entryTabs } from './entry-tabs.ts'
import '../catalog/entry.css'

const route = getRouteApi('/dataset/$uid')

/** One entry: what it is, whose, on what terms; its items, files, versions, neighbours and API. */
export function DatasetPage() {
  const { uid } = route.useParams()
  const { data, error, isPending, refetch } = useQuery(datasetQuery(uid))
  if (isPending)
    return (
      <div className="page page-error">
        <Skeleton rows={5} />
      </div>
    )
  if (error)
    return (
      <div className="page page-error">
        <ErrorPanel error={error} retry={() => refetch()} level={1} />
      </div>
    )
  return <Entry data={data} />
}

/**
 * Results link to an item by the name that matched, which may be a translation, while its row stands under the name
 * it was written with; and the router hands out the hash decoded. Whatever form it has, the row is found and marked.
 */
function useItemTarget({ content: { items } }: DatasetWithTag): void {
  const hash = useRouterState({ select: (state) => state.location.hash })
  useEffect(() => {
    const row = document.getElementById(itemRow(items ?? [], hash) ?? '')
    row?.classList.add('target')
    row?.scrollIntoView({ block: 'center' })
    return () => row?.classList.remove('target')
  }, [items, hash])
}

function Head({ data }: { data: DatasetWithTag }) {
  const { t } = useTranslation()
  const content = useContent()
  const { name } = useCodes()
  const { may } = useSession()
  const entry = data.content
  const title = content(entry.title, entry.translations, 'title', entry.language)
  usePageTitle(title.text)
  const theme = entry.theme?.[0]
  const mayWrite = useMayWrite(data.body.code)
  return (
    <header className="entry-head">
      <ol className="breadcrumbs" aria-label={t('dataset.entry')}>
        <li>
          <Link to="/search">{t('nav.find')}</Link>
        </li>
        {theme && (
          <li>
            <Link to="/theme/$code" params={{ code: theme }}>
              {name('theme', theme)}
            </Link>
          </li>
        )}
      </ol>
      <div className="entry-title">
        <h1 lang={title.lang}>{title.text}</h1>
        {mayWrite && (
          <Link to="/work/dataset/$uid" params={{ uid: data.uid }} className="button">
            <Icon name="edit" />
            {t('dataset.edit')}
          </Link>
        )}
      </div>
      {title.translated && (
        <p className="muted small">
          {t('dataset.original')}: <span lang={entry.language}>{entry.title}</span>
        </p>
      )}
      <p className="entry-source">
        <Icon name="body" />
        <Link to="/body/$code" params={{ code: data.body.code }}>
          <Words {...content(data.body.name, data.body.translations, 'name')} />
        </Link>
        <span className="muted">{name('tier', data.body.tier)}</span>
      </p>
      <p className="entry-tags">
        <StateTag state={data.state} />
        <SharingTag type={entry.sharingType} />
        <OpenTag type={entry.openType} />
        <GradeTag grade={entry.grade} />
        <span className="tag">{name('updateCycle', entry.updateCycle)}</span>
      </p>
      {data.state === 'retired' && (
        <Notice kind="warm">
          <p>{t('dataset.retired')}</p>
        </Notice>
      )}
      {data.hasDraft && may('dataset:read-draft') && (
        <Notice>
          <p>{t('dataset.draftWaiting')}</p>
        </Notice>
      )}
    </header>
  )
}

function Entry({ data }: { data: DatasetWithTag }) {
  const { t } = useTranslation()
  const format = useFormats()
  const content = useContent()
  const { tab = 'items' } = route.useSearch()
  useItemTarget(data)
  const entry = data.content
  const abstract = content(entry.abstract, entry.translations, 'abstract', entry.language)
  const counts: Partial<Record<EntryTab, number>> = {
    items: entry.items?.length ?? 0,
    access: (entry.distributions?.length ?? 0) + (entry.services?.length ?? 0),
  }
  return (
    <article className="page entry">
      <Head data={data} />
      <div className="entry-body">
        <div className="entry-main">
          {abstract.text && (
            <div className="entry-abstract" lang={abstract.lang}>
              {abstract.text.split(/\n{2,}/).map((paragraph, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: paragraphs do not move
                <p key={i}>{paragraph}</p>
              ))}
            </div>
          )}
          <nav className="tabs" aria-label={t('dataset.tabs')}>
            {entryTabs.map((one) => (
              <TabLink
                key={one}
                current={one === tab}
                to={{
                  to: '/dataset/$uid',
                  params: { uid: data.uid },
                  search: { tab: one === 'items' ? undefined : one },
                }}
              >
                {t(`dataset.tab.${one}`)}
                {counts[one] !== undefined && <span className="count num">{format.number(counts[one])}</span>}
              </TabLink>
            ))}
          </nav>
          {tab === 'items' && <EntryItems data={data} />}
          {tab === 'access' && <EntryAccess entry={entry} />}
          {tab === 'versions' && <EntryVersions data={data} />}
          {tab === 'related' && <EntryRelated data={data} />}
          {tab === 'api' && <EntryApi data={data} />}
        </div>
        <EntryFacts data={data} />
      </div>
    </article>
  )
}
