import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../platform/page-title.ts'
import { overdueQuery } from '../review/api.ts'
import { OverdueList } from '../review/overdue-list.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { Empty, ErrorPanel, Skeleton } from '../ui/status.tsx'

/** Entries on one page of the list. */
const pageSize = 50

/** Entries whose data should have changed by now. */
export function OverduePage() {
  const { t } = useTranslation()
  usePageTitle(t('work.overdue'))
  const list = useInfiniteQuery(overdueQuery(pageSize))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('work.overdue')}</h1>
          <p>{t('review.overdueLead')}</p>
        </div>
      </header>
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      {list.isPending && <Skeleton rows={3} />}
      {list.data && rows.length === 0 && <Empty title={t('review.overdueNone')} />}
      <OverdueList rows={rows} />
      <MoreRows list={list} shown={rows.length} />
    </>
  )
}
