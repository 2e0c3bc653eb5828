import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useLabel } from '../platform/content-language.ts'
import { useFormats } from '../platform/format.ts'
import { Skeleton } from '../ui/status.tsx'
import { type EntryScore, scoreQuery } from './api.ts'
import { DimensionBars } from './dimension-bars.tsx'

type Check = EntryScore['dimensions'][number]['checks'][number]

/** Things to do that are named at once: the ones that bring most. */
const firstTodos = 3

const failedOf = (score: EntryScore): Check[] =>
  score.dimensions
    .flatMap((dimension) => dimension.checks)
    .filter((check) => check.state === 'failed')
    .sort((a, b) => b.points - a.points)

/** What leads from a check to the field where it is mended. */
interface Ways {
  /** In the editor: brings the field into view. */
  onGo?: (field: string) => void
  /** Elsewhere, for who may write: the address of the editor at the field. */
  hrefOf?: (field: string) => string
}

function Todo({ check, onGo, hrefOf }: { check: Check } & Ways) {
  const label = useLabel()
  const text = label(check.todo, check.id)
  if (check.field && onGo)
    return (
      <button type="button" className="link-button" onClick={() => onGo(check.field)}>
        {text}
      </button>
    )
  if (check.field && hrefOf) return <a href={hrefOf(check.field)}>{text}</a>
  return <span>{text}</span>
}

/** What to do, with the points it brings. */
function Todos({ checks, ...ways }: { checks: Check[] } & Ways) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <ul className="todo-list">
      {checks.map((check) => (
        <li key={check.id}>
          <Todo check={check} {...ways} />
          <span className="muted num">{t('coverage.plus', { n: format.number(check.points) })}</span>
        </li>
      ))}
    </ul>
  )
}

/** Every check with its outcome. */
function AllChecks({ score }: { score: EntryScore }) {
  const { t } = useTranslation()
  const label = useLabel()
  return (
    <details className="small">
      <summary>{t('coverage.allChecks')}</summary>
      {score.dimensions.map((dimension) => (
        <div key={dimension.id}>
          <p className="check-group">{t(`coverage.dimension.${dimension.id}`)}</p>
          <ul className="check-list">
            {dimension.checks.map((check) => (
              <li key={check.id} data-state={check.state}>
                <span>{label(check.name, check.id)}</span>
                <span className="check-state">{t(`coverage.state.${check.state}`)}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </details>
  )
}

/** How good an entry's description is, by dimension, and what to do next. */
export function QualityCard(props: { uid: string; version: number } & Ways) {
  const { uid, version, ...ways } = props
  const { t } = useTranslation()
  const label = useLabel()
  const format = useFormats()
  const { data: score, error, isPending } = useQuery(scoreQuery(uid, version))
  // The entry stands without it; a second alarm beside its own facts would help nobody.
  if (error) return <p className="muted small">{t('coverage.noScore')}</p>
  if (isPending) return <Skeleton rows={1} />
  const failed = failedOf(score)
  return (
    <div className="quality-card">
      <p className="quality-total">
        <strong>{label(score.rating.label, score.rating.code)}</strong>
        <span className="num">
          {t('coverage.points', { part: format.number(score.points), of: format.number(score.possible) })}
        </span>
      </p>
      <DimensionBars dimensions={score.dimensions} points />
      {failed.length > 0 && (
        <>
          <h3>{t('coverage.next')}</h3>
          <Todos checks={failed.slice(0, firstTodos)} {...ways} />
          {failed.length > firstTodos && (
            <details className="small">
              <summary>{t('coverage.more', { count: failed.length - firstTodos })}</summary>
              <Todos checks={failed.slice(firstTodos)} {...ways} />
            </details>
          )}
        </>
      )}
      <AllChecks score={score} />
    </div>
  )
}
