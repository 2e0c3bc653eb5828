import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useOwnBodies } from '../catalog/own-bodies.ts'
import { apiBase, toQueryString } from '../platform/client.ts'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { useCodes } from '../platform/profile.ts'
import { type Duplicate, duplicatesQuery, runReport } from '../reuse/api.ts'
import { DuplicateBodiesPanel } from '../reuse/duplicate-bodies.tsx'
import { DuplicatesTable } from '../reuse/duplicates-table.tsx'
import type { DuplicateFilter } from '../reuse/filter.ts'
import { useSession } from '../security/session.ts'
import { Drawer } from '../ui/drawer.tsx'
import { Icon } from '../ui/icons.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { Empty, ErrorPanel, Notice, Skeleton } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import '../reuse/reuse.css'

const route = getRouteApi('/work/duplicates')
/** While a report is made it is asked this often whether it is there (ms). */
const pollMs = 3_000
const leastBodies = [2, 3, 5, 10, 50, 100]

function Filters({ filter, go }: { filter: DuplicateFilter; go: (change: DuplicateFilter) => void }) {
  const { t } = useTranslation()
  const content = useContent()
  const { entries, name } = useCodes()
  const bodies = useOwnBodies()
  return (
    <>
      <input
        className="field"
        value={filter.q ?? ''}
        aria-label={t('reuse.find')}
        placeholder={t('reuse.find')}
        onChange={(event) => go({ q: event.target.value || undefined })}
      />
      <select
        className="field"
        value={filter.body ?? ''}
        aria-label={t('content.body')}
        onChange={(event) => go({ body: event.target.value || undefined })}
      >
        <option value="">{t('entries.anyBody')}</option>
        {bodies.map((one) => (
          <option key={one.uid} value={one.code}>
            {content(one.name, one.translations, 'name').text}
          </option>
        ))}
      </select>
      <select
        className="field"
        value={filter.theme ?? ''}
        aria-label={t('content.theme')}
        onChange={(event) => go({ theme: event.target.value || undefined })}
      >
        <option value="">{t('reuse.anyTheme')}</option>
        {entries('theme').map(({ code }) => (
          <option key={code} value={code}>
            {name('theme', code)}
          </option>
        ))}
      </select>
      <select
        className="field"
        value={filter.minBodies ?? '2'}
        aria-label={t('reuse.minBodies')}
        onChange={(event) => go({ minBodies: event.target.value === '2' ? undefined : event.target.value })}
      >
        {leastBodies.map((n) => (
          <option key={n} value={String(n)}>
            {t('reuse.bodiesFrom', { n })}
          </option>
        ))}
      </select>
    </>
  )
}

type Report = {
  asOf: string | null
  duplicates: number | null
  items: number | null
  runningSince: string | null
  problem: string | null
}

/** How old the report is, whether a new one is on its way, and the way to ask for it. */
function ReportState({ report, onRun, mayRun }: { report: Report; onRun: () => void; mayRun: boolean }) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <div className="report-state">
      <p className="muted" role="status">
        {report.asOf
          ? t('reuse.reportOf', {
              when: format.dateTime(report.asOf),
              duplicates: format.number(report.duplicates ?? 0),
              items: format.number(report.items ?? 0),
            })
          : t('reuse.noReport')}{' '}
        {report.runningSince && t('reuse.running', { when: format.ago(report.runningSince) })}
      </p>
      {report.problem && (
        <Notice kind="warm">
          <p>{t('reuse.reportFailed')}</p>
          <p className="muted small" lang="en">
            {report.problem}
          </p>
        </Notice>
      )}
      {mayRun && (
        <button
          type="button"
          className="button small"
          disabled={report.runningSince !== null}
          onClick={onRun}
        >
          {t('reuse.run')}
        </button>
      )}
    </div>
  )
}

/** Items that several bodies hold, with the body proposed as the source of each. */
export function DuplicatesPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const navigate = useNavigate()
  const filter = route.useSearch()
  const asked = useDeferredValue(filter)
  const [shown, setShown] = useState<Duplicate | null>(null)
  usePageTitle(t('work.duplicates'))
  const list = useInfiniteQuery(duplicatesQuery(asked))
  const report = list.data?.pages[0]?.report
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const [waiting, setWaiting] = useState(false)
  const run = useMutation({ mutationFn: runReport, onSuccess: () => setWaiting(true) })
  const polling = waiting || Boolean(report?.runningSince)
  const { refetch } = list
  useEffect(() => {
    if (!polling) return
    const timer = setInterval(() => void refetch().then(() => setWaiting(false)), pollMs)
    return () => clearInterval(timer)
  }, [polling, refetch])
  const go = (change: DuplicateFilter) =>
    navigate({ to: '/work/duplicates', search: { ...filter, ...change }, replace: true, resetScroll: false })
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('work.duplicates')}</h1>
          <p className="muted">{t('reuse.reportLead')}</p>
        </div>
      </header>
      {report && <ReportState report={report} mayRun={may('reuse:run')} onRun={() => run.mutate()} />}
      {run.isError && <ErrorPanel error={run.error} />}
      <div className="toolbar">
        <Filters filter={filter} go={go} />
        <a
          className="button small"
          href={`${apiBase}/reuse/duplicates.csv${toQueryString({ ...filter })}`}
          download
        >
          <Icon name="download" />
          {t('reuse.export')}
        </a>
      </div>
      {list.isError && <ErrorPanel error={list.error} retry={() => refetch()} />}
      {list.isPending && <Skeleton rows={4} />}
      {list.isSuccess && rows.length === 0 && (
        <Empty title={t(report?.asOf ? 'reuse.none' : 'reuse.noReport')}>
          <p className="muted">{t('reuse.noneHint')}</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <TableFrame label={t('work.duplicates')}>
          <DuplicatesTable rows={rows} onOpen={setShown} />
        </TableFrame>
      )}
      <MoreRows list={list} shown={rows.length} />
      <Drawer open={shown !== null} title={shown?.name ?? ''} onClose={() => setShown(null)}>
        {shown && <DuplicateBodiesPanel duplicate={shown} />}
      </Drawer>
    </>
  )
}
