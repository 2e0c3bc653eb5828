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

const baseOf = (tag: string) => tag.split('-')[0]

/**
 * The language of a text where it is not that of the page, for the `lang` of its element. Where nobody wrote down
 * the language, as with names of bodies and items, Chinese shows by its characters; other scripts stay unmarked,
 * because a wrong language is read out worse than none.
 */
export function foreignLanguage(text: string, page: Language, written?: string | null): string | undefined {
  const language = written || (/\p{Script=Han}/u.test(text) ? 'zh' : undefined)
  return language && baseOf(language) !== baseOf(page) ? language : undefined
}

export function useForeignLanguage(): (text: string, written?: string | null) => string | undefined {
  const { language } = usePreferences()
  return (text, written) => foreignLanguage(text, language, written)
}

/** Reads a text of catalogue content in the language a person reads, or as it was written. */
export type ReadContent = (
  original: string | null | undefined,
  translations: Translations,
  field?: string,
  /** The language the original is written in, where it is known. */
  written?: string | null,
) => { text: string; translated: boolean; lang: string | undefined }

/**
 * Translations are either `{en: 'text'}` (names of bodies) or `{en: {title: 'text'}}` (entries, items);
 * `field` says which member is meant in the second form.
 */
export function useContent(): ReadContent {
  const { language, translateContent } = usePreferences()
  return (original, translations, field, written) => {
    const found = translateContent ? pick(translations, language) : undefined
    const text =
      typeof found === 'string'
        ? found
        : found && typeof found === 'object' && field
          ? (found as Record<string, unknown>)[field]
          : undefined
    if (typeof text === 'string' && text !== '' && text !== original)
      return { text, translated: true, lang: undefined }
    const own = original ?? ''
    return { text: own, translated: false, lang: foreignLanguage(own, language, written) }
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
