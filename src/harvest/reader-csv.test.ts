import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cellsOf, othersOf, readKit } from '../../test/support/read-kit.ts'
import type { ReadOptions } from './reader-event.ts'

const { read, write } = readKit()
const csv: ReadOptions = { format: 'csv', delimiter: ',' }
const lines = (...all: string[]) => `${all.join('\n')}\n`
const idsOf = (events: Parameters<typeof cellsOf>[0]) => cellsOf(events).map((cells) => cells[0])

describe('a damaged record is one reject, and what belongs to it makes no record', () => {
  const good = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `${from + i},Title ${from + i},Text ${from + i}`)

  test.each<[string, string[]]>([
    ['stray quotes, then a line break', ['7,"Roads","He said "stop"', 'and left, quickly"']],
    [
      'the rest of the cell looks like a record',
      ['7,"Roads","He said "stop"', 'and left, quickly, to the north"'],
    ],
    ['so does a line in its middle', ['7,"Roads","He said "stop"', 'and left, quickly, north', 'or so"']],
    ['stray quotes in pairs', ['7,"Roads","He said "stop" twice', 'and left, quickly, "north"', 'at last"']],
    ['a quote in the second of three lines', ['7,"Roads","one', 'two "x" two, too, two', 'three"']],
    ['stray quotes on one line', ['7,"Roads","He said "stop" twice"']],
    ['a text in front of the last cell', ['7,"He "said"', 'stop, go","x"']],
    ['a blank line in the cell', ['7,"Roads","He said "stop"', '', 'and left, quickly, north"']],
  ])('%s', async (_name, damaged) => {
    for (const after of [good(8, 20), good(8, 8), []]) {
      const events = await read(lines('id,title,text', ...good(1, 6), ...damaged, ...after), csv)
      expect(idsOf(events)).toEqual([...good(1, 6), ...after].map((line) => line.split(',')[0]))
      expect(othersOf(events)).toEqual(['reject line 8: stray_quote'])
    }
  })

  test('the reject says which lines are left out, and shows them', async () => {
    const events = await read(
      lines('id,title,text', '7,"Roads","He said "stop"', 'and left, quickly"', '8,a,b'),
      csv,
    )
    const reject = events.find((e) => e.kind === 'reject')!
    expect(reject.fault.message).toBe(
      'a quote closes a cell in column 20 and text follows it; lines 2 to 3 are left out',
    )
    expect(reject.excerpt).toBe('7,"Roads","He said "stop"\nand left, quickly"')
  })

  test('good records between damaged ones come in', async () => {
    const text = lines(
      'id,title,text',
      '1,a,b',
      '2,"x "y" z",c',
      '3,d,e',
      '4,"f "g" h",i',
      '5,"j","k"',
      '6,"l "m"',
      '7,n,o',
    )
    const events = await read(text, csv)
    expect(idsOf(events)).toEqual(['1', '3', '5', '7'])
    expect(othersOf(events)).toHaveLength(3)
  })

  test('a quote never closed before the last cell costs its line, at the end of a file too', async () => {
    const events = await read(lines('id,title,text', '1,a,b', '2,"bad,x', '3,c,d'), csv)
    expect(idsOf(events)).toEqual(['1', '3'])
    expect(othersOf(events)).toEqual(['reject line 3: stray_quote'])
  })

  test('a file cut off inside a cell makes no records of what is left of the cell', async () => {
    const events = await read(
      lines('id,title,text', '1,a,b', '2,c,"one', 'two, three, four', 'fi').trimEnd(),
      csv,
    )
    expect(idsOf(events)).toEqual(['1'])
    expect(othersOf(events)).toEqual(['reject line 3: stray_quote'])
  })

  test('a cell of very many lines makes no records', async () => {
    const cell = Array.from({ length: 1_800 }, (_, i) => (i % 7 === 0 ? `a ${i}, b, c` : `text ${i}`))
    const text = lines('id,title,text', '1,a,b', `2,x,"${cell.join('\n')}"`, ...good(3, 9))
    const events = await read(text, csv)
    expect(idsOf(events)).toEqual(['1', ...good(3, 9).map((line) => line[0])])
    expect(othersOf(events).length).toBeLessThan(8)
  })

  test('broken characters in a record of several lines cost all of it', async () => {
    const text = Buffer.from(lines('id,title,text', '1,a,"xx', 'two, three, four', 'five"', '2,c,d'))
    text[text.indexOf('xx')] = 0xff
    const events = await read(text, csv)
    expect(idsOf(events)).toEqual(['2'])
    expect(othersOf(events)).toEqual(['reject line 2: encoding'])
  })

  test('a cell with a line too large in it is a reject, not a shorter text', async () => {
    const huge = 'x'.repeat(5 * 1024 * 1024)
    const events = await read(lines('id,title,text', '1,a,"one', huge, 'two, three, four"', '2,c,d'), csv)
    expect(idsOf(events)).toEqual(['2'])
    expect(othersOf(events)).toHaveLength(1)
  })

  test('whatever is damaged, no record comes out that was not written', async () => {
    const word = fc.constantFrom('road', 'water', 'and so on', 'north', '5 m')
    const cell = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(', '))
    const longCell = fc.array(cell, { minLength: 1, maxLength: 3 }).map((rows) => rows.join('\n'))
    const damage = fc.constantFrom<(text: string) => string>(
      (text) => text.replace(/"$/, ''),
      (text) => text.replace(/(\w)(,? )/, '$1"$2'),
      (text) => text.replace(/\n/, '"\n'),
      (text) => text.replace(/ (\w)/, ' "$1'),
      (text) => text.replace(/(\w+) /, '"$1" '),
    )
    const row = fc.record({ text: longCell, damage: fc.option(damage, { freq: 6 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 5, maxLength: 40 }), async (rows) => {
        const written = rows.map(({ text, damage }, i) => {
          const line = `${i},"Title ${i}",X,Y,"${text}"`
          return damage ? damage(line.replace('"Title', '"The title')) : line
        })
        const events = await read(lines('id,title,x,y,text', ...written), csv)
        for (const [id, , x, y] of cellsOf(events)) {
          expect(id).toMatch(/^\d+$/)
          expect([x, y]).toEqual(['X', 'Y'])
        }
        // What follows at a distance comes in.
        const ids = new Set(idsOf(events))
        for (const [i, { damage }] of rows.entries())
          if (!damage && !rows.slice(Math.max(0, i - 2), i).some((r) => r.damage))
            expect(ids).toContain(String(i))
      }),
      { seed: 20_260_101, numRuns: 300 },
    )
  })
})

