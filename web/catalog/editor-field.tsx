import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Fault } from '../platform/client.ts'
import { type ListName, useCodes } from '../platform/profile.ts'
import { useFaultText } from '../ui/fault-text.ts'
import { Icon } from '../ui/icons.tsx'
import { useEditorContext } from './editor-context.tsx'

/** Milliseconds of a minute. */
const minuteMs = 60_000

/** The id of a field, from its place; the summary of faults links to it. */
export const fieldId = (pointer: string) => `field${pointer.replaceAll('/', '-')}`

export function Faults({ faults, id }: { faults: readonly Fault[]; id: string }) {
  const faultText = useFaultText()
  if (faults.length === 0) return null
  return (
    <span id={id}>
      {faults.map((fault) => (
        <span className="fault" key={fault.path + fault.rule}>
          <Icon name="warning" />
          <span>{faultText(fault)}</span>
        </span>
      ))}
    </span>
  )
}

interface FieldProps {
  /** JSON pointer of the member, e.g. `/title`. */
  at: string
  label: string
  hint?: string
  required?: boolean
  wide?: boolean
}

interface Bound {
  id: string
  'aria-invalid'?: true
  'aria-describedby'?: string
  'aria-required'?: true
  onBlur: () => void
}

/** Label, hint and faults around one control. */
function Frame(props: FieldProps & { deep?: boolean; children: (bound: Bound) => ReactNode }) {
  const { faultsAt, touch } = useEditorContext()
  const id = fieldId(props.at)
  const faults = faultsAt(props.at, props.deep)
  const described = [props.hint && `${id}-hint`, faults.length > 0 && `${id}-faults`]
    .filter(Boolean)
    .join(' ')
  return (
    <div className={`form-field ${props.wide ? 'wide' : ''}`}>
      <label htmlFor={id}>
        {props.label}
        {props.required && (
          <span className="required" aria-hidden="true">
            *
          </span>
        )}
      </label>
      {props.children({
        id,
        'aria-invalid': faults.length > 0 || undefined,
        'aria-describedby': described || undefined,
        'aria-required': props.required || undefined,
        onBlur: () => touch(props.at),
      })}
      {props.hint && (
        <span className="hint" id={`${id}-hint`}>
          {props.hint}
        </span>
      )}
      <Faults faults={faults} id={`${id}-faults`} />
    </div>
  )
}

export function TextField(
  props: FieldProps & { type?: 'text' | 'date' | 'number' | 'email' | 'url'; area?: boolean },
) {
  const { editor } = useEditorContext()
  const value = editor.get(props.at)
  const shown = value === undefined || value === null ? '' : String(value)
  const change = (text: string) =>
    editor.set(
      props.at,
      props.type === 'number' && text !== '' ? Number(text) : text === '' ? undefined : text,
    )
  return (
    <Frame {...props}>
      {(bound) =>
        props.area ? (
          <textarea
            className="field"
            {...bound}
            value={shown}
            onChange={(event) => change(event.target.value)}
          />
        ) : (
          <input
            className="field"
            {...bound}
            type={props.type ?? 'text'}
            value={props.type === 'date' ? shown.slice(0, 10) : shown}
            onChange={(event) => change(event.target.value)}
          />
        )
      }
    </Frame>
  )
}

/** A point in time as the clock of this device shows it, for the input; the seconds are left out. */
function toLocal(iso: unknown): string {
  const time = typeof iso === 'string' ? new Date(iso) : null
  if (!time || Number.isNaN(time.getTime())) return ''
  return new Date(time.getTime() - time.getTimezoneOffset() * minuteMs).toISOString().slice(0, 16)
}

/** A point in time: shown and typed in the time of this device, kept in UTC. */
export function InstantField(props: FieldProps) {
  const { editor } = useEditorContext()
  return (
    <Frame {...props}>
      {(bound) => (
        <input
          className="field"
          {...bound}
          type="datetime-local"
          value={toLocal(editor.get(props.at))}
          onChange={(event) =>
            editor.set(props.at, event.target.value ? new Date(event.target.value).toISOString() : undefined)
          }
        />
      )}
    </Frame>
  )
}

export function ChoiceField(props: FieldProps & { options: { value: string; label: string }[] }) {
  const { editor } = useEditorContext()
  const value = editor.get(props.at)
  return (
    <Frame {...props}>
      {(bound) => (
        <select
          className="field"
          {...bound}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => editor.set(props.at, event.target.value || undefined)}
        >
          <option value="" />
          {props.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Frame>
  )
}

/** One code of a list of the profile. */
export function CodeField(props: FieldProps & { list: ListName }) {
  const { options } = useCodes()
  return <ChoiceField {...props} options={options(props.list)} />
}

/** Several words, one a line or with commas between. */
export function WordsField(props: FieldProps) {
  const { t } = useTranslation()
  const { editor } = useEditorContext()
  const value = editor.get(props.at)
  const text = Array.isArray(value) ? value.join('\n') : ''
  return (
    <Frame {...props} deep hint={props.hint ?? t('editor.onePerLine')}>
      {(bound) => (
        <textarea
          className="field short"
          {...bound}
          value={text}
          onChange={(event) => {
            const words = event.target.value.split(/\n|[,，、]\s*/)
            editor.set(props.at, words.length === 1 && words[0] === '' ? undefined : words)
          }}
          onBlur={() => {
            bound.onBlur()
            if (Array.isArray(value)) {
              const words = value.map((one) => String(one).trim()).filter(Boolean)
              if (words.length !== value.length) editor.set(props.at, words.length > 0 ? words : undefined)
            }
          }}
        />
      )}
    </Frame>
  )
}

/** Several codes of a list, as checkboxes or, where the list is long, a choice that adds. */
export function CodesField(props: FieldProps & { list: ListName }) {
  const { t } = useTranslation()
  const { options, name } = useCodes()
  const { editor } = useEditorContext()
  const value = editor.get(props.at)
  const codes = Array.isArray(value) ? value.map(String) : []
  const write = (next: string[]) => editor.set(props.at, next.length > 0 ? next : undefined)
  return (
    <Frame {...props} deep>
      {(bound) => (
        <>
          <select
            className="field"
            {...bound}
            value=""
            onChange={(event) => event.target.value && write([...codes, event.target.value])}
          >
            <option value="">{t('editor.add')}</option>
            {options(props.list)
              .filter((option) => !codes.includes(option.value))
              .map((option) => (
                <option key={option.value} value={option.value}>
                  {option.label}
                </option>
              ))}
          </select>
          <span className="tag-stack">
            {codes.map((code) => (
              <button
                key={code}
                type="button"
                className="chip"
                onClick={() => write(codes.filter((one) => one !== code))}
              >
                <span className="visually-hidden">{t('editor.remove')}</span>
                {name(props.list, code)}
                <Icon name="close" />
              </button>
            ))}
          </span>
        </>
      )}
    </Frame>
  )
}
