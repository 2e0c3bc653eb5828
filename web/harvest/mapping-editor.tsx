import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../ui/icons.tsx'
import type { Mapping } from './api.ts'

/** Fields offered for mapping; any other path can be written in the text form. */
const offered = [
  'title',
  'abstract',
  'translations.en.title',
  'translations.en.abstract',
  'translations.zh-CN.title',
  'translations.zh-CN.abstract',
  'keyword',
  'theme',
  'classification',
  'resourceCode',
  'updateCycle',
  'sharingType',
  'sharingCondition',
  'refusalBasis',
  'openType',
  'openCondition',
  'grade',
  'duty',
  'spatial',
  'issued',
  'modified',
  'landingPage',
  'license',
  'contact.name',
  'contact.email',
  'contact.phone',
  'items',
  'distributions.0.title',
  'distributions.0.format',
  'distributions.0.accessUrl',
  'distributions.0.downloadUrl',
]

type Fields = NonNullable<Mapping['fields']>
type Expression = Fields[string]

const fromText = (from: Expression['from']) => (Array.isArray(from) ? from.join(' | ') : (from ?? ''))
const toFrom = (text: string): Expression['from'] => {
  const parts = text.split('|').map((one) => one.trim())
  return parts.length > 1 ? parts : (parts[0] ?? '')
}

/** `translations.en.title` in words. */
function useFieldName() {
  const { t, i18n } = useTranslation()
  return (path: string) =>
    path
      .split('.')
      .map((step) => (i18n.exists(`content.${step}`) ? t(`content.${step}`) : step))
      .join(' · ')
}

function TextForm(props: { mapping: Mapping; onChange: (mapping: Mapping) => void }) {
  const { t } = useTranslation()
  const id = useId()
  const [text, setText] = useState(() => JSON.stringify(props.mapping, null, 2))
  const [wrong, setWrong] = useState<string | null>(null)
  return (
    <div className="form-field">
      <label htmlFor={id}>{t('import.mappingText')}</label>
      <textarea
        id={id}
        className="field mapping-text"
        spellCheck={false}
        value={text}
        aria-invalid={wrong !== null || undefined}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => {
          try {
            props.onChange(JSON.parse(text) as Mapping)
            setWrong(null)
          } catch (error) {
            setWrong((error as Error).message)
          }
        }}
      />
      {wrong && <span className="fault">{wrong}</span>}
    </div>
  )
}

/** Which column becomes which field. Simple mappings by choosing, any mapping as text. */
export function MappingEditor(props: {
  mapping: Mapping
  columns: string[]
  onChange: (mapping: Mapping) => void
}) {
  const { t } = useTranslation()
  const id = useId()
  const fieldName = useFieldName()
  const [asText, setAsText] = useState(false)
  const { mapping, columns, onChange } = props
  const fields: Fields = mapping.fields ?? {}
  const write = (next: Fields) => onChange({ ...mapping, fields: next })
  const setField = (path: string, change: Partial<Expression> | null) => {
    const next = { ...fields }
    if (change === null) delete next[path]
    else next[path] = { ...next[path], ...change }
    write(next)
  }
  const source = (label: string, value: string, change: (text: string) => void) => (
    <input
      className="field"
      list={`${id}-columns`}
      aria-label={label}
      value={value}
      onChange={(event) => change(event.target.value)}
    />
  )
  return (
    <div className="panel">
      <div className="work-head">
        <h2>{t('import.mapping')}</h2>
        <label className="check">
          <input type="checkbox" checked={asText} onChange={(event) => setAsText(event.target.checked)} />
          {t('import.asText')}
        </label>
      </div>
      {asText ? (
        <TextForm mapping={mapping} onChange={onChange} />
      ) : (
        <>
          {(mapping.format === 'csv' || mapping.format === 'xlsx') && (
            <label className="check">
              <input
                type="checkbox"
                checked={mapping.read?.header !== false}
                onChange={(event) =>
                  onChange({ ...mapping, read: { ...mapping.read, header: event.target.checked } })
                }
              />
              {t('import.header')}
            </label>
          )}
          <datalist id={`${id}-columns`}>
            {columns.map((column) => (
              <option key={column} value={column} />
            ))}
          </datalist>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
          <section className="table-wrap" tabIndex={0} aria-label={t('import.mapping')}>
            <table className="data-table mapping-table">
              <thead>
                <tr>
                  <th scope="col">{t('import.field')}</th>
                  <th scope="col">{t('import.column')}</th>
                  <th scope="col">{t('import.otherwise')}</th>
                  <th scope="col">
                    <span className="visually-hidden">{t('work.actions')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                <tr>
                  <th scope="row">{t('content.identifier')}</th>
                  <td>
                    {source(t('content.identifier'), fromText(mapping.identifier?.from), (text) =>
                      onChange({
                        ...mapping,
                        identifier: text ? { ...mapping.identifier, from: toFrom(text) } : undefined,
                      }),
                    )}
                  </td>
                  <td />
                  <td />
                </tr>
                {Object.entries(fields).map(([path, expression]) => (
                  <tr key={path}>
                    <th scope="row">
                      {fieldName(path)}
                      {expression.steps && (
                        <span className="cell-note">
                          {expression.steps.map((step) => Object.keys(step)[0]).join(' → ')}
                        </span>
                      )}
                    </th>
                    <td>
                      {source(
                        `${fieldName(path)}: ${t('import.column')}`,
                        fromText(expression.from),
                        (text) => setField(path, { from: text ? toFrom(text) : undefined }),
                      )}
                    </td>
                    <td>
                      <input
                        className="field"
                        aria-label={`${fieldName(path)}: ${t('import.otherwise')}`}
                        value={expression.const === undefined ? '' : String(expression.const)}
                        onChange={(event) => setField(path, { const: event.target.value || undefined })}
                      />
                    </td>
                    <td>
                      <button
                        type="button"
                        className="button quiet small"
                        aria-label={`${t('editor.remove')} ${fieldName(path)}`}
                        onClick={() => setField(path, null)}
                      >
                        <Icon name="trash" />
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <select
            className="field"
            value=""
            aria-label={t('import.addField')}
            onChange={(event) => event.target.value && setField(event.target.value, {})}
          >
            <option value="">{t('import.addField')}</option>
            {offered
              .filter((path) => !(path in fields))
              .map((path) => (
                <option key={path} value={path}>
                  {fieldName(path)}
                </option>
              ))}
          </select>
        </>
      )}
    </div>
  )
}
