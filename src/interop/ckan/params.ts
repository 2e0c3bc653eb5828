import { BadRequest, invalidField, missing } from './errors.ts'
import type { Loose } from './resource.ts'

/** Parameters as clients send them: JSON of any type, or texts from addresses and forms. */

/** @throws Validation Error, unless it is absent */
export function natural(params: Loose, name: string): number | undefined {
  const value = params[name]
  if (value === undefined || value === null || value === '') return undefined
  const number = typeof value === 'number' ? value : Number(String(value).trim() || Number.NaN)
  if (!Number.isSafeInteger(number)) throw invalidField(name, 'Invalid integer')
  if (number < 0) throw invalidField(name, 'Must be a natural number')
  return number
}

export function integer(params: Loose, name: string): number | undefined {
  const value = params[name]
  if (value === undefined || value === null || value === '') return undefined
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw invalidField(name, 'Invalid integer')
  return number
}

export function flag(params: Loose, name: string, otherwise = false): boolean {
  const value = params[name]
  if (value === undefined || value === null || value === '') return otherwise
  if (typeof value === 'boolean') return value
  const text = String(value).toLowerCase()
  if (/^(true|yes|on|y|t|1)$/.test(text)) return true
  if (/^(false|no|off|n|f|0)$/.test(text)) return false
  throw invalidField(name, `String is not true/false: ${text.slice(0, 50)}`)
}

/** A list given as one: JSON, JSON in a text, a repeated key, or a single value. */
export function list(params: Loose, name: string): string[] {
  const value = params[name]
  if (value === undefined || value === null || value === '') return []
  if (Array.isArray(value)) return value.map(String)
  if (typeof value !== 'string') return [String(value)]
  if (/^\s*\[/.test(value)) {
    try {
      const read = JSON.parse(value) as unknown
      if (Array.isArray(read)) return read.map(String)
    } catch {
      // A filter may begin with a bracket of its own.
    }
  }
  return [value]
}

export const text = (params: Loose, name: string): string | undefined => {
  const value = params[name]
  if (value === undefined || value === null || value === '') return undefined
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** What came in the address, as JSON would have it: one value a text, several a list. */
export function fromQuery(pairs: Iterable<[string, string]>): Loose {
  const params: Loose = {}
  for (const [key, value] of pairs) {
    const before = Object.hasOwn(params, key) ? params[key] : undefined
    const next = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
    Object.defineProperty(params, key, { value: next, enumerable: true, configurable: true, writable: true })
  }
  return params
}

/** @throws Validation Error where it is absent */
export const idOf = (params: Loose, name = 'id'): string => {
  const id = text(params, name)
  if (id === undefined) throw missing(name)
  return id
}

const notJson = (why: string) => new BadRequest(`JSON Error: ${why}`)

/** What came in the body: JSON, a form, or a form that is JSON because its client forgot to say so. */
export async function fromBody(body: Buffer, type: string): Promise<Loose> {
  if (body.length === 0) return {}
  if (/^multipart\/form-data/i.test(type)) return fromMultipart(body, type)
  if (/^application\/x-www-form-urlencoded/i.test(type)) {
    const source = body.toString('utf8')
    // curl -d '{"id": "x"}' sends JSON under this type.
    if (!/^\s*[{[]/.test(source)) return fromQuery(new URLSearchParams(source))
  }
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw notJson(`Error decoding JSON data. Error: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadRequest(
      `Bad request data: Request data JSON decoded to ${JSON.stringify(value)?.slice(0, 200)} but it needs to be a dictionary.`,
    )
  return value as Loose
}

async function fromMultipart(body: Buffer, type: string): Promise<Loose> {
  try {
    // Some clients forget to say the boundary; it is the first line.
    const first = /^--([^\r\n]{1,200})\r?\n/.exec(body.subarray(0, 300).toString('latin1'))?.[1]
    const whole = /boundary=/i.test(type) ? type : `multipart/form-data; boundary=${first}`
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': whole } }).formData()
    const pairs: [string, string][] = []
    const files: Loose = {}
    for (const [key, value] of form)
      if (typeof value === 'string') pairs.push([key, value])
      else files[key] = value
    return { ...fromQuery(pairs), ...files }
  } catch {
    throw notJson('the multipart form cannot be read')
  }
}
