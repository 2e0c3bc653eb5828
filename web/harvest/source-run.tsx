import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { useSession } from '../security/session.ts'
import { useWho } from '../security/who.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { ErrorPanel, Notice } from '../ui/status.tsx'
import { actOnRun, decideRemovals, type HarvestRun, isHarvesting } from './source-api.ts'
import { RunState } from './source-state.tsx'

const countNames = ['read', 'added', 'changed', 'unchanged', 'rejected', 'linked', 'gone'] as const
/** Seconds of one minute. */
const minute = 60

function Progress({ run }: { run: HarvestRun }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { progress, counts } = run
  return (
    <div className="progress">
      <label htmlFor="harvest-progress">
        {t(progress.total === null ? 'source.soFar' : 'source.ofTotal', {
          read: format.number(counts.read),
          total: format.number(progress.total ?? 0),
          pages: format.number(progress.pages),
        })}
      </label>
      <progress id="harvest-progress" max={1} value={progress.share ?? undefined} />
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

/** A run asks before it removes so much: the number, and the two answers. */
function Question({ run }: { run: HarvestRun }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { may } = useSession()
  const decide = useMutation({ mutationFn: (approve: boolean) => decideRemovals(run.uid, approve) })
  const removals = format.number(run.removals ?? 0)
  return (
    <Notice kind="danger">
      <p>
        <strong>{t('source.asks', { removals })}</strong> {t('source.asksText')}
      </p>
      {may('source:decide') && (
        <p className="actions">
          <button
            type="button"
            className="button"
            disabled={decide.isPending}
            onClick={() => decide.mutate(false)}
          >
            {t('source.refuse')}
          </button>
          <ConfirmButton
            className="button"
            confirm={t('source.approveSure', { removals })}
            disabled={decide.isPending}
            onConfirm={() => decide.mutate(true)}
          >
            {t('source.approve')}
          </ConfirmButton>
        </p>
      )}
      {decide.error && <ErrorPanel error={decide.error} />}
    </Notice>
  )
}

/** The newest run: how far, what came of it, what stands in its way, and what to do. */
export function HarvestRunPanel({ run }: { run: HarvestRun }) {
  const { t } = useTranslation()
  const who = useWho()
  const format = useFormats()
  const { may } = useSession()
  const act = useMutation({ mutationFn: (verb: 'stop' | 'resume') => actOnRun(run.uid, verb) })
  const halted = run.state === 'stopped' || run.state === 'failed'
  const stoppable = isHarvesting(run) || run.state === 'interrupted'
  return (
    <section className="panel" aria-labelledby="run-head">
      <div className="work-head">
        <h2 id="run-head">{t(run.task === 'removal' ? 'source.removal' : 'source.lastRun')}</h2>
        <p className="tag-stack">
          <RunState run={run} />
          <span className="muted small">
            {t('versions.by', {
              who: who(run.createdBy),
              when: format.dateTime(run.startedAt ?? run.createdAt),
            })}
          </span>
        </p>
      </div>
      {run.state === 'waiting' && <Question run={run} />}
      {isHarvesting(run) && <Progress run={run} />}
      <dl className="outcomes" aria-live="polite">
        {countNames.map((name) => (
          <div key={name}>
            <dt>{t(`source.count.${name}`)}</dt>
            <dd className="num">{format.number(run.counts[name])}</dd>
          </div>
        ))}
      </dl>
      {run.since !== null && (
        <p className="muted small">{t('source.since', { when: format.dateTime(run.since) })}</p>
      )}
      {run.complete === false && <p className="muted small">{t('source.incomplete')}</p>}
      {run.decision && (
        <p className="muted small">
          {t(`source.decision.${run.decision}`, {
            who: run.decidedBy ?? '',
            when: format.dateTime(run.decidedAt),
          })}
        </p>
      )}
      {run.error && (
        <Notice kind="danger">
          <p>
            <strong>{run.error.message}</strong>{' '}
            {run.retryAt && t('source.retry', { when: format.dateTime(run.retryAt) })}
          </p>
        </Notice>
      )}
      {run.failedPages.length > 0 && (
        <details>
          <summary>{t('source.failedPages', { count: run.failedPages.length })}</summary>
          <ul className="fault-lines">
            {run.failedPages.map((page) => (
              <li key={page.message}>{page.message}</li>
            ))}
          </ul>
        </details>
      )}
      {act.error && <ErrorPanel error={act.error} />}
      {may('source:run') && (
        <div className="actions">
          {stoppable && (
            <button
              type="button"
              className="button"
              disabled={run.stopRequested || act.isPending}
              onClick={() => act.mutate('stop')}
            >
              {t(run.stopRequested ? 'source.stopping' : 'import.stop')}
            </button>
          )}
          {halted && (
            <button
              type="button"
              className="button"
              disabled={act.isPending}
              onClick={() => act.mutate('resume')}
            >
              {t('import.resume')}
            </button>
          )}
        </div>
      )}
    </section>
  )
}
