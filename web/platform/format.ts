import { useTranslation } from 'react-i18next'
import { usePreferences } from './preferences.ts'

/** Dates, numbers and sizes in the language of the pages. */
export interface Formats {
  number: (value: number) => string
  /** 1.2M or 123万: for figures people read at a glance. */
  compact: (value: number) => string
  date: (iso: string | null | undefined) => string
  dateTime: (iso: string | null | undefined) => string
  /** `3 days ago` up to a month, the date after that. */
  ago: (iso: string | null | undefined) => string
  bytes: (value: number | null | undefined) => string
}

const dayMs = 86_400_000

function make(language: string, none: string): Formats {
  const number = new Intl.NumberFormat(language)
  const compact = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 })
  const date = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', day: 'numeric' })
  const dateTime = new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const parse = (iso: string | null | undefined) => {
    const time = iso ? new Date(iso) : null
    return time && !Number.isNaN(time.getTime()) ? time : null
  }
  const showDate = (iso: string | null | undefined) => {
    const time = parse(iso)
    return time ? date.format(time) : none
  }
  return {
    number: (value) => number.format(value),
    compact: (value) => compact.format(value),
    date: showDate,
    dateTime: (iso) => {
      const time = parse(iso)
      return time ? dateTime.format(time) : none
    },
    ago: (iso) => {
      const time = parse(iso)
      if (!time) return none
      const ms = time.getTime() - Date.now()
      if (Math.abs(ms) < 3_600_000) return relative.format(Math.round(ms / 60_000), 'minute')
      if (Math.abs(ms) < dayMs) return relative.format(Math.round(ms / 3_600_000), 'hour')
      if (Math.abs(ms) < 30 * dayMs) return relative.format(Math.round(ms / dayMs), 'day')
      return showDate(iso)
    },
    bytes: (value) => {
      if (value === null || value === undefined) return none
      const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
      const power = value < 1 ? 0 : Math.min(4, Math.floor(Math.log10(value) / 3))
      return new Intl.NumberFormat(language, {
        style: 'unit',
        unit: units[power] ?? 'byte',
        maximumFractionDigits: 1,
      }).format(value / 1000 ** power)
    },
  }
}

const cache = new Map<string, Formats>()

export function useFormats(): Formats {
  const { language } = usePreferences()
  const { t } = useTranslation()
  const none = t('none')
  const key = `${language}|${none}`
  let formats = cache.get(key)
  if (!formats) {
    formats = make(language, none)
    cache.set(key, formats)
  }
  return formats
}
