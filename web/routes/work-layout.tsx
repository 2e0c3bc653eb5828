import { Link, Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useOwnBody } from '../catalog/own-bodies.ts'
import { useContent } from '../platform/content-language.ts'
import { useCodes } from '../platform/profile.ts'
import { useSession } from '../security/session.ts'
import { AntdFrame } from '../ui/antd-frame.tsx'
import { Icon, type IconName } from '../ui/icons.tsx'
import { Words } from '../ui/words.tsx'
import './work.css'

type Action = Parameters<ReturnType<typeof useSession>['may']>[0]
type WorkPath =
  | '/work/entries'
  | '/work/notices'
  | '/work/reviews'
  | '/work/duplicates'
  | '/work/imports'
  | '/work/sources'
  | '/work/tables'
  | '/work/people'
  | '/work/tokens'
  | '/work/audit'

/** Places of the workbench with the action that opens each; a person sees only what the role can use. */
const places: { to: WorkPath; name: string; icon: IconName; needs: Action }[] = [
  { to: '/work/entries', name: 'entries', icon: 'file', needs: 'dataset:read-draft' },
  { to: '/work/reviews', name: 'reviews', icon: 'check', needs: 'review:read' },
  { to: '/work/duplicates', name: 'duplicates', icon: 'copy', needs: 'reuse:read' },
  { to: '/work/imports', name: 'imports', icon: 'upload', needs: 'import:read' },
  { to: '/work/sources', name: 'sources', icon: 'download', needs: 'source:read' },
  { to: '/work/tables', name: 'tables', icon: 'table', needs: 'table:read' },
  { to: '/work/people', name: 'people', icon: 'people', needs: 'person:read' },
  { to: '/work/audit', name: 'audit', icon: 'shield', needs: 'audit:read' },
  { to: '/work/notices', name: 'notices', icon: 'bell', needs: 'notice:read' },
  { to: '/work/tokens', name: 'tokens', icon: 'key', needs: 'token:read' },
]

export function WorkLayout() {
  const { t } = useTranslation()
  const { person, may } = useSession()
  const { name } = useCodes()
  const content = useContent()
  const body = useOwnBody()
  return (
    <AntdFrame>
      <div className="work page wide">
        <div className="work-side">
          <nav className="work-nav" aria-label={t('nav.work')}>
            <Link to="/work" activeOptions={{ exact: true }}>
              <Icon name="clock" />
              {t('work.today')}
            </Link>
            {places
              .filter((place) => may(place.needs))
              .map((place) => (
                <Link key={place.to} to={place.to}>
                  <Icon name={place.icon} />
                  {t(`work.${place.name}`)}
                </Link>
              ))}
          </nav>
          {person && (
            <div className="work-person">
              <strong>{person.name}</strong>
              <span>
                {body ? (
                  <Words {...content(body.name, body.translations, 'name')} />
                ) : (
                  person.organisationName
                )}
              </span>
              <span>{person.roles.map((role) => name('role', role)).join(', ')}</span>
            </div>
          )}
        </div>
        <div className="work-main">
          <Outlet />
        </div>
      </div>
    </AntdFrame>
  )
}
