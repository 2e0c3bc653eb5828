import { limits } from '../catalog/dataset.schema.ts'
import type { Expression, Step } from './mapping.schema.ts'
import type { MappedRecord } from './mapping-entry.ts'
import { htmlToText } from './mapping-html.ts'
import { cycleOf, dateOf, listOf, objectOf, shown, textOf, warning } from './mapping-values.ts'

/** The value of an expression for one source record; warnings go to `record`. */
export type Evaluate = (source: unknown, record: MappedRecord) => unknown

const isBlank = (value: unknown) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

/** A column by name, or the value at a JSON pointer. */
export function compileSource(from: string): (source: unknown) => unknown {
  if (!from.startsWith('/')) return (source) => own(source, from)
  const keys = from
    .slice(1)
    .split('/')
    .map((k) => k.replaceAll('~1', '/').replaceAll('~0', '~'))
  return (source) => keys.reduce((value, key) => own(value, key), source)
}

function own(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value[Number(key)]
  const object = objectOf(value)
  return object && Object.hasOwn(object, key) ? object[key] : undefined
}

/** Makes a function of an expression, so that a mapping is looked at once and not for every record. */
export function compileExpression(expression: Expression, field: string): Evaluate {
  const sources = listOf(expression.from).map((from) => compileSource(String(from)))
  const path = `/${String(listOf(expression.from)[0] ?? field).replace(/^\//, '')}`
  const steps = (expression.steps ?? []).map((step) => compileStep(step, path))
  const when = expression.when === undefined ? undefined : compileSource(expression.when)
  return (source, record) => {
    if (when && isBlank(when(source))) return undefined
    let value: unknown = expression.const
    for (const read of sources) {
      const found = read(source)
      if (isBlank(found)) continue
      value = found
      break
    }
    for (const step of steps) {
      if (isBlank(value)) return undefined
      value = step(value, source, record)
    }
    return isBlank(value) ? undefined : value
  }
}

type Run = (value: unknown, source: unknown, record: MappedRecord) => unknown

const eachText = (value: unknown, change: (text: string) => unknown) =>
  Array.isArray(value) ? value.map((v) => change(textOf(v) ?? '')) : change(textOf(value) ?? '')

function compileStep(step: Step, path: string): Run {
  if ('split' in step)
    return (value) =>
      listOf(value)
        .flatMap((v) => (textOf(v) ?? '').split(step.split))
        .map((part) => part.trim())
        .filter(Boolean)
  if ('join' in step) return (value) => listOf(value).map(textOf).filter(Boolean).join(step.join)
  if ('prefix' in step) return (value) => eachText(value, (text) => step.prefix + text)
  if ('replace' in step)
    return (value) => eachText(value, (text) => text.replaceAll(step.replace.find, step.replace.by))
  if ('html' in step) return (value) => eachText(value, htmlToText)
  if ('language' in step) return (value) => inLanguage(value, step.language)
  if ('lookup' in step) return lookup(step.lookup, path)
  if ('date' in step) return date(step.date, path)
  if ('updateCycle' in step) return updateCycle(path)
  if ('itemList' in step) return itemList(step.itemList)
  return (value) => columnList(textOf(value) ?? '', step.columnList)
}

function inLanguage(value: unknown, language: string): unknown {
  const object = objectOf(value)
  if (!object) return value
  const primary = language.split('-')[0]!
  return object[language] ?? object[primary] ?? Object.values(object).find((v) => !isBlank(v))
}

function lookup(table: Record<string, string>, path: string): Run {
  const codes = new Map(Object.entries(table).map(([word, code]) => [word.toLowerCase(), code]))
  const other = codes.get('*')
  return (value, _source, record) => {
    const found = listOf(value).map((v) => {
      const code = codes.get((textOf(v) ?? '').toLowerCase()) ?? other
      if (code === undefined)
        record.warnings.push(warning(path, 'lookup', `${shown(v)} is not in the table and is left out`))
      return code
    })
    return Array.isArray(value) ? found.filter((c) => c !== undefined) : found[0]
  }
}

function date(form: 'date' | 'date-time', path: string): Run {
  return (value, _source, record) => {
    const found = dateOf(value)
    if (found) return form === 'date' ? found.date : found.dateTime
    record.warnings.push(warning(path, 'date', `${shown(value)} is no date and is left out`))
    return undefined
  }
}

function updateCycle(path: string): Run {
  return (value, _source, record) => {
    const code = cycleOf(value)
    if (code) return code
    record.warnings.push(
      warning(
        path,
        'update_cycle',
        `the update frequency ${shown(value)} is not known; "irregular" is taken`,
      ),
    )
    return 'irregular'
  }
}

/** Texts "name - description" to items; names said twice keep their first mention. */
function itemList(options: { separator?: string; translations?: Record<string, string> }): Run {
  const others = Object.entries(options.translations ?? {}).map(
    ([language, from]) => [language, compileSource(from)] as const,
  )
  const cut = (text: string) => {
    const at = options.separator ? text.indexOf(options.separator) : -1
    const [name, description] =
      at > 0 ? [text.slice(0, at), text.slice(at + options.separator!.length)] : [text, undefined]
    return { name: name.trim(), ...(description?.trim() ? { description: description.trim() } : {}) }
  }
  return (value, source) => {
    const texts = listOf(value).map((v) => textOf(v) ?? '')
    const translated = others.flatMap(([language, read]) => {
      const list = listOf(read(source))
      // Lists of another length do not say the same things in the same order.
      return list.length === texts.length ? [[language, list] as const] : []
    })
    const seen = new Set<string>()
    return texts.flatMap((text, i) => {
      const item = cut(text)
      if (!item.name || seen.has(item.name)) return []
      seen.add(item.name)
      const translations = Object.fromEntries(
        translated.flatMap(([language, list]) => {
          const other = cut(textOf(list[i]) ?? '')
          // A translation too long to be a name is a sentence; the item stands without it.
          return other.name && other.name.length <= limits.shortText ? [[language, other]] : []
        }),
      )
      return [Object.keys(translations).length > 0 ? { ...item, translations } : item]
    })
  }
}

const sentence = /[。！？!?]|提供|本資料|本数据|資料集/
const brackets = /^[「『（("'[\s]+|[」』）)"'\]\s.。]+$/g

/**
 * Items from a description that is a list of column names, e.g. `編號、調查日期、縣市別` or `「序號」、「保管字號」`;
 * nothing when it reads like a sentence.
 */
export function columnList(text: string, options: { minimum?: number; longest?: number }): unknown {
  const plain = text.replace(/\s*\n\s*/g, '、').trim()
  // Some lists name what they belong to first: `資料欄位：…`
  const body = plain.replace(/^.{0,20}(欄位|字段|columns?|fields?)[^:：、,，]{0,10}[:：]/i, '')
  if (sentence.test(body.replace(/[。.]$/, ''))) return undefined
  const separator = ['、', ',', '，', ';', '；', '|'].find((s) => body.includes(s))
  if (!separator) return undefined
  const names = body
    .split(separator)
    .map((n) => n.replace(brackets, '').replace(/\s+/g, ' ').trim())
    .filter(Boolean)
  const unique = [...new Set(names)]
  if (unique.length < (options.minimum ?? 3)) return undefined
  if (unique.some((name) => name.length > (options.longest ?? 20))) return undefined
  return unique.map((name) => ({ name }))
}
