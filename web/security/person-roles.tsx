import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useCodes } from '../platform/profile.ts'
import { ErrorPanel } from '../ui/status.tsx'
import { grantRole, type Person, refreshPeople, revokeRole } from './api.ts'
import { administratorRoles } from './roles.ts'
import { useSession } from './session.ts'

/** Roles of one person. Nobody grants to themselves; the server says so too. */
export function PersonRoles({ person }: { person: Person }) {
  const { t } = useTranslation()
  const { options } = useCodes()
  const { person: me } = useSession()
  const [said, setSaid] = useState('')
  // The box shows the wish at once and what the server has as soon as it says so; unticking is the undo.
  const [wish, setWish] = useState<{ role: string; has: boolean } | null>(null)
  const change = useMutation({
    mutationFn: ({ role, has }: { role: string; has: boolean }) =>
      has ? revokeRole(person.uid, role) : grantRole(person.uid, role),
    onSuccess: async (_, { has }) => {
      setSaid(t(has ? 'people.revokedRole' : 'people.grantedRole', { name: person.name }))
      await refreshPeople()
    },
    onSettled: () => setWish(null),
  })
  const turn = (role: string, has: boolean) => {
    setWish({ role, has: !has })
    change.mutate({ role, has })
  }
  const self = me?.uid === person.uid
  // The three administrators are different people.
  const held = administratorRoles.find((role) => person.roles.includes(role))
  const apart = (role: string) =>
    held !== undefined && held !== role && administratorRoles.some((one) => one === role)
  return (
    <>
      {self && <p className="muted small">{t('people.notSelf')}</p>}
      {change.isError && <ErrorPanel error={change.error} />}
      {/* Said in the panel: what lies behind an open panel cannot be heard or reached. */}
      <p className="small muted" role="status">
        {said}
      </p>
      <ul className="role-list">
        {options('role').map(({ value, label }) => {
          const has = person.roles.some((role) => role === value)
          return (
            <li key={value}>
              <label className="check">
                <input
                  type="checkbox"
                  checked={wish?.role === value ? wish.has : has}
                  disabled={self || wish !== null || apart(value)}
                  onChange={() => turn(value, has)}
                />
                {label}
                {apart(value) && <span className="hint">{t('people.apart')}</span>}
              </label>
            </li>
          )
        })}
      </ul>
    </>
  )
}
