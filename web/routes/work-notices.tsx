import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { markRead, markUnread, noticesQuery, refreshNotices, unreadQuery } from '../notice/api.ts'
import { MailSettings } from '../notice/mail-settings.tsx'
import { NoticeRow } from '../notice/notice-row.tsx'
import '../notice/notice.css'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { queryClient } from '../platform/query.ts'
import { Icon } from '../ui/icons.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { Empty, ErrorPanel, Skeleton } from '../ui/status.tsx'
import { TabLink } from '../ui/tab-link.tsx'
import { toast } from '../ui/toasts.tsx'

const route = getRouteApi('/work/notices')

/** Marking as read can be taken back while the sentence about it is seen. */
function useMarking() {
  const { t } = useTranslation()
  const again = useMutation({ mutationFn: markUnread, onSuccess: refreshNotices })
  const read = useMutation({
    mutationFn: markRead,
    onSuccess: (ids) => {
      void refreshNotices()
      if (ids.length > 0)
        toast(t('notices.marked', { count: ids.length }), {
          label: t('work.undo'),
          run: () => again.mutate(ids),
        })
    },
  })
  return { read, again }
}

function List({ unread }: { unread: boolean }) {
  const { t } = useTranslation()
  const list = useInfiniteQuery(noticesQuery(unread))
  const { read, again } = useMarking()
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const count = list.data?.pages[0]?.unread ?? 0
  const newest = rows[0]?.id
  // The bell shows what this page has just read.
  useEffect(() => {
    if (list.dataUpdatedAt > 0) queryClient.setQueryData(unreadQuery.queryKey, count)
  }, [list.dataUpdatedAt, count])
  return (
    <>
      {newest !== undefined && (
        <div className="toolbar">
          <button
            type="button"
            className="button small"
            disabled={count === 0 || read.isPending}
            onClick={() => read.mutate({ upTo: newest })}
          >
            <Icon name="check" />
            {t('notices.markAll')}
          </button>
        </div>
      )}
      {read.isError && <ErrorPanel error={read.error} />}
      {again.isError && <ErrorPanel error={again.error} />}
      {list.isPending && <Skeleton rows={3} />}
      {list.isError && <ErrorPanel error={list.error} retry={() => list.refetch()} />}
      {list.data && rows.length === 0 && (
        <Empty title={t(unread ? 'notices.noneUnread' : 'notices.none')}>
          <p>{t('notices.noneText')}</p>
        </Empty>
      )}
      <ul className="notice-list">
        {rows.map((notice) => (
          <NoticeRow
            key={notice.id}
            notice={notice}
            onRead={() => void markRead({ ids: [notice.id] }).then(refreshNotices, () => {})}
            onMark={(now) => (now ? read.mutate({ ids: [notice.id] }) : again.mutate([notice.id]))}
          />
        ))}
      </ul>
      <MoreRows list={list} shown={rows.length} />
    </>
  )
}

/** What the person was told, and how they want to be told. */
export function NoticesPage() {
  const { t } = useTranslation()
  const format = useFormats()
  const { show } = route.useSearch()
  const { data: count = 0 } = useQuery(unreadQuery)
  usePageTitle(t('work.notices'))
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('work.notices')}</h1>
          <p>{t('notices.lead')}</p>
        </div>
      </header>
      <nav className="tabs" aria-label={t('notices.which')}>
        <TabLink to={{ to: '/work/notices' }} current={show === undefined}>
          {t('notices.unread')}
          <span className="count num">{format.number(count)}</span>
        </TabLink>
        <TabLink to={{ to: '/work/notices', search: { show: 'all' } }} current={show === 'all'}>
          {t('notices.all')}
        </TabLink>
        <TabLink to={{ to: '/work/notices', search: { show: 'mail' } }} current={show === 'mail'}>
          {t('notices.mailHead')}
        </TabLink>
      </nav>
      {show === 'mail' ? <MailSettings /> : <List unread={show === undefined} />}
    </>
  )
}
