import { useTranslation } from 'react-i18next'
import { type ListName, useCodes } from '../platform/profile.ts'
import type { Change } from './diff.ts'

const show = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(show).join(', ')
    : value !== null && typeof value === 'object'
      ? Object.entries(value)
          .map(([name, one]) => `${name}: ${show(one)}`)
          .join('; ')
      : String(value ?? '')

/** Members whose values are codes of the profile. */
const codeLists: Record<string, ListName> = {
  theme: 'theme',
  classification: 'classification',
  database: 'database',
  sharingType: 'sharingType',
  sharingCondition: 'sharingCondition',
  shareMethod: 'shareMethod',
  openType: 'openType',
  updateCycle: 'updateCycle',
  grade: 'grade',
  dataType: 'dataType',
}

function ChangeRow({ change }: { change: Change }) {
  const { t, i18n } = useTranslation()
  const codes = useCodes()
  const name = change.field.replace(/^(items|distributions|services|related)\.?/, '')
  const list = change.field.slice(0, change.field.length - name.length).replace('.', '')
  const fieldName = (one: string) => (i18n.exists(`content.${one}`) ? t(`content.${one}`) : one)
  const codeList = codeLists[name]
  const value = (one: unknown) =>
    codeList
      ? [one]
          .flat()
          .map((code) => codes.name(codeList, String(code)))
          .join(', ')
      : show(one)
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
