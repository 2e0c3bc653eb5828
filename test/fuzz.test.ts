import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  bulkLines,
  createWorld,
  etagOf,
  goodBodies,
  learn,
  nth,
  remember,
  reviewEtagOf,
  sourceEtagOf,
  upload,
  uploads,
  type World,
} from './support/fuzz-world.ts'
import { startTestNode, type TestNode } from './support/node.ts'
import { type JsonSchema, sampled, spoil } from './support/schema-samples.ts'

/** Requests in all, over every operation of the OpenAPI document. */
const requests = 12_000
/** The same requests every time; set FUZZ_SEED to look elsewhere. */
const seed = Number(process.env.FUZZ_SEED ?? 20_260_101)
/** Faults after which it is enough. */
const maxFaults = 20
const roles = [
  ...(['steward', 'system_admin', 'security_admin', 'audit_admin'] as const),
  ...(['department_reviewer', 'data_office_reviewer'] as const),
]
/** Operations that no request here brings to a 2xx, with why. */
const neverGood: Record<string, string> = {
  'DELETE /api/v1/session': 'would sign a role out; sent once at the end instead',
}

interface Media {
  schema: JsonSchema
}
interface Operation {
  id: string
  method: string
  path: string
  parameters: { name: string; in: string; schema: JsonSchema }[]
  body: JsonSchema | null
  responses: Record<string, { content?: Record<string, Media> }>
}

type Described = Pick<Operation, 'parameters' | 'responses'> & {
  requestBody?: { content: Record<string, Media> }
}
interface OpenApi {
  paths: Record<string, Record<string, Described>>
  components: { schemas?: Record<string, JsonSchema> }
}

let node: TestNode
let document: OpenApi
let headers: Record<string, string>[]
let world: World
beforeAll(async () => {
  node = await startTestNode({ seed: 'small' })
  document = (await node.app.inject({ url: '/api/openapi.json' })).json()
  headers = [{}, ...(await Promise.all(roles.map((role) => node.headersFor(role))))]
  world = await createWorld(node, headers[1]!)
}, 120_000)
afterAll(() => node?.close())

const resolve = (ref: string) => document.components.schemas![ref.split('/').at(-1)!]!

const operations = (): Operation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([name, o]) => {
      const method = name.toUpperCase()
      return {
        id: `${method} ${path}`,
        method,
        path,
        parameters: o.parameters ?? [],
        body: o.requestBody?.content['application/json']?.schema ?? null,
        responses: o.responses,
      }
    }),
  )

const asText = (value: unknown) =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed()

interface Sample {
  path: Record<string, unknown>
  query: Record<string, unknown>
  payload: unknown
  /** Chooses among what is known. */
  n: number
  /** 0 to 9: how much of the request is right. */
  luck: number
  role: number
}

function samples(operation: Operation): fc.Arbitrary<Sample> {
  const part = (where: string) =>
    fc.record(
      Object.fromEntries(
        operation.parameters.filter((p) => p.in === where).map((p) => [p.name, sampled(p.schema, resolve)]),
      ),
      where === 'path' ? {} : { requiredKeys: [] },
    )
  const content = document.components.schemas!.DatasetContent!
  return fc.record({
    path: part('path'),
    query: part('query'),
    payload: sampled(operation.body ?? content, resolve),
    n: fc.nat(1_000_000),
    luck: fc.nat(9),
    role: fc.nat(headers.length - 1),
  })
}

interface Request {
  method: string
  url: string
  headers: Record<string, string>
  payload?: string
}

