import fc from 'fast-check'

/** As much of JSON Schema as our OpenAPI document uses. */
export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  patternProperties?: Record<string, JsonSchema>
  items?: JsonSchema | JsonSchema[]
  maxItems?: number
  minItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  pattern?: string
  format?: string
}

type Resolve = (ref: string) => JsonSchema

/** Values that break careless programs. */
const hostile = fc.constantFrom<unknown>(
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '👩‍👩‍👧',
  "'; drop table x; --",
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '%00',
  '{{7*7}}',
  '車站',
  'a'.repeat(5000),
  [],
  {},
  [[[[]]]],
  { __proto__: null, constructor: 1 },
  '0000-00-00',
  '9999-99-99T99:99:99Z',
  '00000000-0000-0000-0000-000000000000',
)

function stringOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const min = schema.minLength ?? 0
  const max = Math.min(schema.maxLength ?? 40, Math.max(min, 60))
  if (schema.format === 'uuid') return fc.uuid()
  if (schema.format === 'date')
    return fc
      .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((d) => d.toISOString().slice(0, 10))
  if (schema.format === 'date-time')
    return fc
      .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((d) => d.toISOString())
  if (schema.pattern) return fc.stringMatching(new RegExp(schema.pattern)).map((s) => s.slice(0, max))
  return fc.string({ minLength: min, maxLength: max, unit: 'binary' })
}

/** Values that fit `schema` nearly always. `depth` bounds the nesting. */
export function fitting(schema: JsonSchema, resolve: Resolve, depth = 4): fc.Arbitrary<unknown> {
  if (schema.$ref) return fitting(resolve(schema.$ref), resolve, depth)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const choice = schema.anyOf ?? schema.oneOf
  if (choice) return fc.oneof(...choice.map((s) => fitting(s, resolve, depth)))
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'string') return stringOf(schema)
  if (type === 'integer')
    return fc.integer({
      min: Math.max(schema.minimum ?? -1000, -(2 ** 31)),
      max: Math.min(schema.maximum ?? 1000, 2 ** 31 - 1),
    })
  if (type === 'number')
    return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true })
  if (type === 'boolean') return fc.boolean()
  if (type === 'null') return fc.constant(null)
  if (type === 'array') {
    if (depth === 0 || !schema.items || Array.isArray(schema.items)) return fc.constant([])
    return fc.array(fitting(schema.items, resolve, depth - 1), {
      minLength: schema.minItems ?? 0,
      maxLength: Math.min(schema.maxItems ?? 3, 3),
    })
  }
  if (type === 'object' || schema.properties) {
    const properties = Object.entries(schema.properties ?? {})
    const required = schema.required ?? []
    const shape = Object.fromEntries(
      properties
        .filter(([key]) => depth > 0 || required.includes(key))
        .map(([key, s]) => [key, fitting(s, resolve, depth - 1)]),
    )
    return fc.record(shape, { requiredKeys: required.filter((key) => key in shape) })
  }
  return hostile
}

/** Fitting values, now and then with one hostile value put somewhere inside, or hostile altogether. */
export function sampled(schema: JsonSchema, resolve: Resolve): fc.Arbitrary<unknown> {
  const good = fitting(schema, resolve)
  const spoiled = fc.tuple(good, hostile, fc.nat()).map(([value, bad, n]) => spoil(value, bad, n))
  return fc.oneof(
    { arbitrary: good, weight: 4 },
    { arbitrary: spoiled, weight: 4 },
    { arbitrary: fc.oneof(hostile, fc.jsonValue()), weight: 1 },
  )
}

export function spoil(value: unknown, bad: unknown, n: number): unknown {
  if (typeof value !== 'object' || value === null) return bad
  const keys = Object.keys(value)
  if (keys.length === 0) return bad
  const key = keys[n % keys.length]!
  const inner = (value as Record<string, unknown>)[key]
  const deeper = n % 3 === 0 && typeof inner === 'object' && inner !== null
  const next = deeper ? spoil(inner, bad, Math.floor(n / 3)) : bad
  return Array.isArray(value)
    ? value.map((v, i) => (String(i) === key ? next : v))
    : { ...value, [key]: next }
}
