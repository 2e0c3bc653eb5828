import { useTranslation } from 'react-i18next'
import { useSession } from '../security/session.ts'
import { Icon } from '../ui/icons.tsx'
import type { EntryWork } from './editor-work.ts'

/** Always in view: why the change, whether it is saved, and the steps. */
export function EditorBar({ work, kind }: { work: EntryWork; kind: 'publication' | 'retirement' }) {
  const { t } = useTranslation()
  const { may } = useSession()
  const { editor, entry, busy } = work
  const nothingNew = entry?.state === 'published' && !entry.hasDraft && !editor.dirty
  return (
    <div className="editor-bar">
      <input
        className="field"
        value={work.reason}
        maxLength={5000}
        aria-label={t('editor.reason')}
        placeholder={t('editor.reason')}
        onChange={(event) => work.setReason(event.target.value)}
      />
      <span className="muted small" role="status">
        {editor.dirty ? t('editor.unsaved') : entry ? t('editor.allSaved') : ''}
      </span>
      <button
        type="button"
        className="button quiet"
        disabled={!editor.canUndo}
        onClick={editor.undo}
        title={t('work.undo')}
      >
        <Icon name="undo" />
        {t('work.undo')}
      </button>
      <button type="submit" className="button" disabled={busy || (!editor.dirty && entry !== null)}>
        {t('editor.save')}
      </button>
      {may('review:submit') && (
        <button
          type="button"
          className="button primary"
          disabled={busy || (kind === 'publication' && nothingNew)}
          onClick={() => work.openSubmit(kind)}
        >
          {t('editor.submit')}
        </button>
      )}
    </div>
  )
}
