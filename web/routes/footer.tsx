import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Logo } from '../ui/icons.tsx'

export function Footer() {
  const { t } = useTranslation()
  return (
    <footer className="site-footer on-dark">
      <div className="page footer-row">
        <div className="footer-brand">
          <Logo />
          <p>{t('footer.what')}</p>
        </div>
        <nav aria-label={t('footer.find')}>
          <h2>{t('footer.find')}</h2>
          <Link to="/search">{t('nav.find')}</Link>
          <Link to="/search" search={{ view: 'items' }}>
            {t('nav.items')}
          </Link>
          <Link to="/themes">{t('nav.themes')}</Link>
          <Link to="/bodies">{t('nav.bodies')}</Link>
          <Link to="/coverage">{t('coverage.title')}</Link>
        </nav>
        <nav aria-label={t('footer.build')}>
          <h2>{t('footer.build')}</h2>
          <Link to="/developers">{t('nav.developers')}</Link>
          <a href="/api/docs">{t('footer.apiDocs')}</a>
          <a href="/api/openapi.json">OpenAPI 3.1</a>
        </nav>
        <nav aria-label={t('footer.work')}>
          <h2>{t('footer.work')}</h2>
          <Link to="/work">{t('nav.work')}</Link>
          <Link to="/sign-in">{t('nav.signIn')}</Link>
        </nav>
      </div>
    </footer>
  )
}
