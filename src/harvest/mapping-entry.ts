import type { Fault } from '../platform/errors.ts'
import { dateOf, shown, textOf, urlOf, warning } from './mapping-values.ts'

/** A record turned into the content of an entry. */
export interface MappedRecord {
  sourceId: string | undefined
  title: string
  /** As the catalogue's schema wants it; the catalogue checks it. */
  content: Record<string, unknown>
  /** What was left out or changed on the way, with its place in the source record. The entry is taken all the same. */
  warnings: Fault[]
  /** What forbids taking the record. */
  faults: Fault[]
  /** The body as the record names it. */
  bodyName?: string
  /** Global identifiers (URI, DOI) that the record has beside the one it is found by. */
  identifiers?: string[]
  /** The source lists only what everybody may take. */
  listedForAll?: boolean
  /** Sharing and opening that neither the record nor the mapping says, with what was taken. */
  assumed?: Record<string, string>
}

export const emptyRecord = (): MappedRecord => ({
  sourceId: undefined,
  title: '',
  content: {},
  warnings: [],
  faults: [],
})

/** A date of a source record for the entry; what is no date is left out with a warning: a wrong date helps nobody, the entry does. */
export function takeDate(record: MappedRecord, path: string, value: unknown, form: 'date' | 'dateTime') {
  if (textOf(value) === undefined) return undefined
  const date = dateOf(value)
  if (date) return date[form]
  record.warnings.push(
    warning(
      path,
      'date',
      `${shown(value)} is no date and is left out`,
      'Write it as 2024-03-31, or leave it out.',
    ),
  )
  return undefined
}

/** An address of a source record; what is none is left out with a warning. */
export function takeUrl(record: MappedRecord, path: string, value: unknown) {
  if (textOf(value) === undefined) return undefined
  const url = urlOf(value)
  if (!url)
    record.warnings.push(
      warning(
        path,
        'url',
        `${shown(value)} is no web address and is left out`,
        'Give an http, https or ftp address.',
      ),
    )
  return url
}

/** Words without blanks and repetitions; the count is not cut, so that the catalogue's limit sees it. */
export function takeWords(values: Iterable<unknown>): string[] {
  const words = new Set<string>()
  for (const value of values) {
    const word = textOf(value)
    if (word) words.add(word)
  }
  return [...words]
}

/** Drops members without a value, so that equal entries have equal hashes. */
export function compact<T extends Record<string, unknown>>(value: T): T {
  for (const key of Object.keys(value)) {
    const member = value[key]
    if (member === undefined || member === null || (Array.isArray(member) && member.length === 0))
      delete value[key]
  }
  return value
}
