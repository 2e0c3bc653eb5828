import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { ApprovedBy } from '../review/approved-by.tsx'
import { useSession } from '../security/session.ts'
import { useWho } from '../security/who.ts'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { type Dataset, versionQuery, versionsQuery } from './api.ts'
import { ChangeList } from './change-list.tsx'
import { diffContent } from './diff.ts'
import { useMayWrite } from './own-bodies.ts'
import { RestoreButton } from './restore-button.tsx'
import { StateTag } from './tags.tsx'

const route = getRouteApi('/dataset/$uid')

function Diff({ uid, from, to }: { uid: string; from: number; to: number }) {
  const before = useQuery(versionQuery(uid, from))
  const after = useQuery(versionQuery(uid, to))
  const error = before.error ?? after.error
  if (error)
    return (
      <ErrorPanel
        error={error}
        retry={() => {
          void before.refetch()
          void after.refetch()
        }}
      />
    )
  if (!before.data || !after.data) return <Skeleton rows={2} />
  return <ChangeList changes={diffContent(before.data.content, after.data.content)} />
}

/** Who changed what, when and why; the difference of any two versions, chosen in the address. */
export function EntryVersions({ data }: { data: Dataset }) {
  const { t } = useTranslation()
  const who = useWho()
  const format = useFormats()
  const navigate = useNavigate()
  const { may } = useSession()
  const mayWrite = useMayWrite(data.body.code)
  const mayRestore = mayWrite && may('dataset:restore')
  const search = route.useSearch()
  const list = useInfiniteQuery(versionsQuery(data.uid))
  if (list.error) return <ErrorPanel error={list.error} retry={() => list.refetch()} />
  if (list.isPending) return <Skeleton rows={3} />
  const versions = list.data.pages.flatMap((page) => page.versions)
  const numbers = versions.map((one) => one.version)
  const to = Number(search.to ?? numbers[0] ?? 1)
  // A draft and its publication hold the same; what people want to see is the change since the last publication.
  const earlier = versions.filter((one) => one.version < to)
  const before = earlier.find((one) => one.state === 'published') ?? earlier[0]
  const from = Number(search.from ?? before?.version ?? to)
  const choose = (change: { from?: string; to?: string }) =>
    navigate({
      to: '/dataset/$uid',
      params: { uid: data.uid },
      search: { tab: 'versions', from: String(from), to: String(to), ...change },
      resetScroll: false,
    })
  const picker = (id: 'from' | 'to', value: number) => (
    <label>
      <span>{t(`versions.${id}`)}</span>
      <select
        className="field"
        value={value}
        onChange={(event) =>
          choose(id === 'from' ? { from: event.target.value } : { to: event.target.value })
        }
      >
        {/* The address may name a version that is not listed yet. */}
        {[...numbers, ...(numbers.includes(value) ? [] : [value])].map((one) => (
          <option key={one} value={one}>
            {t('versions.version', { n: one })}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <div className="entry-panel versions">
      <section>
        <h2>{t('versions.compare')}</h2>
        <p className="muted small">{versions.length > 1 ? t('versions.lead') : t('versions.only')}</p>
        {versions.length > 1 && (
          <>
            <div className="version-pick">
              {picker('from', from)}
              <span aria-hidden="true">→</span>
              {picker('to', to)}
            </div>
            <Diff uid={data.uid} from={from} to={to} />
          </>
        )}
      </section>
      <section>
        <h2>{t('versions.list')}</h2>
        <ol className="version-list">
          {versions.map((one) => (
            <li key={one.version} className={one.current ? 'current' : undefined}>
              <p>
                <strong>{t('versions.version', { n: one.version })}</strong>
                {one.current && <span className="tag accent">{t('versions.current')}</span>}
                <StateTag state={one.state} />
              </p>
              <p className="muted small">
                {t('versions.by', { who: who(one.by), when: format.dateTime(one.at) })}
              </p>
              {one.reason && <p className="small">{one.reason}</p>}
              {may('review:read') && <ApprovedBy uid={data.uid} version={one.version} />}
              {mayRestore && !one.current && <RestoreButton uid={data.uid} version={one.version} />}
            </li>
          ))}
        </ol>
        {list.hasNextPage && (
          <button
            type="button"
            className="button"
            disabled={list.isFetchingNextPage}
            onClick={() => list.fetchNextPage()}
          >
            {t('versions.older')}
          </button>
        )}
      </section>
    </div>
  )
}
