import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { bodiesQuery, versionQuery } from '../catalog/api.ts'
import { useFieldName, useValueText } from '../catalog/value-text.ts'
import { useContent } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { ErrorPanel, Skeleton } from '../ui/status.tsx'
import type { ReviewDetail } from './api.ts'
import { type Block, compareWhole, differingPart, type Pair } from './whole-diff.ts'

/** Things of one list drawn at once; an entry may have 2,000 items, and a page that draws them all answers late. */
const drawn = 200

/** One side of a pair; in a changed text the part that differs is marked. */
function Side({ text, other, kind }: { text: string; other: string; kind: 'before' | 'after' }) {
  const { t } = useTranslation()
  if (text === other) return <div className={`side ${kind}`}>{text}</div>
  const { start, end } = differingPart(text, other)
  const Marked = kind === 'before' ? 'del' : 'ins'
  return (
    <div className={`side ${kind} ${text ? 'differs' : ''}`}>
      {text && (
        <span className="visually-hidden">{t(kind === 'before' ? 'versions.was' : 'versions.is')} </span>
      )}
      {text.slice(0, start)}
      {end > start && <Marked>{text.slice(start, end)}</Marked>}
      {text.slice(end)}
    </div>
  )
}

/** A value in words; a body by its name, because its code says little to who decides. */
function useWords(): (member: string, value: unknown) => string {
  const valueText = useValueText()
  const content = useContent()
  const { data: bodies = [] } = useQuery(bodiesQuery)
  return (member, value) => {
    const body = member === 'body' ? bodies.find((one) => one.code === value) : undefined
    return body ? content(body.name, body.translations, 'name').text : valueText(member, value)
  }
}

function PairRow({ pair }: { pair: Pair }) {
  const words = useWords()
  const fieldName = useFieldName()
  const [before, after] = [words(pair.member, pair.before), words(pair.member, pair.after)]
  return (
    <div className="pair">
      <p className="pair-name">{fieldName(pair.member)}</p>
      <Side text={before} other={after} kind="before" />
      <Side text={after} other={before} kind="after" />
    </div>
  )
}

/** Changed members in view, the others folded away with their number. */
function Pairs({ pairs }: { pairs: Pair[] }) {
  const { t } = useTranslation()
  const changed = pairs.filter((pair) => pair.changed)
  const same = pairs.filter((pair) => !pair.changed)
  return (
    <>
      {changed.map((pair) => (
        <PairRow key={pair.member} pair={pair} />
      ))}
      {same.length > 0 && (
        <details className="unchanged">
          <summary>{t('review.unchanged', { count: same.length })}</summary>
          {same.map((pair) => (
            <PairRow key={pair.member} pair={pair} />
          ))}
        </details>
      )}
    </>
  )
}

function BlockView({ block }: { block: Block }) {
  const { t } = useTranslation()
  return (
    <li className={`block ${block.kind}`}>
      <h3>
        <span className="tag">{t(`review.${block.kind}`)}</span> {block.name}
      </h3>
      <Pairs pairs={block.pairs} />
    </li>
  )
}

/** Items, files, services, related entries: what changed one by one, what did not as a folded list of names. */
function ListView({ list, blocks }: { list: string; blocks: Block[] }) {
  const { t } = useTranslation()
  const format = useFormats()
  const fieldName = useFieldName()
  const changed = blocks.filter((block) => block.kind !== 'same')
  const same = blocks.filter((block) => block.kind === 'same')
  if (blocks.length === 0) return null
  return (
    <section aria-label={fieldName(list)}>
      <h2>{fieldName(list)}</h2>
      <ol className="blocks">
        {changed.slice(0, drawn).map((block, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names may come twice; the list is made anew for each pair
          <BlockView key={i} block={block} />
        ))}
      </ol>
      {changed.length > drawn && (
        <p className="muted small">{t('review.moreItems', { n: format.number(changed.length - drawn) })}</p>
      )}
      {same.length > 0 && (
        <details className="unchanged">
          <summary>{t('review.unchanged', { count: same.length })}</summary>
          <p className="small">{same.map((block) => block.name).join(', ')}</p>
        </details>
      )}
    </section>
  )
}

const listNames = ['items', 'distributions', 'services', 'related'] as const

/** The whole content under review beside what people see now. */
export function SideBySide({ review }: { review: ReviewDetail }) {
  const { t } = useTranslation()
  const { dataset, version, baseVersion } = review
  const after = useQuery(versionQuery(dataset, version))
  const before = useQuery({ ...versionQuery(dataset, baseVersion ?? 0), enabled: baseVersion !== null })
  const error = after.error ?? before.error
  if (error) return <ErrorPanel error={error} retry={() => after.refetch()} />
  if (!after.data || (baseVersion !== null && !before.data)) return <Skeleton rows={3} />
  const [entry, ...blocks] = compareWhole(before.data?.content ?? null, after.data.content)
  return (
    <div className={baseVersion === null ? 'side-by-side fresh' : 'side-by-side'}>
      <div className="side-heads" aria-hidden="true">
        <span>
          {baseVersion === null
            ? t('review.nothingBefore')
            : `${t('review.before')} · ${t('versions.version', { n: baseVersion })}`}
        </span>
        <span>
          {t('review.after')} · {t('versions.version', { n: version })}
        </span>
      </div>
      <Pairs pairs={entry?.pairs ?? []} />
      {listNames.map((list) => (
        <ListView key={list} list={list} blocks={blocks.filter((block) => block.list === list)} />
      ))}
    </div>
  )
}
