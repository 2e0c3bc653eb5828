import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'
import { Icon } from '../ui/icons.tsx'
import { TabLink } from '../ui/tab-link.tsx'
import { type SearchState, sortNames } from './names.ts'

/** Entries or items, how many, in which order, and the page as a file. */
export function ResultsHead(props: {
  state: SearchState
  data: { total: number; estimated: boolean; tookMs: number } | undefined
  busy: boolean
  onExport: () => void
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const navigate = useNavigate()
  const { state, data } = props
  const items = state.view === 'items'
  const view = (next: SearchState['view']): SearchState => ({ ...state, view: next, page: undefined })
  return (
    <div className="results-head">
      <nav className="tabs" aria-label={t('search.view')}>
        <TabLink to={{ to: '/search', search: view(undefined) }} current={!items}>
          {t('search.entries')}
        </TabLink>
        <TabLink to={{ to: '/search', search: view('items') }} current={items}>
          {t('search.items')}
        </TabLink>
      </nav>
      <div className="results-tools">
        <p className="results-count num" role="status">
          {data && (
            <>
              <strong>
                {data.estimated && t('search.about')}
                {format.number(data.total)}
              </strong>{' '}
              {t(items ? 'search.itemsFound' : 'search.entriesFound', { count: data.total })}
              <span className="muted">
                {' '}
                · {t('search.took', { ms: format.number(Math.ceil(data.tookMs)) })}
              </span>
            </>
          )}
          {props.busy && <span className="visually-hidden">{t('loading')}</span>}
        </p>
        {!items && (
          <label className="results-sort">
            <span>{t('search.sort')}</span>
            <select
              className="field"
              value={state.sort ?? 'relevance'}
              onChange={(event) => {
                const sort = sortNames.find((name) => name === event.target.value)
                void navigate({ to: '/search', search: { ...state, page: undefined, sort } })
              }}
            >
              {sortNames.map((name) => (
                <option key={name} value={name}>
                  {t(`sort.${name}`)}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" className="button small" onClick={props.onExport} disabled={!data?.total}>
          <Icon name="download" />
          {t('search.export')}
        </button>
      </div>
    </div>
  )
}
