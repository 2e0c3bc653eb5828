import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from './icons.tsx'

interface Toast {
  id: number
  text: string
  action?: { label: string; run: () => void }
}

/** Long enough to read a sentence and reach its undo; errors never live only here. */
const visibleMs = 6_000

let toasts: readonly Toast[] = []
let nextId = 1
const listeners = new Set<() => void>()

function publish(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

/** Says in passing that something worked, with an undo where there is one. */
export function toast(text: string, action?: Toast['action']): void {
  const id = nextId++
  publish([...toasts, { id, text, action }])
  setTimeout(() => dismiss(id), visibleMs)
}

function dismiss(id: number): void {
  publish(toasts.filter((one) => one.id !== id))
}

export function Toasts() {
  const { t } = useTranslation()
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => toasts,
  )
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((one) => (
        <div className="toast" key={one.id}>
          <span>{one.text}</span>
          {one.action && (
            <button
              type="button"
              className="link-button"
              onClick={() => {
                one.action?.run()
                dismiss(one.id)
              }}
            >
              {one.action.label}
            </button>
          )}
          <button
            type="button"
            className="link-button"
            aria-label={t('close')}
            onClick={() => dismiss(one.id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  )
}
