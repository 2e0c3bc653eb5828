import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CatalogApp, createCatalogApp, sampleContent } from '../../test/support/catalog-app.ts'
import type { BulkOutcome, BulkSummary } from './bulk.schema.ts'
import { maxLineBytes } from './bulk.ts'
import { readLines } from './json-lines.ts'

let s: CatalogApp
let steward: Record<string, string>
let port: number
beforeAll(async () => {
  s = await createCatalogApp()
  steward = await s.signIn('steward', ['steward', 'data_office_reviewer'], 'county')
  await s.app.listen({ port: 0, host: '127.0.0.1' })
  port = (s.app.server.address() as AddressInfo).port
})
afterAll(() => s?.close())

type ReportLine = Partial<BulkOutcome & BulkSummary>

/** Sends the chunks as they come and gives back the report's lines. */
async function send(
  chunks: Iterable<string | Buffer>,
  query = 'source=t&publish=true',
  headers: Record<string, string> = {},
) {
  return new Promise<{ status: number; lines: ReportLine[]; body: string }>((resolve, reject) => {
    const out = request(
      {
        port,
        method: 'POST',
        path: `/api/v1/datasets/bulk?${query}`,
        headers: { 'content-type': 'application/x-ndjson', ...steward, ...headers },
      },
      async (answer) => {
        let body = ''
        for await (const chunk of answer.setEncoding('utf8')) body += chunk
        const lines = body.trim().split('\n')
        resolve({
          status: answer.statusCode!,
          body,
          lines: answer.statusCode === 200 ? lines.map((l) => JSON.parse(l)) : [],
        })
      },
    )
    out.on('error', reject)
    Readable.from(chunks).pipe(out)
  })
}
const line = (sourceId: string, more: Record<string, unknown> = {}) =>
  `${JSON.stringify({ sourceId, content: sampleContent(more) })}\n`

test('a report line for every line, in order, then the summary', async () => {
  const chunks = [
    '\ufeff',
    line('a'),
    '\n',
    '{"sourceId": "b", "content": \n',
    line('c', { title: '' }),
    line('a', { title: 'twice' }),
    Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]),
    '[1]\n',
    '{"sourceId":{},"content":{}}\n',
    line('d', { body: 'other' }),
    JSON.stringify({ content: sampleContent({ title: 'no identifier' }) }),
  ]
  const { status, lines } = await send(chunks)
  expect(status).toBe(200)
  expect(lines.map((l) => (l.summary ? l : [l.line, l.outcome, l.faults?.[0]?.rule]))).toEqual([
    [1, 'added', undefined],
    [3, 'rejected', 'json'],
    [4, 'rejected', 'required'],
    [5, 'rejected', 'duplicate_identifier'],
    [6, 'rejected', 'encoding'],
    [7, 'rejected', 'required'],
    [8, 'rejected', 'type'],
    [9, 'rejected', 'forbidden'],
    [10, 'added', undefined],
    { summary: { lines: 9, added: 2, changed: 0, unchanged: 0, rejected: 7 } },
  ])
  const again = await send([line('a'), line('a2', { title: 'x' }), chunks.at(-1)!])
  expect(again.lines.map((l) => l.outcome ?? 'end')).toEqual(['unchanged', 'added', 'unchanged', 'end'])
})

test('order of members and spaces do not make another record', async () => {
  const { title, ...rest } = sampleContent({
    title: 'In any order',
    contact: { name: 'a', email: 'a@b.example' },
  })
  const forms = [
    JSON.stringify({ sourceId: 'order', content: { title, ...rest } }),
    JSON.stringify({
      content: { ...rest, contact: { email: 'a@b.example', name: 'a' }, title },
      sourceId: 'order',
    }),
    ` { "sourceId" : "order" , "content" : ${JSON.stringify({ ...rest, title }, null, 1).replaceAll('\n', ' ')} } `,
  ]
  for (const [i, form] of forms.entries())
    expect((await send([form])).lines[0]!.outcome, form).toBe(i === 0 ? 'added' : 'unchanged')
  const unnamed = [
    JSON.stringify({ content: { title, ...rest } }),
    JSON.stringify({ content: { ...rest, title } }),
  ]
  expect((await send([`${unnamed[0]}\n`])).lines[0]!.outcome).toBe('added')
  expect((await send([`${unnamed[1]}\n`])).lines[0]!.outcome).toBe('unchanged')
  // As it was named when its name came from the bytes of its line.
  const old = JSON.stringify({ content: sampleContent({ title: 'Old name' }) })
  const { lines } = await send([old])
  await s.database.pool.query('update catalog.dataset set source_id = $1 where uid = $2', [
    createHash('sha256').update(old).digest('hex'),
    lines[0]!.uid,
  ])
  expect((await send([old])).lines[0]).toMatchObject({ outcome: 'unchanged', uid: lines[0]!.uid })
})

test('a line nested deeper than the stack is a reject', async () => {
  const depth = 500_000
  const { lines } = await send([
    `{"content":${'['.repeat(depth)}${']'.repeat(depth)}}\n`,
    line('after depth'),
  ])
  expect(lines.map((l) => l.outcome ?? 'end')).toEqual(['rejected', 'added', 'end'])
})