/** The value of a parameter that means something in this world, where there is one. */
function known(operation: Operation, name: string, s: Sample): string | undefined {
  const kind = operation.path.split('/')[3]!
  if (name === 'id' && kind === 'action') return nth(world.known.get('datasets'), s.n)
  if (operation.path === '/dataset/{name}')
    return `${nth(world.known.get('datasets'), s.n)}${nth(['', '.ttl', '.jsonld', '.rdf'], s.n)}`
  if (operation.path === '/sitemap/{file}') return nth(['pages.xml', '1.xml'], s.n)
  if (name === 'uid') return nth((operation.method === 'GET' ? world.known : world.made).get(kind), s.n)
  if (name === 'code' || name === 'body') return nth(world.known.get('bodies'), s.n)
  if (name === 'cursor') return nth(world.cursors, s.n)
  if (['version', 'from', 'to'].includes(name) && kind === 'datasets') return String(1 + (s.n % 3))
  if (name === 'item') return nth(world.known.get('item'), s.n)
  if (name === 'role') return nth(['viewer', 'steward'], s.n)
  if (kind === 'tables' && name === 'name') return nth(world.known.get('tables'), s.n)
  if (kind === 'tables' && (name === 'number' || name === 'asOf')) return '1'
  if (name === 'name') return `fuzz-${s.n % 5}`
  return undefined
}

async function requestOf(operation: Operation, s: Sample): Promise<Request> {
  const value = (name: string, random: unknown) =>
    (s.luck < 7 ? known(operation, name, s) : undefined) ?? asText(random)
  const search = new URLSearchParams()
  // A request with a body that is right has no query that is wrong.
  if (s.luck > 2 || operation.method === 'GET')
    for (const [key, random] of Object.entries(s.query))
      for (const v of Array.isArray(random) ? random : [random])
        if (s.luck > 0) search.append(key, value(key, v))
  const required = operation.path.endsWith('/diff') && s.luck === 0 ? { from: '1', to: '2' } : {}
  for (const [key, v] of Object.entries(required)) search.set(key, v)
  const url = operation.path.replace(
    /\{(\w+)\}/g,
    (_, name: string) => encodeURIComponent(value(name, s.path[name])) || '-',
  )
  // A sign-in ends the session it is sent with.
  const who = operation.id === 'POST /api/v1/session' ? {} : headers[s.role]
  const uid = known(operation, 'uid', s)
  const review = s.luck < 3 && operation.path.includes('/reviews/{uid}') && uid !== undefined
  const right = s.luck < 3 && operation.path.includes('/datasets/{uid}') && uid !== undefined
  const source = s.luck < 3 && operation.path === '/api/v1/sources/{uid}' && uid !== undefined
  return {
    method: operation.method,
    url: `${url}?${search}`,
    ...bodyOf(operation, s, {
      ...who,
      'if-match': right
        ? await etagOf(world, uid)
        : review
          ? await reviewEtagOf(world, uid)
          : source
            ? await sourceEtagOf(world, uid)
            : s.n % 2
              ? '"v1"'
              : '"vX"',
    }),
  }
}

function bodyOf(
  operation: Operation,
  s: Sample,
  base: Record<string, string>,
): Pick<Request, 'headers' | 'payload'> {
  if (operation.path.endsWith('/datasets/bulk')) {
    const type = s.luck === 9 ? 'application/json' : 'application/x-ndjson'
    return { headers: { ...base, 'content-type': type }, payload: bulkLines(world, s.n, s.payload) }
  }
  if (uploads.includes(operation.id)) {
    const { payload, contentType } = upload(world, s.n, s.payload)
    return { headers: { ...base, 'content-type': contentType }, payload }
  }
  if (!operation.body) return { headers: base }
  const good = s.luck < 5 ? goodBodies[operation.id]?.(world, s.n) : undefined
  const body = good === undefined ? s.payload : s.luck < 3 ? good : spoil(good, s.payload, s.n)
  return { headers: { ...base, 'content-type': 'application/json' }, payload: JSON.stringify(body) ?? 'null' }
}

