import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ImportRecord, ImportRun } from '../harvest/api.ts'
import { call } from '../platform/client.ts'
import { useFormats } from '../platform/format.ts'
import { useSession } from '../security/session.ts'
import { type AssessmentInput, type BulkOutcomes, forgetReviews, submitMany } from './api.ts'
import { NotSubmitted } from './not-submitted.tsx'
import { SubmitDialog } from './submit-dialog.tsx'
import './review.css'

/** Records read at a time: as many as the server sends. */
const pageSize = 200

/** What an import added and changed, entry by entry. */
async function* draftsOf(run: ImportRun): AsyncGenerator<ImportRecord[]> {
  for (const outcome of ['added', 'changed'])
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { items: ImportRecord[]; next: string | null } = await call(`/imports/${run.uid}/records`, {
        query: { outcome, limit: pageSize, cursor },
      })
      yield page.items.filter((record) => record.entry !== null)
      cursor = page.next
    }
}

/** Submits everything an import left as drafts, with one assessment for all; tells how far it is. */
export function SubmitImport({ run }: { run: ImportRun }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { may } = useSession()
  const [open, setOpen] = useState(false)
  const [sum, setSum] = useState<BulkOutcomes>({ done: 0, failed: 0, outcomes: [] })
  const [titles, setTitles] = useState<ReadonlyMap<string, string>>(new Map())
  const submit = useMutation({
    mutationFn: async (given: { text?: string; assessment: AssessmentInput }) => {
      setOpen(false)
      const all: BulkOutcomes = { done: 0, failed: 0, outcomes: [] }
      const names = new Map<string, string>()
      for await (const records of draftsOf(run)) {
        for (const record of records) names.set(record.entry!, record.title ?? record.identifier ?? '')
        const { text, assessment } = given
        const part = await submitMany(
          records.map((record) => record.entry!),
          { text, assessment },
        )
        all.done += part.done
        all.failed += part.failed
        all.outcomes.push(...part.outcomes.filter((one) => !one.done))
        setSum({ ...all })
        setTitles(names)
      }
      await forgetReviews()
    },
  })
  if (
    run.publish ||
    run.state !== 'done' ||
    run.counts.added + run.counts.changed === 0 ||
    !may('review:submit')
  )
    return null
  const counts = { done: format.number(sum.done), failed: format.number(sum.failed) }
  return (
    <>
      <div className="actions">
        <button
          type="button"
          className="button primary"
          disabled={submit.isPending || submit.isSuccess}
          onClick={() => setOpen(true)}
        >
          {t('import.submitAll')}
        </button>
        <span role="status" className="muted small">
          {submit.isPending && t('import.submitting', counts)}
          {submit.isSuccess && t('import.submitted', counts)}
        </span>
      </div>
      {sum.failed > 0 && <NotSubmitted outcomes={sum.outcomes} titleOf={(uid) => titles.get(uid) || uid} />}
      {open && (
        <SubmitDialog
          title={t('import.submitAll')}
          busy={submit.isPending}
          error={submit.error}
          onClose={() => setOpen(false)}
          onSubmit={submit.mutate}
        />
      )}
    </>
  )
}
