import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Table } from 'antd'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bodiesQuery } from '../catalog/api.ts'
import { useContent } from '../platform/content-language.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { useCodes } from '../platform/profile.ts'
import { type Person, peopleQuery, refreshPeople, setDisabled } from '../security/api.ts'
import { NewPerson } from '../security/new-person.tsx'
import { PersonRoles } from '../security/person-roles.tsx'
import { useSession } from '../security/session.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { Drawer } from '../ui/drawer.tsx'
import { Icon } from '../ui/icons.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { ErrorPanel } from '../ui/status.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { tableSort } from '../ui/table-sort.ts'

const route = getRouteApi('/work/people')

/** The body of a person in the language of the page; the account knows it only as it was written. */
function useBodyName(): (person: Person) => string {
  const content = useContent()
  const { data = [] } = useQuery(bodiesQuery)
  const known = new Map(data.map((one) => [one.uid, one]))
  return (person) => {
    const body = known.get(person.organisationUid ?? '')
    return body ? content(body.name, body.translations, 'name').text : (person.organisationName ?? '')
  }
}

/** Accounts and what they may do: made by the system administrator, given roles by the security administrator. */
export function PeoplePage() {
  const { t } = useTranslation()
  const { name, options } = useCodes()
  const { may, person: me } = useSession()
  const { q = '', role, sort: sorted } = route.useSearch()
  const navigate = useNavigate()
  const bodyName = useBodyName()
  const [open, setOpen] = useState<string | null>(null)
  const [adding, setAdding] = useState(false)
  const asked = useDeferredValue(q.trim())
  const people = useInfiniteQuery(peopleQuery({ q: asked || undefined, role }))
  usePageTitle(t('work.people'))
  const disable = useMutation({
    mutationFn: (person: Person) => setDisabled(person.uid, person.disabledAt === null),
    onSuccess: refreshPeople,
  })
  const rows = people.data?.pages.flatMap((page) => page.items) ?? []
  const go = (change: { q?: string; role?: string; sort?: string }) =>
    navigate({
      to: '/work/people',
      search: { q: q || undefined, role, sort: sorted, ...change },
      replace: true,
      resetScroll: false,
    })
  const sort = tableSort<Person>(sorted, !people.hasNextPage, (next) => go({ sort: next }))
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
          onChange={(event) => go({ q: event.target.value || undefined })}
        />
        <select
          className="field"
          value={role ?? ''}
          aria-label={t('people.role')}
          onChange={(event) => go({ role: event.target.value || undefined })}
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
          showSorterTooltip={false}
          onChange={sort.onChange}
          locale={{ emptyText: people.isPending ? ' ' : t('people.none') }}
          columns={[
            {
              title: t('people.name'),
              dataIndex: 'name',
              key: 'name',
              ...sort.by('name', (a, b) => a.name.localeCompare(b.name)),
              render: (text: string, person) => (
                <>
                  <strong>{text}</strong> <span className="muted">{person.login}</span>
                </>
              ),
            },
            {
              title: t('people.body'),
              key: 'body',
              ...sort.by('body', (a, b) => bodyName(a).localeCompare(bodyName(b))),
              render: (_, person) => bodyName(person),
            },
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
                  {may('person:disable') && person.disabledAt && (
                    <button type="button" className="button small" onClick={() => disable.mutate(person)}>
                      {t('people.enable')}
                      <span className="visually-hidden">{person.name}</span>
                    </button>
                  )}
                  {may('person:disable') && !person.disabledAt && person.uid !== me?.uid && (
                    <ConfirmButton
                      confirm={t('people.confirmDisable', { name: person.name })}
                      onConfirm={() => disable.mutate(person)}
                    >
                      {t('people.disable')}
                      <span className="visually-hidden">{person.name}</span>
                    </ConfirmButton>
                  )}
                </span>
              ),
            },
          ]}
        />
      </TableFrame>
      <MoreRows list={people} shown={rows.length} sorts />
      <Drawer open={shown !== undefined} title={shown?.name ?? ''} onClose={() => setOpen(null)}>
        {shown && <PersonRoles person={shown} />}
      </Drawer>
      <Drawer open={adding} title={t('people.new')} onClose={() => setAdding(false)}>
        <NewPerson
          onMade={() => {
            setAdding(false)
            void refreshPeople()
          }}
        />
      </Drawer>
    </>
  )
}
