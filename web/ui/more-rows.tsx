import { useTranslation } from 'react-i18next'
import { useFormats } from '../platform/format.ts'

/** The end of a list that goes on: how much is shown, in which order, and the way to more. */
export function MoreRows(props: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
  shown: number
  /** The columns wait for the whole list before they sort it. */
  sorts?: boolean
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const { list, shown } = props
  if (!list.hasNextPage) return null
  return (
    <div className="more-rows">
      <button
        type="button"
        className="button"
        disabled={list.isFetchingNextPage}
        onClick={() => list.fetchNextPage()}
      >
        {t('work.loadMore')}
      </button>
      <span className="muted small">
        {t('work.shownSoFar', { n: format.number(shown) })}
        {props.sorts && ` ${t('work.sortLater')}`}
      </span>
    </div>
  )
}
