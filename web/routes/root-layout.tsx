import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../platform/page-title.ts'
import { Empty, ErrorPanel } from '../ui/status.tsx'
import { Toasts } from '../ui/toasts.tsx'
import { Footer } from './footer.tsx'
import { Header } from './header.tsx'
import './layout.css'

/** Header, the page, footer. On a new page focus goes to its start, so that keyboard and screen reader begin there. */
export function RootLayout() {
  const { t } = useTranslation()
  const main = useRef<HTMLElement>(null)
  const pathname = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const inWorkbench = useRouterState({ select: (state) => state.location.pathname.startsWith('/work') })
  const previous = useRef<string | undefined>(undefined)
  useEffect(() => {
    if (previous.current !== undefined && previous.current !== pathname)
      main.current?.focus({ preventScroll: true })
    previous.current = pathname
  }, [pathname])
  return (
    <>
      <a className="skip-link" href="#main">
        {t('skip')}
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1} className="site-main">
        <Outlet />
      </main>
      {!inWorkbench && <Footer />}
      <Toasts />
    </>
  )
}

export function NotFoundPage() {
  const { t } = useTranslation()
  usePageTitle(t('notFound.title'))
  return (
    <div className="page">
      <Empty title={t('notFound.title')} level={1}>
        <p>{t('notFound.text')}</p>
        <div className="actions">
          <Link className="button primary" to="/search">
            {t('nav.find')}
          </Link>
          <Link className="button" to="/">
            {t('nav.home')}
          </Link>
        </div>
      </Empty>
    </div>
  )
}

/** What is left when a page breaks: the reason, and a way on. */
export function ErrorPage({ error, reset }: { error: unknown; reset?: () => void }) {
  return (
    <div className="page page-error">
      <ErrorPanel error={error} retry={reset ?? (() => location.reload())} level={1} />
    </div>
  )
}
