import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { ShaclReport } from '../../src/interop/dcat/shacl.schema.ts'
import { call } from '../platform/client.ts'
import { useFormats } from '../platform/format.ts'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'

const reportQuery = (uid: string) => ({
  queryKey: ['dataset', uid, 'shacl'],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    call<ShaclReport>(`/datasets/${encodeURIComponent(uid)}/shacl`, { signal }),
})

/** What the shapes of this node find in the entry, for those who can mend it. */
export function ShaclSection({ uid }: { uid: string }) {
  const { t } = useTranslation()
  const { data, error, isPending, refetch } = useQuery(reportQuery(uid))
  return (
    <section>
      <h2>{t('interop.shacl')}</h2>
      {isPending && <Skeleton rows={2} />}
      {error && <ErrorPanel error={error} retry={() => refetch()} level={2} />}
      {data && !data.result && <p>{t(data.shapes ? 'interop.notYet' : 'interop.noShapes')}</p>}
      {data?.result && <Result result={data.result} />}
    </section>
  )
}

function Result({ result }: { result: NonNullable<ShaclReport['result']> }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { violations, warnings, findings, shapes } = result
  return (
    <>
      <p>
        {result.conforms === null
          ? t('interop.notChecked')
          : result.conforms
            ? t('interop.conforms')
            : t('interop.found', {
                violations: format.number(violations),
                warnings: format.number(warnings),
              })}
        {!result.current && ` ${t('interop.outdated', { version: result.version })}`}
      </p>
      {findings.length > 0 && (
        <ul className="plain-list">
          {findings.map((one, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: findings do not move
            <li key={i}>
              <strong>{t(`interop.severity.${one.severity}`)}</strong>{' '}
              <code>{[one.node, one.path].filter(Boolean).join(' ')}</code> {one.message || one.rule}
            </li>
          ))}
        </ul>
      )}
      <p className="muted small">
        {t('interop.checkedWith', { file: shapes.file, at: format.dateTime(result.checkedAt) })}{' '}
        <code title={shapes.sha256}>SHA-256 {shapes.sha256.slice(0, 12)}</code>
      </p>
    </>
  )
}
