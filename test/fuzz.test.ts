import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestNode, type TestNode } from './support/node.ts'
import { type JsonSchema, sampled } from './support/schema-samples.ts'

/** Requests in all, over every operation of the OpenAPI document. */
const requests = 10_000
/** The same requests every time; set FUZZ_SEED to look elsewhere. */
const seed = Number(process.env.FUZZ_SEED ?? 20_260_101)

interface Operation {
  method: string
  path: string
  parameters: { name: string; in: string; schema: JsonSchema }[]
  body: JsonSchema | null
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>
}

interface OpenApi {
  paths: Record<
    string,
    Record<
      string,
      {
        parameters?: Operation['parameters']
        requestBody?: { content: Record<string, { schema: JsonSchema }> }
        responses: Operation['responses']
      }
    >
  >
  components: { schemas?: Record<string, JsonSchema> }
}

let node: TestNode
let document: OpenApi
beforeAll(async () => {
  node = await startTestNode({ seed: 'small' })
  document = (await node.app.inject({ url: '/api/openapi.json' })).json()
}, 120_000)
afterAll(() => node?.close())

const resolve = (ref: string) => document.components.schemas![ref.split('/').at(-1)!]!

function operations(): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, o]) => ({
      method: method.toUpperCase(),
      path,
      parameters: o.parameters ?? [],
      body: o.requestBody?.content['application/json']?.schema ?? null,
      responses: o.responses,
    })),
  )
}

const asText = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

function requestOf(
  operation: Operation,
): fc.Arbitrary<{ url: string; query: URLSearchParams; payload: unknown }> {
  const part = (where: string) =>
    fc.record(
      Object.fromEntries(
        operation.parameters.filter((p) => p.in === where).map((p) => [p.name, sampled(p.schema, resolve)]),
      ),
      where === 'path' ? {} : { requiredKeys: [] },
    )
  return fc
    .tuple(
      part('path'),
      part('query'),
      operation.body ? sampled(operation.body, resolve) : fc.constant(undefined),
    )
    .map(([path, query, payload]) => {
      const search = new URLSearchParams()
      for (const [key, value] of Object.entries(query))
        for (const v of Array.isArray(value) ? value : [value]) search.append(key, asText(v).toWellFormed())
      const url = operation.path.replace(
        /\{(\w+)\}/g,
        (_, name: string) => encodeURIComponent(asText(path[name]).toWellFormed()) || '-',
      )
      return { url, query: search, payload }
    })
}

test(`${requests} random requests give no 5xx and no answer outside the schema`, async () => {
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'openapi', components: document.components })
  const validators = new Map<JsonSchema, ReturnType<typeof ajv.compile>>()
  const validator = (schema: JsonSchema) => {
    const known = validators.get(schema)
    if (known) return known
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/')
    const made = ajv.compile(JSON.parse(text))
    validators.set(schema, made)
    return made
  }
  const all = operations().filter((o) => !(o.method === 'DELETE' && o.path.endsWith('/session')))
  expect(all.length).toBeGreaterThan(20)
  const headers = [
    {},
    ...(await Promise.all(
      ['steward', 'system_admin', 'security_admin', 'audit_admin'].map((role) => node.headersFor(role)),
    )),
  ]
  const each = Math.ceil(requests / all.length)
  const faults: string[] = []
  const statuses = new Map<number, number>()
  let sent = 0
  for (const [index, operation] of all.entries()) {
    for (const [i, request] of fc
      .sample(requestOf(operation), { numRuns: each, seed: seed + index })
      .entries()) {
      const answer = await node.app.inject({
        method: operation.method as 'GET',
        url: `${request.url}?${request.query}`,
        headers: {
          ...headers[i % headers.length],
          ...(request.payload === undefined ? {} : { 'content-type': 'application/json' }),
          'if-match': i % 2 ? '"v1"' : '"vX"',
        },
        ...(request.payload === undefined ? {} : { payload: JSON.stringify(request.payload) }),
      })
      sent++
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
      const where = `${operation.method} ${`${request.url}?${request.query}`.slice(0, 200)} ${JSON.stringify(request.payload)?.slice(0, 200)} → ${answer.statusCode}`
      if (answer.statusCode >= 500) faults.push(`${where} ${answer.body.slice(0, 300)}`)
      else if (
        /json/.test(String(answer.headers['content-type'])) &&
        !/jsonl|ndjson/.test(String(answer.headers['content-type']))
      ) {
        const declared =
          operation.responses[answer.statusCode] ??
          operation.responses[`${Math.floor(answer.statusCode / 100)}XX`]
        const schema = Object.values(declared?.content ?? {})[0]?.schema
        if (!declared) faults.push(`${where}: status not declared`)
        else if (schema && !validator(schema)(answer.json()))
          faults.push(
            `${where}: outside the schema: ${ajv.errorsText(validator(schema).errors)} ${answer.body.slice(0, 200)}`,
          )
      }
      if (faults.length > 20) break
    }
  }
  console.log(
    `${sent} requests, by status: ${[...statuses]
      .sort((a, b) => a[0] - b[0])
      .map(([s, n]) => `${s}: ${n}`)
      .join(', ')}`,
  )
  expect(faults).toEqual([])
  expect(sent).toBeGreaterThanOrEqual(requests)
}, 600_000)
