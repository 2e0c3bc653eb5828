import { useSyncExternalStore } from 'react'

/** What a person chose on this device; kept in local storage, never in the address. */
export const languages = ['zh-CN', 'en'] as const
export type Language = (typeof languages)[number]
export type ThemeChoice = 'light' | 'dark'

interface Preferences {
  language: Language
  theme: ThemeChoice
  /** Show entries in the language of the pages where a translation exists; otherwise as they were written. */
  translateContent: boolean
}

const storageKey = 'concord.preferences'

function initial(): Preferences {
  let stored: Partial<Preferences> = {}
  try {
    stored = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Preferences>
  } catch {
    // Storage may be closed to us or hold something foreign; the defaults are fine.
  }
  const browserIsChinese = (navigator.languages ?? [navigator.language]).some((l) => l.startsWith('zh'))
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  return {
    language: languages.find((l) => l === stored.language) ?? (browserIsChinese ? 'zh-CN' : 'en'),
    theme: stored.theme === 'dark' || stored.theme === 'light' ? stored.theme : dark ? 'dark' : 'light',
    translateContent: stored.translateContent ?? true,
  }
}

let current = initial()
const listeners = new Set<() => void>()

export const getPreferences = (): Preferences => current

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change }
  try {
    localStorage.setItem(storageKey, JSON.stringify(current))
  } catch {
    // Not kept beyond this visit.
  }
  applyPreferences()
  for (const listener of listeners) listener()
}

/** Writes language and theme on the document, where style sheets and screen readers look for them. */
export function applyPreferences(): void {
  const root = document.documentElement
  root.lang = current.language
  root.dataset.theme = current.theme
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}
