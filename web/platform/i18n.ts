import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { getPreferences, type Language, setPreferences } from './preferences.ts'

/** Texts of the pages. `portal` is in the first view; `work` comes with the workbench. */
export type Namespace = 'portal' | 'work'

const files = import.meta.glob<Record<string, unknown>>('../locales/*/*.json', { import: 'default' })
const loaded = new Set<Namespace>(['portal'])

async function load(language: Language, namespace: Namespace): Promise<void> {
  if (i18next.isInitialized && i18next.hasResourceBundle(language, namespace)) return
  const read = files[`../locales/${language}/${namespace}.json`]
  if (!read) throw new Error(`No texts ${namespace} for ${language}.`)
  i18next.addResourceBundle(language, namespace, await read())
}

/** Starts i18next with the chosen language only; the other one is fetched when it is chosen. */
export async function startI18n(): Promise<void> {
  const { language } = getPreferences()
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    ns: ['portal', 'work'],
    defaultNS: 'portal',
    fallbackNS: 'work',
    partialBundledLanguages: true,
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
    react: { useSuspense: false, bindI18nStore: 'added' },
  })
  await load(language, 'portal')
}

/** Makes a namespace available in the present language; used by route loaders. */
export async function needTexts(namespace: Namespace): Promise<void> {
  loaded.add(namespace)
  await load(getPreferences().language, namespace)
}

export async function switchLanguage(language: Language): Promise<void> {
  await Promise.all([...loaded].map((namespace) => load(language, namespace)))
  await i18next.changeLanguage(language)
  setPreferences({ language })
}
