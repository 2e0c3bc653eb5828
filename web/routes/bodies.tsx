import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { bodiesQuery, type TreeBody } from '../catalog/api.ts'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { useCodes } from '../platform/profile.ts'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { Words } from '../ui/words.tsx'
import './pages.css'

const route = getRouteApi('/bodies')
/** Bodies listed per tier while nothing is typed; more would be a wall. */
const listedPerTier = 200

function Branch(props: { body: TreeBody; below: Map<string, TreeBody[]>; open?: boolean }) {
  const { body, below } = props
  const content = useContent()
  const format = useFormats()
  const children = (below.get(body.uid) ?? []).filter((one) => one.tier === body.tier)
  const name = (
    <Link to="/body/$code" params={{ code: body.code }}>
      <Words {...content(body.name, body.translations, 'name')} />
    </Link>
  )
  if (children.length === 0) return <li className="leaf">{name}</li>
  return (
    <li>
      <details open={props.open}>
        <summary>
          <span className="branch-name">
            <Words {...content(body.name, body.translations, 'name')} />
          </span>
          <span className="muted num">{format.number(children.length)}</span>
        </summary>
        <ul>
          <li className="leaf">{name}</li>
          {children.map((child) => (
            <Branch key={child.uid} body={child} below={below} />
          ))}
        </ul>
      </details>
    </li>
  )
}

/** All bodies: the tree by tier, or the ones a person types a name of. */
export function BodiesPage() {
  const { t } = useTranslation()
  const { q = '' } = route.useSearch()
  const navigate = useNavigate()
  const content = useContent()
  const format = useFormats()
  const { entries, name } = useCodes()
  const { data, error, isPending, refetch } = useQuery(bodiesQuery)
  usePageTitle(t('bodies.title'))
  const needle = q.trim().toLowerCase()
  const all = data ?? []
  const below = new Map<string, TreeBody[]>()
  for (const one of all)
    if (one.parentUid) below.set(one.parentUid, [...(below.get(one.parentUid) ?? []), one])
  const found = all.filter((one) =>
    `${one.name} ${content(one.name, one.translations, 'name').text} ${one.code}`
      .toLowerCase()
      .includes(needle),
  )
  const tierOf = new Map(all.map((one) => [one.uid, one.tier]))
  // The top of each tier: a province stands under its own heading, not three folds below the nation.
  const tops = all.filter((one) => !one.parentUid || tierOf.get(one.parentUid) !== one.tier)
  return (
    <div className="page stack">
      <header className="page-head">
        <h1>{t('bodies.title')}</h1>
        <p className="lead">{t('bodies.lead')}</p>
        <input
          className="field narrow"
          value={q}
          aria-label={t('bodies.filter')}
          placeholder={t('bodies.filter')}
          onChange={(event) =>
            navigate({
              to: '/bodies',
              search: { q: event.target.value || undefined },
              replace: true,
              resetScroll: false,
            })
          }
        />
      </header>
      {error && <ErrorPanel error={error} retry={() => refetch()} />}
      {isPending && <Skeleton rows={4} />}
      {data?.length === 0 && <p className="muted">{t('bodies.empty')}</p>}
      {needle !== '' && data && (
        <section aria-live="polite">
          {found.length === 0 && <p className="muted">{t('bodies.none')}</p>}
          <ul className="name-columns">
            {found.slice(0, listedPerTier).map((one) => (
              <li key={one.uid}>
                <Link to="/body/$code" params={{ code: one.code }}>
                  <Words {...content(one.name, one.translations, 'name')} />
                </Link>{' '}
                <span className="muted small">{name('tier', one.tier)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {needle === '' &&
        entries('tier').map((tier) => {
          const here = tops.filter((one) => one.tier === tier.code)
          if (here.length === 0) return null
          return (
            <section key={tier.code} aria-labelledby={`tier-${tier.code}`}>
              <div className="section-head">
                <h2 id={`tier-${tier.code}`}>{name('tier', tier.code)}</h2>
                <span className="muted small">
                  {t('count.bodies', {
                    count: all.filter((one) => one.tier === tier.code).length,
                    n: format.number(all.filter((one) => one.tier === tier.code).length),
                  })}
                </span>
              </div>
              <ul className={`body-tree ${here.length === 1 ? 'single' : ''}`}>
                {here.slice(0, listedPerTier).map((one) => (
                  <Branch key={one.uid} body={one} below={below} open={here.length === 1} />
                ))}
              </ul>
            </section>
          )
        })}
    </div>
  )
}