test('a 50 MB title is a reject; its neighbours are in', async () => {
  function* file() {
    yield line('before')
    yield '{"sourceId":"huge","content":{"title":"'
    for (let i = 0; i < 50; i++) yield 'x'.repeat(1_000_000)
    yield '"}}\n'
    yield line('after')
  }
  const { lines } = await send(file())
  expect(lines.map((l) => l.outcome ?? l.summary?.rejected)).toEqual(['added', 'rejected', 'added', 1])
  expect(lines[1]!.faults?.[0]).toMatchObject({ path: '2:1', rule: 'too_large' })
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('memory does not grow with the number of lines', async () => {
  /** Sends lines without keeping them or their report. @returns the most memory held meanwhile (bytes) */
  async function peak(prefix: string, lines: number): Promise<number> {
    const out = request({
      port,
      method: 'POST',
      path: '/api/v1/datasets/bulk?source=t&publish=true',
      headers: { 'content-type': 'application/x-ndjson', ...steward },
    })
    const tail = (async () => {
      const [answer] = await once(out, 'response')
      let last = ''
      for await (const chunk of answer.setEncoding('utf8')) last = (last + chunk).slice(-500)
      return last
    })()
    let most = 0
    const look = () => {
      // Only what is still in use counts.
      collect()
      const { heapUsed, external } = process.memoryUsage()
      most = Math.max(most, heapUsed + external)
    }
    for (let i = 0; i < lines; i++) {
      const text = line(`${prefix}${i}`, { title: `Entry ${i}`, abstract: 'x'.repeat(4_000) })
      if (!out.write(text)) await once(out, 'drain')
      if (i % 250 === 249) look()
    }
    out.end()
    expect(await tail).toContain(`{"summary":{"lines":${lines},"added":${lines},`)
    return most
  }
  // A second try must not meet the entries of the first.
  const run = randomUUID().slice(0, 8)
  await peak(`warm-${run}-`, 2_000)
  const small = await peak(`small-${run}-`, 2_000)
  const large = await peak(`large-${run}-`, 16_000)
  console.log(`bulk: ${Math.round((large - small) / 1024)} KiB more for 14,000 lines more`)
  // The larger file is 61 MB longer; a batch of it has 4, and a look may fall on several at once.
  expect(large - small).toBeLessThan(24 * 1024 * 1024)
}, 120_000)

test('a caller may send everything before it reads the report', async () => {
  const lines = 40_000
  // Together with the report far more than the buffers of both sides of a connection hold.
  const text = `${'x'.repeat(1_500)}\n`
  const head = [
    'POST /api/v1/datasets/bulk?source=t HTTP/1.1',
    'host: localhost',
    'connection: close',
    'content-type: application/x-ndjson',
    `content-length: ${lines * text.length}`,
    ...Object.entries(steward).map(([name, value]) => `${name}: ${value}`),
  ]
  const socket = connect(port, '127.0.0.1')
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  for (let i = 0; i < lines; i += 100) {
    if (socket.write(text.repeat(100))) continue
    await Promise.race([
      once(socket, 'drain'),
      new Promise((_, reject) => setTimeout(reject, 10_000, new Error('nothing is read any more'))),
    ])
  }
  let report = ''
  for await (const chunk of socket.setEncoding('utf8')) report += chunk
  // The pieces of a chunked answer, put together.
  report = report.replace(/\r\n[0-9a-f]+\r\n/g, '')
  expect(report.match(/"outcome":"rejected"/g)).toHaveLength(lines)
  expect(report).toContain(`{"summary":{"lines":${lines},"added":0,`)
}, 60_000)

describe('what is refused before a line is read', () => {
  test.each([
    ['no sign-in', 'source=t', { cookie: '', 'x-csrf-token': '' }, 401],
    ['another media type', 'source=t', { 'content-type': 'application/json' }, 415],
    ['an unknown parameter', 'colour=red', {}, 400],
    ['a source with control characters', 'source=%00', {}, 400],
  ] as const)('%s', async (_, query, headers, status) => {
    const answer = await send([line('z')], query, headers)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body).code).toMatch(/\w/)
  })
  test('nothing in, only the summary out', async () => {
    expect((await send([])).lines).toEqual([
      { summary: { lines: 0, added: 0, changed: 0, unchanged: 0, rejected: 0 } },
    ])
  })
})

test('a caller that goes away in the middle: whole batches are in, nothing is half', async () => {
  const out = request({
    port,
    method: 'POST',
    path: '/api/v1/datasets/bulk?source=gone&publish=true',
    headers: { 'content-type': 'application/x-ndjson', ...steward },
  })
  out.on('error', () => {})
  for (let i = 0; i < 2_200; i++) out.write(line(`g${i}`))
  await new Promise((resolve) => setTimeout(resolve, 800))
  out.destroy()
  await new Promise((resolve) => setTimeout(resolve, 400))
  const { rows } = await s.database.pool.query(
    `select count(*) as n, count(*) filter (where item_count <> (select count(*) from catalog.item i where i.dataset_id = d.id)) as half
     from catalog.dataset d where source = 'gone'`,
  )
  expect(rows[0].half).toBe(0)
  expect(rows[0].n % 1_000).toBe(0)
  expect((await send([line('alive')])).status).toBe(200)
})

describe('lines', () => {
  const read = async (chunks: string[], max = 100) => {
    const found: [number, string | null, number][] = []
    for await (const l of readLines(Readable.from(chunks.map((c) => Buffer.from(c))), max))
      found.push([l.number, l.bytes?.toString() ?? null, l.size])
    return found
  }
  test('breaks across chunks, carriage returns, empty lines, no break at the end', async () => {
    expect(await read(['a', 'b\r', '\n\n', 'c\nd'])).toEqual([
      [1, 'ab', 3],
      [3, 'c', 1],
      [4, 'd', 1],
    ])
  })
  test('a line over the limit is counted and skipped', async () => {
    expect(await read(['12345', '678\nok\n'], 5)).toEqual([
      [1, null, 8],
      [2, 'ok', 2],
    ])
    expect(maxLineBytes).toBeGreaterThan(1_000_000)
  })
})
