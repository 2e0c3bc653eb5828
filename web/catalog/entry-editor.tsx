import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemError } from '../platform/client.ts'
import { useFormats } from '../platform/format.ts'
import { queryClient } from '../platform/query.ts'
import { useSession } from '../security/session.ts'
import { Icon } from '../ui/icons.tsx'
import { ErrorPanel, Notice } from '../ui/status.tsx'
import { toast } from '../ui/toasts.tsx'
import type { Dataset, DatasetWithTag } from './api.ts'
import { ConflictDialog } from './editor-conflict.tsx'
import { EditorProvider, useFaults } from './editor-context.tsx'
import { ItemsSection } from './editor-items.tsx'
import { DistributionsSection, RelatedSection, ServicesSection } from './editor-lists.tsx'
import { BasicsSection, ExtensionSection, SharingSection } from './editor-sections.tsx'
import { type Draft, useEditor, withoutEmpty } from './editor-state.ts'
import { EditorSteps } from './editor-steps.tsx'
import { EditorSummary } from './editor-summary.tsx'
import { useMayWrite } from './own-bodies.ts'
import { StateTag } from './tags.tsx'
import { createDataset, type Step, saveDataset, takeStep } from './work-api.ts'
import './editor.css'
import './entry.css'

const sections = [
  ['basics', BasicsSection],
  ['sharing', SharingSection],
  ['items', ItemsSection],
  ['distributions', DistributionsSection],
  ['services', ServicesSection],
  ['related', RelatedSection],
  ['extension', ExtensionSection],
] as const

