import { useTranslation } from 'react-i18next'
import type { Fault } from '../platform/client.ts'

/**
 * A fault in the language of the page. The server's words are English and exact; where a rule has a text of its
 * own in this language that one is used, with the name of the field as the form has it.
 */
export function useFaultText(): (fault: Fault) => string {
  const { t, i18n } = useTranslation()
  return (fault) => {
    const key = `fault.${fault.rule}`
    if (i18n.language === 'en' || !i18n.exists(key))
      return [fault.message, fault.remedy].filter(Boolean).join(' ')
    const member = fault.path.split('/').findLast((step) => !/^\d*$/.test(step)) ?? ''
    const field = i18n.exists(`content.${member}`) ? t(`content.${member}`) : member
    return t(key, { field })
  }
}
