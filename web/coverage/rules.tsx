import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../platform/client.ts'
import { useLabel } from '../platform/content-language.ts'

interface CoverageRules {
  rules: string
  ratios: { id: string; text: Record<string, string> }[]
}

const rulesQuery = {
  queryKey: ['coverage', 'rules'],
  queryFn: ({ signal }: { signal: AbortSignal }) => call<CoverageRules>('/coverage/rules', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
}

/** How every figure of the page is counted, in words. */
export function Rules() {
  const { t } = useTranslation()
  const label = useLabel()
  const { data } = useQuery(rulesQuery)
  return (
    <details className="rules">
      <summary>{t('coverage.howCounted')}</summary>
      <dl>
        {data?.ratios.map(({ id, text }) => (
          <div key={id}>
            <dt>{t(`coverage.measure.${id}`)}</dt>
            <dd>{label(text, id)}</dd>
          </div>
        ))}
        <div>
          <dt>{t('coverage.measure.quality')}</dt>
          <dd>{t('coverage.qualityText')}</dd>
        </div>
      </dl>
      <p className="muted small">
        {t('coverage.zero')} <a href="/api/v1/coverage/rules">{t('coverage.rulesApi')}</a>
      </p>
    </details>
  )
}
