import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useOwnBodies } from '../catalog/own-bodies.ts'
import { call } from '../platform/client.ts'
import { useFormats } from '../platform/format.ts'
import { useSession } from '../security/session.ts'
import { ErrorPanel } from '../ui/status.tsx'
import type { Coverage } from './api.ts'

/** How many data resources a body has to catalogue and by which document; the data office above it may change it. */
export function Target({ code, target }: { code: string; target: Coverage['target'] }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { may } = useSession()
  const own = useOwnBodies()
  const mayDeclare = may('coverage:declare') && own.some((body) => body.code === code)
  return (
    <section aria-labelledby="target-head" className="target">
      <div className="section-head">
        <h2 id="target-head">{t('coverage.target')}</h2>
      </div>
      {target ? (
        <p>
          {t('coverage.targetText', { n: format.number(target.resources), basis: target.basis })}{' '}
          <span className="muted small">
            {t('coverage.declared', { by: target.declaredBy, when: format.date(target.declaredAt) })}
          </span>
        </p>
      ) : (
        <p className="muted">{t('coverage.noTarget')}</p>
      )}
      {mayDeclare && <TargetForm code={code} target={target} />}
    </section>
  )
}

function TargetForm({ code, target }: { code: string; target: Coverage['target'] }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [resources, setResources] = useState(String(target?.resources ?? ''))
  const [basis, setBasis] = useState(target?.basis ?? '')
  const [error, setError] = useState<unknown>(null)
  const save = async (event: FormEvent) => {
    event.preventDefault()
    try {
      const body = { resources: Number(resources), basis }
      await call(`/coverage/targets/${encodeURIComponent(code)}`, { method: 'PUT', body })
      setError(null)
      await client.invalidateQueries({ queryKey: ['coverage'] })
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <details>
      <summary>{t('coverage.declare')}</summary>
      <form className="target-form" onSubmit={save}>
        <label>
          {t('coverage.resources')}
          <input
            className="field"
            type="number"
            min={1}
            required
            value={resources}
            onChange={(event) => setResources(event.target.value)}
          />
        </label>
        <label>
          {t('coverage.basis')}
          <input
            className="field"
            required
            minLength={3}
            value={basis}
            onChange={(event) => setBasis(event.target.value)}
          />
        </label>
        <button type="submit" className="button primary">
          {t('coverage.save')}
        </button>
        <p className="muted small">{t('coverage.declareHint')}</p>
        {error !== null && <ErrorPanel error={error} />}
      </form>
    </details>
  )
}
