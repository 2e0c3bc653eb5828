import type { Fault } from '../platform/errors.ts'

/** UTF-16 units: a longer text breaks every limit of the schema anyway and is not worth normalising. */
const maxTidyLength = 200_000
/** Levels of an entry: content, items, one item, translations, one language, text. What lies deeper is refused by the schema. */
const maxDepth = 8

/** Members whose text has lines; in all others a line break is a space. */
const multiLine = new Set([
  'abstract',
  'description',
  'sharingScope',
  'refusalBasis',
  'openCondition',
  'duty',
])
/** Lists of words or codes, in which a second mention says nothing. */
const wordLists = new Set(['keyword', 'theme', 'classification', 'resourceCode', 'identifier', 'spatial'])

/** ASCII, CJK ideographs and their punctuation with single spaces: already in normal form C, nothing to do. */
const tidyAlready =
  /^[!-~\u4e00-\u9fff\u3001-\u3029\uff01-\uff5e\u2010-\u2027]+(?: [!-~\u4e00-\u9fff\u3001-\u3029\uff01-\uff5e\u2010-\u2027]+)*$/
const lineBreak = /\r\n?|[\u0085\u2028\u2029]/g
/** Control characters (but tab and line feed) and halves of surrogate pairs: PostgreSQL or JSON cannot hold them. */
const forbidden = /[^\P{Cc}\n\t]|\p{Cs}/u

const tidyText = (text: string, lines: boolean): string => {
  if (tidyAlready.test(text)) return text
  const normal = text.normalize('NFC')
  return lines
    ? normal
        .replace(lineBreak, '\n')
        .replace(/[\v\f]/g, ' ')
        .trim()
    : normal.replace(lineBreak, ' ').replace(/\s+/g, ' ').trim()
}

const pointer = (path: (string | number)[]) =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** Written over Object.prototype's setter, so that a member named `__proto__` stays a member. */
const put = (target: Record<string, unknown>, key: string, value: unknown) => {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

const isEmpty = (value: unknown) =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value as object).length === 0)

/**
 * A copy of a record in the form in which it is kept: texts in Unicode normal form C without outer spaces,
 * empty members left out, a word said twice kept once. The input is not touched; whatever is not an object
 * comes back as it is.
 * @returns the copy, and a fault for every text with a character that cannot be stored.
 */
export function tidyDataset(raw: unknown): { value: unknown; faults: Fault[] } {
  const faults: Fault[] = []
  const path: (string | number)[] = []

  const textOf = (text: string, key: string): string => {
    if (text.length > maxTidyLength) return text
    const tidy = tidyText(text, multiLine.has(key))
    if (tidy !== text || !tidyAlready.test(tidy)) {
      const found = forbidden.exec(tidy)
      if (found)
        faults.push({
          path: pointer(path),
          rule: 'forbidden_character',
          message: `The text has the character U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} at position ${found.index + 1}, which cannot be stored.`,
          remedy: 'Remove it; it usually comes from reading the file in the wrong encoding.',
        })
    }
    return tidy
  }

  const listOf = (list: unknown[], key: string, depth: number): unknown[] => {
    const copy: unknown[] = new Array(list.length)
    for (let i = 0; i < list.length; i++) {
      path.push(i)
      copy[i] = walk(list[i], key, depth + 1)
      path.pop()
    }
    return wordLists.has(key) ? [...new Set(copy)].filter((word) => word !== '' && word !== null) : copy
  }

  const walk = (value: unknown, key: string, depth: number): unknown => {
    if (typeof value === 'string') return textOf(value, key)
    if (value === null || typeof value !== 'object' || depth > maxDepth) return value
    if (Array.isArray(value)) return listOf(value, key, depth)
    const copy: Record<string, unknown> = {}
    for (const name of Object.keys(value)) {
      path.push(name)
      const tidy = walk((value as Record<string, unknown>)[name], name, depth + 1)
      path.pop()
      if (!isEmpty(tidy)) put(copy, name, tidy)
    }
    return copy
  }

  return { value: walk(raw, '', 0), faults }
}
