import type { Fault } from '../platform/errors.ts'
import type { Profile } from '../platform/profile.ts'
import { limits } from './dataset.schema.ts'
import { checkCode, type Loose, pointer, type Rulebook } from './rulebook.ts'

/** Content of an extension field by its type; the text says what is asked for. */
const extensionTypes: Record<string, [(value: unknown) => boolean, string]> = {
  string: [(v) => typeof v === 'string', 'a text'],
  number: [(v) => typeof v === 'number', 'a number'],
  boolean: [(v) => typeof v === 'boolean', 'true or false'],
  date: [
    (v) => typeof v === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(v) && isCalendarDate(v),
    'a date such as 2024-03-31',
  ],
  code: [(v) => typeof v === 'string', 'a code'],
}
const isCalendarDate = (value: string) => {
  const at = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value)
}

/** The extension fields of the profile: known, of their type, present where asked for. */
export function checkExtension(extension: unknown, book: Rulebook, faults: Fault[]): void {
  const given =
    typeof extension === 'object' && extension !== null && !Array.isArray(extension)
      ? (extension as Loose)
      : {}
  for (const [name, value] of Object.entries(given)) {
    const path = `/extension/${pointer(name.slice(0, 50))}`
    const field = book.fields.get(name)
    if (!field)
      faults.push({
        path,
        rule: 'unknown_field',
        message: 'The profile has no such extension field.',
        remedy:
          book.fields.size > 0
            ? `Use one of ${[...book.fields.keys()].slice(0, 30).join(', ')}.`
            : 'Remove it.',
      })
    else checkField(value, field, path, book, faults)
  }
  for (const field of book.fields.values())
    if (field.required && !Object.hasOwn(given, field.name))
      faults.push({
        path: `/extension/${field.name}`,
        rule: 'required',
        message: `${field.name} is missing; the profile asks for it.`,
        remedy: 'Add it.',
      })
  if (Object.keys(given).length > 0 && Buffer.byteLength(JSON.stringify(given)) > limits.extensionBytes)
    faults.push({
      path: '/extension',
      rule: 'maxBytes',
      message: `The extension fields together are larger than ${limits.extensionBytes} bytes.`,
      remedy: 'Shorten them.',
    })
}

function checkField(
  value: unknown,
  field: Profile['extensionFields'][number],
  path: string,
  book: Rulebook,
  faults: Fault[],
): void {
  const [fits, asked] = extensionTypes[field.type]!
  if (!fits(value))
    faults.push({ path, rule: 'type', message: `${field.name} is not ${asked}.`, remedy: `Give ${asked}.` })
  else if (field.type === 'code') checkCode(value, field.codeList ?? '', path, book, faults)
  else if (
    field.maxLength !== undefined &&
    typeof value === 'string' &&
    [...value.slice(0, 2 * field.maxLength + 2)].length > field.maxLength
  )
    faults.push({
      path,
      rule: 'maxLength',
      message: `${field.name} is longer than ${field.maxLength} characters.`,
      remedy: `Shorten it to ${field.maxLength} characters.`,
    })
}
