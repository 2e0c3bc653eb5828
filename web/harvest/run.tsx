import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Table } from 'antd'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { queryClient } from '../platform/query.ts'
import { SubmitImport } from '../review/submit-import.tsx'
import { useSession } from '../security/session.ts'
import { useFaultText } from '../ui/fault-text.ts'
import { Icon } from '../ui/icons.tsx'
import { ErrorPanel, Notice } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import {
  type ImportRecord,
  type ImportRun,
  importQuery,
  isWorking,
  recordsQuery,
  reportAddress,
  startImport,
  stopImport,
} from './api.ts'

const countNames = ['read', 'added', 'changed', 'unchanged', 'rejected', 'gone'] as const
const outcomes = ['added', 'changed', 'rejected', 'gone', 'note'] as const
const colours: Record<string, string> = {
  linked: 'accent',
  restored: 'ok',
  removed: 'caution',
  added: 'ok',
  changed: 'accent',
  rejected: 'danger',
  gone: 'caution',
  note: 'caution',
}
/** Seconds of one minute. */
const minute = 60

function Progress({ run }: { run: ImportRun }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { progress } = run
  return (
    <div className="progress">
      <label htmlFor="run-progress">
        {t(`import.state.${run.state}`)} · {format.bytes(progress.bytes)} / {format.bytes(run.fileSize)}
      </label>
      <progress id="run-progress" max={1} value={progress.share} />
      <span className="muted num">
        {progress.recordsPerSecond !== null &&
          t('import.speed', { n: format.number(Math.round(progress.recordsPerSecond)) })}
        {progress.secondsLeft !== null &&
          ` · ${t('import.left', {
            minutes: Math.floor(progress.secondsLeft / minute),
            seconds: Math.round(progress.secondsLeft % minute),
          })}`}
      </span>
    </div>
  )
}

/** What became of each record of a run, an import's or a harvest's. */
export function RunRecords(props: {
  uid: string
  outcome: string | undefined
  outcomes: readonly string[]
  onOutcome: (outcome: string | undefined) => void
}) {
  const { uid, outcome } = props
  const { t } = useTranslation()
  const faultText = useFaultText()
  const records = useInfiniteQuery(recordsQuery(uid, outcome))
  const rows = records.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <section aria-labelledby="records">
      <div className="work-head">
        <h2 id="records">{t('import.records')}</h2>
        <div className="toolbar">
          <select
            className="field"
            value={outcome ?? ''}
            aria-label={t('import.outcome')}
            onChange={(event) => props.onOutcome(event.target.value || undefined)}
          >
            <option value="">{t('import.allOutcomes')}</option>
            {props.outcomes.map((one) => (
              <option key={one} value={one}>
                {t(`import.outcomes.${one}`)}
              </option>
            ))}
          </select>
          <a className="button small" href={reportAddress(uid, 'csv')} download>
            <Icon name="download" />
            {t('import.reportCsv')}
          </a>
          <a className="button small" href={reportAddress(uid, 'jsonl')} download>
            <Icon name="download" />
            {t('import.reportJsonl')}
          </a>
        </div>
      </div>
      <p className="muted small">{t('import.unchangedNote')}</p>
      {records.isError && <ErrorPanel error={records.error} retry={() => records.refetch()} />}
      <TableFrame label={t('import.table')}>
        <Table<ImportRecord>
          className="work-table"
          size="middle"
          rowKey={(record) => record.place + record.outcome + (record.identifier ?? '')}
          loading={records.isPending}
          dataSource={rows}
          pagination={false}
          locale={{ emptyText: t('import.noRecords') }}
          columns={[
            { title: t('import.place'), dataIndex: 'place' },
            {
              title: t('import.outcome'),
              dataIndex: 'outcome',
              render: (one: ImportRecord['outcome']) => (
                <span className={`tag ${colours[one] ?? ''}`}>{t(`import.outcomes.${one}`)}</span>
              ),
            },
            {
              title: t('content.title'),
              key: 'title',
              width: 320,
              render: (_, record) =>
                record.entry ? (
                  <Link to="/dataset/$uid" params={{ uid: record.entry }}>
                    {record.title ?? record.identifier}
                  </Link>
                ) : (
                  (record.title ?? record.identifier ?? t('import.untitled'))
                ),
            },
            {
              title: t('import.reason'),
              key: 'faults',
              width: 460,
              render: (_, record) => (
                <ul className="fault-lines">
                  {record.faults.map((fault) => (
                    <li key={fault.path + fault.rule + fault.message}>
                      {fault.path && <code>{fault.path}</code>} {faultText(fault)}
                    </li>
                  ))}
                </ul>
              ),
            },
          ]}
        />
      </TableFrame>
      {records.hasNextPage && (
        <button type="button" className="button" onClick={() => records.fetchNextPage()}>
          {t('work.loadMore')}
        </button>
      )}
    </section>
  )
}

/** A run that has started: how far, what came of it, each record with its reason. */
export function RunPanel({ run, outcome }: { run: ImportRun; outcome: string | undefined }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { may } = useSession()
  const navigate = useNavigate()
  const put = (next: ImportRun) => queryClient.setQueryData(importQuery(run.uid).queryKey, next)
  const stop = useMutation({ mutationFn: () => stopImport(run.uid), onSuccess: put })
  const resume = useMutation({ mutationFn: () => startImport(run.uid, {}), onSuccess: put })
  const halted = run.state === 'stopped' || run.state === 'interrupted' || run.state === 'failed'
  return (
    <>
      <div className="panel">
        {isWorking(run) && <Progress run={run} />}
        <dl className="outcomes" aria-live="polite">
          {countNames.map((name) => (
            <div key={name}>
              <dt>{t(`import.count.${name}`)}</dt>
              <dd className="num">{format.number(run.counts[name])}</dd>
            </div>
          ))}
        </dl>
        {run.error && (
          <Notice kind="danger">
            <p>
              <strong>{run.error.message}</strong> {run.error.place && <code>{run.error.place}</code>}
            </p>
          </Notice>
        )}
        <SubmitImport run={run} />
        {(stop.error ?? resume.error) && <ErrorPanel error={stop.error ?? resume.error} />}
        <div className="actions">
          {isWorking(run) && may('import:stop') && (
            <button
              type="button"
              className="button"
              disabled={run.stopRequested || stop.isPending}
              onClick={() => stop.mutate()}
            >
              {t(run.stopRequested ? 'import.stopping' : 'import.stop')}
            </button>
          )}
          {halted && may('import:create') && (
            <button type="button" className="button primary" onClick={() => resume.mutate()}>
              {t('import.resume')}
            </button>
          )}
        </div>
      </div>
      {!isWorking(run) && (
        <RunRecords
          uid={run.uid}
          outcome={outcome}
          outcomes={outcomes}
          onOutcome={(next) =>
            navigate({
              to: '/work/imports/$uid',
              params: { uid: run.uid },
              search: { outcome: next },
              replace: true,
              resetScroll: false,
            })
          }
        />
      )}
    </>
  )
}
