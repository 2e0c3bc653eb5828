import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { UndecidedItems } from '../reuse/undecided.tsx'
import { Drawer } from '../ui/drawer.tsx'
import { ErrorPanel } from '../ui/status.tsx'
import type { AssessmentInput, Submission } from './api.ts'

const secrecyResults = ['not_secret', 'secret'] as const
const personalResults = ['none', 'acceptable', 'not_acceptable'] as const
/** Characters, as the server takes them. */
const maxText = 5_000

type Part = 'secrecy' | 'personal'

/** One question of the assessment: nothing is answered beforehand, so that somebody does. */
function Question<Result extends string>(props: {
  part: Part
  results: readonly Result[]
  result: Result | undefined
  note: string
  noteNeeded?: boolean
  onResult: (result: Result) => void
  onNote: (note: string) => void
}) {
  const { t } = useTranslation()
  const { part } = props
  return (
    <fieldset className="plain-fieldset assess">
      <legend>{t(`review.${part}`)}</legend>
      {props.results.map((one) => (
        <label className="check" key={one}>
          <input
            type="radio"
            name={part}
            required
            checked={props.result === one}
            onChange={() => props.onResult(one)}
          />
          {t(`review.${part}Result.${one}`)}
        </label>
      ))}
      <div className="form-field">
        <label htmlFor={`note-${part}`}>{t(props.noteNeeded ? 'review.safeguards' : 'review.note')}</label>
        <textarea
          id={`note-${part}`}
          className="field short"
          maxLength={maxText}
          required={props.noteNeeded}
          value={props.note}
          onChange={(event) => props.onNote(event.target.value)}
        />
      </div>
    </fieldset>
  )
}

export interface SubmitDialogProps {
  title: string
  /** A retirement needs a reason and no assessment. */
  kind?: 'publication' | 'retirement'
  /** What was assessed before, where something returned is submitted again. */
  before?: AssessmentInput | null
  busy: boolean
  error: unknown
  onClose: () => void
  onSubmit: (submission: Submission & { assessment: AssessmentInput }) => void
}

/** What is recorded with a submission: the assessment of secrecy and personal information, and a word to the reviewers. */
export function SubmitDialog({
  title,
  kind = 'publication',
  before,
  busy,
  error,
  onClose,
  onSubmit,
}: SubmitDialogProps) {
  const { t } = useTranslation()
  const [secrecy, setSecrecy] = useState(before?.secrecy.result)
  const [secrecyNote, setSecrecyNote] = useState(before?.secrecy.note ?? '')
  const [personal, setPersonal] = useState(before?.personal.result)
  const [personalNote, setPersonalNote] = useState(before?.personal.note ?? '')
  const [text, setText] = useState('')
  const assesses = kind === 'publication'
  const send = () =>
    onSubmit({
      kind,
      text: text.trim() || undefined,
      assessment: {
        secrecy: { result: secrecy ?? 'secret', note: secrecyNote.trim() || null },
        personal: { result: personal ?? 'not_acceptable', note: personalNote.trim() || null },
      },
    })
  return (
    <Drawer open kind="dialog" title={title} onClose={onClose}>
      <form
        className="drawer-form"
        onSubmit={(event) => {
          event.preventDefault()
          // Inside the editor's form this would save the draft, too.
          event.stopPropagation()
          send()
        }}
      >
        <p className="muted small">{t('review.submitLead')}</p>
        {assesses && (
          <>
            <UndecidedItems />
            <Question
              part="secrecy"
              results={secrecyResults}
              result={secrecy}
              note={secrecyNote}
              onResult={setSecrecy}
              onNote={setSecrecyNote}
            />
            <Question
              part="personal"
              results={personalResults}
              result={personal}
              note={personalNote}
              noteNeeded={personal === 'acceptable'}
              onResult={setPersonal}
              onNote={setPersonalNote}
            />
          </>
        )}
        <div className="form-field">
          <label htmlFor="submit-text">{t(assesses ? 'review.submitText' : 'review.retireReason')}</label>
          <textarea
            id="submit-text"
            className="field short"
            maxLength={maxText}
            required={!assesses}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        {error != null && <ErrorPanel error={error} />}
        <div className="actions">
          <button type="submit" className="button primary" disabled={busy}>
            {t('review.submit')}
          </button>
          <button type="button" className="button quiet" onClick={onClose}>
            {t('close')}
          </button>
        </div>
      </form>
    </Drawer>
  )
}
