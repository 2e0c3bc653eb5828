import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FacetValue, SearchResult } from '../../src/search/search.schema.ts'
import { bodiesNamedQuery } from '../catalog/api.ts'
import { useContent, useLabel } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { type FacetName, facetNames, type SearchState } from './names.ts'

/** Values shown before "show all". */
const shortList = 6
/** Values that the search gives of a facet at most. */
const listedMost = 100
/** Lists longer than this get a box to narrow them. */
const filterFrom = 14
const openAtFirst: readonly FacetName[] = ['theme', 'body', 'region', 'sharing', 'open']

interface FacetProps {
  name: FacetName
  values: FacetValue[]
  selected: readonly string[]
  /** Counts are estimates. */
  about: boolean
  onToggle: (facet: FacetName, value: string) => void
}

function Facet({ name, values, selected, about, onToggle }: FacetProps) {
  const { t } = useTranslation()
  const format = useFormats()
  const label = useLabel()
  const id = useId()
  const [all, setAll] = useState(false)
  const [filter, setFilter] = useState('')
  const needle = filter.trim().toLowerCase()
  const found = values.filter(
    (value) => needle === '' || label(value.label, value.value).toLowerCase().includes(needle),
  )
  const shown = all || needle ? found : found.filter((v, i) => i < shortList || selected.includes(v.value))
  const most = Math.max(1, ...values.map((value) => value.count))
  return (
    <details className="facet" open={openAtFirst.includes(name) || selected.length > 0}>
      <summary id={id}>
        {t(`facet.${name}`)}
        {selected.length > 0 && <span className="facet-selected">{format.number(selected.length)}</span>}
      </summary>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot take its name from a summary */}
      <div role="group" aria-labelledby={id}>
        {all && values.length > filterFrom && (
          <input
            className="field facet-filter"
            value={filter}
            aria-label={t('search.filterValues', { name: t(`facet.${name}`) })}
            placeholder={t('search.filterPlaceholder')}
            onChange={(event) => setFilter(event.target.value)}
          />
        )}
        <ul>
          {shown.map((value) => (
            <li key={value.value}>
              <label className="facet-value">
                <input
                  type="checkbox"
                  checked={selected.includes(value.value)}
                  onChange={() => onToggle(name, value.value)}
                />
                <span className="facet-label">{label(value.label, value.value)}</span>
                <span className="facet-count num">
                  {about && value.count > 0 && <About />}
                  {format.number(value.count)}
                </span>
                <span
                  className="facet-bar"
                  aria-hidden="true"
                  style={{ width: `${Math.max(1, (100 * value.count) / most)}%` }}
                />
              </label>
            </li>
          ))}
        </ul>
        {name === 'body' && values.length >= listedMost && needle.length > 1 && (
          <OtherBodies needle={filter.trim()} listed={values} onToggle={(value) => onToggle(name, value)} />
        )}
        {values.length > shortList && (
          <button type="button" className="link-button small" onClick={() => setAll(!all)}>
            {all ? t('search.showFewer') : t('search.showAll', { count: values.length })}
          </button>
        )}
      </div>
    </details>
  )
}

/** Bodies of that name beyond the list: it holds the most frequent ones only. Their counts are not known. */
function OtherBodies(props: {
  needle: string
  listed: readonly FacetValue[]
  onToggle: (value: string) => void
}) {
  const { t } = useTranslation()
  const content = useContent()
  const { data = [] } = useQuery(bodiesNamedQuery(useDeferredValue(props.needle)))
  const others = data.filter((body) => !props.listed.some((value) => value.value === body.code))
  if (others.length === 0) return null
  return (
    <ul aria-label={t('search.otherBodies')}>
      {others.map((body) => (
        <li key={body.code}>
          <label className="facet-value">
            <input type="checkbox" checked={false} onChange={() => props.onToggle(body.code)} />
            <span className="facet-label">{content(body.name, body.translations, 'name').text}</span>
          </label>
        </li>
      ))}
    </ul>
  )
}

/** A value a person selected stays visible and can be taken away even when the answer has no count for it. */
function withSelected(values: FacetValue[], selected: readonly string[]): FacetValue[] {
  const missing = selected.filter((one) => !values.some((value) => value.value === one))
  return [...values, ...missing.map((value) => ({ value, label: {}, count: 0, selected: true }))]
}

/** A sign for the eye, a word for the ear. */
function About() {
  const { t } = useTranslation()
  return (
    <>
      <span aria-hidden="true">≈ </span>
      <span className="visually-hidden">{t('search.about')}</span>
    </>
  )
}

export function Facets(props: {
  facets: SearchResult['facets'] | undefined
  /** The answer's counts are estimates. */
  estimated: boolean
  state: SearchState
  onToggle: (facet: FacetName, value: string) => void
}) {
  const { t } = useTranslation()
  return (
    <div className="facet-list">
      {props.estimated && <p className="muted small facet-note">{t('search.estimated')}</p>}
      {facetNames.map((name) => {
        const selected = props.state[name] ?? []
        const values = withSelected(props.facets?.[name] ?? [], selected)
        if (values.length === 0) return null
        return (
          <Facet
            key={name}
            name={name}
            values={values}
            selected={selected}
            about={props.estimated}
            onToggle={props.onToggle}
          />
        )
      })}
    </div>
  )
}
