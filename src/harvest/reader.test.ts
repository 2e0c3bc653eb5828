import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createJsonSplitter, JsonSyntaxError } from './json-splitter.ts'
import { openFile } from './reader.ts'
import { detectEncoding } from './reader-bytes.ts'
import { type ReadEvent, type ReadOptions, recordByteLimit } from './reader-event.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-reader-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function read(content: string | Uint8Array, options: ReadOptions): Promise<ReadEvent[]> {
  const path = join(folder, 'file')
  writeFileSync(path, content)
  const file = await openFile(path, options)
  const events: ReadEvent[] = []
  for await (const group of file.events) events.push(...group)
  return events
}
const values = (events: ReadEvent[]) => events.flatMap((e) => (e.kind === 'record' ? [e.value] : []))
const others = (events: ReadEvent[]) =>
  events.flatMap((e) => (e.kind === 'record' ? [] : [`${e.kind} ${e.place}: ${e.fault.rule}`]))

describe('JSON splitter', () => {
  const text = JSON.stringify({
    skip: { a: '}]"\\', b: [1, { c: '\\"' }] },
    list: [{ x: 'a"b\\' }, 'text \\" ]', 12.5e3, true, null, [], {}, { deep: [[[{ y: '{[' }]]] }],
    after: 1,
  })

  test.each([1, 2, 3, 7, 1000])('finds the same values in pieces of %i bytes', (size) => {
    const found: unknown[] = []
    const splitter = createJsonSplitter({
      choose: (path) => (path === '' || path === '/list' ? 'descend' : path === '/list/*' ? 'take' : 'skip'),
      limit: 1000,
      onValue: (v) => found.push([v.pointer, JSON.parse(v.bytes.toString())]),
    })
    const bytes = Buffer.from(text)
    for (let i = 0; i < bytes.length; i += size) splitter.push(bytes.subarray(i, i + size))
    splitter.end()
    expect(found).toEqual((JSON.parse(text).list as unknown[]).map((v, i) => [`/list/${i}`, v]))
  })

  test.each(['{"a":1', '[1,2', '{"a" 1}', '[1 2]', '{]', '', '[1]]', '{"a":1,}'])(
    '%s is an error',
    (broken) => {
      const splitter = createJsonSplitter({ choose: () => 'descend', limit: 10, onValue() {} })
      expect(() => {
        splitter.push(Buffer.from(broken))
        splitter.end()
      }).toThrow(JsonSyntaxError)
    },
  )
})

describe('CKAN', () => {
  const packages = [{ id: 'a' }, { id: 'b' }]
  test.each([
    ['a search answer', { count: 2, results: packages }],
    ['an API answer', { help: '', success: true, result: { count: 2, results: packages, facets: {} } }],
    ['a result that is a list', { success: true, result: packages }],
    ['a list', packages],
  ])('%s', async (_name, value) => {
    expect(values(await read(JSON.stringify(value, null, 1), { format: 'ckan' }))).toEqual(packages)
  })

  test('a dump, one package a line', async () => {
    const lines = packages.map((p) => JSON.stringify({ ...p, notes: 'x' })).join('\n')
    expect(values(await read(`${lines}\n`, { format: 'ckan' }))).toHaveLength(2)
  })

  test('fewer than announced is told', async () => {
    const events = await read(JSON.stringify({ count: 5, results: packages }), { format: 'ckan' })
    expect(others(events)).toEqual(['note /count: fewer_than_announced'])
  })

  test('a truncated file gives what came before, and the place', async () => {
    const whole = JSON.stringify(
      { results: Array.from({ length: 50 }, (_, i) => ({ id: `p${i}`, n: 'x'.repeat(50) })) },
      null,
      1,
    )
    const events = await read(whole.slice(0, 2_000), { format: 'ckan' })
    expect(values(events).length).toBeGreaterThan(15)
    expect(others(events)).toEqual([
      expect.stringMatching(/^reject \/results\/\d+ line \d+: json$/),
      expect.stringMatching(/^fatal \/results\/\d+ line \d+: json$/),
    ])
  })

  test('a title of 50 MB is measured and passed over', async () => {
    const huge = `[{"id":"a"},{"id":"b","title":"${'x'.repeat(50 * 1024 * 1024)}"},{"id":"c"}]`
    const before = process.memoryUsage().arrayBuffers
    const path = join(folder, 'huge.json')
    writeFileSync(path, huge)
    const file = await openFile(path, { format: 'ckan' })
    const events: ReadEvent[] = []
    let most = 0
    for await (const group of file.events) {
      events.push(...group)
      most = Math.max(most, process.memoryUsage().arrayBuffers)
    }
    expect(values(events)).toEqual([{ id: 'a' }, { id: 'c' }])
    const reject = events.find((e) => e.kind === 'reject')!
    expect(reject.fault.message).toContain('52,428,821 bytes')
    expect(most - before).toBeLessThan(80 * 1024 * 1024)
  })

  test('one broken record costs that record', async () => {
    const events = await read('[{"id":"a"},{"id": tru},{"id":"c"}]', { format: 'ckan' })
    expect(values(events)).toEqual([{ id: 'a' }, { id: 'c' }])
    expect(others(events)).toEqual(['reject /1 line 1: json'])
  })

  test('something else is told', async () => {
    expect(others(await read('{"hello": []}', { format: 'ckan' }))).toEqual(['fatal /: no_records'])
    expect(others(await read('hello', { format: 'ckan' }))).toEqual(['fatal /: no_records'])
  })
})

