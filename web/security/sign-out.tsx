import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { hasDeviceDrafts } from '../platform/device-drafts.ts'
import { Drawer } from '../ui/drawer.tsx'
import { ErrorPanel } from '../ui/status.tsx'
import { signOut } from './session.ts'

/** Signing out takes unsaved work off the device, which cannot be undone: only then it asks first. */
export function SignOut({ person }: { person: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const unsaved = hasDeviceDrafts(person)
  const leave = async () => {
    try {
      await signOut()
      setAsking(false)
      await navigate({ to: '/' })
    } catch (failure) {
      setError(failure)
      setAsking(true)
    }
  }
  return (
    <>
      <button
        type="button"
        className="link-button"
        onClick={() => (hasDeviceDrafts(person) ? setAsking(true) : leave())}
      >
        {t('nav.signOut')}
      </button>
      <Drawer open={asking} kind="dialog" title={t('nav.signOut')} onClose={() => setAsking(false)}>
        <div className="stack-small">
          {error !== null && <ErrorPanel error={error} />}
          {unsaved && <p>{t('signOut.unsaved')}</p>}
          <div className="actions">
            <button type="button" className="button primary" onClick={() => setAsking(false)}>
              {t('signOut.stay')}
            </button>
            <button type="button" className="button" onClick={leave}>
              {t(unsaved ? 'signOut.leave' : 'nav.signOut')}
            </button>
          </div>
        </div>
      </Drawer>
    </>
  )
}
