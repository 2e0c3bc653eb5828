import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { RunRecords } from '../harvest/run.tsx'
import {
  changeSource,
  createSource,
  type HarvestRun,
  isHarvesting,
  removeSource,
  runsQuery,
  type Source,
  sourceQuery,
  startHarvest,
} from '../harvest/source-api.ts'
import { draftOf, type SourceDraft, SourceForm } from '../harvest/source-form.tsx'
import { HarvestRunPanel } from '../harvest/source-run.tsx'
import { RunState } from '../harvest/source-state.tsx'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { queryClient } from '../platform/query.ts'
import { useSession } from '../security/session.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { TabLink } from '../ui/tab-link.tsx'
import { toast } from '../ui/toasts.tsx'
import { sourceTabs } from './source-search.ts'
import '../harvest/harvest.css'
import { useWho } from '../security/who.ts'

const route = getRouteApi('/work/sources/$uid')
const outcomes = ['added', 'changed', 'restored', 'rejected', 'linked', 'removed', 'gone', 'note'] as const

const emptyDraft: SourceDraft = {
  name: '',
  title: '',
  kind: 'ckan',
  url: '',
  schedule: 'manual',
  guardShare: 0.05,
}

export function NewSourcePage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  usePageTitle(t('source.new'))
  const create = useMutation({
    mutationFn: (draft: SourceDraft) => createSource({ ...draft, name: draft.name ?? '' }),
    onSuccess: (source) => navigate({ to: '/work/sources/$uid', params: { uid: source.uid } }),
  })
  return (
    <>
      <header className="work-head">
        <div>
          <Crumbs />
          <h1>{t('source.new')}</h1>
          <p>{t('source.newLead')}</p>
        </div>
      </header>
      <SourceForm
        start={emptyDraft}
        submit={t('source.create')}
        pending={create.isPending}
        error={create.error}
        onSave={(draft) => create.mutate(draft)}
      />
    </>
  )
}

function Crumbs() {
  const { t } = useTranslation()
  return (
    <ol className="breadcrumbs">
      <li>
        <Link to="/work/sources">{t('work.sources')}</Link>
      </li>
    </ol>
  )
}

/** A source: its run, its settings, its history. A portal of the registry has settings to be taken up with. */
export function SourcePage() {
  const { uid } = route.useParams()
  const { data, error, isPending, refetch } = useQuery(sourceQuery(uid))
  usePageTitle(data?.title)
  if (isPending) return <Skeleton rows={4} />
  if (error) return <ErrorPanel error={error} retry={() => refetch()} level={1} />
  return <OneSource source={data} />
}

function OneSource({ source }: { source: Source }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { may } = useSession()
  const portal = source.organisation === null
  const asked = route.useSearch().tab
  const tab = portal ? 'settings' : (asked ?? (source.lastRun ? 'run' : 'settings'))
  const start = useMutation({ mutationFn: (full: boolean) => startHarvest(source.uid, full) })
  const busy = isHarvesting(source.lastRun) || start.isPending
  return (
    <>
      <header className="work-head">
        <div>
          <Crumbs />
          <h1>{source.title}</h1>
          <p className="tag-stack">
            {!portal && <RunState run={source.lastRun} />}
            <span className="tag">{t(`source.kind.${source.kind ?? 'none'}`)}</span>
            <a href={source.url} rel="noreferrer" className="small source-url">
              {source.url}
            </a>
            {source.active && (
              <span className="muted small">
                {source.schedule === 'continuous'
                  ? t('source.every.continuous')
                  : t('source.next', { when: format.dateTime(source.nextRunAt) })}
              </span>
            )}
          </p>
        </div>
        {!portal && may('source:run') && (
          <div className="actions">
            <button
              type="button"
              className="button primary"
              disabled={busy}
              onClick={() => start.mutate(false)}
            >
              {t('source.run')}
            </button>
            <button type="button" className="button" disabled={busy} onClick={() => start.mutate(true)}>
              {t('source.runFull')}
            </button>
          </div>
        )}
      </header>
      {start.error && <ErrorPanel error={start.error} />}
      {!portal && (
        <nav className="tabs" aria-label={source.title}>
          {sourceTabs.map((one) => (
            <TabLink
              key={one}
              to={{ to: '/work/sources/$uid', params: { uid: source.uid }, search: { tab: one } }}
              current={one === tab}
            >
              {t(`source.tab.${one}`)}
            </TabLink>
          ))}
        </nav>
      )}
      {tab === 'run' && <RunTab source={source} />}
      {tab === 'settings' && <Settings key={source.version} source={source} portal={portal} />}
      {tab === 'history' && <History source={source} />}
    </>
  )
}

