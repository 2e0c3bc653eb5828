import { useQueries } from '@tanstack/react-query'
import { Link, useRouterState } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useCodes } from '../platform/profile.ts'
import { Icon } from '../ui/icons.tsx'
import { Empty } from '../ui/status.tsx'
import { bodyQuery, type Dataset, type DatasetContent, type Item } from './api.ts'
import { GradeTag, SharingTag } from './tags.tsx'

/** Entries with more items than this get a box to filter them. */
const filterFrom = 8

/** Other bodies that items name as their source; more than this many keep their codes. */
const namedSources = 12

/** Names of the bodies that answer for single items, by code. */
function useSources(items: Item[]): Map<string, string> {
  const content = useContent()
  const codes = [...new Set(items.flatMap((item) => item.body ?? []))].slice(0, namedSources)
  const answers = useQueries({ queries: codes.map((code) => bodyQuery(code)) })
  return new Map(
    answers.flatMap(({ data }) =>
      data ? [[data.code, content(data.name, data.translations, 'name').text] as const] : [],
    ),
  )
}

/** How far an item is open and how often it is updated, where that is not as for the entry. */
function OwnTerms({ item, entry }: { item: Item; entry: DatasetContent }) {
  const { t } = useTranslation()
  const { name } = useCodes()
  const openType = item.openType ?? entry.openType
  const condition = openType === 'conditional' ? (item.openCondition ?? entry.openCondition) : undefined
  const differs =
    openType !== entry.openType ||
    (openType === 'conditional' && item.openCondition && item.openCondition !== entry.openCondition)
  return (
    <>
      {differs && (
        <span className="cell-note">
          {t('items.opening', {
            what: [name('openType', openType), condition].filter(Boolean).join(' · '),
          })}
        </span>
      )}
      {item.updateCycle && item.updateCycle !== entry.updateCycle && (
        <span className="cell-note">
          {t('items.updates', { what: name('updateCycle', item.updateCycle) })}
        </span>
      )}
    </>
  )
}

interface RowProps {
  item: Item
  data: Dataset
  sources: Map<string, string>
  target: boolean
}

function Row({ item, data, sources, target }: RowProps) {
  const { t } = useTranslation()
  const content = useContent()
  const { name } = useCodes()
  const shown = content(item.name, item.translations, 'name')
  const description = content(item.description, item.translations, 'description')
  const size = item.length ? `${item.length}${item.precision ? `,${item.precision}` : ''}` : ''
  return (
    <tr className={target ? 'target' : undefined} id={`item-${encodeURIComponent(item.name)}`}>
      <th scope="row">
        <span className="item-title">
          {shown.text}
          {item.isKey && (
            <span className="tag accent">
              <Icon name="key" />
              {t('dataset.key')}
            </span>
          )}
          {item.personal && <span className="tag caution">{t('items.personal')}</span>}
          {item.secret && <span className="tag caution">{t('content.secret')}</span>}
        </span>
        {shown.translated && <span className="cell-note">{item.name}</span>}
        {description.text && <span className="cell-note">{description.text}</span>}
      </th>
      <td data-label={t('dataset.type')}>
        <span>
          {name('dataType', item.dataType)}
          {size && <span className="muted num"> ({size})</span>}
        </span>
        {item.dateFormat && <span className="cell-note num">{item.dateFormat}</span>}
        {item.dataElement && (
          <span className="cell-note">
            {t('content.dataElement')} {item.dataElement}
          </span>
        )}
      </td>
      <td data-label={t('dataset.itemSource')}>
        {item.body ? (
          <Link to="/body/$code" params={{ code: item.body }}>
            {sources.get(item.body) ?? item.body}
          </Link>
        ) : (
          <span className="muted">{content(data.body.name, data.body.translations, 'name').text}</span>
        )}
        {item.sourceItem && <span className="cell-note">{item.sourceItem}</span>}
      </td>
      <td data-label={t('dataset.sharing')}>
        {item.sharingType ? (
          <>
            <SharingTag type={item.sharingType} />
            <span className="cell-note">
              {[t('dataset.ownRule'), name('sharingCondition', item.sharingCondition), item.refusalBasis]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </>
        ) : (
          <SharingTag type={data.content.sharingType} />
        )}
        <OwnTerms item={item} entry={data.content} />
      </td>
      <td data-label={t('dataset.grade')}>
        <GradeTag grade={item.grade ?? data.content.grade} />
      </td>
    </tr>
  )
}

/** The information items with their own source, sharing and grade. */
export function EntryItems({ data }: { data: Dataset }) {
  const { t } = useTranslation()
  const format = useFormats()
  const content = useContent()
  const [filter, setFilter] = useState('')
  const hash = useRouterState({ select: (state) => state.location.hash })
  const items = data.content.items ?? []
  const sources = useSources(items)
  const needle = filter.trim().toLowerCase()
  const shown = items.filter(
    (item) =>
      needle === '' ||
      item.name.toLowerCase().includes(needle) ||
      content(item.name, item.translations, 'name').text.toLowerCase().includes(needle),
  )
  useEffect(() => {
    if (hash.startsWith('item-')) document.getElementById(hash)?.scrollIntoView({ block: 'center' })
  }, [hash])
  if (items.length === 0) return <Empty title={t('dataset.noItems')} />
  return (
    <div className="entry-panel">
      {items.length >= filterFrom && (
        <input
          className="field item-filter"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          aria-label={t('dataset.filterItems', { n: format.number(items.length) })}
          placeholder={t('dataset.filterItems', { n: format.number(items.length) })}
        />
      )}
      {shown.length === 0 ? (
        <p className="muted">{t('dataset.noItemsMatch')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <section className="table-wrap" tabIndex={0} aria-label={t('dataset.tab.items')}>
          <table className="data-table item-table">
            <thead>
              <tr>
                <th scope="col">{t('items.item')}</th>
                <th scope="col">{t('dataset.type')}</th>
                <th scope="col">{t('dataset.itemSource')}</th>
                <th scope="col">{t('dataset.sharing')}</th>
                <th scope="col">{t('dataset.grade')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((item, i) => (
                <Row
                  // biome-ignore lint/suspicious/noArrayIndexKey: a name may stand twice
                  key={item.name + i}
                  item={item}
                  data={data}
                  sources={sources}
                  target={hash === `item-${encodeURIComponent(item.name)}`}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  )
}