describe('CSV', () => {
  const rows = (events: ReadEvent[]) => values(events).map((v) => Object.values(v as object))

  test('quotes, doubled quotes, line breaks, empty cells', async () => {
    const events = await read('a,b,c\r\n1,"x ""y""\nz",3\r\n\r\n4,,\r\n,,\r\n', { format: 'csv' })
    expect(rows(events)).toEqual([
      ['1', 'x "y"\nz', '3'],
      ['4', '', ''],
      ['', '', ''],
    ])
    expect(events.map((e) => e.place)).toEqual(['line 2', 'line 5', 'line 6'])
  })

  test.each([',', ';', '\t', '|'])('the delimiter "%s" is found', async (d) => {
    const text = [`a${d}b${d}c`, `1${d}"2${d}, x"${d}3`, `4${d}5${d}6`].join('\n')
    expect(rows(await read(text, { format: 'csv' }))[0]).toEqual(['1', `2${d}, x`, '3'])
  })

  test('a stray quote in the middle costs that record, not the rest of the file', async () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `${i},"title ${i}",https://data.example/${i}`)
    lines[2_500] = '2500,"title 2500,https://data.example/2500'
    const events = await read(['id,title,url', ...lines].join('\n'), { format: 'csv' })
    expect(rows(events)).toHaveLength(4_999)
    expect(others(events)).toEqual(['reject line 2502: stray_quote'])
  })

  test('a stray quote with none after it costs that record too', async () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `${i},title ${i},x`)
    lines[2_500] = '2500,"title 2500,x'
    const events = await read(['id,title,url', ...lines].join('\n'), { format: 'csv' })
    expect(rows(events)).toHaveLength(4_999)
    expect(others(events)).toEqual(['reject line 2502: stray_quote'])
  })

  test('a quote inside an unquoted cell is a character', async () => {
    expect(rows(await read('a,b\n1,5" disk\n', { format: 'csv' }))).toEqual([['1', '5" disk']])
  })

  test('a line over the limit is measured', async () => {
    const events = await read(`a,b\n1,${'x'.repeat(recordByteLimit)}\n2,y\n`, { format: 'csv' })
    expect(rows(events)).toEqual([['2', 'y']])
    expect(others(events)).toEqual(['reject line 2: record_too_large'])
  })

  test('a line as one column', async () => {
    const options: ReadOptions = { format: 'csv', delimiter: '', header: false, columns: ['title'] }
    expect(rows(await read('a, "b"\n\nc\n', options))).toEqual([['a, "b"'], ['c']])
  })
})

describe('encodings', () => {
  const text = 'id,标题\n1,人口与户籍登记信息\n2,道路交通\n'
  const encode = (encoding: string) => {
    if (encoding === 'utf-16le') return Buffer.from(`\ufeff${text}`, 'utf16le')
    if (encoding === 'utf-16be') return Buffer.from(`\ufeff${text}`, 'utf16le').swap16()
    return Buffer.from(text)
  }
  // What TextEncoder cannot write: 标题, 人口与户籍登记信息, 道路交通 in GB18030.
  const gb = Buffer.from(
    '69642cb1eacce20a312cc8cbbfdad3ebbba7bcaeb5c7bcc7d0c5cfa20a322cb5c0c2b7bdbbcda80a',
    'hex',
  )

  test.each([
    ['utf-8', Buffer.from(text)],
    ['utf-8', Buffer.from(`\ufeff${text}`)],
    ['utf-16le', encode('utf-16le')],
    ['utf-16be', encode('utf-16be')],
    ['gb18030', gb],
  ])('%s is found and read', async (encoding, bytes) => {
    expect(detectEncoding(bytes)).toBe(encoding)
    expect(values(await read(bytes, { format: 'csv' }))).toEqual([
      { id: '1', 标题: '人口与户籍登记信息' },
      { id: '2', 标题: '道路交通' },
    ])
  })

  test('JSON in UTF-16', async () => {
    const json = Buffer.from(`\ufeff${JSON.stringify([{ id: '甲' }])}`, 'utf16le')
    expect(values(await read(json, { format: 'ckan' }))).toEqual([{ id: '甲' }])
  })

  test('broken UTF-8 is a reject of its record, with the byte', async () => {
    const bytes = Buffer.from('id,title\n1,人口\n2,xx人口\n3,道路\n')
    bytes[bytes.indexOf('xx')] = 0xff
    const events = await read(bytes, { format: 'csv' })
    expect(values(events)).toHaveLength(2)
    const reject = events.find((e) => e.kind === 'reject')!
    expect(`${reject.place} ${reject.fault.message}`).toBe(
      'line 3 byte 2 of the record (ff 78 e4 ba) is not UTF-8',
    )
    const json = Buffer.concat([
      Buffer.from('[{"id":"a"},{"id":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}]'),
    ])
    expect(others(await read(json, { format: 'ckan' }))).toEqual(['reject /1 line 1: encoding'])
  })

  test('broken GB18030 is a reject of its record', async () => {
    const bytes = Buffer.from(gb)
    bytes[bytes.indexOf(Buffer.from('b5c0', 'hex')) + 1] = 0x20
    const events = await read(bytes, { format: 'csv', encoding: 'gb18030' })
    expect(others(events)).toEqual(['reject line 3: encoding'])
    expect(values(events)).toHaveLength(1)
  })
})

test('records that come from the web only are no file', async () => {
  const opened = openFile(new URL(import.meta.url).pathname, { format: 'dcat' })
  await expect(opened).rejects.toMatchObject({ code: 'invalid_request' })
})
