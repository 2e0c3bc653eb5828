import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useCodes } from '../platform/profile.ts'
import { Icon } from '../ui/icons.tsx'
import { Pager } from '../ui/pager.tsx'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import { TabLink } from '../ui/tab-link.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { Words } from '../ui/words.tsx'
import { exportAddress, measureOf, type RankingRow, rankingQuery, rowsShown } from './api.ts'
import { useShare } from './share.ts'
import { type CoverageState, type Kind, kinds, measures } from './state.ts'

const columns = ['name', 'published', ...measures] as const

/** Changes the address and begins at the first page. */
function useChange(state: CoverageState) {
  const navigate = useNavigate()
  return (change: Partial<CoverageState>) =>
    navigate({
      to: '/coverage',
      search: { ...state, page: undefined, ...change },
      replace: true,
      resetScroll: false,
    })
}

/** The heads of the table; each sorts by its column, the highest first, then the other way round. */
function Heads({ state }: { state: CoverageState }) {
  const { t } = useTranslation()
  const change = useChange(state)
  const sorted = state.sort ?? '-quality'
  const name = (column: (typeof columns)[number]) =>
    column === 'name' || column === 'published' ? t(`coverage.${column}`) : t(`coverage.measure.${column}`)
  const next = (column: string) => {
    const up = column === 'name' ? column : `-${column}`
    return sorted === up ? (column === 'name' ? `-${column}` : column) : up
  }
  return (
    <tr>
      {columns.map((column) => {
        const isSorted = sorted.replace(/^-/, '') === column
        const down = sorted.startsWith('-')
        return (
          <th
            key={column}
            scope="col"
            className={column === 'name' ? undefined : 'right'}
            aria-sort={isSorted ? (down ? 'descending' : 'ascending') : undefined}
          >
            <button type="button" className="sort-button" onClick={() => change({ sort: next(column) })}>
              {name(column)}
              {isSorted && <span aria-hidden="true">{down ? ' ↓' : ' ↑'}</span>}
            </button>
          </th>
        )
      })}
    </tr>
  )
}

/** What the name of a row leads to. */
const placeOf = (by: Kind, key: string): CoverageState =>
  by === 'region' ? { region: key } : by === 'body' ? { body: key } : { tier: key }

function Row({ row, state }: { row: RankingRow; state: CoverageState }) {
  const { t } = useTranslation()
  const content = useContent()
  const format = useFormats()
  const share = useShare()
  const { name } = useCodes()
  const by = state.by ?? 'body'
  return (
    <tr>
      <th scope="row">
        <Link to="/coverage" search={{ measure: state.measure, ...placeOf(by, row.key) }}>
          {by === 'tier' ? name('tier', row.key) : <Words {...content(row.name, row.translations, 'name')} />}
        </Link>
        {by !== 'tier' && <span className="cell-note">{name('tier', row.tier)}</span>}
      </th>
      <td className="right num" data-small data-label={t('coverage.published')}>
        <span>{format.number(row.published)}</span>
      </td>
      {measures.map((measure) => {
        const { part, of, share: value } = measureOf(row, measure)
        return (
          <td
            key={measure}
            // A phone shows what was asked for, and quality.
            data-small={
              measure === 'quality' || measure === state.measure || state.sort?.endsWith(measure) || undefined
            }
            className={`right num ${value === null ? 'muted' : ''}`}
            data-label={t(`coverage.measure.${measure}`)}
          >
            <span>
              {share(value)}
              {value !== null && measure !== 'quality' && (
                <span className="cell-note">
                  {format.number(part)} / {format.number(of)}
                </span>
              )}
            </span>
          </td>
        )
      })}
    </tr>
  )
}

function Filters({ state }: { state: CoverageState }) {
  const { t } = useTranslation()
  const change = useChange(state)
  const { options } = useCodes()
  return (
    <div className="ranking-filters">
      <label>
        <span className="visually-hidden">{t('coverage.filter')}</span>
        <input
          className="field"
          value={state.q ?? ''}
          placeholder={t('coverage.filter')}
          onChange={(event) => change({ q: event.target.value || undefined })}
        />
      </label>
      {(state.by ?? 'body') === 'body' && (
        <label>
          <span className="visually-hidden">{t('coverage.tier')}</span>
          <select
            className="field"
            value={state.tier ?? ''}
            onChange={(event) => change({ tier: event.target.value || undefined })}
          >
            <option value="">{t('coverage.allTiers')}</option>
            {options('tier').map((tier) => (
              <option key={tier.value} value={tier.value}>
                {tier.label}
              </option>
            ))}
          </select>
        </label>
      )}
      <a className="button" href={exportAddress(state)} download>
        <Icon name="download" />
        {t('coverage.export')}
      </a>
    </div>
  )
}

/** Bodies, territories or tiers in the order of a column; everything chosen is in the address. */
export function Ranking({ state }: { state: CoverageState }) {
  const { t } = useTranslation()
  const format = useFormats()
  const change = useChange(state)
  const { data, error, isPending, refetch } = useQuery(rankingQuery(state))
  const by = state.by ?? 'body'
  return (
    <section aria-labelledby="ranking-head">
      <div className="section-head">
        <h2 id="ranking-head">{t('coverage.ranking')}</h2>
        {data && (
          <span className="muted small" aria-live="polite">
            {t('coverage.places', { count: data.total, n: format.number(data.total) })}
          </span>
        )}
      </div>
      <nav className="tabs" aria-label={t('coverage.listBy')}>
        {kinds.map((kind) => (
          <TabLink
            key={kind}
            current={kind === by}
            to={{
              to: '/coverage',
              search: { ...state, by: kind === 'body' ? undefined : kind, tier: undefined, page: undefined },
            }}
          >
            {t(`coverage.by.${kind}`)}
          </TabLink>
        ))}
      </nav>
      <Filters state={state} />
      {error && <ErrorPanel error={error} retry={() => refetch()} />}
      {isPending && <Skeleton rows={3} />}
      {data?.rows.length === 0 && <p className="muted ranking-none">{t('coverage.nothing')}</p>}
      {data && data.rows.length > 0 && (
        <TableFrame label={t('coverage.table')}>
          <table className="data-table item-table ranking-table">
            <thead>
              <Heads state={state} />
            </thead>
            <tbody>
              {data.rows.map((row) => (
                <Row key={row.key} row={row} state={state} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {data && (
        <Pager
          page={state.page ?? 1}
          pages={Math.ceil(data.total / rowsShown)}
          onPage={(page) => change({ page: page > 1 ? page : undefined })}
        />
      )}
    </section>
  )
}
