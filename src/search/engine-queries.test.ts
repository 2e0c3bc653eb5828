import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type IndexQuery, searchIndex } from './engine.ts'
import { ask, testDocument, testIndex } from './test-index.ts'

describe('Chinese', () => {
  const test = testIndex([
    testDocument(1, { titles: ['高铁车站位置信息'] }),
    testDocument(2, { titles: ['車站名冊'] }),
    testDocument(3, { titles: ['公路里程'], itemNames: ['车站代码', 'GB2312编码'] }),
    testDocument(4, { titles: ['证券代码对照表'] }),
    testDocument(5, { titles: ['设备维修信息'], abstracts: ['２０１９年设备'] }),
    testDocument(6, { titles: ['COVID-19疫苗接种点'] }),
    testDocument(7, { titles: ['水'] }),
  ])
  afterAll(() => test.close())
  const ids = (text: string) =>
    searchIndex(test.index, ask(text))
      .hits.map((h) => h.id)
      .sort()

  it.each([
    ['车站', [1, 2, 3]],
    ['車站', [1, 2, 3]],
    ['代码', [3, 4]],
    ['维修', [5]],
    ['维修信息', [5]],
    ['站', [1, 2, 3]],
    ['水', [7]],
    ['2019', [5]],
    ['２０１９年', [5]],
    ['gb 2312', [3]],
    ['ＧＢ２３１２编码', [3]],
    ['covid19', [6]],
    ['covid-19 疫苗', [6]],
    ['item:车站', [3]],
    ['信息项：车站', [3]],
    ['"车站位置"', [1]],
    ['车站 -名册', [1, 3]],
  ])('%s', (text, expected) => {
    expect(ids(text)).toEqual(expected)
  })

  it('answers a longer question with what has most of its words, and says so', () => {
    const answer = searchIndex(test.index, ask('哪里有高铁车站的名册和公路'))
    expect(answer.relaxed).toBe(true)
    expect(answer.hits.length).toBeGreaterThan(0)
  })
})

describe('what was asked for, and no more', () => {
  const fat = testDocument(30, {
    titles: ['fat record'],
    itemNames: [...Array.from({ length: 900 }, (_, i) => `column ${i}`), '户籍地址'],
  })
  const test = testIndex(
    [
      testDocument(1, { titles: ['car register'] }),
      testDocument(2, { titles: ['card register'] }),
      testDocument(3, { titles: ['register of motor vehicles'] }),
      testDocument(4, { titles: ['vehicles with a motor, register'] }),
      testDocument(5, { titles: ['110 calls'], bodyId: 2 }),
      ...Array.from({ length: 3000 }, (_, i) =>
        testDocument(100 + i, { titles: [`call ${1_100_000 + i}`], bodyId: 3 }),
      ),
      fat,
    ].sort((a, b) => a.id - b.id),
  )
  afterAll(() => test.close())
  const ids = (text: string, more: Partial<IndexQuery> = {}) =>
    searchIndex(test.index, ask(text, more))
      .hits.map((h) => h.id)
      .sort((a, b) => a - b)

  it('leaves out the word that was said, not those that begin like it', () => {
    expect(ids('register -car')).toEqual([2, 3, 4])
  })
  it('leaves out a phrase only where it stands', () => {
    expect(ids('register motor -"motor vehicles"')).toEqual([4])
    expect(searchIndex(test.index, ask('register -"motor vehicles"')).total).toBe(3)
  })
  it('finds the whole word among thousands that begin with it, and says that it did not look at all', () => {
    const answer = searchIndex(test.index, ask('110', { limit: 1 }))
    expect(answer.hits[0]!.id).toBe(5)
    expect(answer.estimated).toBe(true)
  })
  it('finds entries by the quoted name of their body', () => {
    expect(ids('"water department"')).toEqual([5])
  })
  it('shows the item that matched, however long the record', () => {
    expect(searchIndex(test.index, ask('户籍地址', { view: 'items' })).hits).toMatchObject([
      { id: 30, items: [900] },
    ])
    expect(searchIndex(test.index, ask('户籍地址')).hits).toMatchObject([{ why: 'item', items: [900] }])
  })
  it('says by which field an entry was found where no words were asked for', () => {
    expect(searchIndex(test.index, ask('body:water')).hits).toMatchObject([{ id: 5, why: 'body' }])
  })
  it('puts the exact title first, then titles, items and other text', () => {
    const ranked = testIndex([
      testDocument(1, { titles: ['other'], abstracts: ['about reservoir'], quality: 990 }),
      testDocument(2, { titles: ['other'], itemNames: ['reservoir'], quality: 700 }),
      testDocument(3, { titles: ['reservoir levels'], quality: 400 }),
      testDocument(4, { titles: ['reservoir'], quality: 100 }),
    ])
    const { hits } = searchIndex(ranked.index, ask('reservoir'))
    expect(hits.map((h) => [h.id, h.why])).toEqual([
      [4, 'exact_title'],
      [3, 'title'],
      [2, 'item'],
      [1, 'text'],
    ])
    ranked.close()
  })
})

describe('a false phrase', () => {
  // Words of the phrase in other order, more often than every text is read.
  const documents = Array.from({ length: 6400 }, (_, i) =>
    testDocument(i + 1, {
      titles: [i % 2 === 0 ? `levels water ${i}` : `table ${i}`],
      abstracts: [i % 4 === 1 ? 'water levels' : 'levels of water'],
      quality: i % 4 === 1 ? 10 : 900,
    }),
  )
  const test = testIndex(documents)
  afterAll(() => test.close())
  it('is never on the page, though the total is an estimate', () => {
    const answer = searchIndex(test.index, ask('"water levels"', { limit: 50 }))
    expect(answer.estimated).toBe(true)
    expect(answer.hits).toHaveLength(50)
    expect(answer.total).toBeGreaterThanOrEqual(50)
    expect(answer.hits.every((h) => (h.id - 1) % 4 === 1)).toBe(true)
  })
})

describe('hostile queries', () => {
  const test = testIndex([testDocument(1, { titles: ['constructor __proto__ toString'] })])
  afterAll(() => test.close())
  it('never throws', () => {
    const check = (text: string) => {
      const answer = searchIndex(test.index, ask(text))
      expect(answer.total).toBeGreaterThanOrEqual(0)
      searchIndex(test.index, ask(text, { view: 'items' }))
    }
    for (const text of [
      '',
      '"',
      '""',
      '-',
      '--',
      '-"',
      'item:',
      'item:"',
      '：',
      '\u0000',
      '\ud800',
      '\udfff\ud800',
      'constructor:x',
      '__proto__',
      '%',
      "'; drop table",
      '-a -b -c',
      '"a" "b',
      'a'.repeat(100_000),
      '字'.repeat(5000),
      '\u0301\u0301',
      '𠮷𠮷',
      '((((',
      'title:title:title:',
    ])
      check(text)
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), check), { numRuns: 500 })
    fc.assert(
      fc.property(
        fc
          .array(fc.constantFrom('"', '-', ':', 'item', ' ', '的', '车', '“', '”', '\ud83d', 'a'), {
            maxLength: 30,
          })
          .map((p) => p.join('')),
        check,
      ),
      { numRuns: 500 },
    )
  })
})
