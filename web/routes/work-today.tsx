import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { onlyBody, useOwnBodies, useOwnBody } from '../catalog/own-bodies.ts'
import { StateTag } from '../catalog/tags.tsx'
import { listQuery } from '../catalog/work-api.ts'
import { importsQuery } from '../harvest/api.ts'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { overdueQuery, reviewsQuery } from '../review/api.ts'
import { OverdueList } from '../review/overdue-list.tsx'
import { WaitingReviews } from '../review/waiting.tsx'
import { useSession } from '../security/session.ts'
import { useWho } from '../security/who.ts'
import { Icon } from '../ui/icons.tsx'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { Words } from '../ui/words.tsx'

const shown = 8

function EntryList({ kind }: { kind: 'drafts' | 'recent' }) {
  const { t } = useTranslation()
  const who = useWho()
  const format = useFormats()
  const content = useContent()
  const { may } = useSession()
  const body = onlyBody(useOwnBodies())
  const list = useInfiniteQuery(
    listQuery({ order: 'changed', ...(kind === 'drafts' ? { drafts: true } : { body }) }, shown),
  )
  const rows = list.data?.pages[0]?.items ?? []
  return (
    <section aria-labelledby={`today-${kind}`}>
      <div className="section-head">
        <h2 id={`today-${kind}`}>{t(`today.${kind}`)}</h2>
        <Link to="/work/entries" search={{ state: kind === 'drafts' ? 'drafts' : 'all' }}>
          {t('home.more')}
        </Link>
      </div>
      {list.isPending && <Skeleton rows={1} />}
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      {list.data && rows.length === 0 && <p className="muted today-none">{t(`today.no-${kind}`)}</p>}
      <ul className="task-list">
        {rows.map((row) => (
          <li key={row.uid}>
            <Link
              to={may('dataset:update') && kind === 'drafts' ? '/work/dataset/$uid' : '/dataset/$uid'}
              params={{ uid: row.uid }}
            >
              <Words
                {...content(
                  row.draftTitle ?? row.title,
                  row.draftTitle && row.draftTitle !== row.title ? null : row.translations,
                  'title',
                  row.language,
                )}
              />
            </Link>
            <span className="muted small">
              {kind === 'drafts' ? (
                <span className="tag accent">
                  {t(row.state === 'draft' ? 'today.newEntry' : 'today.newChange')}
                </span>
              ) : (
                <StateTag state={row.state} />
              )}{' '}
              <Words {...content(row.body.name, row.body.translations, 'name')} /> · {who(row.changedBy)} ·{' '}
              {format.ago(row.changedAt)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function ImportList() {
  const { t } = useTranslation()
  const format = useFormats()
  const list = useInfiniteQuery(importsQuery)
  const rows = list.data?.pages[0]?.items.slice(0, shown) ?? []
  return (
    <section aria-labelledby="today-imports">
      <div className="section-head">
        <h2 id="today-imports">{t('today.imports')}</h2>
        <Link to="/work/imports">{t('home.more')}</Link>
      </div>
      {list.isPending && <Skeleton rows={1} />}
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      {list.data && rows.length === 0 && <p className="muted today-none">{t('import.none')}</p>}
      <ul className="task-list">
        {rows.map((run) => (
          <li key={run.uid}>
            <Link to="/work/imports/$uid" params={{ uid: run.uid }}>
              {run.fileName}
            </Link>
            <span className="muted small num">
              {t(`import.state.${run.state}`)} ·{' '}
              {t('today.importCounts', {
                added: format.number(run.counts.added),
                changed: format.number(run.counts.changed),
                rejected: format.number(run.counts.rejected),
              })}{' '}
              · {format.ago(run.createdAt)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Submissions that wait for this person, by deadline; what came back to be completed among them. */
function WaitingList() {
  const { t } = useTranslation()
  const list = useInfiniteQuery(reviewsQuery({ state: 'waiting' }, shown))
  const rows = list.data?.pages[0]?.items ?? []
  return (
    <section aria-labelledby="today-waiting">
      <div className="section-head">
        <h2 id="today-waiting">{t('today.waiting')}</h2>
        <Link to="/work/reviews">{t('home.more')}</Link>
      </div>
      {list.isPending && <Skeleton rows={1} />}
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      {list.data && rows.length === 0 && <p className="muted today-none">{t('today.no-waiting')}</p>}
      {rows.length > 0 && <WaitingReviews reviews={rows} />}
    </section>
  )
}

/** Entries whose data should have changed by now; nothing where there are none and never were. */
function OverdueEntries() {
  const { t } = useTranslation()
  const format = useFormats()
  const list = useInfiniteQuery(overdueQuery(shown))
  const first = list.data?.pages[0]
  return (
    <section aria-labelledby="today-overdue">
      <div className="section-head">
        <h2 id="today-overdue">{t('today.overdue')}</h2>
        <Link to="/work/overdue">
          {first && first.total > shown
            ? t('today.overdueTotal', { n: format.number(first.total) })
            : t('home.more')}
        </Link>
      </div>
      {list.isPending && <Skeleton rows={1} />}
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      {first && first.items.length === 0 && <p className="muted today-none">{t('today.no-overdue')}</p>}
      <OverdueList rows={first?.items ?? []} />
    </section>
  )
}

/** What waits for this person, by what the role can do. */
export function TodayPage() {
  const { t } = useTranslation()
  const { person, may } = useSession()
  const content = useContent()
  const body = useOwnBody()
  usePageTitle(t('work.today'))
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('today.hello', { name: person?.name ?? '' })}</h1>
          <p>
            {body ? <Words {...content(body.name, body.translations, 'name')} /> : person?.organisationName}
          </p>
        </div>
        <div className="actions">
          {may('dataset:create') && (
            <Link to="/work/dataset/new" className="button primary">
              <Icon name="plus" />
              {t('editor.newTitle')}
            </Link>
          )}
          {may('import:create') && (
            <Link to="/work/imports/new" className="button">
              <Icon name="upload" />
              {t('import.new')}
            </Link>
          )}
        </div>
      </header>
      {may('review:read') && <WaitingList />}
      {may('dataset:read-draft') && <EntryList kind="drafts" />}
      {may('dataset:read-draft') && <OverdueEntries />}
      <EntryList kind="recent" />
      {may('import:read') && <ImportList />}
    </>
  )
}
