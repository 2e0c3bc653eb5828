import { Link, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Bell } from '../notice/bell.tsx'
import { useLabel } from '../platform/content-language.ts'
import { switchLanguage } from '../platform/i18n.ts'
import { setPreferences, usePreferences } from '../platform/preferences.ts'
import { useCodes } from '../platform/profile.ts'
import { SearchBox } from '../search/search-box.tsx'
import { useSession } from '../security/session.ts'
import { SignOut } from '../security/sign-out.tsx'
import { Icon, Logo } from '../ui/icons.tsx'

function Nav({ onFollow }: { onFollow?: () => void }) {
  const { t } = useTranslation()
  return (
    <>
      <Link to="/search" onClick={onFollow}>
        {t('nav.find')}
      </Link>
      <Link to="/themes" onClick={onFollow}>
        {t('nav.themes')}
      </Link>
      <Link to="/bodies" onClick={onFollow}>
        {t('nav.bodies')}
      </Link>
      <Link to="/coverage" onClick={onFollow}>
        {t('nav.coverage')}
      </Link>
      <Link to="/developers" onClick={onFollow}>
        {t('nav.developers')}
      </Link>
    </>
  )
}

function Person() {
  const { t } = useTranslation()
  const { person } = useSession()
  if (!person)
    return (
      <Link to="/sign-in" className="button small">
        {t('nav.signIn')}
      </Link>
    )
  return (
    <details className="menu">
      <summary className="button quiet small" aria-label={person.name}>
        <Icon name="user" />
        <span className="menu-name">{person.name}</span>
        <Icon name="down" />
      </summary>
      <div className="menu-panel">
        <p className="muted small">{person.organisationName ?? person.login}</p>
        <Link to="/work">{t('nav.work')}</Link>
        <Link to="/work/tokens">{t('nav.tokens')}</Link>
        {person.uid && <SignOut person={person.uid} />}
      </div>
    </details>
  )
}

/** Content language: entries in the language of the pages, or as their authors wrote them. */
function Switches() {
  const { t } = useTranslation()
  const { language, theme, translateContent } = usePreferences()
  const other = language === 'en' ? 'zh-CN' : 'en'
  const otherTheme = theme === 'dark' ? 'light' : 'dark'
  return (
    <>
      <button
        type="button"
        className="button quiet small"
        lang={other}
        onClick={() => switchLanguage(other)}
        aria-label={other === 'en' ? 'English' : '中文'}
      >
        {other === 'en' ? 'English' : '中文'}
      </button>
      <button
        type="button"
        className="button quiet small"
        onClick={() => setPreferences({ theme: otherTheme })}
        aria-label={t(`theme.${otherTheme}`)}
        title={t(`theme.${otherTheme}`)}
      >
        <Icon name={otherTheme === 'dark' ? 'moon' : 'sun'} />
      </button>
      <button
        type="button"
        className="button quiet small content-switch"
        aria-pressed={translateContent}
        onClick={() => setPreferences({ translateContent: !translateContent })}
        title={t('contentLanguage.hint')}
      >
        <span aria-hidden="true">文A</span>
        <span className="visually-hidden">{t('contentLanguage.name')}</span>
      </button>
    </>
  )
}

export function Header() {
  const { t } = useTranslation()
  const label = useLabel()
  const { profile } = useCodes()
  const [open, setOpen] = useState(false)
  const pathname = useRouterState({ select: (state) => state.location.pathname })
  const withSearch = pathname !== '/' && pathname !== '/search'
  return (
    <header className="site-header">
      <div className={`page header-row ${pathname.startsWith('/work') ? 'wide' : ''}`}>
        <Link to="/" className="brand" aria-label={`Concord, ${t('nav.home')}`}>
          <Logo />
          <span className="brand-name">Concord</span>
          {profile && <span className="brand-place">{label(profile.name, '')}</span>}
        </Link>
        <nav className="site-nav" aria-label={t('nav.main')}>
          <Nav />
        </nav>
        <div className="header-search">{withSearch && <SearchBox key={pathname} size="small" />}</div>
        <div className="header-tools">
          <Switches />
          <Bell />
          <Person />
          <button
            type="button"
            className="button quiet small nav-toggle"
            aria-expanded={open}
            aria-controls="phone-nav"
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'close' : 'menu'} />
            <span className="visually-hidden">{t('nav.menu')}</span>
          </button>
        </div>
      </div>
      {open && (
        <nav className="page phone-nav" id="phone-nav" aria-label={t('nav.main')}>
          <Nav onFollow={() => setOpen(false)} />
        </nav>
      )}
    </header>
  )
}
