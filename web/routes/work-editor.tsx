import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { EntryEditor } from '../catalog/entry-editor.tsx'
import { useOwnBodyAnswer } from '../catalog/own-bodies.ts'
import { latestQuery } from '../catalog/work-api.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { usePreferences } from '../platform/preferences.ts'
import { useSession } from '../security/session.ts'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'

const route = getRouteApi('/work/dataset/$uid')

export function NewEntryPage() {
  const { t } = useTranslation()
  const { language } = usePreferences()
  const { person } = useSession()
  const { body, error, refetch } = useOwnBodyAnswer()
  usePageTitle(t('editor.newTitle'))
  if (error) return <ErrorPanel error={error} retry={() => refetch()} level={1} />
  if (!body || !person?.uid) return <Skeleton rows={5} />
  return <EntryEditor dataset={null} blank={{ language, body: body.code }} person={person.uid} />
}

export function EditEntryPage() {
  const { t } = useTranslation()
  const { uid } = route.useParams()
  const { person } = useSession()
  const { data, error, isPending, refetch } = useQuery(latestQuery(uid))
  usePageTitle(t('editor.editTitle'))
  if (isPending) return <Skeleton rows={5} />
  if (error) return <ErrorPanel error={error} retry={() => refetch()} level={1} />
  return <EntryEditor key={uid} dataset={data} blank={{}} person={person?.uid ?? ''} />
}
