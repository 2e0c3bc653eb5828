import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodingFault } from '../harvest/index.ts'
import { createCsvScan, type ScanLimits, type ScannedPiece } from './csv-scan.ts'

/** Scans a text in pieces of a size. */
function scanned(
  text: string | Buffer,
  options: { columns: number; header?: boolean; piece?: number; limits?: Partial<ScanLimits> },
) {
  const data = Buffer.from(text)
  const scan = createCsvScan({
    delimiter: ',',
    columns: options.columns,
    header: options.header ?? false,
    limits: options.limits,
    fault: (bytes) => encodingFault(bytes, { decoded: false, encoding: 'utf-8' }),
  })
  const pieces: ScannedPiece[] = []
  const size = options.piece ?? data.length + 1
  for (let at = 0; at < data.length; at += size) pieces.push(scan.push(data.subarray(at, at + size)))
  pieces.push(scan.end())
  return {
    csv: pieces.map((p) => p.csv.toString('utf8')).join(''),
    records: pieces.reduce((sum, p) => sum + p.records, 0),
    broken: pieces
      .flatMap((p) => p.broken)
      .map(({ record, line, fault, excerpt }) => [record, line, fault.rule, excerpt.toString('utf8')]),
  }
}

describe('records', () => {
  test('are numbered; the header and empty lines are none', () => {
    expect(scanned('a,b\n1,2\r\n\n3,"x\ny"\n4,5', { columns: 2, header: true })).toEqual({
      csv: '1,1,2\n2,3,"x\ny"\n3,4,5\n',
      records: 3,
      broken: [],
    })
  })

  test('quotes hold delimiters, line breaks and quotes; elsewhere they are ordinary', () => {
    expect(scanned('"a,""b""\r\nc",2\n5" pipe,x"y\n,""\n', { columns: 2 })).toMatchObject({
      csv: '1,"a,""b""\r\nc",2\n2,5" pipe,x"y\n3,,""\n',
      broken: [],
    })
  })

  test('that are none are told with number, line and reason; reading goes on', () => {
    const { csv, broken } = scanned('1,2\n1,2,3\n"x\ny",2\n"a"b,2\n"never closed,2\n7,8\n', { columns: 2 })
    expect(csv).toBe('1,1,2\n3,"x\ny",2\n6,7,8\n')
    expect(broken).toEqual([
      [2, 2, 'cell_count', '1,2,3'],
      [4, 5, 'stray_quote', '"a"b,2'],
      [5, 6, 'quote_not_closed', '"never closed,2'],
    ])
  })

  test('with bytes that are no characters', () => {
    const data = Buffer.concat([Buffer.from('1,好\n2,'), Buffer.from([0xc4, 0xe3]), Buffer.from('\n3,x\n')])
    const { csv, broken } = scanned(data, { columns: 2 })
    expect(csv).toBe('1,1,好\n3,3,x\n')
    expect(broken.map(([record, , rule]) => [record, rule])).toEqual([[2, 'encoding']])
  })

  test('with bytes that are no characters at the very end', () => {
    const data = Buffer.concat([Buffer.from('1,a\n2,'), Buffer.from([0xc4, 0xe3])])
    expect(scanned(data, { columns: 2 }).broken.map(([record, , rule]) => [record, rule])).toEqual([
      [2, 'encoding'],
    ])
  })

  test('a line that is too long is measured and passed over, also at the end of the file', () => {
    const long = 'x'.repeat(4 * 1024 * 1024 + 10)
    const found = scanned(`1,2\n${long}\n3,4\n`, { columns: 2, piece: 256 * 1024 })
    expect(found.csv).toBe('1,1,2\n3,3,4\n')
    expect(found.broken.map(([record, line, rule]) => [record, line, rule])).toEqual([
      [2, 2, 'record_too_long'],
    ])
    const end = scanned(long, { columns: 2, piece: 256 * 1024 })
    expect(end.broken.map(([record, line, rule]) => [record, line, rule])).toEqual([
      [1, 1, 'record_too_long'],
    ])
  })

  test.each([64 * 1024, 16 * 1024 * 1024])(
    'a stray quote costs its line, not those behind it (pieces of %i)',
    (piece) => {
      const good = Array.from({ length: 200_000 }, (_, i) => `${i},good`).join('\n')
      const { records, broken } = scanned(`0,"never closed\n${good}\n1,5"\n`, { columns: 2, piece })
      expect(broken.map(([record, line, rule]) => [record, line, rule])).toEqual([[1, 1, 'quote_not_closed']])
      expect(records).toBe(200_001)
    },
  )

  test('of very many that are broken only some are kept, all are counted', () => {
    const scan = createCsvScan({ delimiter: ',', columns: 2, header: false, limits: { kept: 3 } })
    const pieces = [scan.push(Buffer.from('x\n'.repeat(10))), scan.push(Buffer.from('y\n1,2\n')), scan.end()]
    expect(pieces.map((p) => [p.broken.length, p.brokenCount, p.records])).toEqual([
      [3, 10, 0],
      [0, 1, 1],
      [0, 0, 0],
    ])
  })
})

test('how a file is cut into pieces changes nothing', () => {
  const cell = fc.oneof(
    fc.string({ maxLength: 6 }).map((s) => s.replace(/[",\r\n]/g, 'q')),
    fc.string({ maxLength: 6 }).map((s) => `"${s.replaceAll('"', '""')}"`),
    fc.constantFrom('"open', 'a"b', '"x"y', '', '\r', '车站'),
  )
  const file = fc
    .array(fc.tuple(fc.array(cell, { minLength: 1, maxLength: 4 }), fc.constantFrom('\n', '\r\n')), {
      maxLength: 12,
    })
    .map((records) => records.map(([cells, end]) => cells.join(',') + end).join(''))
  fc.assert(
    fc.property(
      file,
      fc.integer({ min: 1, max: 40 }),
      // Small enough that records meet them.
      fc.record({ record: fc.integer({ min: 5, max: 60 }), cell: fc.integer({ min: 2, max: 30 }) }),
      (text, piece, limits) => {
        expect(scanned(text, { columns: 3, piece, limits })).toEqual(scanned(text, { columns: 3, limits }))
      },
    ),
    { numRuns: 3_000 },
  )
})
