import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { Drawer } from '../ui/drawer.tsx'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import type { Dataset, DatasetContent } from './api.ts'
import { ChangeList } from './change-list.tsx'
import { diffContent } from './diff.ts'
import type { Draft } from './editor-state.ts'
import { latestQuery } from './work-api.ts'

/** Somebody saved in the meantime: who, what they changed, and the choice. Nothing is lost either way. */
export function ConflictDialog(props: {
  uid: string
  mine: Draft
  onMine: (etag: string | null) => void
  onTheirs: (theirs: Dataset, etag: string | null) => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const { data, error, refetch } = useQuery({ ...latestQuery(props.uid), staleTime: 0, gcTime: 0 })
  return (
    <Drawer open kind="dialog" title={t('conflict.title')} onClose={props.onClose}>
      {error ? (
        <ErrorPanel error={error} retry={() => refetch()} />
      ) : !data ? (
        <Skeleton rows={2} />
      ) : (
        <div className="stack-small">
          <p>
            {t('conflict.who', {
              who: data.changedBy,
              when: format.dateTime(data.changedAt),
              version: data.version,
            })}
            {data.changeReason && ` ${t('conflict.reason', { reason: data.changeReason })}`}
          </p>
          <p>{t('conflict.differs')}</p>
          <div className="conflict-changes">
            <ChangeList changes={diffContent(data.content, props.mine as DatasetContent)} />
          </div>
          <div className="actions">
            <button type="button" className="button primary" onClick={() => props.onMine(data.etag)}>
              {t('conflict.keepMine')}
            </button>
            <button type="button" className="button" onClick={() => props.onTheirs(data, data.etag)}>
              {t('conflict.takeTheirs')}
            </button>
            <button type="button" className="button quiet" onClick={props.onClose}>
              {t('conflict.later')}
            </button>
          </div>
          <p className="muted small">{t('conflict.note')}</p>
        </div>
      )}
    </Drawer>
  )
}
