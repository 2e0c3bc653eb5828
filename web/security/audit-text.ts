import { useTranslation } from 'react-i18next'
import type { AuditVerification } from './api.ts'

/** How the server's sentences about what it cannot find begin, and the key of our text for each. */
export const limitKeys: readonly (readonly [begin: string, key: string])[] = [
  ['Events cut from the end', 'tail'],
  ['A rewrite by somebody', 'rewrite'],
  ['An event that was never written', 'false'],
]

/** Findings of a verification in the language of the page; the server's English names the numbers exactly. */
export function useAuditText() {
  const { t, i18n } = useTranslation()
  const english = i18n.language === 'en'
  return {
    problem: ({ kind, seq, message }: AuditVerification['problems'][number]): string =>
      english || !i18n.exists(`audit.problem.${kind}`) ? message : t(`audit.problem.${kind}`, { seq }),
    limit: (text: string): string => {
      const key = limitKeys.find(([begin]) => text.startsWith(begin))?.[1]
      return english || !key ? text : t(`audit.limit.${key}`)
    },
  }
}
