import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Table } from 'antd'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { useActionName } from '../security/action-name.ts'
import { type AuditEvent, type AuditVerification, auditQuery, verifyAudit } from '../security/api.ts'
import { useAuditText } from '../security/audit-text.ts'
import { useWho } from '../security/who.ts'
import { Icon } from '../ui/icons.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { ErrorPanel } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'

const route = getRouteApi('/work/audit')
const decisions = ['allow', 'deny', 'error'] as const
const decisionColours = { allow: 'ok', deny: 'caution', error: 'danger' }

function Verification({ result }: { result: AuditVerification }) {
  const { t } = useTranslation()
  const format = useFormats()
  const words = useAuditText()
  return (
    <div className={`notice ${result.ok ? '' : 'danger'}`} role={result.ok ? 'status' : 'alert'}>
      <Icon name={result.ok ? 'check' : 'warning'} />
      <div className="notice-body">
        <h2>{t(result.ok ? 'audit.ok' : 'audit.broken')}</h2>
        <p>
          {t('audit.checked', {
            events: format.number(result.events),
            checkpoints: format.number(result.checkpoints),
          })}
        </p>
        {result.problems.map((problem) => (
          <p key={`${problem.seq}${problem.kind}`}>
            <strong>#{problem.seq}</strong> {words.problem(problem)}
          </p>
        ))}
        <p className="muted">
          {t('audit.lastHash')} <code>{result.lastHash.slice(0, 16)}…</code>
        </p>
        {result.limits.length > 0 && (
          <details>
            <summary>{t('audit.limits')}</summary>
            <ul className="plain-list">
              {result.limits.map((limit) => (
                <li key={limit}>{words.limit(limit)}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </div>
  )
}

/** What happened, who did it, what was decided; and whether the record is whole. */
export function AuditPage() {
  const { t, i18n } = useTranslation()
  const who = useWho()
  const actionName = useActionName()
  const objectKind = (kind: string | null) =>
    kind && i18n.exists(`audit.objectKind.${kind}`) ? t(`audit.objectKind.${kind}`) : kind
  const format = useFormats()
  const navigate = useNavigate()
  const filter = route.useSearch()
  const events = useInfiniteQuery(auditQuery(filter))
  const verify = useMutation({ mutationFn: verifyAudit })
  usePageTitle(t('work.audit'))
  const set = (change: Partial<typeof filter>) =>
    navigate({ to: '/work/audit', search: { ...filter, ...change }, replace: true, resetScroll: false })
  const rows = events.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('work.audit')}</h1>
          <p>{t('audit.lead')}</p>
        </div>
        <button
          type="button"
          className="button primary"
          disabled={verify.isPending}
          onClick={() => verify.mutate()}
        >
          <Icon name="shield" />
          {t(verify.isPending ? 'audit.verifying' : 'audit.verify')}
        </button>
      </header>
      {verify.data && <Verification result={verify.data} />}
      {verify.isError && <ErrorPanel error={verify.error} />}
      <div className="toolbar">
        <input
          className="field"
          defaultValue={filter.action}
          aria-label={t('audit.action')}
          placeholder={t('audit.actionExample')}
          onChange={(event) => set({ action: event.target.value || undefined })}
        />
        <select
          className="field"
          aria-label={t('audit.decision')}
          value={filter.decision ?? ''}
          onChange={(event) => set({ decision: event.target.value || undefined })}
        >
          <option value="">{t('audit.anyDecision')}</option>
          {decisions.map((one) => (
            <option key={one} value={one}>
              {t(`audit.decisions.${one}`)}
            </option>
          ))}
        </select>
        {(['from', 'to'] as const).map((edge) => (
          <label key={edge} className="inline-field">
            {t(`audit.${edge}`)}
            <input
              className="field"
              type="date"
              value={filter[edge] ?? ''}
              onChange={(event) => set({ [edge]: event.target.value || undefined })}
            />
          </label>
        ))}
        {(filter.actor || filter.object) && (
          <button type="button" className="chip" onClick={() => set({ actor: undefined, object: undefined })}>
            {filter.actor ? t('audit.actor') : t('audit.object')}{' '}
            {(filter.actor ?? filter.object)?.slice(0, 8)}
            <Icon name="close" />
          </button>
        )}
      </div>
      {events.isError && <ErrorPanel error={events.error} retry={() => events.refetch()} />}
      <TableFrame label={t('work.audit')} failed={events.isError && rows.length === 0}>
        <Table<AuditEvent>
          className="work-table"
          size="middle"
          rowKey="seq"
          loading={events.isPending}
          dataSource={rows}
          pagination={false}
          locale={{ emptyText: t('audit.none') }}
          expandable={{
            columnTitle: <span className="visually-hidden">{t('audit.detail')}</span>,
            expandedRowRender: (event) => (
              <pre className="audit-detail">
                {JSON.stringify({ ...event.detail, requestId: event.requestId, hash: event.hash }, null, 2)}
              </pre>
            ),
          }}
          columns={[
            { title: '#', dataIndex: 'seq', align: 'right' },
            { title: t('audit.when'), dataIndex: 'at', render: (at: string) => format.dateTime(at) },
            {
              title: t('audit.actor'),
              key: 'actor',
              render: (_, event) =>
                event.actorId ? (
                  <button
                    type="button"
                    className="link-button"
                    onClick={() => set({ actor: event.actorId ?? undefined })}
                  >
                    {who(event.actorName ?? event.actorId)}
                  </button>
                ) : (
                  t(`audit.kind.${event.actorKind}`)
                ),
            },
            {
              title: t('audit.action'),
              dataIndex: 'action',
              render: (action: string) => (
                <>
                  {actionName(action)} <code className="cell-note">{action}</code>
                </>
              ),
            },
            {
              title: t('audit.object'),
              key: 'object',
              render: (_, event) =>
                event.objectId && (
                  <button
                    type="button"
                    className="link-button"
                    onClick={() => set({ object: event.objectId ?? undefined })}
                  >
                    {objectKind(event.objectKind)} <code>{event.objectId.slice(0, 8)}</code>
                  </button>
                ),
            },
            {
              title: t('audit.decision'),
              dataIndex: 'decision',
              render: (decision: AuditEvent['decision']) => (
                <span className={`tag ${decisionColours[decision]}`}>{t(`audit.decisions.${decision}`)}</span>
              ),
            },
          ]}
        />
      </TableFrame>
      <MoreRows list={events} shown={rows.length} />
    </>
  )
}
