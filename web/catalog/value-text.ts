import { useTranslation } from 'react-i18next'
import { type ListName, useCodes } from '../platform/profile.ts'

/** Members whose values are codes of the profile. */
const codeLists: Record<string, ListName> = {
  theme: 'theme',
  classification: 'classification',
  database: 'database',
  sharingType: 'sharingType',
  sharingCondition: 'sharingCondition',
  shareMethod: 'shareMethod',
  openType: 'openType',
  updateCycle: 'updateCycle',
  grade: 'grade',
  dataType: 'dataType',
}

const show = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(show).join(', ')
    : value !== null && typeof value === 'object'
      ? Object.entries(value)
          .map(([name, one]) => `${name}: ${show(one)}`)
          .join('; ')
      : String(value ?? '')

/** A value of a content in words: codes by their labels, yes and no, everything else as it is. */
export function useValueText(): (member: string, value: unknown) => string {
  const { t } = useTranslation()
  const codes = useCodes()
  return (member, value) => {
    const list = codeLists[member]
    if (list && value !== null && value !== undefined)
      return [value]
        .flat()
        .map((code) => codes.name(list, String(code)))
        .join(', ')
    return typeof value === 'boolean' ? t(value ? 'yes' : 'no') : show(value)
  }
}

/** The name of a member of a content, as forms have it. */
export function useFieldName(): (member: string) => string {
  const { t, i18n } = useTranslation()
  return (member) => (i18n.exists(`content.${member}`) ? t(`content.${member}`) : member)
}
