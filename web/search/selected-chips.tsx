import { useTranslation } from 'react-i18next'
import type { SearchResult } from '../../src/search/search.schema.ts'
import { useLabel } from '../platform/content-language.ts'
import { Icon } from '../ui/icons.tsx'
import type { FacetName, SearchState } from './names.ts'
import { selectedFacets } from './state.ts'

/** What the results are narrowed to, each to be taken away with one press. */
export function SelectedChips(props: {
  state: SearchState
  facets: SearchResult['facets'] | undefined
  onToggle: (facet: FacetName, value: string) => void
  onClear: () => void
}) {
  const { t } = useTranslation()
  const label = useLabel()
  const selected = selectedFacets(props.state)
  if (selected.length === 0) return null
  const nameOf = (facet: FacetName, value: string) =>
    label(props.facets?.[facet]?.find((one) => one.value === value)?.label, value)
  return (
    <ul className="chips" aria-label={t('search.selected')}>
      {selected.map(({ facet, value }) => (
        <li key={facet + value}>
          <button type="button" className="chip" onClick={() => props.onToggle(facet, value)}>
            <span className="visually-hidden">{t('search.removeFilter')}</span>
            <span className="muted">{t(`facet.${facet}`)}</span> {nameOf(facet, value)}
            <Icon name="close" />
          </button>
        </li>
      ))}
      <li>
        <button type="button" className="link-button small" onClick={props.onClear}>
          {t('search.clearFilters')}
        </button>
      </li>
    </ul>
  )
}
