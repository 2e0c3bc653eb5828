import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { type Key, useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { EntriesTable } from '../catalog/entries-table.tsx'
import { onlyBody, useOwnBodies } from '../catalog/own-bodies.ts'
import { type DatasetListItem, listQuery } from '../catalog/work-api.ts'
import { useContent } from '../platform/content-language.ts'
import { saveFile, toCsv } from '../platform/csv.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { type AssessmentInput, forgetReviews, submitMany } from '../review/api.ts'
import { NotSubmitted } from '../review/not-submitted.tsx'
import { SubmitDialog } from '../review/submit-dialog.tsx'
import { useSession } from '../security/session.ts'
import { Icon } from '../ui/icons.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { ErrorPanel } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { tableSort } from '../ui/table-sort.ts'
import { toast } from '../ui/toasts.tsx'
import '../review/review.css'

const route = getRouteApi('/work/entries')
const views = ['drafts', 'mine', 'published', 'retired', 'all'] as const

function exportRows(rows: DatasetListItem[]): void {
  const head = [
    'uid',
    'title',
    'state',
    'version',
    'bodyCode',
    'sharingType',
    'openType',
    'itemCount',
    'changedAt',
  ]
  const lines = rows.map((row) => [
    row.uid,
    row.title,
    row.state,
    row.latestVersion,
    row.body.code,
    row.sharingType,
    row.openType,
    row.itemCount,
    row.changedAt,
  ])
  saveFile('entries.csv', toCsv([head, ...lines]), 'text/csv;charset=utf-8')
}

/** What the address says; a body without others below it begins with its own entries. */
function useFilter() {
  const { q = '', state = 'drafts', body, sort } = route.useSearch()
  const navigate = useNavigate()
  const bodies = useOwnBodies()
  const asked = useDeferredValue(q)
  const view = views.find((one) => one === state) ?? 'drafts'
  const chosen = body ?? onlyBody(bodies) ?? 'all'
  const go = (change: { q?: string; state?: string; body?: string; sort?: string }) =>
    navigate({
      to: '/work/entries',
      search: { q: q || undefined, state, body, sort, ...change },
      replace: true,
      resetScroll: false,
    })
  const filter = {
    q: asked || undefined,
    body: chosen === 'all' ? undefined : chosen,
    drafts: view === 'drafts' || undefined,
    mine: view === 'mine' || undefined,
    state: view === 'published' || view === 'retired' ? view : undefined,
    order: 'changed' as const,
  }
  return { q, view, body: chosen, bodies, sort, filter, go }
}

function Filters({ q, view, body, bodies, go }: ReturnType<typeof useFilter>) {
  const { t } = useTranslation()
  const content = useContent()
  return (
    <>
      <select
        className="field"
        value={view}
        aria-label={t('dataset.state')}
        onChange={(event) => go({ state: event.target.value })}
      >
        {views.map((one) => (
          <option key={one} value={one}>
            {t(`entries.view.${one}`)}
          </option>
        ))}
      </select>
      <select
        className="field"
        value={body}
        aria-label={t('content.body')}
        onChange={(event) => go({ body: event.target.value })}
      >
        <option value="all">{t('entries.anyBody')}</option>
        {bodies.map((one) => (
          <option key={one.uid} value={one.code}>
            {content(one.name, one.translations, 'name').text}
          </option>
        ))}
      </select>
      <input
        className="field"
        value={q}
        aria-label={t('entries.find')}
        placeholder={t('entries.find')}
        onChange={(event) => go({ q: event.target.value || undefined })}
      />
    </>
  )
}

/** Entries by what is to be done with them, of the own body or of all. */
export function EntriesPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const place = useFilter()
  const [selected, setSelected] = useState<Key[]>([])
  usePageTitle(t('work.entries'))
  const list = useInfiniteQuery(listQuery(place.filter))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const chosen = rows.filter((row) => selected.includes(row.uid))
  const sort = tableSort<DatasetListItem>(place.sort, !list.hasNextPage, (next) => place.go({ sort: next }))
  const [submitting, setSubmitting] = useState(false)
  const submit = useMutation({
    mutationFn: (given: { text?: string; assessment: AssessmentInput }) =>
      submitMany(
        chosen.map((row) => row.uid),
        { text: given.text, assessment: given.assessment },
      ),
    onSuccess: async ({ done }) => {
      setSelected([])
      setSubmitting(false)
      await forgetReviews()
      if (done > 0) toast(t('review.submittedMany', { count: done }))
    },
  })
  const titleOf = (uid: string) => rows.find((row) => row.uid === uid)
  return (
    <>
      <header className="work-head">
        <h1>{t('work.entries')}</h1>
        {may('dataset:create') && (
          <Link to="/work/dataset/new" className="button primary">
            <Icon name="plus" />
            {t('editor.newTitle')}
          </Link>
        )}
      </header>
      <div className="toolbar">
        <Filters {...place} />
        <button
          type="button"
          className="button small"
          disabled={rows.length === 0}
          onClick={() => exportRows(rows)}
        >
          <Icon name="download" />
          {t('entries.export')}
        </button>
        {may('review:submit') && chosen.length > 0 && (
          <button type="button" className="button small primary" onClick={() => setSubmitting(true)}>
            {t('entries.submit', { count: chosen.length })}
          </button>
        )}
      </div>
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      {submit.data && submit.data.failed > 0 && (
        <NotSubmitted
          outcomes={submit.data.outcomes}
          titleOf={(uid) => titleOf(uid)?.draftTitle ?? titleOf(uid)?.title ?? uid}
        />
      )}
      {submitting && (
        <SubmitDialog
          title={t('review.submitMany', { count: chosen.length })}
          busy={submit.isPending}
          error={submit.error}
          onClose={() => setSubmitting(false)}
          onSubmit={submit.mutate}
        />
      )}
      <TableFrame label={t('work.entries')} failed={list.isError && rows.length === 0}>
        <EntriesTable
          rows={rows}
          loading={list.isPending}
          selected={selected}
          onSelect={setSelected}
          sort={sort}
          withBody={place.body === 'all'}
        />
      </TableFrame>
      <MoreRows list={list} shown={rows.length} sorts />
    </>
  )
}
