import { useTranslation } from 'react-i18next'
import { Empty } from '../ui/status.tsx'
import type { SearchState } from './names.ts'
import { selectedFacets, withoutFacets } from './state.ts'

/** Teaches how to search instead of only saying no. */
export function NothingFound({
  state,
  onSearch,
}: {
  state: SearchState
  onSearch: (state: SearchState) => void
}) {
  const { t } = useTranslation()
  const filtered = selectedFacets(state).length > 0
  return (
    <Empty title={state.q ? t('empty.titleFor', { q: state.q }) : t('empty.title')}>
      <p>{t('empty.text')}</p>
      <ul>
        {filtered && <li>{t('empty.tipFilters')}</li>}
        <li>{t('empty.tipFewer')}</li>
        <li>{t('empty.tipScripts')}</li>
        <li>
          {t('empty.tipFields')} <code>item:address</code> <code>body:water</code> <code>"exact words"</code>{' '}
          <code>-without</code>
        </li>
      </ul>
      <div className="actions">
        {filtered && (
          <button type="button" className="button primary" onClick={() => onSearch(withoutFacets(state))}>
            {t('search.clearFilters')}
          </button>
        )}
        {state.q && state.view !== 'items' && (
          <button
            type="button"
            className="button"
            onClick={() => onSearch({ ...state, view: 'items', page: undefined })}
          >
            {t('empty.tryItems')}
          </button>
        )}
        {state.q && (
          <button type="button" className="button" onClick={() => onSearch({ view: state.view })}>
            {t('empty.browseAll')}
          </button>
        )}
      </div>
    </Empty>
  )
}
