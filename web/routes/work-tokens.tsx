import { useMutation, useQuery } from '@tanstack/react-query'
import { Table } from 'antd'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { queryClient } from '../platform/query.ts'
import { useActionName } from '../security/action-name.ts'
import { createToken, type NewToken, revokeToken, type Token, tokensQuery } from '../security/api.ts'
import { sessionQuery } from '../security/session.ts'
import { CopyButton } from '../ui/code-block.tsx'
import { ErrorPanel } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { toast } from '../ui/toasts.tsx'

const dayMs = 86_400_000
const lifetimes = [7, 30, 90, 365]
/** Actions a key can be limited to; a key makes no keys and grants no roles, whatever its owner may do. */
const notForTokens = ['token:create', 'password:set', 'role:grant', 'session:create', 'session:delete']

function NewTokenForm({ onMade }: { onMade: (token: NewToken) => void }) {
  const { t } = useTranslation()
  const actionName = useActionName()
  const { data: session } = useQuery(sessionQuery)
  const [name, setName] = useState('')
  const [days, setDays] = useState(90)
  const [scopes, setScopes] = useState<string[]>(['search:read', 'dataset:read'])
  const make = useMutation({
    mutationFn: () =>
      createToken({
        name: name.trim(),
        scopes,
        expiresAt: new Date(Date.now() + days * dayMs).toISOString(),
      }),
    onSuccess: (token) => {
      setName('')
      onMade(token)
      void queryClient.invalidateQueries(tokensQuery)
    },
  })
  const allowed = (session?.allowed ?? []).filter((action) => !notForTokens.includes(action))
  const toggle = (action: string) =>
    setScopes(scopes.includes(action) ? scopes.filter((one) => one !== action) : [...scopes, action])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <form className="panel" onSubmit={submit} aria-labelledby="new-token">
      <h2 id="new-token">{t('token.new')}</h2>
      <div className="form-grid">
        <div className="form-field">
          <label htmlFor="token-name">{t('token.name')}</label>
          <input
            id="token-name"
            className="field"
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <span className="hint">{t('token.nameHint')}</span>
        </div>
        <div className="form-field">
          <label htmlFor="token-days">{t('token.lifetime')}</label>
          <select
            id="token-days"
            className="field"
            value={days}
            onChange={(event) => setDays(Number(event.target.value))}
          >
            {lifetimes.map((one) => (
              <option key={one} value={one}>
                {t('token.days', { count: one })}
              </option>
            ))}
          </select>
        </div>
        <fieldset className="wide plain-fieldset">
          <legend>{t('token.scopes')}</legend>
          <div className="check-grid">
            {allowed.map((action) => (
              <label className="check" key={action}>
                <input type="checkbox" checked={scopes.includes(action)} onChange={() => toggle(action)} />
                <span>
                  {actionName(action)} <code className="cell-note">{action}</code>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
      </div>
      {make.isError && <ErrorPanel error={make.error} />}
      <div className="actions">
        <button type="submit" className="button primary" disabled={make.isPending || scopes.length === 0}>
          {t('token.make')}
        </button>
      </div>
    </form>
  )
}

/** Own keys for programs: made, shown once, revoked. */
export function TokensPage() {
  const { t } = useTranslation()
  const format = useFormats()
  const actionName = useActionName()
  const [made, setMade] = useState<NewToken | null>(null)
  const { data, error, isPending, refetch } = useQuery(tokensQuery)
  usePageTitle(t('work.tokens'))
  const revoke = useMutation({
    mutationFn: revokeToken,
    onSuccess: () => {
      toast(t('token.revoked'))
      void queryClient.invalidateQueries(tokensQuery)
    },
  })
  const state = (token: Token) =>
    token.revokedAt ? 'revokedState' : new Date(token.expiresAt).getTime() < Date.now() ? 'expired' : 'active'
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('work.tokens')}</h1>
          <p>{t('token.lead')}</p>
        </div>
      </header>
      {made && (
        <div className="notice" role="status">
          <div className="notice-body">
            <h2>{t('token.once', { name: made.name })}</h2>
            <p className="secret">
              <code>{made.token}</code> <CopyButton text={made.token} />
            </p>
          </div>
        </div>
      )}
      <NewTokenForm onMade={setMade} />
      {error && <ErrorPanel error={error} retry={() => refetch()} />}
      {revoke.isError && <ErrorPanel error={revoke.error} />}
      <TableFrame label={t('work.tokens')} failed={error !== null && !data}>
        <Table<Token>
          className="work-table"
          size="middle"
          rowKey="uid"
          loading={isPending}
          dataSource={data ?? []}
          pagination={false}
          locale={{ emptyText: t('token.none') }}
          columns={[
            { title: t('token.name'), dataIndex: 'name' },
            {
              title: t('token.prefix'),
              dataIndex: 'prefix',
              render: (prefix: string) => <code>{prefix}…</code>,
            },
            {
              title: t('token.scopes'),
              dataIndex: 'scopes',
              render: (all: string[]) => all.map(actionName).join(t('work.listSeparator')),
            },
            { title: t('token.expires'), dataIndex: 'expiresAt', render: (at: string) => format.date(at) },
            {
              title: t('token.lastUsed'),
              dataIndex: 'lastUsedAt',
              render: (at: string | null) => format.ago(at),
            },
            {
              title: t('dataset.state'),
              key: 'state',
              render: (_, token) => (
                <span className={`tag ${state(token) === 'active' ? 'ok' : ''}`}>
                  {t(`token.${state(token)}`)}
                </span>
              ),
            },
            {
              title: <span className="visually-hidden">{t('work.actions')}</span>,
              key: 'actions',
              render: (_, token) =>
                state(token) === 'active' && (
                  <button type="button" className="button small" onClick={() => revoke.mutate(token.uid)}>
                    {t('token.revoke')}
                    <span className="visually-hidden">{token.name}</span>
                  </button>
                ),
            },
          ]}
        />
      </TableFrame>
    </>
  )
}