/** Compiles schemas of the document once. */
function createCheck() {
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'openapi', components: document.components })
  const compiled = new Map<JsonSchema, ReturnType<typeof ajv.compile>>()
  /** What is outside the schema, if anything. */
  return (schema: JsonSchema, value: unknown): string | undefined => {
    let check = compiled.get(schema)
    if (!check) {
      check = ajv.compile(
        JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/')),
      )
      compiled.set(schema, check)
    }
    return check(value) ? undefined : ajv.errorsText(check.errors)
  }
}

interface Answer {
  statusCode: number
  body: string
  headers: Record<string, unknown>
}

const mediaType = (answer: Answer) => String(answer.headers['content-type'] ?? '').split(';')[0]!

/** What is wrong with an answer, if anything. */
function faultOf(
  operation: Operation,
  answer: Answer,
  check: ReturnType<typeof createCheck>,
): string | undefined {
  if (answer.statusCode >= 500 && !(answer.statusCode === 503 && operation.responses[503]))
    return answer.body.slice(0, 300)
  const type = mediaType(answer)
  if (!/json/.test(type)) return undefined
  const family = `${Math.floor(answer.statusCode / 100)}XX`
  const declared = operation.responses[answer.statusCode] ?? operation.responses[family]
  if (!declared) return 'status not declared'
  const content = declared.content ?? {}
  const schema = (content[type] ?? Object.values(content)[0])?.schema
  if (!schema || type === 'application/jsonl') return undefined
  const values = type === 'application/x-ndjson' ? answer.body.trim().split('\n') : [answer.body]
  for (const text of values) {
    const outside = check(schema, JSON.parse(text))
    if (outside) return `outside the schema: ${outside} ${text.slice(0, 200)}`
  }
  return undefined
}

function learnFrom(operation: Operation, answer: Answer): void {
  if (answer.statusCode >= 300 || mediaType(answer) !== 'application/json' || answer.body === '') return
  const value = JSON.parse(answer.body)
  learn(world, operation.method, operation.path, value)
  for (const item of Array.isArray(value.items) ? value.items.slice(0, 3) : [])
    if (typeof item.uid === 'string') remember(world.known, operation.path.split('/')[3]!, item.uid)
}

test(`${requests} random requests give no 5xx and no answer outside the schema`, async () => {
  const check = createCheck()
  const all = operations().filter((o) => !(o.id in neverGood))
  expect(all.length).toBeGreaterThan(20)
  const each = Math.ceil(requests / all.length)
  const plans = all.map((o, index) => fc.sample(samples(o), { numRuns: each, seed: seed + index }))
  const faults: string[] = []
  const statuses = new Map<number, number>()
  const good = new Map(all.map((o) => [o.id, 0]))
  let sent = 0
  // Operation after operation, so that what one makes the next ones meet.
  for (let i = 0; i < each && faults.length < maxFaults; i++)
    for (const [index, operation] of all.entries()) {
      const request = await requestOf(operation, plans[index]![i]!)
      const answer: Answer = await node.app.inject(request as InjectOptions)
      sent++
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
      if (answer.statusCode < 300) good.set(operation.id, good.get(operation.id)! + 1)
      const fault = faultOf(operation, answer, check)
      if (fault)
        faults.push(
          `${request.method} ${request.url.slice(0, 200)} ${request.payload?.slice(0, 200)} → ${answer.statusCode} ${fault}`,
        )
      learnFrom(operation, answer)
    }
  const counts = [...statuses].sort((a, b) => a[0] - b[0]).map(([s, n]) => `${s}: ${n}`)
  console.log(`${sent} requests, by status: ${counts.join(', ')}`)
  expect(faults).toEqual([])
  expect(sent).toBeGreaterThanOrEqual(requests)
  expect([...good].filter(([, n]) => n === 0).map(([id]) => id)).toEqual([])
}, 600_000)

test('the operation left out answers in its schema too', async () => {
  const out = await node.app.inject({ method: 'DELETE', url: '/api/v1/session', headers: headers[1] })
  expect(out.statusCode).toBe(204)
})
