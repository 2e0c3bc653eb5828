import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { importKit } from '../../test/support/import-kit.ts'

const { load, write, path, query } = importKit()

const formats = ['csv', 'jsonl'] as const
type Format = (typeof formats)[number]
const titles = ['人口与户籍登记信息', '道路交通“实时”状况', '車站一覽', 'Plain words']

const record = (format: Format, i: number, title: string) =>
  format === 'csv'
    ? `p${i},"${title}",说明 ${i}`
    : JSON.stringify({ id: `p${i}`, title, abstract: `说明 ${i}` })
const fileOf = (format: Format, lines: string[]) =>
  `${(format === 'csv' ? ['id,title,description', ...lines] : lines).join('\n')}\n`
const text = (format: Format) =>
  fileOf(
    format,
    titles.map((title, i) => record(format, i, title)),
  )
/** The line of a record in its file. */
const lineOf = (format: Format, i: number) => i + (format === 'csv' ? 2 : 1)

const titlesOf = async (source: string) =>
  (await query('select title from catalog.dataset where source = $1 order by source_id', [source])).map(
    (r) => r.title,
  )

const utf16le = (content: string) => Buffer.from(content, 'utf16le')
const utf16be = (content: string) => Buffer.from(content, 'utf16le').swap16()

/** GB18030 bytes; Node only decodes it, so the table is turned round. */
const gbOf = new Map<string, number[]>()
for (let a = 0x81; a < 0xff; a++)
  for (let b = 0x40; b < 0xff; b++)
    if (b !== 0x7f) gbOf.set(new TextDecoder('gb18030').decode(Uint8Array.of(a, b)), [a, b])
const gb18030 = (content: string) =>
  Buffer.from([...content].flatMap((char) => (char < '\x80' ? [char.charCodeAt(0)] : gbOf.get(char)!)))

describe.each(formats)('%s', (format) => {
  test.each<[string, (content: string) => Buffer]>([
    ['utf-8', (content) => Buffer.from(content)],
    ['utf-8 with mark', (content) => Buffer.from(`\ufeff${content}`)],
    ['utf-16le', utf16le],
    ['utf-16le with mark', (content) => utf16le(`\ufeff${content}`)],
    ['utf-16be', utf16be],
    ['utf-16be with mark', (content) => utf16be(`\ufeff${content}`)],
    ['gb18030', gb18030],
  ])('in %s: every title as it was written', async (encoding, encode) => {
    const source = `${format}-${encoding.replaceAll(' ', '-')}`
    const file = write(`${source}.txt`, encode(text(format)))
    expect(await load(file, { format, source })).toMatchObject({ state: 'done', added: 4, rejected: 0 })
    expect(await titlesOf(source)).toEqual(titles)
    expect(await load(file, { format, source })).toMatchObject({ unchanged: 4, gone: 0 })
  })

  test.each<[string, (content: string) => Buffer, string | undefined, number[]]>([
    ['utf-8', (content) => Buffer.from(content), undefined, [0xff]],
    ['gb18030', gb18030, 'gb18030', [0xff]],
    // Half of a surrogate pair.
    ['utf-16le', (content) => utf16le(`\ufeff${content}`), undefined, [0x00, 0xd8]],
    ['utf-16be', (content) => utf16be(`\ufeff${content}`), undefined, [0xdc, 0x00]],
  ])('broken bytes in %s cost their record, with its place', async (encoding, encode, told, broken) => {
    const source = `${format}-broken-${encoding}`
    const bytes = encode(text(format))
    const at = bytes.indexOf(encode('車').subarray(-2))
    Buffer.from(broken).copy(bytes, at)
    const result = await load(write(`${source}.txt`, bytes), { format, source, encoding: told })
    expect(result).toMatchObject({ state: 'done', added: 3, rejected: 1, read: 4 })
    expect(await titlesOf(source)).toEqual(titles.filter((title) => !title.includes('車')))
    const reject = result.records.find((r) => r.outcome === 'rejected')!
    expect(reject).toMatchObject({ place: `line ${lineOf(format, 2)}`, faults: [{ rule: 'encoding' }] })
    expect(reject.excerpt).toContain('p2')
    expect(reject.faults[0]!.remedy).toBeTruthy()
  })

  test('a wrong encoding told: rejects, not entries of nonsense', async () => {
    const source = `${format}-wrong`
    const file = write(`${source}.txt`, Buffer.from(text(format)))
    const result = await load(file, { format, source, encoding: 'utf-16le' }).catch((error) => error as Error)
    if (result instanceof Error) expect(result.message).toMatch(/columns|title/)
    else expect(result).toMatchObject({ added: 0 })
    expect(await titlesOf(source)).toEqual([])
  })

  test('a title of 50 MB is a reject with its place and size; the records around it are in', async () => {
    const source = `${format}-huge`
    const file = path(`${source}.txt`)
    const out = createWriteStream(file)
    const huge = record(format, 1, 'x'.repeat(50 * 1024 * 1024))
    out.end(fileOf(format, [record(format, 0, 'before'), huge, record(format, 2, 'after')]))
    await once(out, 'close')
    const before = process.memoryUsage().rss
    const result = await load(file, { format, source })
    expect(result).toMatchObject({ state: 'done', added: 2, rejected: 1 })
    const reject = result.records.find((r) => r.outcome === 'rejected')!
    expect(reject).toMatchObject({
      place: `line ${lineOf(format, 1)}`,
      faults: [{ rule: 'record_too_large' }],
    })
    expect(reject.faults[0]!.message).toMatch(/^the record has 52,4\d\d,\d{3} bytes/)
    expect(reject.excerpt!.length).toBeLessThan(3_000)
    expect(await titlesOf(source)).toEqual(['before', 'after'])
    expect(process.memoryUsage().rss - before).toBeLessThan(250 * 1024 * 1024)
  })
})

describe('a stray quote in the middle', () => {
  test('of a table: one reject with its lines, the rest is in', async () => {
    const good = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => record('csv', from + i, `Title ${from + i}`))
    const bad = ['p2000,"Roads","He said "stop"', 'and left, quickly, to the north"']
    const file = write('stray.csv', fileOf('csv', [...good(0, 2_000), ...bad, ...good(2_001, 4_000)]))
    const result = await load(file, { format: 'csv' })
    expect(result).toMatchObject({ state: 'done', added: 3_999, rejected: 1, read: 4_000 })
    expect(result.records.filter((r) => r.outcome === 'rejected')).toMatchObject([
      {
        place: 'line 2002',
        faults: [
          { rule: 'stray_quote', message: expect.stringContaining('lines 2002 to 2003 are left out') },
        ],
        excerpt: bad.join('\n'),
      },
    ])
    expect(
      await query(`select count(*) as n from catalog.dataset where source = 'stray' and title !~ '^Title'`),
    ).toEqual([{ n: 0 }])
    expect(await load(file, { format: 'csv' })).toMatchObject({
      added: 0,
      changed: 0,
      unchanged: 3_999,
      gone: 0,
    })
  })

  test('of JSON lines: that line', async () => {
    const lines = titles.map((title, i) => record('jsonl', i, title))
    lines[1] = lines[1]!.replace('道路', '道"路')
    const result = await load(write('stray.jsonl', fileOf('jsonl', lines)), {
      format: 'jsonl',
      source: 'stray-lines',
    })
    expect(result).toMatchObject({ state: 'done', added: 3, rejected: 1 })
    expect(result.records.find((r) => r.outcome === 'rejected')).toMatchObject({
      place: 'line 2',
      faults: [{ rule: 'json' }],
      excerpt: lines[1],
    })
  })
})
