import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Fault, ProblemError } from '../platform/client.ts'
import { queryClient } from '../platform/query.ts'
import { forgetReviews, type Submission, submitDataset } from '../review/api.ts'
import { toast } from '../ui/toasts.tsx'
import type { Dataset, DatasetWithTag } from './api.ts'
import { createOnce, forgetAttempt } from './editor-create.ts'
import { type Draft, type Editor, useEditor, withoutEmpty } from './editor-state.ts'
import { type Step, saveDataset, takeStep } from './work-api.ts'

export interface EntryWork {
  editor: Editor
  /** The entry as the server has it; null until a new one is made. */
  entry: DatasetWithTag | null
  /** Made here, but not submitted although that was asked for. */
  onlySaved: boolean
  /** What keeps the content as it stands from being published, found out by submitting it. */
  gateFaults: readonly Fault[]
  reason: string
  setReason: (reason: string) => void
  busy: boolean
  /** A person has tried to save: every fault is shown from then on. */
  tried: boolean
  conflict: boolean
  setConflict: (open: boolean) => void
  error: unknown
  save: (etag?: string | null) => Promise<void>
  /** What is being submitted: its dialog is open. Opening it saves first. */
  submitting: Submission['kind'] | null
  openSubmit: (kind: NonNullable<Submission['kind']>) => Promise<void>
  closeSubmit: () => void
  submit: (submission: Submission) => Promise<void>
  step: (name: Step) => Promise<void>
  keep: (saved: Dataset, etag: string | null) => void
  /** Gives up what was found on this device. */
  dropRestored: () => void
}

/** Saving, submitting and the other steps of one entry, new or not, with what became of the last try. */
export function useEntryWork(dataset: DatasetWithTag | null, blank: Draft, person: string): EntryWork {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [made, setMade] = useState<DatasetWithTag | null>(null)
  const entry = made ?? dataset
  const place = { person, entry: entry?.uid ?? 'new' }
  const editor = useEditor(place, dataset?.content ?? blank, dataset?.etag ?? null)
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [tried, setTried] = useState(dataset !== null)
  const [conflict, setConflict] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [submitting, setSubmitting] = useState<EntryWork['submitting']>(null)
  const [gates, setGates] = useState<{ content: Draft; faults: readonly Fault[] } | null>(null)

  const keep = (saved: Dataset, etag: string | null) => {
    editor.reset(saved.content, etag)
    setReason('')
    // From here on it is this entry, whatever fails next: trying again must not make a second one.
    if (!dataset) setMade({ ...saved, etag })
    queryClient.setQueryData(['dataset', saved.uid, 'latest'], { ...saved, etag })
    void queryClient.invalidateQueries({ queryKey: ['dataset', saved.uid] })
    void queryClient.invalidateQueries({ queryKey: ['datasets'] })
  }
  /** Runs one step with the server; a conflict opens the dialog, faults go to their fields. */
  const run = async (work: (why: string | undefined) => Promise<void>) => {
    setBusy(true)
    setError(null)
    setTried(true)
    try {
      await work(reason.trim() || undefined)
    } catch (failure) {
      if (failure instanceof ProblemError && failure.code === 'stale') setConflict(true)
      else setError(failure)
    } finally {
      setBusy(false)
    }
  }
  /** Faults of the content go to their fields, and the dialog out of their way; those of the assessment stay in it. */
  const noteGates = (failure: ProblemError) => {
    const faults = failure.faults.filter((fault) => !/^\/(assessment|text)\b/.test(fault.path))
    if (failure.code !== 'invalid_content' || faults.length === 0) return
    setGates({ content: editor.content, faults })
    setSubmitting(null)
  }
  const write = (etag: string | null, why: string | undefined) => {
    const content = withoutEmpty(editor.content)
    return entry ? saveDataset(entry.uid, content, etag, why) : createOnce(person, content, why)
  }
  return {
    editor,
    entry,
    onlySaved: made !== null && error !== null,
    reason,
    setReason,
    busy,
    tried,
    conflict,
    setConflict,
    error,
    keep,
    save: (etag) =>
      run(async (why) => {
        const answer = await write(etag ?? editor.etag, why)
        keep(answer.data, answer.etag)
        toast(t('editor.saved', { version: answer.data.version }))
        if (!dataset) await navigate({ to: '/work/dataset/$uid', params: { uid: answer.data.uid } })
      }),
    gateFaults: gates?.content === editor.content ? gates.faults : [],
    submitting,
    closeSubmit: () => {
      setSubmitting(null)
      setError(null)
    },
    openSubmit: (kind) =>
      run(async (why) => {
        if (editor.dirty || !entry) {
          const saved = await write(editor.etag, why)
          keep(saved.data, saved.etag)
        }
        setSubmitting(kind)
      }),
    submit: (submission) =>
      run(async () => {
        if (!entry) return
        try {
          const { data } = await submitDataset(entry.uid, submission, editor.etag)
          await forgetReviews()
          toast(t('review.submitted'))
          await navigate({ to: '/work/reviews/$uid', params: { uid: data.uid } })
        } catch (failure) {
          if (failure instanceof ProblemError) noteGates(failure)
          throw failure
        }
      }),
    step: (name) =>
      run(async (why) => {
        if (!entry) return
        const answer = await takeStep(entry.uid, name, editor.etag, why)
        keep(answer.data, answer.etag)
        toast(t(name === 'retire' ? 'editor.retired' : 'editor.discarded'))
        await navigate({ to: '/dataset/$uid', params: { uid: entry.uid } })
      }),
    dropRestored: () => {
      forgetAttempt(person)
      editor.reset(entry?.content ?? blank, entry?.etag ?? null)
    },
  }
}
