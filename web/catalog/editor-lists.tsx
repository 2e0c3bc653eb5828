import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useDeferredValue, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useContent } from '../platform/content-language.ts'
import { suggestQuery } from '../search/api.ts'
import { Icon } from '../ui/icons.tsx'
import { Words } from '../ui/words.tsx'
import { useEditorContext } from './editor-context.tsx'
import { ChoiceField, CodeField, TextField } from './editor-field.tsx'

/** Members of a list, each with its fields; adding and removing can be undone like everything else. */
function Rows(props: {
  at: string
  add: string
  blank: Record<string, unknown>
  children: (at: string) => ReactNode
}) {
  const { t } = useTranslation()
  const { editor } = useEditorContext()
  const value = editor.get(props.at)
  const rows = Array.isArray(value) ? value : []
  const write = (next: unknown[]) => editor.set(props.at, next.length > 0 ? next : undefined)
  return (
    <div className="editor-rows">
      {rows.map((_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity of their own and do not move
        <div className="panel" key={i}>
          <div className="form-grid">{props.children(`${props.at}/${i}`)}</div>
          <div>
            <button
              type="button"
              className="button small"
              onClick={() => write(rows.filter((_row, at) => at !== i))}
            >
              <Icon name="trash" />
              {t('editor.removeRow', { n: i + 1 })}
            </button>
          </div>
        </div>
      ))}
      <div>
        <button type="button" className="button" onClick={() => write([...rows, props.blank])}>
          <Icon name="plus" />
          {props.add}
        </button>
      </div>
    </div>
  )
}

export function DistributionsSection() {
  const { t } = useTranslation()
  return (
    <Rows at="/distributions" add={t('editor.addFile')} blank={{}}>
      {(at) => (
        <>
          <TextField at={`${at}/title`} label={t('content.title')} />
          <TextField at={`${at}/format`} label={t('content.format')} hint="CSV, XLSX, JSON …" />
          <CodeField at={`${at}/formatCategory`} label={t('content.formatCategory')} list="formatCategory" />
          <TextField at={`${at}/downloadUrl`} label={t('content.downloadUrl')} />
          <TextField at={`${at}/accessUrl`} label={t('content.accessUrl')} />
          <TextField at={`${at}/byteSize`} type="number" label={t('content.byteSize')} />
          <TextField at={`${at}/license`} label={t('content.license')} />
          <TextField at={`${at}/description`} label={t('content.description')} area wide />
        </>
      )}
    </Rows>
  )
}

export function ServicesSection() {
  const { t } = useTranslation()
  return (
    <Rows at="/services" add={t('editor.addService')} blank={{ title: '' }}>
      {(at) => (
        <>
          <TextField at={`${at}/title`} label={t('content.title')} required />
          <TextField at={`${at}/endpointUrl`} label={t('content.endpointUrl')} />
          <TextField at={`${at}/endpointDescription`} label={t('content.endpointDescription')} />
          <TextField at={`${at}/conformsTo`} label={t('content.conformsTo')} />
          <TextField at={`${at}/description`} label={t('content.description')} area wide />
        </>
      )}
    </Rows>
  )
}

const kinds = ['related', 'part_of', 'has_part', 'source', 'replaces', 'version_of'] as const

/** Finds an entry of this catalogue by its title and puts its address into the row. */
function FindEntry({ at }: { at: string }) {
  const { t } = useTranslation()
  const id = useId()
  const content = useContent()
  const { editor } = useEditorContext()
  const [q, setQ] = useState('')
  const asked = useDeferredValue(q.trim())
  const { data } = useQuery({ ...suggestQuery(asked), enabled: asked.length > 1 })
  const found = (data?.suggestions ?? []).filter((one) => one.kind === 'title' && one.target)
  return (
    <div className="form-field">
      <label htmlFor={id}>{t('editor.findEntry')}</label>
      <input id={id} className="field" value={q} onChange={(event) => setQ(event.target.value)} />
      {asked.length > 1 && (
        <ul className="found-entries">
          {found.map((one) => (
            <li key={one.target}>
              <button
                type="button"
                className="link-button"
                onClick={() => {
                  const row = (editor.get(at) ?? {}) as Record<string, unknown>
                  editor.set(at, { ...row, uid: one.target, title: one.text })
                  setQ('')
                }}
              >
                <Words {...content(one.text, null)} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

export function RelatedSection() {
  const { t } = useTranslation()
  return (
    <Rows at="/related" add={t('editor.addRelated')} blank={{ kind: 'related' }}>
      {(at) => (
        <>
          <ChoiceField
            at={`${at}/kind`}
            label={t('content.kind')}
            options={kinds.map((kind) => ({ value: kind, label: t(`dataset.relatedKind.${kind}`) }))}
            required
          />
          <FindEntry at={at} />
          <TextField at={`${at}/title`} label={t('content.title')} />
          <TextField at={`${at}/uid`} label={t('content.uid')} />
          <TextField
            at={`${at}/identifier`}
            label={t('content.identifier')}
            hint={t('editor.identifierHint')}
          />
        </>
      )}
    </Rows>
  )
}