describe('numbers of cells', () => {
  test('too few cells are a reject, unless all are in quotes or the mapping says so', async () => {
    const text = lines('id,title,text', '1,a,b', '2,c', '"3","d"', 'and so on', '4,e,f')
    const events = await read(text, csv)
    expect(cellsOf(events)).toEqual([
      ['1', 'a', 'b'],
      ['3', 'd', ''],
      ['4', 'e', 'f'],
    ])
    expect(othersOf(events)).toEqual(['reject line 3: cells', 'reject line 5: cells'])
    expect(events.find((e) => e.kind === 'reject')!.fault.remedy).toContain('fillShortRows')
    expect(
      idsOf(await read(lines('id,title,text', '1,a,b', '2,c'), { ...csv, fillShortRows: true })),
    ).toEqual(['1', '2'])
  })

  test('too many cells are a reject, unless they are empty', async () => {
    const events = await read(lines('id,title', '1,a,,', '2,b,c', '3,d'), csv)
    expect(idsOf(events)).toEqual(['1', '3'])
    expect(othersOf(events)).toEqual(['reject line 3: cells'])
  })
})

describe('a header that cannot be read', () => {
  const broken = (text: string) => {
    const bytes = Buffer.from(text)
    bytes[bytes.indexOf('xx')] = 0xff
    return bytes
  }
  test.each<[string, string | Buffer]>([
    ['a broken character', broken('id,titlexx\n1,One\n2,Two\n')],
    ['a quote never closed', 'id,"title\n1,One\n2,Two\n'],
    ['a stray quote', 'id,"ti"tle"\n1,One\n2,Two\n'],
  ])('%s: nothing is read, and it is said where and what to do', async (_name, content) => {
    const events = await read(content, csv)
    expect(othersOf(events)).toEqual(['fatal line 1: header'])
    const { fault } = events[0] as Extract<(typeof events)[number], { kind: 'fatal' }>
    expect(fault.message).toContain('names the columns')
    expect(fault.remedy).toContain('read.columns')
  })

  test('harms nothing where the mapping names the columns', async () => {
    const events = await read(broken('id,titlexx\n1,One\n2,Two\n'), { ...csv, columns: ['id', 'title'] })
    expect(idsOf(events)).toEqual(['1', '2'])
    expect(othersOf(events)).toEqual(['note line 1: encoding'])
  })

  test('a proposed mapping says so too', async () => {
    const { proposeMapping } = await import('./mapping-proposal.ts')
    const path = write('id,"ti"tle"\n1,One\n')
    await expect(proposeMapping(path, { format: 'csv' })).rejects.toThrow(
      /line 1: the line that names the columns/,
    )
  })
})
