import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLabel } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { entriesQuery, itemsQuery } from '../search/api.ts'
import { EntryHit } from '../search/entry-hit.tsx'
import { exportEntries, exportItems } from '../search/export.ts'
import { Facets } from '../search/facets.tsx'
import { ItemNames, ItemTable } from '../search/item-results.tsx'
import type { FacetName, SearchState } from '../search/names.ts'
import { NothingFound } from '../search/nothing-found.tsx'
import { ResultsHead } from '../search/results-head.tsx'
import { SearchBox } from '../search/search-box.tsx'
import { pageSize, selectedFacets, toggleFacet, withoutFacets } from '../search/state.ts'
import { Drawer } from '../ui/drawer.tsx'
import { Icon } from '../ui/icons.tsx'
import { Pager } from '../ui/pager.tsx'
import { ErrorPanel, Notice, Skeleton } from '../ui/status.tsx'
import '../search/search.css'

const route = getRouteApi('/search')

/** Find data: entries or items, narrowed by facets. Everything a person set is in the address. */
export function SearchPage() {
  const { t } = useTranslation()
  const state = route.useSearch()
  const navigate = useNavigate()
  const label = useLabel()
  const format = useFormats()
  const [drawer, setDrawer] = useState(false)
  const items = state.view === 'items'
  const entries = useQuery({ ...entriesQuery(state), enabled: !items })
  const itemAnswer = useQuery({ ...itemsQuery(state), enabled: items })
  const answer = items ? itemAnswer : entries
  const data = answer.data
  usePageTitle(state.q ? t('search.titleFor', { q: state.q }) : t(items ? 'nav.items' : 'nav.find'))

  const go = (next: SearchState) => navigate({ to: '/search', search: next, resetScroll: false })
  const toggle = (facet: FacetName, value: string) => go(toggleFacet(state, facet, value))
  const selected = selectedFacets(state)
  const nameOf = (facet: FacetName, value: string) =>
    label(data?.facets[facet]?.find((one) => one.value === value)?.label, value)
  const page = state.page ?? 1
  const pages = Math.ceil((data?.total ?? 0) / pageSize)
  const facets = <Facets facets={data?.facets} state={state} onToggle={toggle} />

  return (
    <div className="page search-page">
      <h1 className="visually-hidden">{t(items ? 'nav.items' : 'nav.find')}</h1>
      <SearchBox size="large" initial={state.q ?? ''} keep={state} />
      <ResultsHead
        state={state}
        data={data}
        busy={answer.isFetching}
        onExport={() => {
          if (items && itemAnswer.data) exportItems(itemAnswer.data.hits)
          else if (entries.data) exportEntries(entries.data.hits)
        }}
      />
      <div className="results">
        <aside className="facets" aria-label={t('search.filters')}>
          {data ? facets : <Skeleton rows={3} />}
        </aside>
        <section className="results-list" aria-label={t('search.results')} aria-busy={answer.isFetching}>
          <button type="button" className="button facets-open" onClick={() => setDrawer(true)}>
            <Icon name="filter" />
            {t('search.filters')}
            {selected.length > 0 && <span className="facet-selected">{selected.length}</span>}
          </button>
          {selected.length > 0 && (
            <ul className="chips" aria-label={t('search.selected')}>
              {selected.map(({ facet, value }) => (
                <li key={facet + value}>
                  <button type="button" className="chip" onClick={() => toggle(facet, value)}>
                    <span className="visually-hidden">{t('search.removeFilter')}</span>
                    <span className="muted">{t(`facet.${facet}`)}</span> {nameOf(facet, value)}
                    <Icon name="close" />
                  </button>
                </li>
              ))}
              <li>
                <button type="button" className="link-button small" onClick={() => go(withoutFacets(state))}>
                  {t('search.clearFilters')}
                </button>
              </li>
            </ul>
          )}
          {answer.isError && <ErrorPanel error={answer.error} retry={() => answer.refetch()} />}
          {answer.isPending && <Skeleton rows={6} />}
          {data?.relaxed && (
            <Notice kind="warm">
              <p>
                <strong>{t('search.relaxedTitle')}</strong> {t('search.relaxedText')}
              </p>
            </Notice>
          )}
          {data && data.hits.length === 0 && <NothingFound state={state} onSearch={go} />}
          {items && itemAnswer.data && itemAnswer.data.hits.length > 0 && (
            <>
              <ItemNames
                names={itemAnswer.data.names}
                onChoose={(name) => go({ ...state, q: `"${name}"`, page: undefined })}
              />
              <ItemTable hits={itemAnswer.data.hits} query={state.q} />
            </>
          )}
          {!items && entries.data && (
            <ol className="hits" start={(page - 1) * pageSize + 1}>
              {entries.data.hits.map((hit) => (
                <li key={hit.uid}>
                  <EntryHit hit={hit} query={state.q} />
                </li>
              ))}
            </ol>
          )}
          <Pager
            page={page}
            pages={pages}
            onPage={(next) =>
              navigate({ to: '/search', search: { ...state, page: next > 1 ? next : undefined } })
            }
          />
        </section>
      </div>
      <Drawer open={drawer} title={t('search.filters')} onClose={() => setDrawer(false)}>
        {facets}
        <button type="button" className="button primary drawer-done" onClick={() => setDrawer(false)}>
          {t('search.showResults', { n: format.number(data?.total ?? 0) })}
        </button>
      </Drawer>
    </div>
  )
}
