import { ConcordError } from '../../platform/errors.ts'

interface Range {
  type: string
  quality: number
}

/** Media ranges of an Accept header; what is not one is passed over. */
function ranges(header: string): Range[] {
  return header.split(',').flatMap((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const quality = parameters.find((text) => text.startsWith('q='))?.slice(2)
    const value = quality === undefined ? 1 : Number(quality)
    return /^[^\s/]+\/[^\s/]+$/.test(type) && value >= 0 && value <= 1 ? [{ type, quality: value }] : []
  })
}

/** The quality that a header gives a type: that of the most exact range (RFC 9110, 12.5.1). */
function qualityOf(type: string, accepted: Range[]): number {
  const group = `${type.split('/')[0]}/*`
  for (const range of [type, group, '*/*']) {
    const found = accepted.find((one) => one.type === range)
    if (found) return found.quality
  }
  return 0
}

/**
 * The offered type that a reader likes best, the first of equals; without a header the first.
 * @throws not_acceptable naming what there is.
 */
export function negotiate<T extends string>(header: string | undefined, offered: readonly T[]): T {
  if (!header?.trim()) return offered[0]!
  const accepted = ranges(header)
  const [best] = offered
    .map((type) => ({ type, quality: qualityOf(type, accepted) }))
    .sort((a, b) => b.quality - a.quality)
  if (best && best.quality > 0) return best.type
  throw new ConcordError('not_acceptable', 'This address has none of the forms that were asked for.', {
    faults: [
      {
        path: 'headers/accept',
        rule: 'accept',
        message: `${header.slice(0, 200)} names none of the forms of this address.`,
        remedy: `Ask for one of ${offered.join(', ')}.`,
      },
    ],
  })
}
