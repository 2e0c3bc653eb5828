import { useTranslation } from 'react-i18next'
import { usePreferences } from '../platform/preferences.ts'

const formats = new Map<string, Intl.NumberFormat>()

function formatOf(language: string): Intl.NumberFormat {
  let format = formats.get(language)
  if (!format) {
    format = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
    formats.set(language, format)
  }
  return format
}

/** A share in percent; what is not measured says so. */
export function useShare(): (share: number | null) => string {
  const { t } = useTranslation()
  const { language } = usePreferences()
  return (share) => (share === null ? t('coverage.notMeasured') : formatOf(language).format(share))
}
