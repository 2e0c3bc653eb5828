import { useTranslation } from 'react-i18next'
import type { Fault } from '../platform/client.ts'
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

/** The field of a fault, or the nearest one above it. */
function focusFault(fault: Fault): void {
  const steps = fault.path.split('/')
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

/** Where one is, and what is still wrong; each fault leads to its field. */
export function EditorSummary({ sections, shown }: { sections: string[]; shown: boolean }) {
  const { t } = useTranslation()
  const { faults } = useEditorContext()
  const place = usePlace()
  const faultText = useFaultText()
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
                <button type="button" className="link-button" onClick={() => focusFault(fault)}>
                  {place(fault.path) || t('editor.entry')}
                </button>
                <span className="muted">{faultText(fault)}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
    </aside>
  )
}
