import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadProfile } from '../platform/profile.ts'
import { compareItems, compareNames, compareTypes, sameFrom, similarFrom } from './item-compare.ts'
import { readItemName } from './item-name.ts'
import { nameVariants, shorterNames } from './item-variants.ts'
import { readWords } from './item-words.ts'

const words = readWords(loadProfile('cn').synonyms)
const read = (name: string) => readItemName(name, words)
const likeness = (a: string, b: string) => compareNames(read(a), read(b))

describe('what a name says', () => {
  test.each([
    ['手机号', '{mobile_number}'],
    ['联系人移动电话', '{contact_person}{mobile_number}'],
    ['mobile phone of the contact person', '{contact_person}{mobile_number}'],
    ['ＣＯＮＴＡＣＴ　ＰＥＲＳＯＮ', '{contact_person}'],
    ['出生 年月日', '{birth_date}'],
    ['戶籍地址', '{household_address}'],
    ['企业编码', '企业~code'],
    ['企业的代码', '企业~code'],
    ['目的地', '目的地'],
    ['排名', '排名'],
    ['占地（公顷）', '占地'],
    ['占地（东区）', '占地(东区)'],
    ['number of beds', 'bed count'],
    ['cert_no', 'cert~number'],
    ['', ''],
    ['！！！', ''],
  ])('%s is %s', (name, key) => expect(read(name).key).toBe(key))

  test('hostile names are read like any other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const item = read(name)
        expect(item.key.length).toBeLessThanOrEqual(300)
        expect(read(name)).toEqual(item)
        for (const text of nameVariants(item, words)) expect(text).not.toBe('')
      }),
    )
    for (const name of [
      '('.repeat(5_000),
      '（'.repeat(500) + '）'.repeat(500),
      'a'.repeat(100_000),
      '姓名'.repeat(5_000),
    ]) {
      const began = performance.now()
      read(name)
      expect(performance.now() - began).toBeLessThan(200)
    }
  })
})

describe('likeness', () => {
  test('is the same both ways', () => {
    const names = [
      '性别',
      '性别代码',
      '企业名称',
      '许可证编号',
      '法定代表人姓名',
      '企业法定代表人',
      'date of issue',
      '面积（亩）',
      '姓名（父）',
    ]
    for (const a of names)
      for (const b of names) expect([a, b, likeness(a, b).score]).toEqual([a, b, likeness(b, a).score])
  })
  test('nothing is like a name that says nothing', () => expect(likeness('！！', '？？').score).toBe(0))
  test('the head noun decides: another modifier is another item', () => {
    for (const [a, b] of [
      ['户籍地址', '居住地址'],
      ['开始时间', '结束时间'],
      ['父亲姓名', '母亲姓名'],
      ['road length', 'road width'],
    ])
      expect(likeness(a!, b!).score, `${a} ${b}`).toBeLessThan(similarFrom)
  })
  test('a name within another one is similar, not the same, and says which way', () => {
    const found = likeness('法定代表人姓名', '企业法定代表人姓名')
    expect(found.reasons).toEqual(['more_specific'])
    expect(found.score).toBeGreaterThanOrEqual(similarFrom)
    expect(found.score).toBeLessThan(sameFrom)
    expect(likeness('企业法定代表人姓名', '法定代表人姓名').reasons).toEqual(['more_general'])
    expect(likeness('企业地址', '地址').score).toBe(0)
  })
  test('types speak against, data elements decide', () => {
    const item = (name: string, dataType?: string, dataElement?: string) => ({
      name: read(name),
      dataType,
      dataElement,
    })
    expect(compareItems(item('出生日期', 'date'), item('出生年月日', 'datetime')).reasons).toEqual([
      'synonym',
      'type_compatible',
    ])
    expect(compareItems(item('出生日期', 'date'), item('出生年月日', 'integer')).score).toBeLessThan(sameFrom)
    expect(compareItems(item('甲', 'date', 'DE01'), item('乙', 'integer', 'DE01')).score).toBe(1)
    expect(compareItems(item('姓名', undefined, 'DE01'), item('姓名', undefined, 'DE02')).score).toBeLessThan(
      similarFrom,
    )
    expect(compareTypes('unheard-of', 'date')).toBeUndefined()
  })
})

describe('texts to look up', () => {
  test('a synonym is asked for by each of its words, a name of many synonyms by a bounded number', () => {
    expect(nameVariants(read('手机号'), words)).toEqual(
      expect.arrayContaining(['手机号', '手机号码', '移动电话']),
    )
    expect(nameVariants(read('联系人手机号'), words).length).toBeLessThanOrEqual(16)
    expect(nameVariants(read('sex'), words)).toEqual(expect.arrayContaining(['sex', '性别']))
  })
  test('shorter names are the ends of the name', () => {
    expect(shorterNames(read('企业联系人手机号')).map((n) => n.key)).toEqual([
      '{contact_person}{mobile_number}',
      '{mobile_number}',
    ])
  })
})
