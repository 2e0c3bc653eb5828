/** CKAN's moments: UTC without saying so, six digits of a second. */
export const naive = (iso: string): string => `${iso.slice(0, 23).padEnd(23, '0')}000`

const naivePattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(Z|[+-]\d{2}:?\d{2})?$/

/** Milliseconds since 1970 of a moment as clients write it, rounded up where it has finer digits; undefined for none. */
export function readMoment(text: string): number | undefined {
  const found = naivePattern.exec(text.trim())
  if (!found) return undefined
  const [, date, time = '00:00:00', zone = 'Z'] = found
  const seconds = time.split('.')[0]!
  const ms = Date.parse(`${date}T${seconds}${zone}`)
  if (Number.isNaN(ms)) return undefined
  return ms + Math.ceil(Number(`0.${time.split('.')[1] ?? 0}`) * 1000)
}
