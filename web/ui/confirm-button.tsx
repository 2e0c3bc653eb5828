import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

/** How long the question stands (ms): long enough to read it, and gone before the button is met again by chance. */
const askMs = 8_000

/**
 * A button for what cannot be undone: the first press asks in its place, with what will happen in words; only the second,
 * on another button, does it. Escape and time take the question back.
 */
export function ConfirmButton(props: {
  children: ReactNode
  /** What the second button says: the deed and its object. */
  confirm: string
  onConfirm: () => void
  disabled?: boolean
  className?: string
}) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState(false)
  const keep = useRef<HTMLButtonElement>(null)
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!asking) return
    keep.current?.focus()
    const timer = setTimeout(() => setAsking(false), askMs)
    return () => clearTimeout(timer)
  }, [asking])
  const takeBack = () => {
    setAsking(false)
    requestAnimationFrame(() => first.current?.focus())
  }
  if (!asking)
    return (
      <button
        type="button"
        ref={first}
        className={props.className ?? 'button small'}
        disabled={props.disabled}
        onClick={() => setAsking(true)}
      >
        {props.children}
      </button>
    )
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand in a line of buttons.
    <span
      className="confirm"
      role="group"
      aria-label={props.confirm}
      onKeyDown={(event) => event.key === 'Escape' && takeBack()}
    >
      <button type="button" ref={keep} className="button small" onClick={takeBack}>
        {t('cancel')}
      </button>
      <button
        type="button"
        className="button small danger"
        disabled={props.disabled}
        onClick={() => {
          setAsking(false)
          props.onConfirm()
        }}
      >
        {props.confirm}
      </button>
    </span>
  )
}