/** Leaving with unsaved work asks first; the work is on the device all the same. */
function useLeaveWarning(dirty: boolean) {
  useEffect(() => {
    if (!dirty) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [dirty])
}

/** An entry under work: every field with its faults, saving against the version it came from, publishing. */
export function EntryEditor({ dataset, blank }: { dataset: DatasetWithTag | null; blank: Draft }) {
  const { t } = useTranslation()
  const format = useFormats()
  const navigate = useNavigate()
  const { may } = useSession()
  const editor = useEditor(dataset?.uid ?? 'new', dataset?.content ?? blank, dataset?.etag ?? null)
  const faults = useFaults(editor.content, dataset?.uid)
  const [showAll, setShowAll] = useState(dataset !== null)
  const [reason, setReason] = useState('')
  const mayWrite = useMayWrite(dataset?.body.code)
  const [busy, setBusy] = useState(false)
  const [conflict, setConflict] = useState(false)
  const [error, setError] = useState<unknown>(null)
  useLeaveWarning(editor.dirty)

  const keep = (saved: Dataset, etag: string | null) => {
    editor.reset(saved.content, etag)
    setReason('')
    queryClient.setQueryData(['dataset', saved.uid, 'latest'], { ...saved, etag })
    void queryClient.invalidateQueries({ queryKey: ['dataset', saved.uid] })
    void queryClient.invalidateQueries({ queryKey: ['datasets'] })
  }
  /** Runs one step with the server; a conflict opens the dialog, faults go to their fields. */
  const run = async (work: () => Promise<void>) => {
    setBusy(true)
    setError(null)
    setShowAll(true)
    try {
      await work()
    } catch (failure) {
      if (failure instanceof ProblemError && failure.code === 'stale') setConflict(true)
      else setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const write = async (etag = editor.etag) => {
    const content = withoutEmpty(editor.content)
    const why = reason.trim() || undefined
    return dataset ? saveDataset(dataset.uid, content, etag, why) : createDataset(content, why)
  }
  const save = (etag?: string | null) =>
    run(async () => {
      const answer = await write(etag ?? editor.etag)
      keep(answer.data, answer.etag)
      toast(t('editor.saved', { version: answer.data.version }))
      if (!dataset) await navigate({ to: '/work/dataset/$uid', params: { uid: answer.data.uid } })
    })
  const publish = () =>
    run(async () => {
      const saved = editor.dirty || !dataset ? await write() : null
      const uid = saved?.data.uid ?? dataset?.uid ?? ''
      const etag = saved?.etag ?? editor.etag
      if (saved) keep(saved.data, saved.etag)
      const answer = await takeStep(uid, 'publish', etag, reason.trim() || undefined)
      keep(answer.data, answer.etag)
      toast(t('editor.published'))
      await navigate({ to: '/dataset/$uid', params: { uid } })
    })

  const step = (name: Step) =>
    run(async () => {
      if (!dataset) return
      const answer = await takeStep(dataset.uid, name, editor.etag, reason.trim() || undefined)
      keep(answer.data, answer.etag)
      toast(t(name === 'retire' ? 'editor.retired' : 'editor.discarded'))
      await navigate({ to: '/dataset/$uid', params: { uid: dataset.uid } })
    })

  return (
    <EditorProvider editor={editor} faults={faults} showAll={showAll}>
      <form
        className="editor"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <header className="work-head">
          <div>
            <h1>{dataset ? editor.content.title || t('editor.editTitle') : t('editor.newTitle')}</h1>
            {dataset && (
              <p className="tag-stack">
                <StateTag state={dataset.hasDraft ? 'draft' : dataset.state} always />
                <span className="tag">{t('versions.version', { n: dataset.version })}</span>
                <Link to="/dataset/$uid" params={{ uid: dataset.uid }} className="small">
                  {t('editor.view')}
                </Link>
              </p>
            )}
          </div>
          {dataset && mayWrite && (
            <EditorSteps dataset={dataset} mayRetire={may('dataset:retire')} busy={busy} onStep={step} />
          )}
        </header>
        {editor.restoredAt && (
          <Notice kind="warm">
            <p>
              {t('editor.restored', { when: format.ago(editor.restoredAt) })}{' '}
              <button
                type="button"
                className="link-button"
                onClick={() => editor.reset(dataset?.content ?? blank, dataset?.etag ?? null)}
              >
                {t('editor.dropRestored')}
              </button>
            </p>
          </Notice>
        )}
        {dataset && !mayWrite && (
          <Notice kind="warm">
            <p>{t('editor.notYours')}</p>
          </Notice>
        )}
        {error !== null && <ErrorPanel error={error} />}
        <div className="editor-columns">
          <div className="editor-sections">
            {sections.map(([name, Section]) => (
              <section key={name} id={`section-${name}`} aria-labelledby={`head-${name}`}>
                <h2 id={`head-${name}`}>{t(`editor.section.${name}`)}</h2>
                <Section />
              </section>
            ))}
          </div>
          <EditorSummary sections={sections.map(([name]) => name)} shown={showAll} />
        </div>
        <div className="editor-bar">
          <input
            className="field"
            value={reason}
            maxLength={5000}
            aria-label={t('editor.reason')}
            placeholder={t('editor.reason')}
            onChange={(event) => setReason(event.target.value)}
          />
          <span className="muted small" role="status">
            {editor.dirty ? t('editor.unsaved') : dataset ? t('editor.allSaved') : ''}
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
          <button type="submit" className="button" disabled={busy || (!editor.dirty && dataset !== null)}>
            {t('editor.save')}
          </button>
          {may('dataset:publish') && (
            <button type="button" className="button primary" disabled={busy} onClick={publish}>
              {t('editor.publish')}
            </button>
          )}
        </div>
      </form>
      {conflict && dataset && (
        <ConflictDialog
          uid={dataset.uid}
          mine={editor.content}
          onClose={() => setConflict(false)}
          onMine={(etag) => {
            setConflict(false)
            editor.rebase(etag)
            void save(etag)
          }}
          onTheirs={(theirs, etag) => {
            setConflict(false)
            keep(theirs, etag)
          }}
        />
      )}
    </EditorProvider>
  )
}
