import { useTranslation } from 'react-i18next'
import type { Change } from './diff.ts'
import { useFieldName, useValueText } from './value-text.ts'

function ChangeRow({ change }: { change: Change }) {
  const { t } = useTranslation()
  const valueText = useValueText()
  const fieldName = useFieldName()
  const name = change.field.replace(/^(items|distributions|services|related)\.?/, '')
  const list = change.field.slice(0, change.field.length - name.length).replace('.', '')
  const value = (one: unknown) => valueText(name, one)
  return (
    <li className={`change ${change.kind}`}>
      <p className="change-where">
        <span className="tag">{t(`versions.${change.kind}`)}</span>
        {list && <span>{fieldName(list)}</span>}
        {change.part && <strong>{change.part}</strong>}
        {name && <span>{fieldName(name)}</span>}
      </p>
      {!(list && !name) && (
        <div className="change-values">
          {change.kind !== 'added' && (
            <del>
              <span className="visually-hidden">{t('versions.was')} </span>
              {value(change.before)}
            </del>
          )}
          {change.kind !== 'removed' && (
            <ins>
              <span className="visually-hidden">{t('versions.is')} </span>
              {value(change.after)}
            </ins>
          )}
        </div>
      )}
    </li>
  )
}

/** Differences one under the other, each with what was and what is. */
export function ChangeList({ changes }: { changes: Change[] }) {
  const { t } = useTranslation()
  if (changes.length === 0) return <p className="muted">{t('versions.same')}</p>
  return (
    <>
      <p className="small muted" role="status">
        {t('versions.changes', { count: changes.length })}
      </p>
      <ul className="changes">
        {changes.map((change, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list is made anew for each pair
          <ChangeRow key={i} change={change} />
        ))}
      </ul>
    </>
  )
}
