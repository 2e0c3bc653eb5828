import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { SearchHit } from '../../src/search/search.schema.ts'
import { GradeTag, OpenTag, SharingTag } from '../catalog/tags.tsx'
import { useContent, useForeignLanguage } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { useCodes } from '../platform/profile.ts'
import { Highlight } from '../ui/highlight.tsx'
import { Icon } from '../ui/icons.tsx'
import { Words } from '../ui/words.tsx'
import { rangesOf } from './highlight-words.ts'

const snippetLength = 260

/** One entry of the results: what it is, whose, why it was found, and how one may have it. */
export function EntryHit({
  hit,
  query,
  level = 2,
}: {
  hit: SearchHit
  query: string | undefined
  level?: 2 | 3
}) {
  const Heading = level === 2 ? 'h2' : 'h3'
  const { t } = useTranslation()
  const format = useFormats()
  const content = useContent()
  const { name } = useCodes()
  const foreign = useForeignLanguage()
  const title = content(hit.title, hit.translations, 'title', hit.language)
  const abstract = content(null, hit.translations, 'abstract')
  const snippet = title.translated && abstract.text ? abstract.text.slice(0, snippetLength) : hit.snippet
  const titleRanges = title.translated ? rangesOf(title.text, query) : hit.titleHighlight
  // Found by words of the original title: show it, or the reader would not see why.
  const original = title.translated && titleRanges.length === 0 && hit.titleHighlight.length > 0
  return (
    <article className="hit">
      <Heading className="hit-title">
        <Link to="/dataset/$uid" params={{ uid: hit.uid }} search={{}} lang={title.lang}>
          <Highlight text={title.text} ranges={titleRanges} />
        </Link>
      </Heading>
      {original && (
        <p className="hit-original" lang={hit.language}>
          <Highlight text={hit.title} ranges={hit.titleHighlight} />
        </p>
      )}
      <p className="hit-source">
        <Link to="/body/$code" params={{ code: hit.body.code }}>
          <Words {...content(hit.body.name, hit.body.translations, 'name')} />
        </Link>
        <span>{name('tier', hit.body.tier)}</span>
        <span>{t('search.updated', { when: format.date(hit.modified ?? hit.changedAt) })}</span>
      </p>
      {snippet && (
        <p
          className="hit-snippet"
          lang={snippet === hit.snippet ? foreign(snippet, hit.language) : undefined}
        >
          <Highlight
            text={snippet}
            ranges={snippet === hit.snippet ? hit.snippetHighlight : rangesOf(snippet, query)}
          />
        </p>
      )}
      {hit.matchingItems.length > 0 && (
        <p className="hit-items">
          <Icon name="table" />
          <span className="hit-items-label">{t('search.matchingItems')}</span>
          {hit.matchingItems.map((item, i) => (
            <Link
              // biome-ignore lint/suspicious/noArrayIndexKey: a name may stand twice in one entry
              key={item.name + i}
              to="/dataset/$uid"
              params={{ uid: hit.uid }}
              search={{}}
              hash={`item-${encodeURIComponent(item.name)}`}
            >
              <span lang={foreign(item.name)}>
                <Highlight text={item.name} ranges={item.highlight} />
              </span>
            </Link>
          ))}
        </p>
      )}
      <ul className="hit-facts">
        <li>
          <SharingTag type={hit.sharingType} />
        </li>
        <li>
          <OpenTag type={hit.openType} />
        </li>
        {hit.grade && (
          <li>
            <GradeTag grade={hit.grade} />
          </li>
        )}
        <li>{name('updateCycle', hit.updateCycle)}</li>
        <li>{t('count.items', { count: hit.itemCount, n: format.number(hit.itemCount) })}</li>
        {hit.format.length > 0 && <li>{hit.format.join(', ')}</li>}
        {hit.why !== 'all' && <li className="hit-why">{t(`why.${hit.why}`)}</li>}
      </ul>
    </article>
  )
}
