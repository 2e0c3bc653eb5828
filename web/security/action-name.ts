import { useTranslation } from 'react-i18next'

/** The key of an action's text; a colon would be read as the end of a namespace. */
export const actionKey = (action: string): string => `action.${action.replaceAll(':', '-')}`

/** What an action such as `dataset:publish` means, in words; the code itself for one we do not know. */
export function useActionName(): (action: string) => string {
  const { t, i18n } = useTranslation()
  return (action) => (i18n.exists(actionKey(action)) ? t(actionKey(action)) : action)
}
