import { type Language, usePreferences } from './preferences.ts'

type Translations = Record<string, unknown> | null | undefined

/** A translation for a page language: the exact tag, else one of the same base language. */
function pick(translations: Translations, language: Language): unknown {
  if (!translations) return undefined
  if (translations[language] !== undefined) return translations[language]
  const base = language.split('-')[0]
  const key = Object.keys(translations).find((tag) => tag.split('-')[0] === base)
  return key ? translations[key] : undefined
}

/** Reads a text of catalogue content in the language a person reads, or as it was written. */
export type ReadContent = (
  original: string | null | undefined,
  translations: Translations,
  field?: string,
) => { text: string; translated: boolean }

/**
 * Translations are either `{en: 'text'}` (names of bodies) or `{en: {title: 'text'}}` (entries, items);
 * `field` says which member is meant in the second form.
 */
export function useContent(): ReadContent {
  const { language, translateContent } = usePreferences()
  return (original, translations, field) => {
    const found = translateContent ? pick(translations, language) : undefined
    const text =
      typeof found === 'string'
        ? found
        : found && typeof found === 'object' && field
          ? (found as Record<string, unknown>)[field]
          : undefined
    return typeof text === 'string' && text !== ''
      ? { text, translated: text !== original }
      : { text: original ?? '', translated: false }
  }
}

/** Reads a label of the profile: always in the language of the pages where there is one. */
export function useLabel(): (label: Record<string, unknown> | undefined, fallback: string) => string {
  const { language } = usePreferences()
  return (label, fallback) => {
    const found = pick(label, language) ?? (label ? Object.values(label)[0] : undefined)
    return typeof found === 'string' ? found : fallback
  }
}
