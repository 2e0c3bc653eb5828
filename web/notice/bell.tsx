import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useSession } from '../security/session.ts'
import { Icon } from '../ui/icons.tsx'
import { unreadQuery } from './api.ts'

/** A number that fits on the bell. */
const mostShown = 99

/** How many notices wait, for whoever is signed in; a screen reader hears it when the number changes. */
export function Bell() {
  const { t } = useTranslation()
  const { may } = useSession()
  const known = may('notice:read')
  const { data: unread = 0 } = useQuery({ ...unreadQuery, enabled: known })
  if (!known) return null
  const text = unread === 0 ? t('nav.noNotices') : t('nav.unreadNotices', { count: unread })
  return (
    <>
      <Link to="/work/notices" className="button quiet small bell" aria-label={text} title={text}>
        <Icon name="bell" />
        {unread > 0 && (
          <span className="bell-count num" aria-hidden="true">
            {unread > mostShown ? `${mostShown}+` : unread}
          </span>
        )}
      </Link>
      <span className="visually-hidden" role="status">
        {unread > 0 && text}
      </span>
    </>
  )
}
