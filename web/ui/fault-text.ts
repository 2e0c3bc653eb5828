import { useTranslation } from 'react-i18next'
import type { Fault } from '../platform/client.ts'

/** The value the server quotes in a message, and the limit it names. */
const quoted = /"([^"]{1,80})"/
const bound = /\bthan ([\d,.]*\d)/

/** Rules about the form of a member: the server speaks of them in the names that programs use. */
const formRules = new Set([
  'required',
  'enum',
  'type',
  'format',
  'pattern',
  'minLength',
  'additionalProperties',
])

const asSentence = (text: string | undefined) =>
  text && `${text[0]!.toUpperCase()}${text.slice(1)}${/[.!?。]$/.test(text) ? '' : '.'}`

/** Where a fault is, in the words of the form: `/items/0/name` is “Information items 1 · Name”. */
export function usePlaceText(): (path: string) => string {
  const { t, i18n } = useTranslation()
  return (path) => {
    if (!path.startsWith('/')) return path
    const words: string[] = []
    for (const step of path.slice(1).split('/')) {
      if (/^\d+$/.test(step) && words.length > 0) words.push(`${words.pop()} ${Number(step) + 1}`)
      else words.push(i18n.exists(`content.${step}`) ? t(`content.${step}`) : step)
    }
    return words.join(' · ')
  }
}

/**
 * A fault in the language of the page. The server's words are English and exact; where a rule has a text of its
 * own in this language that one is used, with the name of the field as the form has it, and the value and the limit
 * that the server names. Only a rule or code nobody has translated shows the server's words.
 */
export function useFaultText(): (fault: Fault) => string {
  const { t, i18n } = useTranslation()
  return (fault) => {
    const words = [fault.message, fault.remedy].map(asSentence).filter(Boolean).join(' ')
    if (i18n.language === 'en' && !formRules.has(fault.rule)) return words
    const key = `fault.${fault.rule}`
    // A preview reports a whole file under the code of the error that reading it gave.
    if (!i18n.exists(key))
      return i18n.exists(`errors.${fault.rule}.title`)
        ? `${t(`errors.${fault.rule}.title`)}：${words}`
        : words
    const member = fault.path.split('/').findLast((step) => !/^\d*$/.test(step)) ?? ''
    const field = i18n.exists(`content.${member}`) ? t(`content.${member}`) : member || t('fault.record')
    const value = quoted.exec(fault.message)?.[1]
    const limit = /^(max|min|exclusive)/.test(fault.rule) ? bound.exec(fault.message)?.[1] : undefined
    return [t(key, { field }), value && t('fault.value', { value }), limit && t('fault.bound', { n: limit })]
      .filter(Boolean)
      .join('')
  }
}
