import { DatasetContent } from '../catalog/dataset.schema.ts'
import type { Profile } from '../platform/profile.ts'
import type { MappedRecord } from './mapping-entry.ts'
import { objectOf, shown, textOf, warning } from './mapping-values.ts'

/** As much of a JSON Schema as says what kind of value a member of an entry is. */
interface Shape {
  type?: string
  anyOf?: Shape[]
  items?: Shape
  properties?: Record<string, Shape>
  patternProperties?: Record<string, Shape>
}

/** Gives a mapped value the type that the catalogue wants at its place. */
export type Conform = (value: unknown, record: MappedRecord) => unknown

/**
 * Makes the conversion for a field of an entry, e.g. `items`, `distributions.0.byteSize`, `extension.recordCount`: tables
 * hold texts only, the catalogue also numbers, yes or no, and lists. A text that is no number or no yes-or-no is left out
 * with a warning. Extension fields are typed by the profile; without one they stay texts.
 */
export function compileConform(field: string, profile?: Profile): Conform {
  const path = field.split('.')
  const shape = shapeAt(path, profile)
  return (value, record) => conform(shape, value, `/${path.join('/')}`, record)
}

function shapeAt(path: string[], profile: Profile | undefined): Shape | undefined {
  if (path[0] === 'extension' && path.length === 2) return extensionShape(path[1]!, profile)
  let shape: Shape | undefined = DatasetContent as Shape
  for (const step of path) shape = shape && memberOf(shape, step)
  return shape && notNull(shape)
}

function extensionShape(name: string, profile: Profile | undefined): Shape {
  const type = profile?.extensionFields.find((field) => field.name === name)?.type
  return { type: type === 'number' || type === 'boolean' ? type : 'string' }
}

function memberOf(shape: Shape, name: string): Shape | undefined {
  const known = notNull(shape)
  if (known.items) return known.items
  if (known.properties && Object.hasOwn(known.properties, name)) return known.properties[name]
  return Object.values(known.patternProperties ?? {})[0]
}

/** The one kind of value other than null; of several none is told apart. */
function notNull(shape: Shape): Shape {
  const others = shape.anyOf?.filter((one) => one.type !== 'null')
  return others?.length === 1 ? others[0]! : shape
}

function conform(shape: Shape | undefined, value: unknown, path: string, record: MappedRecord): unknown {
  if (value === null || value === undefined) return value
  const type = shape && notNull(shape).type
  if (type === 'array') return conformList(notNull(shape!), value, path, record)
  if (type === 'object') return conformObject(shape!, value, path, record)
  if (type === 'number' || type === 'integer') return take(numberOf(value), 'number', value, path, record)
  if (type === 'boolean') return take(booleanOf(value), 'boolean', value, path, record)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}

function conformList(shape: Shape, value: unknown, path: string, record: MappedRecord): unknown[] {
  const list = Array.isArray(value) ? value : [value]
  return list.map((one, i) => conform(shape.items, one, `${path}/${i}`, record))
}

function conformObject(shape: Shape, value: unknown, path: string, record: MappedRecord): unknown {
  const object = objectOf(value)
  // What is no object is a fault that the catalogue names.
  if (!object) return value
  const members = Object.entries(object).map(([name, member]) => {
    const own = memberOf(shape, name)
    return [name, own ? conform(own, member, `${path}/${name}`, record) : member] as const
  })
  return Object.fromEntries(members.filter(([, member]) => member !== undefined))
}

const expected = {
  number: ['is no number and is left out', 'Write digits only, e.g. 1200 or 0.5.'],
  boolean: ['is neither yes nor no and is left out', 'Write true or false, yes or no, 1 or 0, 是 or 否.'],
} as const

function take(
  found: unknown,
  rule: keyof typeof expected,
  value: unknown,
  path: string,
  record: MappedRecord,
): unknown {
  // A blank says nothing.
  if (found === undefined && value !== '') {
    const [message, remedy] = expected[rule]
    record.warnings.push(
      rule === 'number'
        ? warning(path, 'number', `${shown(value)} ${message}`, remedy)
        : warning(path, 'yes_or_no', `${shown(value)} ${message}`, remedy),
    )
  }
  return found
}

const plainNumber = /^[+-]?\d+(\.\d+)?$/
/** `1,234,567.8`, as spreadsheets write it. */
const groupedNumber = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/

/** The number that a text writes; a comma is read as a group of thousands only, never as a decimal point. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  const text = typeof value === 'string' ? value.normalize('NFKC').trim() : ''
  if (!plainNumber.test(text) && !groupedNumber.test(text)) return undefined
  return Number(text.replaceAll(',', ''))
}

const yes = new Set(['true', 'yes', 'y', 't', '1', '是', '真', '有'])
const no = new Set(['false', 'no', 'n', 'f', '0', '否', '假', '无', '無'])

/** Yes or no in the words of tables. */
export function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const word = textOf(value)?.toLowerCase()
  return word === undefined ? undefined : yes.has(word) ? true : no.has(word) ? false : undefined
}
