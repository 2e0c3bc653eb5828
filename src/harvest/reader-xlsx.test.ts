import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFile } from './reader.ts'
import type { ReadEvent } from './reader-event.ts'
import { openSheet } from './xlsx-sheet.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-xlsx-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** An archive with these parts; `claimed` is the unpacked size that the archive says for each. */
function archive(parts: Record<string, string | Buffer>, claimed?: number): Buffer {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(parts)) {
    const data = Buffer.from(content)
    const packed = deflateRawSync(data)
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(20, 4)
    head.writeUInt16LE(8, 8)
    head.writeUInt32LE(crc32(data), 14)
    head.writeUInt32LE(packed.length, 18)
    head.writeUInt32LE(claimed ?? data.length, 22)
    head.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(20, 4)
    entry.writeUInt16LE(20, 6)
    head.copy(entry, 10, 8, 30)
    entry.writeUInt32LE(offset, 42)
    local.push(head, Buffer.from(name), packed)
    central.push(entry, Buffer.from(name))
    offset += head.length + name.length + packed.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Object.keys(parts).length, 8)
  end.writeUInt16LE(Object.keys(parts).length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, directory, end])
}

const spreadsheet = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'
const cell = (text: string, ref: string) => `<c r="${ref}" t="inlineStr"><is><t>${text}</t></is></c>`
const workbook = (rows: string[][]) => ({
  '[Content_Types].xml': `<Types xmlns="${packages}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
  '_rels/.rels': `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `<workbook xmlns="${spreadsheet}" xmlns:r="${relations}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
  'xl/worksheets/sheet1.xml': `<worksheet xmlns="${spreadsheet}"><sheetData>${rows
    .map(
      (cells, r) =>
        `<row r="${r + 1}">${cells.map((c, i) => cell(c, `${String.fromCharCode(65 + i)}${r + 1}`)).join('')}</row>`,
    )
    .join('')}</sheetData></worksheet>`,
})

async function read(content: Buffer) {
  const path = join(folder, 'book.xlsx')
  writeFileSync(path, content)
  const file = await openFile(path, { format: 'xlsx' })
  const events: ReadEvent[] = []
  for await (const group of file.events) events.push(...group)
  return { columns: file.info.columns, events }
}

test('rows by the names of the first', async () => {
  const { columns, events } = await read(
    archive(
      workbook([
        ['编号', '名称'],
        ['1', '道路'],
        ['2', '桥梁'],
      ]),
    ),
  )
  expect(columns).toEqual(['编号', '名称'])
  expect(events.map((e) => [e.place, e.kind === 'record' && e.value])).toEqual([
    ['row 2', { 编号: '1', 名称: '道路' }],
    ['row 3', { 编号: '2', 名称: '桥梁' }],
  ])
})

test('an archive that unpacks to more than it may is refused, whatever it says of itself', async () => {
  const parts = { ...workbook([['a']]), 'xl/media/bomb.bin': Buffer.alloc(210 * 1024 * 1024) }
  await expect(read(archive(parts, 1_000))).rejects.toMatchObject({ code: 'too_large' })
})

test.each([
  ['no archive', Buffer.from('hello')],
  ['a truncated one', archive(workbook([['a'], ['b']])).subarray(0, 500)],
  ['an archive without a workbook', archive({ 'a.txt': 'hello' })],
])('%s is refused', async (_name, content) => {
  await expect(read(content)).rejects.toMatchObject({ code: 'invalid_content' })
})

test('blank rows before the header and between records, and a sheet of many rows', async () => {
  const rows = Array.from({ length: 1_300 }, (_, i) => [String(i), i % 100 === 7 ? '' : `T ${i}`])
  const { columns, events } = await read(archive(workbook([['', ''], ['id', 'title'], ['', ''], ...rows])))
  expect(columns).toEqual(['id', 'title'])
  expect(events).toHaveLength(1_300)
  expect(events.at(-1)).toMatchObject({ place: 'row 1303', value: { id: '1299', title: 'T 1299' } })
})

test('a workbook is read in a thread whose memory and time are limited', async () => {
  const path = join(folder, 'wide.xlsx')
  writeFileSync(path, archive(workbook(Array.from({ length: 150_000 }, (_, i) => [`id ${i}`, `title ${i}`]))))
  let ticks = 0
  const timer = setInterval(() => ticks++, 10)
  const tight = openSheet(path, 1, { memoryMb: 24, answerMs: 60_000 })
  await expect(tight.next()).rejects.toMatchObject({
    code: 'too_large',
    message: expect.stringContaining('CSV'),
  })
  const quick = openSheet(path, 1, { memoryMb: 512, answerMs: 1 })
  await expect(quick.next()).rejects.toMatchObject({ code: 'too_large' })
  quick.close()
  clearInterval(timer)
  // The process was free to do other work meanwhile.
  expect(ticks).toBeGreaterThan(3)
})
