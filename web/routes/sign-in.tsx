import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call, ProblemError } from '../platform/client.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { usePreferences } from '../platform/preferences.ts'
import { useCodes } from '../platform/profile.ts'
import { type SignInMethods, signIn } from '../security/session.ts'
import { ErrorPanel, Notice } from '../ui/status.tsx'
import './work.css'

const route = getRouteApi('/sign-in')

const methodsQuery = {
  queryKey: ['session', 'methods'],
  queryFn: ({ signal }: { signal: AbortSignal }) => call<SignInMethods>('/session/methods', { signal }),
}

/** Password and, where the node has one, the organisation's own sign-in. A demo node names its accounts. */
export function SignInPage() {
  const { t, i18n } = useTranslation()
  const { language } = usePreferences()
  const router = useRouter()
  const { name } = useCodes()
  const { next = '/work', problem } = route.useSearch()
  const methodsAnswer = useQuery(methodsQuery)
  const methods = methodsAnswer.data
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  usePageTitle(t('nav.signIn'))
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      await signIn(login.trim().toLowerCase(), password)
      router.history.push(next)
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  const wrong = error instanceof ProblemError && error.code === 'sign_in_failed'
  const problemKey = `signIn.problem.${problem}`
  return (
    <div className="page sign-in">
      <section>
        <h1>{t('nav.signIn')}</h1>
        {problem && (
          <Notice kind="danger">
            <p>{i18n.exists(problemKey) ? t(problemKey) : t('signIn.problem.other')}</p>
          </Notice>
        )}
        <form onSubmit={submit}>
          <div className="form-field">
            <label htmlFor="login">{t('signIn.login')}</label>
            <input
              id="login"
              className="field"
              autoComplete="username"
              autoCapitalize="none"
              required
              value={login}
              aria-invalid={wrong || undefined}
              onChange={(event) => setLogin(event.target.value)}
            />
          </div>
          <div className="form-field">
            <label htmlFor="password">{t('signIn.password')}</label>
            <input
              id="password"
              className="field"
              type="password"
              autoComplete="current-password"
              required
              value={password}
              aria-invalid={wrong || undefined}
              onChange={(event) => setPassword(event.target.value)}
            />
          </div>
          {wrong && (
            <p className="form-field">
              <span className="fault" role="alert">
                {t('signIn.wrong')}
              </span>
            </p>
          )}
          {error !== null && !wrong && <ErrorPanel error={error} />}
          <div className="actions">
            <button type="submit" className="button primary" disabled={busy}>
              {t('nav.signIn')}
            </button>
            {methods?.oidc && (
              <a className="button" href={`${methods.oidc.start}?returnTo=${encodeURIComponent(next)}`}>
                {t('signIn.with', { name: methods.oidc.label })}
              </a>
            )}
          </div>
        </form>
      </section>
      {methodsAnswer.error && (
        <ErrorPanel error={methodsAnswer.error} retry={() => methodsAnswer.refetch()} />
      )}
      {methods?.demo && methods.demo.length > 0 && (
        <section aria-labelledby="demo">
          <h2 id="demo">{t('signIn.demo')}</h2>
          <p className="muted small">{t('signIn.demoText')}</p>
          <ul className="demo-logins">
            {methods.demo.map((one) => (
              <li key={one.login}>
                <span>
                  <strong>{one.login}</strong>{' '}
                  <span className="muted">{one.does?.[language] ?? name('role', one.role)}</span>
                </span>
                <button
                  type="button"
                  className="button small"
                  onClick={() => {
                    setLogin(one.login)
                    setPassword(one.password)
                  }}
                >
                  {t('signIn.fill')}
                  <span className="visually-hidden">{one.login}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
