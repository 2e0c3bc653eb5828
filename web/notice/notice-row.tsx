import { useRouter } from '@tanstack/react-router'
import type { MouseEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { noticeLanguage, noticeText } from '../../src/notice/kind.schema.ts'
import { useFormats } from '../platform/format.ts'
import type { Notice } from './api.ts'

/** One notice; following its link is reading it. */
export function NoticeRow(props: { notice: Notice; onRead: () => void; onMark: (read: boolean) => void }) {
  const { t, i18n } = useTranslation()
  const format = useFormats()
  const router = useRouter()
  const { notice } = props
  const unread = notice.readAt === null
  const { title, body } = noticeText(notice, { language: noticeLanguage(i18n.language) })
  const follow = (event: MouseEvent) => {
    if (unread) props.onRead()
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return
    event.preventDefault()
    router.history.push(notice.link)
  }
  return (
    <li className={unread ? 'notice-row unread' : 'notice-row'}>
      <div className="notice-words">
        <a href={notice.link} onClick={follow}>
          {unread && <span className="visually-hidden">{t('notices.unreadMark')} </span>}
          {title}
        </a>
        {body && <p>{body}</p>}
        <p className="muted small">
          <time dateTime={notice.createdAt} title={format.dateTime(notice.createdAt)}>
            {format.ago(notice.createdAt)}
          </time>
        </p>
      </div>
      <button type="button" className="button quiet small" onClick={() => props.onMark(unread)}>
        {t(unread ? 'notices.markRead' : 'notices.markUnread')}
        <span className="visually-hidden">: {title}</span>
      </button>
    </li>
  )
}
