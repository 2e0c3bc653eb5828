import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Table } from 'antd'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePageTitle } from '../platform/page-title.ts'
import { useCodes } from '../platform/profile.ts'
import { queryClient } from '../platform/query.ts'
import { grantRole, type Person, peopleQuery, revokeRole, setDisabled } from '../security/api.ts'
import { NewPerson } from '../security/new-person.tsx'
import { useSession } from '../security/session.ts'
import { Drawer } from '../ui/drawer.tsx'
import { Icon } from '../ui/icons.tsx'
import { ErrorPanel } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'

const refresh = () => queryClient.invalidateQueries({ queryKey: ['people'] })

/** Roles of one person. Nobody grants to themselves; the server says so too. */
function Roles({ person }: { person: Person }) {
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
      await refresh()
    },
    onSettled: () => setWish(null),
  })
  const turn = (role: string, has: boolean) => {
    setWish({ role, has: !has })
    change.mutate({ role, has })
  }
  const self = me?.uid === person.uid
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
                  disabled={self || wish !== null}
                  onChange={() => turn(value, has)}
                />
                {label}
              </label>
            </li>
          )
        })}
      </ul>
    </>
  )
}

/** Accounts and what they may do: made by the system administrator, given roles by the security administrator. */
export function PeoplePage() {
  const { t } = useTranslation()
  const { name, options } = useCodes()
  const { may } = useSession()
  const [q, setQ] = useState('')
  const [role, setRole] = useState('')
  const [open, setOpen] = useState<string | null>(null)
  const [adding, setAdding] = useState(false)
  const asked = useDeferredValue(q.trim())
  const people = useInfiniteQuery(peopleQuery({ q: asked || undefined, role: role || undefined }))
  usePageTitle(t('work.people'))
  const disable = useMutation({
    mutationFn: (person: Person) => setDisabled(person.uid, person.disabledAt === null),
    onSuccess: refresh,
  })
  const rows = people.data?.pages.flatMap((page) => page.items) ?? []
  const shown = rows.find((person) => person.uid === open)
  return (
    <>
      <header className="work-head">
        <div>
          <h1>{t('work.people')}</h1>
          <p>{t('people.lead')}</p>
        </div>
        {may('person:create') && (
          <button type="button" className="button primary" onClick={() => setAdding(true)}>
            <Icon name="plus" />
            {t('people.new')}
          </button>
        )}
      </header>
      <div className="toolbar">
        <input
          className="field"
          value={q}
          aria-label={t('people.find')}
          placeholder={t('people.find')}
          onChange={(event) => setQ(event.target.value)}
        />
        <select
          className="field"
          value={role}
          aria-label={t('people.role')}
          onChange={(event) => setRole(event.target.value)}
        >
          <option value="">{t('people.anyRole')}</option>
          {options('role').map((one) => (
            <option key={one.value} value={one.value}>
              {one.label}
            </option>
          ))}
        </select>
      </div>
      {people.isError && <ErrorPanel error={people.error} retry={() => people.refetch()} />}
      {disable.isError && <ErrorPanel error={disable.error} />}
      <TableFrame label={t('work.people')} failed={people.isError && rows.length === 0}>
        <Table<Person>
          className="work-table"
          size="middle"
          rowKey="uid"
          loading={people.isPending}
          dataSource={rows}
          pagination={false}
          locale={{ emptyText: t('people.none') }}
          columns={[
            {
              title: t('people.name'),
              dataIndex: 'name',
              sorter: (a, b) => a.name.localeCompare(b.name),
              render: (text: string, person) => (
                <>
                  <strong>{text}</strong> <span className="muted">{person.login}</span>
                </>
              ),
            },
            { title: t('people.body'), dataIndex: 'organisationName' },
            {
              title: t('people.roles'),
              key: 'roles',
              render: (_, person) => (
                <span className="tag-stack">
                  {person.roles.map((one) => (
                    <span className="tag" key={one}>
                      {name('role', one)}
                    </span>
                  ))}
                </span>
              ),
            },
            {
              title: t('dataset.state'),
              key: 'state',
              render: (_, person) => (
                <span className={`tag ${person.disabledAt ? 'caution' : 'ok'}`}>
                  {t(person.disabledAt ? 'people.disabled' : 'people.active')}
                </span>
              ),
            },
            {
              title: <span className="visually-hidden">{t('work.actions')}</span>,
              key: 'actions',
              render: (_, person) => (
                <span className="tag-stack">
                  {may('role:grant') && (
                    <button type="button" className="button small" onClick={() => setOpen(person.uid)}>
                      {t('people.roles')}
                      <span className="visually-hidden">{person.name}</span>
                    </button>
                  )}
                  {may('person:disable') && (
                    <button type="button" className="button small" onClick={() => disable.mutate(person)}>
                      {t(person.disabledAt ? 'people.enable' : 'people.disable')}
                      <span className="visually-hidden">{person.name}</span>
                    </button>
                  )}
                </span>
              ),
            },
          ]}
        />
      </TableFrame>
      {people.hasNextPage && (
        <div>
          <button type="button" className="button" onClick={() => people.fetchNextPage()}>
            {t('work.loadMore')}
          </button>
        </div>
      )}
      <Drawer open={shown !== undefined} title={shown?.name ?? ''} onClose={() => setOpen(null)}>
        {shown && <Roles person={shown} />}
      </Drawer>
      <Drawer open={adding} title={t('people.new')} onClose={() => setAdding(false)}>
        <NewPerson
          onMade={() => {
            setAdding(false)
            void refresh()
          }}
        />
      </Drawer>
    </>
  )
}
