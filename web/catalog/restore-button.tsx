import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Icon } from '../ui/icons.tsx'
import { ErrorPanel } from '../ui/status.tsx'
import { restoreVersion } from './work-api.ts'

/** Brings an earlier version back as a new draft, to be looked at and published. */
export function RestoreButton({ uid, version }: { uid: string; version: number }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const client = useQueryClient()
  const restore = useMutation({
    mutationFn: () => restoreVersion(uid, version, t('versions.restoredReason', { n: version })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['dataset', uid] })
      await navigate({ to: '/work/dataset/$uid', params: { uid } })
    },
  })
  return (
    <>
      <button
        type="button"
        className="button small"
        disabled={restore.isPending}
        onClick={() => restore.mutate()}
      >
        <Icon name="history" />
        {t('versions.restore')}
        <span className="visually-hidden">{t('versions.version', { n: version })}</span>
      </button>
      {restore.isError && <ErrorPanel error={restore.error} />}
    </>
  )
}
