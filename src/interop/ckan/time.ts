/** CKAN's moments: UTC without saying so, six digits of a second. */
export const naive = (iso: string): string => `${iso.slice(0, 23).padEnd(23, '0')}000`

const form = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(Z|[+-]\d{2}:?\d{2})?$/

/** Milliseconds since 1970 of a moment as clients write it, with fractions; undefined for what is none. */
export function readMoment(text: string): number | undefined {
  const found = form.exec(text.trim())
  if (!found) return undefined
  const [, date, time = '00:00', zone = 'Z'] = found
  const [clock, fraction = '0'] = time.split('.')
  const ms = Date.parse(`${date}T${clock}${zone}`)
  return Number.isNaN(ms) ? undefined : ms + Number(fraction.padEnd(9, '0')) / 1e6
}

const unitMs: Record<string, number> = {
  MILLISECOND: 1,
  SECOND: 1_000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
}
/** Places of a date, the year first. */
const calendarUnits = ['YEAR', 'MONTH']
const step = /([+\-/])(\d*)([A-Z]+?)S?(?=[+\-/]|$)/y

/** A moment, or NOW, followed by Solr's date arithmetic: `NOW/DAY-7DAYS`. */
export function dateMath(text: string, now: Date): number | undefined {
  const base = /^NOW/.test(text)
    ? 'NOW'
    : (/^\d{4}-\d{2}-\d{2}(?:T[\d:.]+)?(?:Z|[+-]\d{2}:\d{2})?/.exec(text)?.[0] ?? '')
  let ms = base === 'NOW' ? now.getTime() : readMoment(base)
  if (ms === undefined) return undefined
  step.lastIndex = base.length
  while (step.lastIndex < text.length) {
    const found = step.exec(text)
    if (!found) return undefined
    const [, sign, count, unit] = found as unknown as [string, string, string, string]
    const next: number | undefined =
      sign === '/' ? floorTo(ms, unit) : added(ms, unit, (sign === '-' ? -1 : 1) * Number(count || 1))
    if (next === undefined || Number.isNaN(next)) return undefined
    ms = next
  }
  return ms
}

function added(ms: number, unit: string, count: number): number | undefined {
  const size = unitMs[unit === 'MILLI' ? 'MILLISECOND' : unit]
  if (size) return ms + count * size
  if (!calendarUnits.includes(unit)) return undefined
  const date = new Date(ms)
  if (unit === 'YEAR') date.setUTCFullYear(date.getUTCFullYear() + count)
  else date.setUTCMonth(date.getUTCMonth() + count)
  return date.getTime()
}

function floorTo(ms: number, unit: string): number | undefined {
  const size = unitMs[unit]
  if (size) return Math.floor(ms / size) * size
  const date = new Date(ms)
  if (unit === 'YEAR') return Date.UTC(date.getUTCFullYear(), 0)
  return unit === 'MONTH' ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) : undefined
}

/** A moment as clients write it in CKAN's own form; undefined for what is none. */
export function toNaive(text: string | undefined): string | undefined {
  const ms = text === undefined ? undefined : readMoment(text)
  if (ms === undefined) return undefined
  const whole = Math.floor(ms)
  const micro = Math.round((ms - whole) * 1000)
  return `${new Date(whole).toISOString().slice(0, 23)}${String(Math.min(999, micro)).padStart(3, '0')}`
}
