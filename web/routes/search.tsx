import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ItemSearchResult, SearchResult } from '../../src/search/search.schema.ts'
import { useFormats } from '../platform/format.ts'
import { usePageTitle } from '../platform/page-title.ts'
import { entriesQuery, itemsQuery } from '../search/api.ts'
import { EntryHit } from '../search/entry-hit.tsx'
import { exportEntries, exportItems } from '../search/export.ts'
import { Facets } from '../search/facets.tsx'
import { ItemInvite } from '../search/item-invite.tsx'
import { ItemNames, ItemTable } from '../search/item-results.tsx'
import type { FacetName, SearchState } from '../search/names.ts'
import { NothingFound } from '../search/nothing-found.tsx'
import { ResultsHead } from '../search/results-head.tsx'
import { SearchBox } from '../search/search-box.tsx'
import { SelectedChips } from '../search/selected-chips.tsx'
import { asksNothing, pageSize, selectedFacets, toggleFacet, withoutFacets } from '../search/state.ts'
import { Drawer } from '../ui/drawer.tsx'
import { Icon } from '../ui/icons.tsx'
import { Pager } from '../ui/pager.tsx'
import { ErrorPanel, Notice, Skeleton } from '../ui/status.tsx'
import '../search/search.css'

const route = getRouteApi('/search')

/** The answer of the view that is open; the other one is not asked. */
function useAnswer(state: SearchState) {
  const items = state.view === 'items'
  const entries = useQuery({ ...entriesQuery(state), enabled: !items })
  const itemAnswer = useQuery({ ...itemsQuery(state), enabled: items && !asksNothing(state) })
  return { items: itemAnswer.data, entries: entries.data, answer: items ? itemAnswer : entries }
}

function Hits(props: {
  state: SearchState
  entries: SearchResult | undefined
  items: ItemSearchResult | undefined
  onSearch: (state: SearchState) => void
}) {
  const { state, entries, items, onSearch } = props
  const page = state.page ?? 1
  if (state.view === 'items')
    return items && items.hits.length > 0 ? (
      <>
        <ItemNames
          names={items.names}
          onChoose={(name) => onSearch({ ...state, q: `"${name}"`, page: undefined })}
        />
        <ItemTable hits={items.hits} query={state.q} bodies={items.facets.body ?? []} />
      </>
    ) : null
  return entries && entries.hits.length > 0 ? (
    <ol className="hits" start={(page - 1) * pageSize + 1}>
      {entries.hits.map((hit) => (
        <li key={hit.uid}>
          <EntryHit hit={hit} query={state.q} />
        </li>
      ))}
    </ol>
  ) : null
}

/** Find data: entries or items, narrowed by facets. Everything a person set is in the address. */
export function SearchPage() {
  const { t } = useTranslation()
  const state = route.useSearch()
  const navigate = useNavigate()
  const format = useFormats()
  const [drawer, setDrawer] = useState(false)
  const isItems = state.view === 'items'
  const invite = asksNothing(state)
  const { items, entries, answer } = useAnswer(state)
  // What was found before stays in view while the next answer is on its way, but not behind the invitation.
  const data = invite ? undefined : answer.data
  usePageTitle(state.q ? t('search.titleFor', { q: state.q }) : t(isItems ? 'nav.items' : 'nav.find'))

  const go = (next: SearchState) => navigate({ to: '/search', search: next, resetScroll: false })
  const toggle = (facet: FacetName, value: string) => go(toggleFacet(state, facet, value))
  const selected = selectedFacets(state)
  const facets = (
    <Facets facets={data?.facets} estimated={data?.estimated ?? false} state={state} onToggle={toggle} />
  )

  return (
    <div className="page search-page">
      <h1 className="visually-hidden">{t(isItems ? 'nav.items' : 'nav.find')}</h1>
      <SearchBox size="large" initial={state.q ?? ''} keep={state} />
      <ResultsHead
        state={state}
        data={data}
        busy={answer.isFetching}
        onExport={() => {
          if (isItems && items) exportItems(items.hits)
          else if (entries) exportEntries(entries.hits)
        }}
      />
      <div className={`results ${invite ? 'alone' : ''}`}>
        {!invite && (
          <aside className="facets" aria-label={t('search.filters')}>
            {data ? facets : answer.isPending && <Skeleton rows={3} />}
          </aside>
        )}
        <section className="results-list" aria-label={t('search.results')} aria-busy={answer.isFetching}>
          {!invite && (
            <button type="button" className="button facets-open" onClick={() => setDrawer(true)}>
              <Icon name="filter" />
              {t('search.filters')}
              {selected.length > 0 && <span className="facet-selected">{selected.length}</span>}
            </button>
          )}
          <SelectedChips
            state={state}
            facets={data?.facets}
            onToggle={toggle}
            onClear={() => go(withoutFacets(state))}
          />
          {invite && <ItemInvite />}
          {answer.isError && <ErrorPanel error={answer.error} retry={() => answer.refetch()} />}
          {!invite && answer.isPending && <Skeleton rows={6} />}
          {data?.relaxed && (
            <Notice kind="warm">
              <p>
                <strong>{t('search.relaxedTitle')}</strong> {t('search.relaxedText')}
              </p>
            </Notice>
          )}
          {data && data.hits.length === 0 && data.total > 0 && (
            <Notice>
              <p>{t('search.pastEnd')}</p>
              <button
                type="button"
                className="button small"
                onClick={() => go({ ...state, page: undefined })}
              >
                {t('search.firstPage')}
              </button>
            </Notice>
          )}
          {data && data.total === 0 && <NothingFound state={state} onSearch={go} />}
          {!invite && <Hits state={state} entries={entries} items={items} onSearch={go} />}
          <Pager
            page={state.page ?? 1}
            pages={Math.ceil((data?.total ?? 0) / pageSize)}
            onPage={(next) =>
              navigate({ to: '/search', search: { ...state, page: next > 1 ? next : undefined } })
            }
          />
        </section>
      </div>
      <Drawer open={drawer} title={t('search.filters')} onClose={() => setDrawer(false)}>
        {facets}
        <button type="button" className="button primary drawer-done" onClick={() => setDrawer(false)}>
          {t('search.showResults', {
            n: `${data?.estimated ? t('search.about') : ''}${format.number(data?.total ?? 0)}`,
          })}
        </button>
      </Drawer>
    </div>
  )
}
