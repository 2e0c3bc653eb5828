import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { FacetValue, ItemHit, ItemSearchResult } from '../../src/search/search.schema.ts'
import { GradeTag, SharingTag } from '../catalog/tags.tsx'
import { useContent, useForeignLanguage, useLabel } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useCodes } from '../platform/profile.ts'
import { Highlight } from '../ui/highlight.tsx'
import { Words } from '../ui/words.tsx'
import { rangesOf } from './highlight-words.ts'

/** The names that matched with how many data sets hold each; choosing one narrows to exactly it. */
export function ItemNames(props: { names: ItemSearchResult['names']; onChoose: (name: string) => void }) {
  const { t } = useTranslation()
  const format = useFormats()
  const foreign = useForeignLanguage()
  if (props.names.length < 2) return null
  return (
    <section className="item-names" aria-label={t('items.names')}>
      <h2 className="small">{t('items.names')}</h2>
      <ul>
        {props.names.map(({ name, count }) => (
          <li key={name}>
            <button type="button" className="item-name" onClick={() => props.onChoose(name)}>
              <span lang={foreign(name)}>{name}</span> <span className="num">{format.number(count)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface ItemTableProps {
  hits: ItemHit[]
  query: string | undefined
  /** The facet of bodies: it has their names in every language. */
  bodies: FacetValue[]
}

function ItemRow({ hit, query, bodies }: Omit<ItemTableProps, 'hits'> & { hit: ItemHit }) {
  const { t } = useTranslation()
  const content = useContent()
  const foreign = useForeignLanguage()
  const { name } = useCodes()
  const label = useLabel()
  const holder = label(bodies.find((one) => one.value === hit.dataset.bodyCode)?.label, hit.dataset.bodyName)
  const shown = content(hit.name, hit.translations, 'name')
  const description = content(hit.description, hit.translations, 'description')
  const marked = shown.translated ? rangesOf(shown.text, query) : hit.highlight
  return (
    <tr>
      <th scope="row">
        <span lang={shown.lang}>
          <Highlight text={shown.text} ranges={marked} />
        </span>
        {shown.translated && marked.length === 0 && hit.highlight.length > 0 && (
          <span className="cell-note" lang={foreign(hit.name)}>
            <Highlight text={hit.name} ranges={hit.highlight} />
          </span>
        )}
        {description.text && (
          <span className="cell-note" lang={description.lang}>
            {description.text}
          </span>
        )}
      </th>
      <td data-label={t('items.source')}>
        <Link to="/body/$code" params={{ code: hit.source.code }}>
          <Words {...content(hit.source.name, hit.source.translations, 'name')} />
        </Link>
        <span className="cell-note">
          {hit.atSource ? t('items.atSource') : t('items.takenFrom', { holder })}
        </span>
      </td>
      <td data-label={t('items.dataset')}>
        <Link to="/dataset/$uid" params={{ uid: hit.dataset.uid }} search={{}}>
          <Words {...content(hit.dataset.title, hit.dataset.translations, 'title')} />
        </Link>
        <span className="cell-note">{name('updateCycle', hit.dataset.updateCycle)}</span>
      </td>
      <td data-label={t('items.type')}>
        <span className="nowrap">{name('dataType', hit.dataType)}</span>
      </td>
      <td data-label={t('items.rules')}>
        <span className="tag-stack">
          <SharingTag type={hit.sharingType} />
          <GradeTag grade={hit.grade} />
          {hit.personal && <span className="tag caution">{t('items.personal')}</span>}
        </span>
      </td>
    </tr>
  )
}

/** Item → its source body → the data set that holds it. */
export function ItemTable({ hits, query, bodies }: ItemTableProps) {
  const { t } = useTranslation()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="table-wrap" aria-label={t('items.table')} tabIndex={0}>
      <table className="data-table item-table">
        <thead>
          <tr>
            <th scope="col">{t('items.item')}</th>
            <th scope="col">{t('items.source')}</th>
            <th scope="col">{t('items.dataset')}</th>
            <th scope="col">{t('items.type')}</th>
            <th scope="col">{t('items.rules')}</th>
          </tr>
        </thead>
        <tbody>
          {hits.map((hit, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same name may stand twice in one data set
            <ItemRow key={`${hit.dataset.uid}${hit.name}${i}`} hit={hit} query={query} bodies={bodies} />
          ))}
        </tbody>
      </table>
    </section>
  )
}