function RunTab({ source }: { source: Source }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { outcome, run: asked } = route.useSearch()
  const older = useInfiniteQuery({ ...runsQuery(source.uid), enabled: asked !== undefined })
  const run =
    asked === undefined
      ? source.lastRun
      : older.data?.pages.flatMap((p) => p.items).find((r) => r.uid === asked)
  if (!run)
    return asked !== undefined && older.isPending ? <Skeleton rows={3} /> : <p>{t('source.notRun')}</p>
  return (
    <>
      <HarvestRunPanel run={run} />
      {!isHarvesting(run) && (
        <RunRecords
          uid={run.uid}
          outcome={outcome}
          outcomes={outcomes}
          onOutcome={(next) =>
            navigate({
              to: '/work/sources/$uid',
              params: { uid: source.uid },
              search: { tab: 'run', run: asked, outcome: next },
              replace: true,
              resetScroll: false,
            })
          }
        />
      )}
    </>
  )
}

function Settings({ source, portal }: { source: Source; portal: boolean }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { may } = useSession()
  const change = useMutation({
    mutationFn: ({ name: _, ...draft }: SourceDraft) => changeSource(source, draft),
    onSuccess: (next) => {
      queryClient.setQueryData(sourceQuery(source.uid).queryKey, next)
      toast(t(portal ? 'source.taken' : 'source.saved'))
    },
  })
  const remove = useMutation({
    mutationFn: (entries: 'keep' | 'retire') => removeSource(source.uid, entries),
    onSuccess: (run) => {
      if (run)
        void navigate({ to: '/work/sources/$uid', params: { uid: source.uid }, search: { tab: 'run' } })
      else void navigate({ to: '/work/sources' })
    },
  })
  return (
    <>
      {portal && <p>{t(source.kind ? 'source.takeUp' : 'source.noEndpoint')}</p>}
      {may('source:update') ? (
        <SourceForm
          source={source}
          start={draftOf(source)}
          submit={t(portal ? 'source.take' : 'source.save')}
          pending={change.isPending}
          error={change.error}
          onSave={(draft) => change.mutate(draft)}
        />
      ) : (
        <p className="muted">{t('source.readOnly')}</p>
      )}
      {!portal && may('source:delete') && (
        <section className="panel" aria-labelledby="remove-head">
          <h2 id="remove-head">{t('source.remove')}</h2>
          <p>{t('source.removeText')}</p>
          {remove.error && <ErrorPanel error={remove.error} />}
          <div className="actions">
            <ConfirmButton
              className="button"
              confirm={t('source.removeKeepSure')}
              disabled={remove.isPending}
              onConfirm={() => remove.mutate('keep')}
            >
              {t('source.removeKeep')}
            </ConfirmButton>
            <ConfirmButton
              className="button"
              confirm={t('source.removeRetireSure')}
              disabled={remove.isPending}
              onConfirm={() => remove.mutate('retire')}
            >
              {t('source.removeRetire')}
            </ConfirmButton>
          </div>
        </section>
      )}
    </>
  )
}

function History({ source }: { source: Source }) {
  const { t } = useTranslation()
  const list = useInfiniteQuery(runsQuery(source.uid))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  if (list.isPending) return <Skeleton rows={3} />
  if (list.isError) return <ErrorPanel error={list.error} retry={() => list.refetch()} />
  return (
    <>
      <ul className="run-list">
        {rows.map((run) => (
          <RunLine key={run.uid} run={run} source={source} />
        ))}
      </ul>
      {rows.length === 0 && <p>{t('source.notRun')}</p>}
      <MoreRows list={list} shown={rows.length} />
    </>
  )
}

function RunLine({ run, source }: { run: HarvestRun; source: Source }) {
  const { t } = useTranslation()
  const who = useWho()
  const format = useFormats()
  const counts = (['read', 'added', 'changed', 'rejected', 'gone'] as const)
    .map((name) => `${t(`source.count.${name}`)} ${format.number(run.counts[name])}`)
    .join(' · ')
  return (
    <li>
      <RunState run={run} />{' '}
      <Link
        to="/work/sources/$uid"
        params={{ uid: source.uid }}
        search={{ tab: 'run', run: run.uid }}
        className="row-title"
      >
        {format.dateTime(run.startedAt ?? run.createdAt)}
      </Link>
      <span className="muted small">
        {who(run.createdBy)} · {counts}
      </span>
    </li>
  )
}
