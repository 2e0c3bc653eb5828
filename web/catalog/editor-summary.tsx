import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { QualityCard } from '../coverage/quality-card.tsx'
import { UndecidedItems } from '../reuse/undecided.tsx'
import { useFaultText } from '../ui/fault-text.ts'
import { Icon } from '../ui/icons.tsx'
import { useEditorContext } from './editor-context.tsx'
import { fieldId } from './editor-field.tsx'

/** Faults listed at once; the rest come up as these are mended. */
const listed = 30

/** The place of a fault in words: `Information items 4 · Name`. */
function usePlace(): (path: string) => string {
  const { t, i18n } = useTranslation()
  return (path) =>
    path
      .split('/')
      .slice(1)
      .map((step) =>
        /^\d+$/.test(step)
          ? String(Number(step) + 1)
          : i18n.exists(`content.${step}`)
            ? t(`content.${step}`)
            : step,
      )
      .join(' · ')
}

/** Goes to a field, or the nearest one above it. */
function focusField(path: string): void {
  const steps = path.split('/')
  for (let length = steps.length; length > 1; length--) {
    const element = document.getElementById(fieldId(steps.slice(0, length).join('/')))
    if (element) {
      element.scrollIntoView({ block: 'center' })
      element.focus()
      return
    }
  }
  document.getElementById(`section-${steps[1]}`)?.scrollIntoView()
}

/** Who comes with the id of a field behind the address lands there. */
function useHashField(): void {
  useEffect(() => {
    const [, pointer] = /^#field(-[\w-]+)$/.exec(location.hash) ?? []
    if (pointer) focusField(pointer.replaceAll('-', '/'))
  }, [])
}

/** Where one is, what is still wrong, and what would make it better; each leads to its field. */
export function EditorSummary(props: {
  sections: string[]
  shown: boolean
  /** The entry as it is kept; none while it is new. */
  entry: { uid: string; version: number } | null
}) {
  const { sections, shown, entry } = props
  const { t } = useTranslation()
  const { faults } = useEditorContext()
  const place = usePlace()
  const faultText = useFaultText()
  useHashField()
  return (
    <aside className="editor-summary">
      <nav aria-label={t('editor.sections')}>
        <ul>
          {sections.map((name) => (
            <li key={name}>
              <a href={`#section-${name}`}>{t(`editor.section.${name}`)}</a>
            </li>
          ))}
        </ul>
      </nav>
      <section aria-labelledby="fault-head" aria-live="polite">
        <h2 id="fault-head" className="small">
          {faults.length === 0 ? (
            <span className="tag ok">
              <Icon name="check" /> {t('editor.noFaults')}
            </span>
          ) : (
            t('editor.faults', { count: faults.length })
          )}
        </h2>
        {shown && faults.length > 0 && (
          <ul className="fault-list">
            {faults.slice(0, listed).map((fault) => (
              <li key={fault.path + fault.rule}>
                <button type="button" className="link-button" onClick={() => focusField(fault.path)}>
                  {place(fault.path) || t('editor.entry')}
                </button>
                <span className="muted">{faultText(fault)}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      {entry && (
        <section aria-labelledby="quality-head">
          <h2 id="quality-head" className="small">
            {t('editor.quality')}
          </h2>
          <p className="muted small">{t('editor.qualityHint')}</p>
          <QualityCard uid={entry.uid} version={entry.version} onGo={focusField} />
        </section>
      )}
      <UndecidedItems onGo={focusField} />
    </aside>
  )
}
