import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useForeignLanguage } from '../platform/content-language.ts'
import { Pager } from '../ui/pager.tsx'
import type { Item } from './api.ts'
import { useEditorContext } from './editor-context.tsx'
import { Faults, fieldId } from './editor-field.tsx'

/** Rows drawn at once, as in the grid of items. */
const pageRows = 50
const members = ['name', 'description'] as const

function Cell({ at, label }: { at: string; label: string }) {
  const { editor, faultsAt, touch } = useEditorContext()
  const value = editor.get(at)
  const faults = faultsAt(at)
  const faultsId = `${fieldId(at)}-faults`
  return (
    <>
      <input
        className="cell"
        id={fieldId(at)}
        aria-label={label}
        aria-invalid={faults.length > 0 || undefined}
        aria-describedby={faults.length > 0 ? faultsId : undefined}
        value={typeof value === 'string' ? value : ''}
        onBlur={() => touch(at)}
        onChange={(event) => editor.set(at, event.target.value || undefined)}
      />
      <Faults faults={faults} id={faultsId} />
    </>
  )
}

/** Names and descriptions of the items in the other language, beside the name as it was written. */
export function TranslationsSection() {
  const { t } = useTranslation()
  const foreign = useForeignLanguage()
  const { editor } = useEditorContext()
  const [page, setPage] = useState(1)
  const items = (editor.content.items ?? []) as Partial<Item>[]
  const written = String(editor.get('/language') ?? 'en')
  const other = written.startsWith('zh') ? 'en' : 'zh-CN'
  if (items.length === 0) return <p className="muted small">{t('editor.noItemsYet')}</p>
  const first = (page - 1) * pageRows
  return (
    <div className="items-editor">
      <p className="muted small">{t('editor.translationsHint')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className="table-wrap items-grid" tabIndex={0} aria-label={t('editor.translationsGrid')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('content.name')}</th>
              {members.map((member) => (
                <th scope="col" key={member}>
                  {t(`editor.itemIn.${member}.${other}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.slice(first, first + pageRows).map((item, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity of their own
              <tr key={first + i}>
                <th scope="row" lang={foreign(item.name ?? '', written)}>
                  {item.name || first + i + 1}
                </th>
                {members.map((member) => (
                  <td key={member}>
                    <Cell
                      at={`/items/${first + i}/translations/${other}/${member}`}
                      label={t('editor.cell', {
                        column: t(`editor.itemIn.${member}.${other}`),
                        n: first + i + 1,
                      })}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Pager page={page} pages={Math.ceil(items.length / pageRows)} onPage={setPage} />
    </div>
  )
}
