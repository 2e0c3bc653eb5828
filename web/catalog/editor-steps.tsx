import { useTranslation } from 'react-i18next'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { Icon } from '../ui/icons.tsx'
import type { Dataset } from './api.ts'
import type { Step } from './work-api.ts'

/** Steps that are seldom taken: giving up a draft, taking an entry out of service. */
export function EditorSteps(props: {
  dataset: Dataset
  /** At once, without review. */
  mayRetire: boolean
  mayPropose: boolean
  busy: boolean
  onStep: (step: Step) => void
  onPropose: () => void
}) {
  const { t } = useTranslation()
  const { dataset, busy } = props
  // A draft beside a published version; the first draft of an entry has nothing to go back to.
  const discardable = dataset.hasDraft && dataset.publishedAt !== null
  const isPublic = dataset.publishedAt !== null && dataset.state === 'published'
  const retirable = props.mayRetire && isPublic
  const proposable = props.mayPropose && isPublic && !dataset.hasDraft
  if (!discardable && !retirable && !proposable) return null
  return (
    <span className="actions">
      {discardable && (
        <ConfirmButton
          confirm={t('editor.discardSure')}
          disabled={busy}
          onConfirm={() => props.onStep('discard-draft')}
        >
          <Icon name="undo" />
          {t('editor.discard')}
        </ConfirmButton>
      )}
      {proposable && (
        <button type="button" className="button small" disabled={busy} onClick={props.onPropose}>
          {t('editor.proposeRetirement')}
        </button>
      )}
      {retirable && (
        <ConfirmButton
          confirm={t('editor.retireSure')}
          disabled={busy}
          onConfirm={() => props.onStep('retire')}
        >
          {t('editor.retire')}
        </ConfirmButton>
      )}
    </span>
  )
}
